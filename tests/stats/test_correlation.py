"""Coefficients of agreement against their definitions."""

from __future__ import annotations

from itertools import combinations
from math import isnan, sqrt

import numpy as np
import pytest

from harness.analysis.stats.correlation import (
    accuracy_of_signs,
    kendall,
    kendall_of_signs,
    moments,
    pair_signs,
    pearson,
    pearson_of_sums,
)


def by_definition(x: list[float], y: list[float]) -> float:
    """Tau-b, pair by pair."""
    products = [(x[a] - x[b], y[a] - y[b]) for a, b in combinations(range(len(x)), 2)]
    difference = sum((dx * dy > 0) - (dx * dy < 0) for dx, dy in products)
    return difference / sqrt(sum(dx != 0 for dx, _ in products) * sum(dy != 0 for _, dy in products))


@pytest.mark.parametrize("levels", [3, 10, 1000])
def test_kendall_is_its_definition_with_few_and_many_ties(levels: int) -> None:
    rng = np.random.default_rng(levels)
    for n in (2, 3, 7, 50, 129):
        x = rng.integers(levels, size=n).astype(float)
        y = rng.integers(levels, size=n) + x * rng.choice([-1, 1])
        if np.ptp(x) and np.ptp(y):
            expected = by_definition(x.tolist(), y.tolist())
            assert kendall(x, y) == pytest.approx(expected, abs=1e-12)
            assert float(kendall_of_signs(pair_signs(x), pair_signs(y))) == pytest.approx(expected, abs=1e-12)


def test_kendall_known_values() -> None:
    x = np.array([1.0, 2, 3, 4, 5])
    assert kendall(x, np.array([3.0, 1, 2, 5, 4])) == pytest.approx(0.4)  # 7 pairs in order, 3 not
    assert kendall(x, -x) == -1.0
    # Negative zero, as turning a score round makes it, ties with zero: 5 pairs, all in order, 4 untied in y.
    zeros = np.array([0.0, -0.0, 1.0, 2.0])
    assert kendall(zeros, np.array([-0.0, 0.0, 1.0, 2.0])) == pytest.approx(1.0)
    assert isnan(kendall(x, np.ones(5)))


def test_pairs_with_an_unknown_value_are_left_out() -> None:
    x = pair_signs(np.array([[1.0, 2.0, np.nan, 3.0]]))
    y = pair_signs(np.array([[1.0, 3.0, 0.0, 2.0]]))
    assert kendall_of_signs(x, y).tolist() == pytest.approx([1 / 3])


def test_accuracy_leaves_out_what_people_tie_and_counts_a_tie_of_the_metric_as_wrong() -> None:
    human = pair_signs(np.array([1.0, 1.0, 2.0, 3.0]))  # five pairs judged
    metric = pair_signs(np.array([5.0, 6.0, 6.0, 7.0]))  # of these 2 before 3 is tied, four right
    assert float(accuracy_of_signs(metric, human)) == pytest.approx(4 / 5)
    assert isnan(float(accuracy_of_signs(metric, pair_signs(np.ones(4)))))


def test_pearson_from_values_and_from_sums() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=40)
    y = 0.4 * x + rng.normal(size=40)
    expected = np.corrcoef(x, y)[0, 1]
    assert float(pearson(x, y)) == pytest.approx(expected, abs=1e-12)
    assert float(pearson_of_sums(moments(x, y).sum(axis=0))) == pytest.approx(expected, abs=1e-12)
    assert float(pearson_of_sums(moments(x, np.ones(40)).sum(axis=0))) == 0.0
    assert isnan(float(pearson(x, np.full(40, 0.1))))


@pytest.mark.parametrize("n", range(3, 40))
def test_what_does_not_vary_agrees_with_nothing(n: int) -> None:
    """The mean of equal numbers is off by a rounding, and deviations from it are noise, not agreement."""
    same, others = np.full(n, 0.1), np.random.default_rng(n).random(n)
    assert np.isnan(pearson(same, others))
    assert np.isnan(pearson(others, same))
    assert pearson_of_sums(moments(same, others).sum(axis=0)) == 0
    assert not np.isnan(pearson(others, others))
