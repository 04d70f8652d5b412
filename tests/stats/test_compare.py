"""The article-level test: exact by hand, calibrated by simulation, and blind to what it must not see."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harness.metrics.interface import Rows
from harness.stats.compare import compare, make_profile, score_interval
from harness.stats.design import make_design, masked_sums, unit_sums
from harness.stats.power import articles_needed, detectable_difference
from harness.stats.quantiles import student_t

NOMINAL, RUNS = 0.05, 2000


def mean(totals: Rows) -> Rows:
    return totals[..., 0] / totals[..., 1]


def bleu_like(totals: Rows) -> Rows:
    """A score that is no mean: a product of two ratios."""
    return 100 * np.sqrt(
        np.maximum(totals[..., 0], 0) / totals[..., 1] * np.maximum(totals[..., 2], 0) / totals[..., 3]
    )


def difference(a: Rows, b: Rows, seed: int = 1, *, higher_is_better: bool = True, score=mean):  # type: ignore[no-untyped-def]
    design = make_design(len(a), seed)
    return compare(
        make_profile(a, score, design), make_profile(b, score, design), score, design, higher_is_better=higher_is_better
    )


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


def test_more_units_than_are_resampled() -> None:
    rng = np.random.default_rng(1)
    a = np.stack([rng.normal(size=1000), np.ones(1000)], axis=1)
    b = np.stack([rng.normal(size=1000), np.ones(1000)], axis=1)
    result = difference(a, b)
    gaps = a[:, 0] - b[:, 0]
    error = gaps.std(ddof=1) / np.sqrt(1000)
    assert result.standard_error == pytest.approx(error, rel=1e-6)
    assert result.interval.high - result.delta == pytest.approx(1.9623414611 * error, rel=1e-6)


def test_unit_sums() -> None:
    rows = np.arange(10.0).reshape(5, 2)
    assert unit_sums(rows, np.array([0, 2])).tolist() == [[2, 4], [18, 21]]
    mask = np.array([True, False, False, False, False])
    assert masked_sums(rows, mask, np.array([0, 2])).tolist() == [[0, 1]]
    assert masked_sums(rows, ~mask, np.array([0, 2])).tolist() == [[2, 3], [18, 21]]


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
        design = make_design(articles, run, resamples=400, shuffles=1000)
        result = compare(
            make_profile(a, mean, design), make_profile(b, mean, design), mean, design, higher_is_better=True
        )
        false += result.p <= NOMINAL
        covered += result.interval.low <= 0 <= result.interval.high
    assert false / RUNS <= 0.06 + 0.005
    assert (0.90 if articles == 6 else 0.93) <= covered / RUNS <= (0.98 if articles == 6 else 0.97)


@pytest.mark.slow
def test_score_interval_covers_a_score_that_is_no_mean() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for run in range(600):
        lengths = rng.integers(5, 40, size=12).astype(float)
        quality = np.clip(0.5 + 0.1 * rng.normal(size=12), 0.05, 0.95)
        rows = np.stack([quality * lengths, lengths, quality**2 * lengths, lengths], axis=1)
        design = make_design(12, run, resamples=400, shuffles=10)
        interval = score_interval(make_profile(rows, bleu_like, design), design)
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
            design = make_design(articles, run, resamples=10, shuffles=1000)
            result = compare(
                make_profile(a, mean, design), make_profile(b, mean, design), mean, design, higher_is_better=True
            )
            ours += result.p <= NOMINAL
            gaps = (a[:, 0] - b[:, 0]) / a[:, 1]
            theirs += abs(gaps.mean()) / (gaps.std(ddof=1) / np.sqrt(articles)) >= critical
    assert 0.3 < theirs / (3 * runs) < 0.97
    assert abs(ours - theirs) / (3 * runs) <= 0.05


def test_detectable_difference_and_articles_needed_agree() -> None:
    assert detectable_difference(1.0, 10) == pytest.approx(2.2621571628 + 0.8834, abs=1e-3)
    needed = articles_needed(0.5, 12, 0.8)
    per_article = 0.5 * np.sqrt(12)
    assert detectable_difference(per_article / np.sqrt(needed), needed) <= 0.8
    assert detectable_difference(per_article / np.sqrt(needed - 1), needed - 1) > 0.8
    assert articles_needed(0.0, 12, 0.1) == 6
