"""Holm and tie groups, by hand and by property."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.groups import holm, letters, tie_groups


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04 times 4 3 2 1 = .04 .06 .06 .04, made monotone: .04 .06 .06 .06
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


@given(st.lists(st.floats(0, 1), max_size=30))
def test_holm_keeps_order_and_never_helps(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(raw <= new <= 1 for raw, new in zip(p_values, adjusted, strict=True))
    pairs = list(zip(p_values, adjusted, strict=True))
    assert all(new_a <= new_b for a, new_a in pairs for b, new_b in pairs if a < b)


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
