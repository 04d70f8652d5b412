"""The plan of looks, and what follows from a look."""

from __future__ import annotations

import pytest

from harness.analysis.sequential import after_look, plan_looks
from harness.reports.model.looks import left_early, looks_sentence
from harness.store.runs.looks import Look, Looks
from harness.types import SystemName
from tests.reports.build import normal_run

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


def _looks(*made: Look, counts: tuple[int, ...] = (12, 18, 24)) -> Looks:
    return Looks(counts, (0.01,) * len(counts), made, "all", 0.0, {})


def test_who_goes_out_at_the_look_over_all_articles_did_not_leave_early() -> None:
    first = Look(12, 40, 0.01, (A, B, C, D), {D: A})
    second = Look(18, 60, 0.01, (A, B, C), {C: A})
    last = Look(24, 80, 0.01, (A, D, B), {B: A})  # D came back, because A breaks a limit now
    assert left_early(_looks(first, second)) == (D, C)
    assert left_early(_looks(first, second, last)) == (C,)
    assert left_early(_looks(last, counts=(24,))) == ()


def test_one_look_at_all_articles_is_not_said_to_have_needed_them() -> None:
    result = normal_run().pairs[0]
    assert looks_sentence(result, _looks(Look(24, 80, 0.01, (A, B), {B: A}), counts=(24,))) == (
        "There was one look, at all 24 articles."
    )


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
