"""Levels of looks: what is published of them, and that all together keep the level."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats.spending import SHARED, look_levels, spent
from harness.analysis.stats.stopping import conditional_power, is_futile, stays_below

QUARTERS = (0.25, 0.5, 0.75, 1.0)


def test_levels_are_those_of_the_literature() -> None:
    """Boundaries 3.0107, 2.5465 and 1.9992 of three equal looks and shape -4 (R package gsDesign, its default)."""
    levels = look_levels((1 / 3, 2 / 3, 1.0), 2, 0.05, -4.0)
    assert levels == pytest.approx((0.002606, 0.01088, 0.04558), rel=0.02)


def test_all_of_the_level_is_spent_and_no_more() -> None:
    assert spent(1.0) == pytest.approx(SHARED)
    assert spent(0.0) == 0
    assert spent(0.25) < 0.02 * SHARED
    steps = np.diff([spent(fraction) for fraction in np.linspace(0.05, 1, 20)])
    assert (steps >= 0).all()
    assert look_levels((1.0,), 5) == (0.05,)


@pytest.mark.parametrize("systems", [2, 5, 15])
def test_random_walks_that_were_not_drawn_before_keep_the_level(systems: int) -> None:
    """100,000 walks: a rate of 5 % has a standard error of .07 points; and none of the levels is larger than it."""
    levels = look_levels(QUARTERS, systems, 0.05)
    assert list(levels) == sorted(levels)
    assert levels[-1] < 0.05 < sum(levels)
    walks = np.cumsum(np.random.default_rng(99).normal(size=(4, systems, 100_000)), axis=0)
    reached = np.ptp(walks, axis=1) / np.sqrt(np.arange(1, 5))[:, None]
    ranks = np.argsort(np.argsort(-reached, axis=1), axis=1) / reached.shape[1]
    crossed = (ranks < np.array(levels)[:, None]).any(axis=0).mean()
    assert crossed == pytest.approx(0.05, abs=0.003)


def test_more_systems_have_stricter_levels() -> None:
    assert look_levels(QUARTERS, 40)[-1] < look_levels(QUARTERS, 5)[-1] < look_levels(QUARTERS, 2)[-1]


def test_conditional_power_is_that_of_a_random_walk() -> None:
    """Half of the way at z = 1, and the drift of the upper end of its 80 % interval: 2.28 sqrt(2) for the whole way."""
    rng = np.random.default_rng(5)
    drift = (1 + 1.2816) / np.sqrt(0.5)
    ends = np.sqrt(0.5) + drift * 0.5 + rng.normal(0, np.sqrt(0.5), 200_000)
    assert conditional_power(1.0, 0.5, 1.96) == pytest.approx((ends >= 1.96).mean(), abs=0.004)


def test_what_hardly_differs_is_given_up_and_what_may_is_not() -> None:
    assert is_futile(0.9, 0.9, 0.8, 1)
    assert not is_futile(0.9, 0.9, 0.2, 1)
    assert not is_futile(0.06, 0.06, 0.8, 1)
    assert is_futile(0.06, 1.0, 1.0, 1)


def test_beside_pairs_that_differ_clearly_less_is_needed() -> None:
    """Tested first of 105, the pair would need z = 3.4; its adjusted p shows that others have left before."""
    assert is_futile(0.03, 1.0, 0.9, 105)
    assert not is_futile(0.03, 0.06, 0.9, 105)


def test_small_differences_stay_below_what_they_must_reach() -> None:
    assert stays_below(0.2, 0.3, 1.5, 0.6)
    assert not stays_below(1.3, 0.3, 1.5, 0.6)
    assert not stays_below(2.0, 0.3, 1.5, 0.6)
    assert stays_below(0.0, 0.0, 1.5, 0.2)
