"""How well metrics agree with human ratings: per segment and per system, each with an interval.

Three views, because they answer different questions. *Pooled* correlation, over all outputs of all systems, is what
papers print; long and difficult sources move human and metric alike, so part of it is not about translation. *Within
segments*, systems are ranked on one source at a time, and that part falls away. *Systems* asks whether the metric
would have chosen the system that people choose. System scores of people are means over the segments that are rated for
all systems, and those of a metric are its own formula over the same segments: both then speak of the same text. Tables
of the WMT metrics task take the metric's corpus score over the whole test set instead, which is why they differ a
little (WMT23 en-de, MQM: Pearson of BLEU .917 there, .927 here; of chrF .866 and .876).

Intervals are about other articles; the systems stay the same, so they say nothing about other systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.analysis.eligible import of_one_measure, scores_with_corpus
from harness.analysis.stats.compare import FormulaOf, Interval, ScoreFunction, make_profiles, score_interval
from harness.analysis.stats.correlation import (
    accuracy_of_signs,
    kendall,
    kendall_of_signs,
    moments,
    pair_signs,
    pearson,
    pearson_of_sums,
)
from harness.analysis.stats.design import Units
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.units import too_few, units_of
from harness.errors import UsageError
from harness.metrics.interface import Mask, Rows
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import MetricIdentity, Missing, Reason, Unit

FEWEST = 3
"""A correlation of two points is always 1 or -1."""

RESAMPLES = 500
"""Behind the percentile intervals of the system level."""

COVERED = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One coefficient; positive means that metric and people agree, whatever their directions."""

    value: float
    interval: Interval | Missing
    """95 %, from resampled articles."""
    n: int
    """What it was computed over: outputs, segments, systems, or pairs of systems."""


@dataclass(frozen=True, slots=True)
class MetricAgreement:
    """One metric against one set of human ratings."""

    metric: MetricIdentity
    segment_pearson: Agreement | Missing
    """Over all rated outputs of all systems."""
    segment_kendall: Agreement | Missing
    """Tau-b over the same; without an interval, because every resample would sort all outputs again."""
    within_segment_kendall: Agreement | Missing
    """Mean over source segments of tau-b between the systems; segments on which people tie all systems are left out,
    those on which only the metric does count 0."""
    system_pearson: Agreement | Missing
    system_kendall: Agreement | Missing
    system_accuracy: Agreement | Missing
    """Share of pairs of systems in the same order; pairs tied by people are left out."""


