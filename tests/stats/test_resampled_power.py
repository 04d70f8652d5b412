"""Power by resampling: beside the formula where differences are normal, and beyond it where they are not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.analysis.stats.components import components, family_level
from harness.analysis.stats.power import MOST_ARTICLES, articles_needed
from harness.analysis.stats.resampled_power import Pilot, power, smallest_found, units_needed

LEVEL = 0.95


def pilot_of(values: list[float]) -> Pilot:
    """Articles of equal size with these residuals, in points of one article."""
    residuals = np.array(values) - np.mean(values)
    return Pilot(residuals / len(values), np.full(len(values), 1 / len(values)))


def normal(units: int = 400, deviation: float = 5.0) -> Pilot:
    return pilot_of(np.random.default_rng(2).normal(0, deviation, units).tolist())


def test_normal_differences_need_what_the_formula_says() -> None:
    for difference in (1.5, 3.0):
        by_formula = articles_needed(5.0, 1, difference, LEVEL)
        assert units_needed([normal()], difference, LEVEL, 1) == pytest.approx(by_formula, rel=0.15)


def test_a_leader_that_fails_rarely_needs_more() -> None:
    failing = pilot_of([1.0] * 190 + [-19.0] * 10)
    even = pilot_of([4.4, -4.4] * 100)
    assert np.std(failing.residuals) == pytest.approx(np.std(even.residuals), rel=0.02)
    needed = units_needed([failing], 2.0, LEVEL, 1)
    assert needed >= units_needed([even], 2.0, LEVEL, 1)
    assert power([failing], 2.0, needed, LEVEL, 7) == pytest.approx(0.8, abs=0.06)
    # Failures of the other side make the same difference easier to see.
    assert units_needed([pilot_of([-1.0] * 190 + [19.0] * 10)], 2.0, LEVEL, 1) < 0.9 * needed


def test_power_is_the_mean_over_the_pilots() -> None:
    calm, wild = normal(deviation=2.0), normal(deviation=30.0)
    both = power([calm, wild], 3.0, 20, LEVEL, 3)
    assert both == pytest.approx((power([calm], 3.0, 20, LEVEL, 3) + power([wild], 3.0, 20, LEVEL, 3)) / 2, abs=0.05)


def test_ends() -> None:
    assert units_needed([normal()], 1e-6, LEVEL, 1) == MOST_ARTICLES
    assert units_needed([normal()], 500.0, LEVEL, 1) == 6
    assert smallest_found([normal()], 6, 0.999, 1) == math.inf
    reached = smallest_found([normal()], 30, LEVEL, 1)
    assert power([normal()], reached, 30, LEVEL, 1) == pytest.approx(0.8, abs=0.04)


def test_family_level_is_that_of_all_pairs() -> None:
    assert family_level(1, LEVEL) == LEVEL
    # Tukey's studentised range with infinite degrees of freedom: q(.05; 3) = 3.314, q(.05; 10) = 4.474.
    for systems, q in ((3, 3.314), (10, 4.474)):
        expected = 1 - 2 * (1 - 0.5 * (1 + math.erf(q / 2)))
        assert 1 - family_level(systems * (systems - 1) // 2, LEVEL) == pytest.approx(1 - expected, rel=0.08)
    assert family_level(4, LEVEL) == family_level(6, LEVEL)


def test_components_are_those_that_were_put_in() -> None:
    rng = np.random.default_rng(4)
    sizes = rng.integers(3, 30, 800)
    starts = (np.cumsum(sizes) - sizes).astype(np.intp)
    values = np.repeat(rng.normal(0, 1.0, 800), sizes) + rng.normal(0, 2.0, int(sizes.sum()))
    parts = components(values - values.mean(), starts)
    assert parts.between == pytest.approx(1.0, rel=0.15)
    assert parts.within == pytest.approx(4.0, rel=0.05)
    assert parts.correlation == pytest.approx(0.2, abs=0.03)
    assert components(np.zeros(6), np.array([0, 3])).correlation == 0
