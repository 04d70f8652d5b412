"""Raters who do not read are found by their checks, and the agreement of the others is Krippendorff's."""

from __future__ import annotations

import pytest

from harness.metrics.scores.raters import RaterAgreement, judge_attention, rater_agreement
from harness.metrics.scores.rows import AttentionCheck, Spot
from harness.types import Missing

KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""The example of Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": four observers, twelve units."""


def ratings(*articles: str) -> dict[Spot, list[float]]:
    columns = list(zip(*(line.split() for line in KRIPPENDORFF.strip().splitlines()), strict=True))
    return {
        Spot("A", "", article, number): [float(value) for value in column if value != "."]
        for article in articles
        for number, column in enumerate(columns, start=1)
    }


def test_alpha_is_the_published_one() -> None:
    found = rater_agreement(ratings("a"))
    assert isinstance(found, RaterAgreement)
    assert found.alpha == pytest.approx(0.849, abs=5e-4)
    assert (found.shared, found.articles) == (11, 1)  # one unit has a single value
    assert isinstance(found.interval, Missing)
    large = {spot: [value + 1e6 for value in values] for spot, values in ratings("a").items()}
    shifted = rater_agreement(large)
    assert isinstance(shifted, RaterAgreement)
    assert shifted.alpha == pytest.approx(found.alpha, rel=1e-9)


def test_the_interval_is_about_other_articles() -> None:
    alike = rater_agreement(ratings(*"abcdef"))
    assert isinstance(alike, RaterAgreement)
    assert alike.interval == (alike.alpha, pytest.approx(alike.alpha))
    mixed = ratings(*"abcdef")
    for number in (3, 4, 7):
        mixed[Spot("A", "", "f", number)] = [1.0, 5.0]
    found = rater_agreement(mixed)
    assert isinstance(found, RaterAgreement)
    assert isinstance(found.interval, tuple)
    low, high = found.interval
    assert low < found.alpha - 0.05
    assert found.alpha < high <= 1


def test_ratings_that_are_all_equal_or_single_say_nothing() -> None:
    flat = rater_agreement({Spot("A", "", "a", 1): [5.0, 5.0]})
    assert isinstance(flat, Missing)
    assert flat.why.key == "noted.alpha_flat"
    single = rater_agreement({Spot("A", "", "a", 1): [5.0]})
    assert isinstance(single, Missing)
    assert single.why.key == "noted.alpha_none"


@pytest.mark.parametrize(
    ("passed", "checks", "excluded"),
    [(5, 5, False), (4, 5, True), (7, 8, False), (6, 8, True), (0, 8, True), (4, 4, False), (0, 4, False)],
)
def test_who_does_no_better_than_chance_is_left_out(passed: int, checks: int, *, excluded: bool) -> None:
    answers = [AttentionCheck("x", 10.0 if number < passed else 50.0, 50.0) for number in range(checks)]
    other = [AttentionCheck("y", 1.0, 2.0)] * 5
    (found, kept) = judge_attention([*other, *answers])
    assert (found.rater, found.passed, found.checks, found.excluded) == ("x", passed, checks, excluded)
    assert found.judged is (checks > 4)
    assert (kept.p, kept.excluded) == (1 / 32, False)
