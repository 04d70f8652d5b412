"""Tie groups, by hand and by property."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.stats.groups import letters, tie_groups


def test_ties_are_not_transitive() -> None:
    groups = tie_groups(["A", "B", "C"], {("A", "C")})
    assert groups == [["A", "B"], ["B", "C"]]
    assert letters(groups) == {"A": "a", "B": "ab", "C": "b"}


def test_a_clear_winner_stands_alone() -> None:
    assert tie_groups(["A", "B", "C"], {("A", "B"), ("C", "A")}) == [["A"], ["B", "C"]]


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.sampled_from(list(combinations("ABCDEFG"[:n], 2)) or [("A", "A")])))
    )
)
def test_two_systems_share_a_group_exactly_if_they_do_not_differ(case: tuple[int, set[tuple[str, str]]]) -> None:
    n, different = case
    different -= {("A", "A")}
    ranking = list("ABCDEFG"[:n])
    groups = tie_groups(ranking, different)
    for pair in combinations(ranking, 2):
        together = any(set(pair) <= set(group) for group in groups)
        assert together == (pair not in different)
    assert {name for group in groups for name in group} == set(ranking)
