"""Differences that a few units turn round: seen whichever way they lie, and seldom where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats.skew import leans_against


def equal(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


def few_far_behind(n: int, loss: float = 6.0) -> np.ndarray:
    """Ahead by about 1 in nine of ten units, behind by ``loss`` in the others; ahead on the whole."""
    leads = np.where(np.arange(n) % 10 == 9, -loss, 1.0) + np.linspace(-0.2, 0.2, n)
    return leads / n


@pytest.mark.parametrize("n", [20, 30, 60])
def test_a_lead_with_a_few_large_losses_leans_against_itself(n: int) -> None:
    assert leans_against(few_far_behind(n), equal(n))
    assert leans_against(-few_far_behind(n), equal(n))


def test_a_lead_that_comes_from_few_units_does_not_lean_against_itself() -> None:
    few_far_ahead = -few_far_behind(30) + 2 / 30
    assert few_far_ahead.sum() > 0
    assert not leans_against(few_far_ahead, equal(30))


def test_skewness_that_so_many_units_average_out_is_not_mentioned() -> None:
    assert not leans_against(few_far_behind(2000), equal(2000))


def test_normal_differences_are_seldom_called_lopsided() -> None:
    rng = np.random.default_rng(2)
    samples = rng.normal(0.4, 1, (500, 30)) / 30
    assert sum(leans_against(sample, equal(30)) for sample in samples) <= 10


def test_units_count_by_their_share_and_those_without_one_not_at_all() -> None:
    shares = equal(30)
    padded = [np.concatenate([values, np.zeros(20)]) for values in (few_far_behind(30), shares)]
    assert leans_against(*padded)
    # The same loss in every tenth of an article's segments, where these articles are ten times as long.
    long = np.where(np.arange(30) % 10 == 9, 10.0, 1.0)
    assert not leans_against(few_far_behind(30, loss=-1) * long / long.sum() * 30, long / long.sum())


def test_nothing_to_see() -> None:
    assert not leans_against(np.zeros(10), equal(10))
    assert not leans_against(np.full(10, 0.1), equal(10))
    assert not leans_against(np.array([1.0, 1.0, -1.5]), equal(3))
