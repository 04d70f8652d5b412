"""Flags as reports and decisions count them; nothing of what finds them is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness.checks.load import NOT_CHECKED, kinds

if TYPE_CHECKING:
    from harness.checks.interface import Flag

NOTHING_ELSE = frozenset({"empty", "refusal", "copied_source"})
"""A flag of these on a whole segment says it all: that its numbers are missing too is no news."""


def unchecked(flags: Sequence[Flag], kind: str) -> bool:
    """Whether nobody knows if a segment should have a flag of this kind: it has none, and the check failed on it."""
    if not flags:  # as those of nearly all segments
        return False
    return not any(flag.kind == kind for flag in flags) and any(
        flag.kind == NOT_CHECKED and flag.failed in (kind, "") for flag in flags
    )


def count_flags(flags: Iterable[Sequence[Flag]]) -> dict[str, int]:
    """How many segments have a flag of each kind, kinds without any included.

    Flags of a plug-in that is not here any more are counted after those of the others, by name.
    """
    counts = Counter(kind for segment in flags for kind in {flag.kind for flag in segment})
    return {kind: counts[kind] for kind in dict.fromkeys((*kinds(), *sorted(counts)))}
