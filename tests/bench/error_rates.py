"""How often the article test is wrong: false positives, coverage and power by simulation.

Two systems translate articles of unequal length. A segment's score is what the two share, because both translate it,
plus an effect of the system on the article, plus noise; ``correlation`` is that of the differences of two segments of
one article. Scores are means over segments, as those of COMET and of ratings are. Everything is judged by the functions
that judge real runs, with as many swaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from harness.analysis.stats.compare import compare, make_profiles
from harness.analysis.stats.design import SHUFFLES, Starts, make_design, unit_sums
from harness.analysis.stats.power import detectable_difference
from harness.analysis.stats.quantiles import student_t
from harness.analysis.stats.segment_tests import paired_randomisation
from harness.metrics.interface import Rows
from harness.metrics.segment import SegmentMean

ARTICLES = (6, 10, 30, 100)
CORRELATIONS = (0.0, 0.1, 0.3)
RUNS = 2000
NOMINAL = 0.05

SEGMENT_TRIALS = 1000
"""Swaps of the segment-level test: enough for a rate, a tenth of what a comparison uses."""

MEDIAN_LENGTH, LENGTH_SPREAD, SHORTEST = 18, 0.6, 3
"""Segments of an article: log-normal, so the longest of 30 articles is some twelve times the shortest."""

score = SegmentMean().score


@dataclass(frozen=True, slots=True)
class Rates:
    """What was counted for one number of articles and one correlation; all are shares of ``runs``, between 0 and 1."""

    articles: int
    correlation: float
    runs: int
    false_positives: float
    """Equal systems called different by the article test at 5 %."""
    segment_false_positives: float
    """The same by the segment-level test of sacrebleu."""
    coverage: float
    """Intervals of the difference that hold the true one, nominally 95 %."""
    power: float
    """Unequal systems called different by the article test."""
    t_power: float
    """The same by a t-test on article means."""
    t_power_same_size: float
    """The same by a t-test at the level that an exact test can reach: 3.1 % with 6 articles, 4.9 % and more with 10."""


def measure(
    *,
    articles: Sequence[int] = ARTICLES,
    correlations: Sequence[float] = CORRELATIONS,
    runs: int = RUNS,
    seed: int = 1,
    shuffles: int = SHUFFLES,
    done: Callable[[Rates], None] = lambda _: None,
) -> list[Rates]:
    """Simulate ``runs`` comparisons of equal systems, and as many of unequal ones, for every combination.

    Args:
        articles: numbers of articles, each at least 6.
        correlations: of the difference of two segments of one article, from 0 to below 1.
        runs: comparisons.
        seed: the same seed gives the same rates, whatever the other combinations are.
        shuffles: swaps tried where there are too many articles to try all.
        done: told of each combination when it is finished.
    """
    found = []
    for count in articles:
        for correlation in correlations:
            rng = np.random.default_rng([seed, count, round(correlation * 1000)])
            rates = _measure_one(rng, count, correlation, runs=runs, shuffles=shuffles)
            done(rates)
            found.append(rates)
    return found


def _measure_one(rng: np.random.Generator, articles: int, correlation: float, *, runs: int, shuffles: int) -> Rates:
    false, segment_false, covered = 0, 0, 0
    for run in range(runs):
        a, b, units = simulate(rng, articles, correlation)
        design = make_design(articles, run, shuffles=shuffles)
        sizes = np.diff(np.append(units, len(a))).astype(np.float64)
        one, two = make_profiles([unit_sums(rows, units) for rows in (a, b)], sizes, score, design)
        result = compare(one, two, score, design, higher_is_better=True)
        false += result.p <= NOMINAL
        covered += result.interval.low <= 0 <= result.interval.high
        segment_false += paired_randomisation(a, b, score, trials=SEGMENT_TRIALS, seed=run) <= NOMINAL
    shift = true_difference(articles, correlation)
    step = 2 / 2**articles
    same_size = step * int(NOMINAL / step)
    critical = [student_t(1 - level, articles - 1) for level in (NOMINAL, same_size)]
    ours, by_t = 0, [0, 0]
    for run in range(runs):
        a, b, units = simulate(rng, articles, correlation, shift)
        sums = [unit_sums(rows, units) for rows in (a, b)]
        design = make_design(articles, run, shuffles=shuffles)
        sizes = np.diff(np.append(units, len(a))).astype(np.float64)
        one, two = make_profiles(sums, sizes, score, design)
        ours += compare(one, two, score, design, higher_is_better=True).p <= NOMINAL
        t = _t(score(sums[0]) - score(sums[1]))
        by_t = [count + (t >= limit) for count, limit in zip(by_t, critical, strict=True)]
    return Rates(
        articles=articles,
        correlation=correlation,
        runs=runs,
        false_positives=false / runs,
        segment_false_positives=segment_false / runs,
        coverage=covered / runs,
        power=ours / runs,
        t_power=by_t[0] / runs,
        t_power_same_size=by_t[1] / runs,
    )


def simulate(
    rng: np.random.Generator, articles: int, correlation: float, shift: float = 0.0
) -> tuple[Rows, Rows, Starts]:
    """Rows of two systems, (segments, 2) each, and where each article begins.

    The difference of a segment has variance 1; the first system is better by ``shift``.
    """
    lengths = np.maximum(SHORTEST, rng.lognormal(np.log(MEDIAN_LENGTH), LENGTH_SPREAD, size=articles).astype(int))
    ends = np.cumsum(lengths)
    total = int(ends[-1])
    shared = rng.normal(size=total) + np.repeat(rng.normal(size=articles), lengths)
    systems = [
        shared
        + np.repeat(np.sqrt(correlation / 2) * rng.normal(size=articles), lengths)
        + np.sqrt((1 - correlation) / 2) * rng.normal(size=total)
        for _ in range(2)
    ]
    rows = [np.stack([values, np.ones(total)], axis=1) for values in (systems[0] + shift, systems[1])]
    return rows[0], rows[1], ends - lengths


def true_difference(articles: int, correlation: float) -> float:
    """A difference that about four of five t-tests on article means find."""
    # The mean of 1/length over such articles is about 1/15.
    error = float(np.sqrt((correlation + (1 - correlation) / 15) / articles))
    return detectable_difference(error, articles)


def _t(gaps: Rows) -> float:
    return float(abs(gaps.mean()) / (gaps.std(ddof=1) / np.sqrt(len(gaps))))


def to_markdown(rates: Sequence[Rates]) -> str:
    """The table of ``docs/statistics.md``: a line for each number of articles, a figure for each correlation."""
    correlations = " / ".join(f"{value:g}" for value in dict.fromkeys(item.correlation for item in rates))
    lines = [
        f"Intra-article correlation {correlations}; {rates[0].runs:,} runs each; all figures in per cent.",
        "",
        "| articles | false positives | by segments | coverage | power | t-test | t-test of the same size |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *_lines(rates)]) + "\n"


def _lines(rates: Sequence[Rates]) -> Iterator[str]:
    for count in dict.fromkeys(item.articles for item in rates):
        rows = [item for item in rates if item.articles == count]
        cells = [
            " / ".join(f"{100 * value:.1f}" for value in values)
            for values in (
                [item.false_positives for item in rows],
                [item.segment_false_positives for item in rows],
                [item.coverage for item in rows],
            )
        ]
        means = [
            f"{100 * fmean(values):.1f}"
            for values in (
                [item.power for item in rows],
                [item.t_power for item in rows],
                [item.t_power_same_size for item in rows],
            )
        ]
        yield f"| {' | '.join([str(count), *cells, *means])} |"
