"""The swaps: which there are, how they count, and that a sample of them never claims more than it can know."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats.compare import compare, make_profiles, score_interval
from harness.analysis.stats.design import EXACT_UNITS, MANY_UNITS, SHUFFLES, make_design
from harness.metrics.interface import Rows
from tests.stats.test_compare import bleu_like, mean


def test_all_swaps_are_tried_up_to_thirteen_units_and_a_sample_beyond() -> None:
    assert EXACT_UNITS == 13
    largest = make_design(13, 1)
    assert (largest.exact, largest.swaps) == (True, 4096)
    assert not make_design(14, 1).exact
    assert make_design(14, 1).swaps == make_design(MANY_UNITS, 1).swaps == SHUFFLES
    assert make_design(MANY_UNITS + 1, 1).swaps == SHUFFLES // 10
    assert make_design(MANY_UNITS + 1, 1, shuffles=50).swaps == 50


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("units", "shuffles"), [(6, 1), (9, 1), (40, 99), (40, 199), (40, 250)])
def test_how_many_swaps_may_reach_as_far_is_what_p_says(units: int, shuffles: int, level: float) -> None:
    design = make_design(units, 1, shuffles=shuffles)
    least = 1 if design.exact else 0  # the observed order is one of all swaps, and stands beside a sample
    enough = [count for count in range(least, design.swaps + 1) if design.p_value(count) <= 1 - level + 1e-12]
    assert design.most_extreme(level) == max(enough, default=design.most_extreme(level))
    assert bool(enough) == (design.most_extreme(level) >= least)


def test_a_sample_of_swaps_never_gives_a_p_of_nothing() -> None:
    """The observed order itself is one more swap: with 99 of them no p is below a hundredth."""
    design = make_design(40, 1, shuffles=99)
    assert [design.p_value(count) for count in (0, 1, 99)] == [0.01, 0.02, 1.0]
    a = np.stack([np.full(40, 100.0), np.ones(40)], axis=1)
    b = np.stack([np.arange(40) / 40, np.ones(40)], axis=1)
    one, other = make_profiles([a, b], np.ones(40), mean, design)
    assert compare(one, other, mean, design, higher_is_better=True).p == 0.01


def test_the_seed_draws_the_swaps_and_the_order_of_the_units_does_not() -> None:
    rows = np.random.default_rng(0).random((40, 2))
    ranks = np.random.default_rng(1).permutation(40)

    def sums(seed: int, order: np.ndarray) -> np.ndarray:
        return make_design(40, seed, shuffles=50, ranks=ranks[order]).swapped([rows[order]])[0]

    listed = np.arange(40)
    assert np.array_equal(sums(1, listed), sums(1, listed))
    assert not np.array_equal(sums(1, listed), sums(2, listed))
    assert sums(1, listed) == pytest.approx(sums(1, listed[::-1]))


@pytest.mark.parametrize("units", [8, 40])
def test_the_interval_of_a_score_is_that_of_its_difference_from_nothing(units: int) -> None:
    rng = np.random.default_rng(units)
    sizes = rng.integers(3, 30, units).astype(float)
    rows = np.stack([(5 + rng.normal(size=units)) * sizes, sizes], axis=1)
    design = make_design(units, 1)
    nothing = np.stack([np.zeros(units), sizes], axis=1)
    one, other = make_profiles([rows, nothing], sizes, mean, design)
    alone, compared = score_interval(one, design), compare(one, other, mean, design, higher_is_better=True).interval
    assert alone.low < one.value < alone.high
    assert (alone.low, alone.high) == pytest.approx((compared.low, compared.high), rel=1e-6)


class Ratio:
    """A score that weighs units by what it divides by, as BLEU does: each system's own words."""

    def __call__(self, totals: Rows) -> Rows:
        return mean(totals)

    def sizes(self, rows: Rows) -> Rows:
        return rows[:, 1]


@pytest.mark.parametrize("units", [9, 40])
def test_two_systems_of_different_length_may_change_places(units: int) -> None:
    """The difference and its interval turn round, and p stays, whichever system is named first."""
    rng = np.random.default_rng(units)
    lengths = rng.integers(3, 30, (2, units)).astype(float)
    a, b = (
        np.stack([(quality + rng.normal(size=units)) * size, size], axis=1)
        for quality, size in zip((5, 4), lengths, strict=True)
    )
    design = make_design(units, 1)
    one, other = make_profiles([a, b], np.ones(units), Ratio(), design)
    assert not np.allclose(one.shares, other.shares)
    assert one.shares == pytest.approx(lengths[0] / lengths[0].sum())
    there, back = (
        compare(first, second, Ratio(), design, higher_is_better=True) for first, second in ((one, other), (other, one))
    )
    assert (back.delta, back.p) == (pytest.approx(-there.delta), there.p)
    assert (back.interval.low, back.interval.high) == pytest.approx((-there.interval.high, -there.interval.low))
    assert back.standard_error == pytest.approx(there.standard_error)


def test_contributions_add_up_to_the_score() -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(1, 20, (9, 4)).astype(float)
    (profile,) = make_profiles([rows], np.arange(1.0, 10.0), bleu_like, make_design(9, 1))
    assert profile.contributions.sum() == pytest.approx(profile.value)
    assert profile.shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(("units", "cells"), [(14, 10**6), (15, 1000), (301, 5000)])
def test_swaps_are_those_of_a_fair_coin_by_numpys_generator(
    units: int, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few are drawn at once, and whether or not they come in pairs."""
    monkeypatch.setattr("harness.analysis.stats.design.CELLS", cells)
    monkeypatch.setattr("harness.analysis.stats.design.PORTION", cells // 4)
    ranks = np.random.default_rng(units).permutation(units)
    design = make_design(units, 3, shuffles=701, ranks=ranks)
    coin = np.random.default_rng([3, units]).integers(2, size=(701, units))
    rows = np.eye(units)
    assert (design.swapped([rows])[0] == coin[:, ranks]).all()
