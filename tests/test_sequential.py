"""The plan of looks, and what follows from a look."""

from __future__ import annotations

import pytest

from harness.analysis.sequential import after_look, plan_looks
from harness.types import SystemName

A, B, C, D = map(SystemName, "ABCD")


def pairs(*texts: str) -> set[frozenset[SystemName]]:
    return {frozenset(map(SystemName, text)) for text in texts}


@pytest.mark.parametrize(
    ("articles", "every", "counts"),
    [
        (48, 0, (12, 18, 24, 30, 36, 42, 48)),  # 6 can confirm nothing
        (48, 12, (12, 24, 36, 48)),
        (48, 4, (12, 16, 20, 24, 28, 32, 36, 40, 44, 48)),
        (100, 0, (13, 26, 39, 52, 65, 78, 91, 100)),
        (16, 6, (12, 16)),
        (14, 6, (14,)),  # 12 leaves less than half a part
        (11, 0, (11,)),
        (4, 0, (4,)),
    ],
)
def test_looks_come_at_equal_distances(articles: int, every: int, counts: tuple[int, ...]) -> None:
    plan = plan_looks(articles, 3, every=every)
    assert plan.counts == counts
    assert len(plan.levels) == len(counts)
    assert plan.fraction(len(counts) - 1) == 1


def test_a_plan_of_one_look_is_the_fixed_design() -> None:
    assert plan_looks(8, 5).levels == (0.05,)


def test_who_is_worse_than_one_that_may_win_is_out() -> None:
    result = after_look([A, B, C, D], {A, B, D}, {(A, C), (B, C), (C, D)}, set())
    assert result.out == {C: A}
    assert result.left == (A, B, D)
    assert not result.answered


def test_who_may_not_win_puts_nobody_out() -> None:
    result = after_look([A, B], {B}, {(A, B)}, set())
    assert result.out == {}
    assert result.answered  # B is the only one that may win


def test_the_question_is_answered_when_one_is_left() -> None:
    assert after_look([A, B], {A, B}, {(A, B)}, set()).answered


def test_the_question_is_answered_when_the_best_will_not_be_told_from_the_rest() -> None:
    everybody = {A, B, C, D}
    assert after_look([A, B, C, D], everybody, {(A, D)}, pairs("AB", "AC")).answered
    assert not after_look([A, B, C, D], everybody, {(A, D)}, pairs("AB", "BC")).answered
    assert not after_look([A, B, C], set(), set(), pairs("AB", "AC", "BC")).answered
