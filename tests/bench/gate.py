"""Verdicts of the gate by true loss: on articles of WMT sets, before and after the test was chosen.

The difference of two good systems in each article is taken from a set, centred so that it is 0 over the whole set, and
shifted by a known loss; articles are then drawn with replacement. Scores that are no means (BLEU, chrF) are taken to
first order, as what every article contributes. A shift moves an interval by as much, so that one interval gives the
verdicts for all losses.

``before`` is a two-sided 95 % interval by a symmetric studentised bootstrap (Hall 1988), ``after`` what the gate uses:
the swap test inverted, at 5 % on each side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np

from harness.analysis.gate.verdict import LEVEL
from harness.analysis.stats.compare import Interval, Profile, ScoreFunction, compare, make_profiles
from harness.analysis.stats.design import Design, make_design
from harness.analysis.units import units_of
from harness.api import score
from harness.errors import DataError
from harness.metrics.interface import Metric, Rows
from harness.metrics.load import formulas, traits_of
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.types import SystemName
from tests.bench.wmt_sets import JudgedSet, find_sets

METRICS = ("bleu", "chrf", "comet")
"""Those that have a usual margin."""

ARTICLES = (12, 24, 48)
LOSSES = (0.0, 0.5, 1.0, 2.0, 3.0)
"""In margins."""

RUNS = 1000
RESAMPLES = 1000
"""Of the bootstrap."""

SCALE = 1e6
"""Weights of articles: large, so that a sum of them is never taken for less than one segment."""

Way = Literal["before", "after"]

mean = SegmentMean().score


@dataclass(frozen=True, slots=True)
class Source:
    """Two systems of a set under one metric, centred: their true difference is 0."""

    differences: Rows
    """(n,) what each article adds to the difference, times :data:`SCALE`."""
    weights: Rows
    """(n,) its share of the set, times :data:`SCALE`."""

    @property
    def spread(self) -> float:
        """Standard deviation of the difference in one article, in points of the metric."""
        n = len(self.weights)
        return float(n * np.sqrt((self.differences**2).sum() / (n - 1)) / SCALE)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Shares of the verdicts for one metric, number of articles, way and true loss; they add up to 1."""

    metric: str
    articles: int
    way: Way
    loss: float
    """In margins."""
    passed: float
    inconclusive: float
    regressed: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for one metric."""

    metric: str
    margin: float
    pairs: int
    spread: float
    """Median of :attr:`Source.spread`."""
    verdicts: tuple[Verdicts, ...]


def measure(
    data: Path,
    *,
    sets: Sequence[str] = (),
    articles: Sequence[int] = ARTICLES,
    runs: int = RUNS,
    seed: int = 1,
    done: Callable[[str], None] = lambda _: None,
) -> list[Measured]:
    """Simulate the gate on articles of WMT sets.

    Args:
        data: the folder with one folder for each set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders; empty: all that have document ids.
        articles: numbers of articles, each at least 6.
        runs: comparisons for each number and metric.
        seed: of everything random.
        done: told of each metric and number of articles when it is finished.

    Raises:
        DataError: a file is not there, or no set has document ids.
    """
    sources: dict[str, list[Source]] = {}
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            if given.known_articles:
                for metric, source in _sources(given, seed):
                    sources.setdefault(metric, []).append(source)
    if not sources:
        raise DataError(f"{data}: no set with document ids", hint="to see what is needed: harness docs wmt")
    measured = []
    for metric, found in sorted(sources.items()):
        verdicts: list[Verdicts] = []
        for count in articles:
            verdicts += _simulate(metric, found, count, runs, seed)
            done(f"{metric}, {count} articles")
        spread = median(source.spread for source in found)
        measured.append(Measured(metric, margin_of(metric), len(found), spread, tuple(verdicts)))
    return measured


def margin_of(metric: str) -> float:
    """The loss that the gate accepts unless told otherwise."""
    return traits_of(metric, {}).usual_margin


def score_set(given: JudgedSet, extra: Sequence[Metric], seed: int) -> Run:
    """BLEU and chrF of a set, and what was published of it."""
    return score(
        source=given.source,
        references=[next(iter(given.references.values()))],
        hypotheses=given.systems,
        pair=given.pair,
        docids=given.docids,
        extra_metrics=extra,
        offline=True,
        checks=False,
        seed=seed,
    )


def contributions(result: PairResult, metric: str, formula: ScoreFunction, seed: int) -> dict[SystemName, Profile]:
    """What every article adds to the score of each system; systems with unscored articles are left out."""
    _, units = units_of(result.corpus, "article")
    found = {}
    for system in result.systems:
        if not isinstance(system.scores.get(metric), MetricScores) or not system.tables[metric].scored.all():
            continue
        table = system.tables[metric]
        sample = units.sample(table.scored, seed)
        sums, sizes = sample.sums(table.rows, table.scored), sample.sizes(table.scored)
        (found[system.name],) = make_profiles([sums], sizes, formula, sample.design)
    return found


def _sources(given: JudgedSet, seed: int) -> Iterator[tuple[str, Source]]:
    """Every two of the better half of the systems: those that would be a baseline and its successor."""
    run = score_set(given, [scores for name, scores in given.metrics.items() if name in METRICS], seed)
    (result,) = run.pairs
    for metric in result.metrics:
        profiles = contributions(result, metric, formulas(run.settings)(metric), seed).values()
        best = sorted(profiles, key=lambda item: -item.value)[: max(2, math.ceil(len(profiles) / 2))]
        for one, other in combinations(best, 2):
            weights = (one.shares + other.shares) / 2
            gaps = one.contributions - other.contributions
            if gaps.any():  # the same outputs under two names have no spread
                yield metric, Source(SCALE * (gaps - gaps.sum() * weights), SCALE * weights)


def _simulate(metric: str, sources: Sequence[Source], articles: int, runs: int, seed: int) -> Iterator[Verdicts]:
    rng = np.random.default_rng([seed, articles])
    design = make_design(articles, seed)
    found: dict[Way, list[Interval]] = {"before": [], "after": []}
    for _ in range(runs):
        source = sources[rng.integers(len(sources))]
        drawn = rng.integers(len(source.weights), size=articles)
        rows = np.stack([source.differences[drawn], source.weights[drawn]], axis=1)
        found["before"].append(bootstrap_interval(rows, rng))
        found["after"].append(inverted(rows, design))
    margin = margin_of(metric)
    for way, intervals in found.items():
        ends = np.array([(item.low, item.high) for item in intervals])
        for loss in LOSSES:
            low, high = (ends - loss * margin).T
            passed, regressed = float((low > -margin).mean()), float((high < -margin).mean())
            yield Verdicts(metric, articles, way, loss, passed, 1 - passed - regressed, regressed)


def inverted(rows: Rows, design: Design) -> Interval:
    """The gate's interval of a ratio of sums; rows (n, 2) are numerators and denominators."""
    nothing = np.stack([np.zeros(len(rows)), rows[:, 1]], axis=1)
    one, other = make_profiles([rows, nothing], rows[:, 1], mean, design)
    return compare(one, other, mean, design, higher_is_better=True, level=LEVEL).interval