@dataclass(frozen=True, slots=True)
class HumanAgreement:
    """Every metric of a pair against one human column."""

    human: MetricIdentity
    metrics: Mapping[str, MetricAgreement | Missing]
    unit: Unit
    seed: int


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the intervals are about."""

    unit: Unit
    units: Units
    seed: int


@dataclass(frozen=True, slots=True)
class _Scored:
    """Segment scores of the systems that both columns have, oriented so that more is better."""

    metric: Rows
    """(systems, segments); NaN where metric or people have no score."""
    human: Rows
    """(systems, segments)"""
    systems: tuple[SystemResult, ...]


def agreement(result: PairResult, formula_of: FormulaOf, human: str, *, seed: int) -> HumanAgreement:
    """Compare every other metric of a pair with the column ``human``.

    Systems that have no score there are left out. A human reference among the systems is not: metrics see it as one
    more system, and often as a bad one, so callers leave it out of ``result`` unless that is the question.

    Args:
        result: a pair of a run.
        formula_of: formulas by column name.
        human: the column with the ratings.
        seed: of the resampled articles.

    Raises:
        UsageError: no such column, or it has no score for any system.
    """
    rated = [scores for system in result.systems if (scores := _scores(system, human))]
    if not rated:
        raise UsageError(f"no system of {result.pair} has scores called '{human}'")
    sample = _Sample(*units_of(result.corpus, result.unit), seed)
    found = {
        name: _of_metric(result, name, human, (formula_of(name), formula_of(human)), sample)
        for name in result.metrics
        if name != human
    }
    return HumanAgreement(rated[0].identity, found, sample.unit, seed)


def _scores(system: SystemResult, column: str) -> MetricScores | None:
    scores = scores_with_corpus(system, column)
    return None if isinstance(scores, Missing) else scores


def _of_metric(
    result: PairResult,
    name: str,
    human: str,
    formulas: tuple[ScoreFunction, ScoreFunction],
    sample: _Sample,
) -> MetricAgreement | Missing:
    both = [
        (system, scores, ratings)
        for system in result.systems
        if (scores := _scores(system, name)) and (ratings := _scores(system, human))
    ]
    if not both:
        return Missing(Reason("agreement.no_system", {"metric": name, "human": human}))
    if not of_one_measure([scores for _, scores, _ in both]):
        return Missing(Reason("agreement.unlike", {"metric": name}))
    known = [scores.scored & ratings.scored for _, scores, ratings in both]
    table = _Scored(
        np.array([_oriented(scores, mask) for (_, scores, _), mask in zip(both, known, strict=True)]),
        np.array([_oriented(ratings, mask) for (_, _, ratings), mask in zip(both, known, strict=True)]),
        tuple(system for system, _, _ in both),
    )
    identity = both[0][1].identity
    signs = [1.0 if of.higher_is_better else -1.0 for of in (identity, both[0][2].identity)]
    common: Mask = np.logical_and.reduce(known)
    shared = sample.units.sample(common, sample.seed)
    sums = [
        np.array([shared.sums(system.tables[column].rows, common) for system in table.systems])
        for column in (name, human)
    ]
    pearson_, kendall_, accuracy = _systems(sums, formulas, signs, sample)
    return MetricAgreement(
        metric=identity,
        segment_pearson=_pooled_pearson(table, sample),
        segment_kendall=_pooled_kendall(table),
        within_segment_kendall=_within(table, sample),
        system_pearson=pearson_,
        system_kendall=kendall_,
        system_accuracy=accuracy,
    )


def _oriented(scores: MetricScores, known: Mask) -> Rows:
    return np.where(known, scores.segments if scores.identity.higher_is_better else -scores.segments, np.nan)


def _constant(x: Rows, y: Rows) -> Missing | None:
    """Why a correlation of two arrays is not defined; None when it is."""
    if len(x) < FEWEST:
        return Missing(Reason("agreement.few", {"n": len(x)}))
    if not np.ptp(x):
        return Missing(Reason("agreement.metric_constant"))
    if not np.ptp(y):
        return Missing(Reason("agreement.people_constant"))
    return None


def _pooled_pearson(table: _Scored, sample: _Sample) -> Agreement | Missing:
    known = ~np.isnan(table.metric)
    x, y = table.metric[known], table.human[known]
    if undefined := _constant(x, y):
        return undefined
    # Standardised, so that sums of squares lose no digits.
    one, other = (
        np.where(known, (values - of.mean()) / of.std(), 0.0) for values, of in ((table.metric, x), (table.human, y))
    )
    rows = np.where(known[..., None], moments(one, other), 0.0).sum(axis=0)
    interval = _interval(rows, known.any(axis=0), pearson_of_sums, sample)
    return Agreement(float(pearson(x, y)), interval, len(x))


def _pooled_kendall(table: _Scored) -> Agreement | Missing:
    known = ~np.isnan(table.metric)
    x, y = table.metric[known], table.human[known]
    if undefined := _constant(x, y):
        return undefined
    return Agreement(kendall(x, y), Missing(Reason("agreement.no_interval")), len(x))


def _within(table: _Scored, sample: _Sample) -> Agreement | Missing:
    if len(table.systems) < 2:
        return Missing(Reason("agreement.one_system"))
    metric, human = pair_signs(table.metric.T), pair_signs(table.human.T)
    ranked = (np.nan_to_num(human) != 0).any(axis=1)
    if not ranked.any():
        return Missing(Reason("agreement.all_tied"))
    tau = np.where(ranked, np.nan_to_num(kendall_of_signs(metric, human)), 0.0)
    rows = np.stack([tau, ranked.astype(np.float64)], axis=1)
    interval = _interval(rows, ranked, SegmentMean().score, sample)
    return Agreement(float(tau[ranked].mean()), interval, int(ranked.sum()))


def _interval(rows: Rows, mask: Mask, score: ScoreFunction, sample: _Sample) -> Interval | Missing:
    """The interval of a coefficient that is a function of sums, as for any score."""
    part = sample.units.sample(mask, sample.seed)
    if part.design.units < FEWEST_UNITS:
        return too_few(part.design.units, sample.unit)
    (profile,) = make_profiles([part.sums(rows, mask)], part.sizes(mask), score, part.design)
    whole = score_interval(profile, part.design)
    return Interval(max(whole.low, -1.0), min(whole.high, 1.0))


def _systems(
    sums: list[Rows], formulas: tuple[ScoreFunction, ScoreFunction], signs: list[float], sample: _Sample
) -> tuple[Agreement | Missing, Agreement | Missing, Agreement | Missing]:
    """Pearson, tau-b and accuracy over systems; ``sums`` are (systems, units, k) of the metric and of people."""
    count, width = sums[0].shape[:2]
    if not width:
        none = Missing(Reason("agreement.none_shared"))
        return none, none, none
    weights = np.ones((1, width))
    if width >= FEWEST_UNITS:
        drawn = np.random.default_rng(sample.seed).multinomial(width, np.full(width, 1 / width), size=RESAMPLES)
        weights = np.concatenate([weights, drawn.astype(np.float64)])
    # (1 + resamples, systems): the first row is what was observed.
    metric, human = (
        sign * formula(np.einsum("bu,suk->bsk", weights, rows, optimize=True))
        for rows, formula, sign in zip(sums, formulas, signs, strict=True)
    )
    undefined = _constant(metric[0], human[0])
    by_metric, by_people = pair_signs(metric), pair_signs(human)
    judged = int((by_people[0] != 0).sum())

    def made(values: Rows, n: int) -> Agreement:
        usable = values[1:][~np.isnan(values[1:])]
        interval = too_few(width, sample.unit) if not len(usable) else Interval(*np.quantile(usable, COVERED).tolist())
        return Agreement(float(values[0]), interval, n)

    return (
        undefined or made(pearson(metric, human), count),
        undefined or made(kendall_of_signs(by_metric, by_people), count),
        made(accuracy_of_signs(by_metric, by_people), judged) if judged else Missing(Reason("agreement.no_pair")),
    )
