"""Tie groups: which systems do not differ significantly, and the letters that stand for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

Pair = tuple[str, str]


def tie_groups(ranking: Sequence[str], different: Collection[Pair]) -> list[list[str]]:
    """Groups of systems that do not differ significantly, best first.

    A system may stand in several groups: that A ties with B and B with C does not make A tie with C. This is the
    compact letter display (Piepho 2004, insert and absorb): two systems share a group exactly if they do not differ.

    Args:
        ranking: all systems, best first.
        different: pairs that differ, in either order.
    """
    apart = {frozenset(pair) for pair in different}
    groups: list[set[str]] = [set(ranking)]
    for pair in sorted(apart, key=sorted):
        one, other = sorted(pair)
        split: list[set[str]] = []
        for group in groups:
            split += [group - {one}, group - {other}] if pair <= group else [group]
        groups = [group for group in split if not any(group < bigger for bigger in split)]
        groups = [group for index, group in enumerate(groups) if group not in groups[:index]]
    rank = {name: position for position, name in enumerate(ranking)}
    members = [sorted(group, key=rank.__getitem__) for group in groups]
    return sorted(members, key=lambda group: [rank[name] for name in group])


def letters(groups: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """A letter for each group, joined for systems in several: ``{"A": "a", "B": "ab", "C": "b"}``."""
    letters_of: dict[str, str] = {}
    for index, group in enumerate(groups):
        for name in group:
            letters_of[name] = letters_of.get(name, "") + _letter(index)
    return letters_of


def _letter(index: int) -> str:
    """The letters a to z, then aa, ab and so on, as spreadsheets name columns."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