def bootstrap_interval(rows: Rows, rng: np.random.Generator, level: float = 0.95) -> Interval:
    """The symmetric studentised bootstrap interval of a ratio of sums, with the standard error by linearisation.

    Args:
        rows: (n, 2) numerators and denominators.
        rng: draws the resamples.
        level: of the interval, two-sided.
    """
    n = len(rows)
    value = rows[:, 0].sum() / rows[:, 1].sum()
    error = np.sqrt(n / (n - 1) * ((rows[:, 0] - value * rows[:, 1]) ** 2).sum()) / rows[:, 1].sum()
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)
    sums = counts @ rows
    values = sums[:, 0] / sums[:, 1]
    residuals = rows[:, 0] - values[:, None] * rows[:, 1]
    variances = n / (n - 1) * (counts * residuals**2).sum(axis=1) / sums[:, 1] ** 2
    usable = variances > 0
    if not usable.any():
        return Interval(float(value), float(value))
    reach = float(error * np.quantile(np.abs(values - value)[usable] / np.sqrt(variances[usable]), level))
    return Interval(float(value) - reach, float(value) + reach)


def to_markdown(measured: Sequence[Measured]) -> str:
    """The table of ``docs/ci.md``: pass / inconclusive / regressed in per cent."""
    titles = " | ".join(f"loss {loss:g}" for loss in LOSSES)
    lines = [f"| metric | articles | | {titles} |", f"|---|---|---|{'---|' * len(LOSSES)}"]
    for item in measured:
        cells: dict[tuple[int, Way], list[str]] = {}
        for one in item.verdicts:
            shares = (one.passed, one.inconclusive, one.regressed)
            text = " / ".join(f"{100 * share:.0f}" for share in shares)
            cells.setdefault((one.articles, one.way), []).append(text)
        lines += [
            f"| {item.metric}, margin {item.margin:g} | {count} | {way} | {' | '.join(row)} |"
            for (count, way), row in cells.items()
        ]
    spreads = (f"{item.metric} {item.spread:.3g} ({item.pairs} pairs)" for item in measured)
    return "\n".join([*lines, "", f"Spread of a difference in one article: {', '.join(spreads)}."]) + "\n"
