"""The rank-sum test against scipy, by its error rate, and where there is nothing to rank."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.analysis.stats.ranks import MOST_FOR_EXACT, rank_sum_p


@pytest.mark.parametrize(("n", "m"), [(6, 6), (6, 20), (25, 25), (30, 40), (300, 200)])
@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_as_scipy(n: int, m: int, shift: float) -> None:
    random = np.random.default_rng(n * m)
    one, other = random.lognormal(size=n).tolist(), random.lognormal(shift, size=m).tolist()
    method = "exact" if n + m <= MOST_FOR_EXACT else "asymptotic"
    assert rank_sum_p(one, other) == pytest.approx(stats.mannwhitneyu(one, other, method=method).pvalue, rel=1e-9)


def test_with_ties_as_the_permutation_of_all() -> None:
    one, other = [1.0, 1.0, 2.0, 5.0, 5.0, 5.0], [1.0, 2.0, 2.0, 7.0, 7.0, 9.0]
    ranks = stats.rankdata([*one, *other])
    found = stats.permutation_test(
        (ranks[:6], ranks[6:]), lambda a, b: abs(a.sum() - b.sum()), alternative="greater", n_resamples=np.inf
    )
    assert rank_sum_p(one, other) == pytest.approx(found.pvalue)


@pytest.mark.parametrize("size", [8, 40])
def test_equal_engines_are_separated_as_rarely_as_promised(size: int) -> None:
    random = np.random.default_rng(5)
    values = np.round(random.lognormal(0, 0.5, size=(400, 2, size)), 2)
    wrong = np.mean([rank_sum_p(one.tolist(), other.tolist()) <= 0.05 for one, other in values])
    assert wrong <= 0.08


def test_many_ties_of_large_samples_as_scipy() -> None:
    random = np.random.default_rng(3)
    one, other = random.integers(0, 3, 60).tolist(), random.integers(0, 4, 70).tolist()
    expected = stats.mannwhitneyu(one, other, method="asymptotic").pvalue
    assert expected < 0.05
    assert rank_sum_p(one, other) == pytest.approx(expected, rel=1e-9)


def test_nothing_to_compare() -> None:
    assert rank_sum_p([], [1.0]) == 1.0
    assert rank_sum_p([2.0] * 40, [2.0] * 40) == 1.0
    assert rank_sum_p([2.0] * 8, [2.0] * 8) == 1.0
