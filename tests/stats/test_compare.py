"""The article-level test: exact by hand, calibrated by simulation, and blind to what it must not see."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.stats.compare import (
    Difference,
    compare,
    compare_roughly,
    make_profiles,
    score_interval,
    swap_roughly,
)
from harness.analysis.stats.design import Units, make_design, unit_sums
from harness.analysis.stats.quantiles import student_t
from harness.metrics.interface import Rows

NOMINAL, RUNS = 0.05, 2000

SIGNS = list(itertools.product((1, -1), repeat=5))


def mean(totals: Rows) -> Rows:
    return totals[..., 0] / totals[..., 1]


def bleu_like(totals: Rows) -> Rows:
    """A score that is no mean: a product of two ratios."""
    return 100 * np.sqrt(
        np.maximum(totals[..., 0], 0) / totals[..., 1] * np.maximum(totals[..., 2], 0) / totals[..., 3]
    )


def difference(a: Rows, b: Rows, seed: int = 1, *, higher_is_better: bool = True, score=mean):  # type: ignore[no-untyped-def]
    design = make_design(len(a), seed)
    one, other = make_profiles([a, b], np.ones(len(a)), score, design)
    return compare(one, other, score, design, higher_is_better=higher_is_better)


def test_exact_p_by_enumeration() -> None:
    rng = np.random.default_rng(3)
    lengths = np.array([5, 9, 2, 30, 7, 12.0])
    a = np.stack([rng.normal(size=6) * lengths, lengths], axis=1)
    b = np.stack([rng.normal(size=6) * lengths, lengths], axis=1)
    observed = abs(mean(a.sum(0)) - mean(b.sum(0)))
    as_large = 0
    for swap in itertools.product((False, True), repeat=6):
        mask = np.array(swap)[:, None]
        as_large += abs(mean(np.where(mask, b, a).sum(0)) - mean(np.where(mask, a, b).sum(0))) >= observed - 1e-12
    assert difference(a, b).p == as_large / 64


def test_identical_outputs_have_p_one_and_no_difference() -> None:
    rows = np.array([[3.0, 5], [2, 4], [9, 9], [1, 2], [5, 5], [6, 7]])
    result = difference(rows, rows.copy())
    assert (result.p, result.delta, result.interval.low, result.interval.high) == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("units", [6, 40])
def test_orientation(units: int) -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=units) * 20
    a = np.stack([base + 30, np.full(units, 20.0)], axis=1)
    b = np.stack([base + rng.normal(size=units), np.full(units, 20.0)], axis=1)
    better, worse = difference(a, b), difference(a, b, higher_is_better=False)
    assert better.delta > 0
    assert better.interval.low > 0
    assert worse.delta == -better.delta
    assert (worse.interval.low, worse.interval.high) == (-better.interval.high, -better.interval.low)
    assert better.p == worse.p
    swapped = difference(b, a)
    assert swapped.delta == pytest.approx(-better.delta)
    assert swapped.p == better.p


def test_the_seed_fixes_everything() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((40, 2)) + 1, rng.random((40, 2)) + 1
    assert difference(a, b, seed=0) == difference(a, b, seed=0)
    assert difference(a, b, seed=0) != difference(a, b, seed=2)


def test_many_equal_units_give_the_interval_of_a_t_test() -> None:
    rng = np.random.default_rng(1)
    a = np.stack([rng.normal(size=1000), np.ones(1000)], axis=1)
    b = np.stack([rng.normal(size=1000), np.ones(1000)], axis=1)
    result = difference(a, b)
    gaps = a[:, 0] - b[:, 0]
    error = gaps.std(ddof=1) / np.sqrt(1000)
    assert result.standard_error == pytest.approx(error, rel=1e-6)
    assert result.interval.high - result.delta == pytest.approx(1.9623414611 * error, rel=0.05)
    assert result.delta - result.interval.low == pytest.approx(1.9623414611 * error, rel=0.05)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 9), st.integers(0, 3)), min_size=6, max_size=16),
    st.sampled_from([0.9, 0.95]),
)
def test_interval_and_p_never_disagree(units: list[tuple[int, int, int]], level: float) -> None:
    """Small whole numbers: ties, articles without any difference, one article longer than all others."""
    a = np.array([(gap + shared, size) for gap, size, shared in units], dtype=float)
    b = np.array([(shared, size) for _, size, shared in units], dtype=float)
    design = make_design(len(units), 3, shuffles=500)
    one, two = make_profiles([a, b], a[:, 1], mean, design)
    result = compare(one, two, mean, design, higher_is_better=True, level=level)
    excludes_zero = result.interval.low > 0 or result.interval.high < 0
    assert excludes_zero == (result.p <= 1 - level + 1e-12)
    assert result.interval.low <= result.delta <= result.interval.high


def test_the_interval_by_hand() -> None:
    """Equal articles: each end is a mean difference of some of them, as inverting all 32 swaps gives it."""
    gaps = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    a = np.stack([gaps, np.ones(6)], axis=1)
    b = np.stack([np.zeros(6), np.ones(6)], axis=1)
    result = difference(a, b)
    kept = []
    for d in np.arange(-10, 40, 0.01):
        left = gaps - d
        swaps = [abs(sum(s * x for s, x in zip((1, *signs), left, strict=True))) for signs in SIGNS]
        if sum(value >= abs(left.sum()) - 1e-9 for value in swaps) > 0.05 * 32:
            kept.append(d)
    assert result.interval.low == pytest.approx(min(kept), abs=0.011)
    assert result.interval.high == pytest.approx(max(kept), abs=0.011)


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("units", [8, 40])
def test_a_rough_comparison_of_means_is_no_rougher(units: int, higher: bool) -> None:
    rng = np.random.default_rng(units)
    sizes = rng.integers(3, 30, units).astype(float)
    a, b = (np.stack([rng.normal(size=units) * sizes, sizes], axis=1) for _ in range(2))
    design = make_design(units, 1)
    one, other = make_profiles([a, b], sizes, mean, design)
    whole = compare(one, other, mean, design, higher_is_better=higher)
    rough = compare_roughly(one, other, design, higher_is_better=higher)
    assert (rough.delta, rough.p, rough.units) == (pytest.approx(whole.delta), whole.p, whole.units)
    assert rough.swapped == pytest.approx(whole.swapped)
    assert rough.standard_error == pytest.approx(whole.standard_error)
    test = swap_roughly(one, other, design, higher_is_better=higher)
    assert (test.delta, test.p, test.size) == (rough.delta, rough.p, rough.size)
    assert test.swapped.tolist() == rough.swapped.tolist()


def test_the_order_of_articles_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    rows = rng.integers(0, 9, size=(60, 2)).astype(float) + 1
    other = rng.integers(0, 9, size=(60, 2)).astype(float) + 1
    names = rng.permutation(20)
    starts = np.arange(0, 60, 3)
    listed = np.concatenate([np.arange(start, start + 3) for start in starts[np.argsort(names)]])
    everything = np.ones(60, dtype=bool)

    def compared(order: np.ndarray, ranks: np.ndarray) -> Difference:
        sample = Units(starts, ranks).sample(everything, 7)
        sums = [sample.sums(table[order], everything) for table in (rows, other)]
        one, two = make_profiles(sums, sample.sizes(everything), mean, sample.design)
        return compare(one, two, mean, sample.design, higher_is_better=True)

    assert compared(np.arange(60), names).p != 0
    first, second = compared(np.arange(60), names), compared(listed, np.sort(names))
    assert second.p == first.p
    assert (second.interval.low, second.interval.high) == pytest.approx((first.interval.low, first.interval.high))
    assert compared(listed, names).p != first.p, "the seed alone decides nothing here"


def test_units() -> None:
    rows = np.arange(10.0).reshape(5, 2)
    units = Units(np.array([0, 2]), np.arange(2))
    assert unit_sums(rows, units.starts).tolist() == [[2, 4], [18, 21]]
    first = np.array([True, False, False, False, False])
    assert units.sample(first, 1).sums(rows, first).tolist() == [[0, 1]]
    assert units.sample(~first, 1).sums(rows, ~first).tolist() == [[2, 3], [18, 21]]
    assert units.sizes(~first).tolist() == [1, 3]
    everything = units.sample(first | ~first, 1)
    assert everything.sums(rows, first).tolist() == [[0, 1], [0, 0]]
    assert everything.sizes(first).tolist() == [1, 0]


def _simulated(rng: np.random.Generator, articles: int, correlation: float, shift: float = 0.0) -> tuple[Rows, Rows]:
    """Two systems of equal (or, with a shift, unequal) quality on articles of unequal length.

    ``correlation`` is that of the difference of two segments in one article.
    """
    lengths = np.maximum(3, rng.lognormal(np.log(18), 0.6, size=articles).astype(int)).astype(float)
    shared = rng.normal(size=articles) * lengths
    sums = [
        shared
        + lengths * np.sqrt(correlation / 2) * rng.normal(size=articles)
        + np.sqrt((1 - correlation) / 2 * lengths) * rng.normal(size=articles)
        for _ in range(2)
    ]
    return np.stack([sums[0] + shift * lengths, lengths], axis=1), np.stack([sums[1], lengths], axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("articles", [6, 10, 30, 100])
def test_error_rate_and_coverage(articles: int, correlation: float) -> None:
    """2,000 comparisons of equal systems: the standard error of a rate of 5 % is half a point."""
    rng = np.random.default_rng(articles * 10 + int(correlation * 10))
    false, covered = 0, 0
    for run in range(RUNS):
        a, b = _simulated(rng, articles, correlation)
        design = make_design(articles, run, shuffles=1000)
        result = compare(*make_profiles([a, b], a[:, 1], mean, design), mean, design, higher_is_better=True)
        false += result.p <= NOMINAL
        covered += result.interval.low <= 0 <= result.interval.high
    assert false / RUNS <= 0.06 + 0.005
    assert (0.92 if articles == 6 else 0.93) <= covered / RUNS <= (0.985 if articles == 6 else 0.97)


@pytest.mark.slow
def test_score_interval_covers_a_score_that_is_no_mean() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for run in range(600):
        lengths = rng.integers(5, 40, size=12).astype(float)
        quality = np.clip(0.5 + 0.1 * rng.normal(size=12), 0.05, 0.95)
        rows = np.stack([quality * lengths, lengths, quality**2 * lengths, lengths], axis=1)
        design = make_design(12, run)
        interval = score_interval(make_profiles([rows], lengths, bleu_like, design)[0], design)
        truth = 100 * np.sqrt(0.5 * (0.25 + 0.01))
        covered += interval.low <= truth <= interval.high
    assert 0.92 <= covered / 600 <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("articles", [10, 30])
def test_power_is_that_of_the_t_test_on_article_means(articles: int) -> None:
    """Averaged over correlations: weights by length gain where segments are independent and lose where they are not."""
    rng = np.random.default_rng(2)
    ours, theirs, runs = 0, 0, 500
    critical = student_t(0.95, articles - 1)
    for correlation, shift in ((0.0, 0.12), (0.1, 0.25), (0.3, 0.4)):
        for run in range(runs):
            a, b = _simulated(rng, articles, correlation, shift=shift * np.sqrt(20 / articles))
            design = make_design(articles, run, shuffles=1000)
            result = compare(*make_profiles([a, b], a[:, 1], mean, design), mean, design, higher_is_better=True)
            ours += result.p <= NOMINAL
            gaps = (a[:, 0] - b[:, 0]) / a[:, 1]
            theirs += abs(gaps.mean()) / (gaps.std(ddof=1) / np.sqrt(articles)) >= critical
    assert 0.3 < theirs / (3 * runs) < 0.97
    assert abs(ours - theirs) / (3 * runs) <= 0.05
