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

import numpy as np

from harness.analysis.eligible import of_one_measure, scores_with_corpus
from harness.analysis.human.model import Agreement, HumanAgreement, MetricAgreement, Resampled
from harness.analysis.human.segments import Scored, pooled_kendall, pooled_pearson, within_accuracy, within_kendall
from harness.analysis.human.systems import Shared, of_systems
from harness.analysis.stats.compare import FormulaOf, ScoreFunction
from harness.analysis.units import units_of
from harness.errors import UsageError
from harness.metrics.interface import Mask, Rows
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import MetricIdentity, Missing, Reason

__all__ = ["Agreement", "HumanAgreement", "MetricAgreement", "agreement"]


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
    sample = Resampled(*units_of(result.corpus, result.unit), seed)
    agreements = {
        name: _of_metric(result, name, human, (formula_of(name), formula_of(human)), sample)
        for name in result.metrics
        if name != human
    }
    return HumanAgreement(rated[0].identity, agreements, sample.unit, seed)


def _scores(system: SystemResult, column: str) -> MetricScores | None:
    scores = scores_with_corpus(system, column)
    return None if isinstance(scores, Missing) else scores


def _of_metric(
    result: PairResult,
    name: str,
    human: str,
    formulas: tuple[ScoreFunction, ScoreFunction],
    sample: Resampled,
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
    table = Scored(
        np.array([_oriented(scores, mask) for (_, scores, _), mask in zip(both, known, strict=True)]),
        np.array([_oriented(ratings, mask) for (_, _, ratings), mask in zip(both, known, strict=True)]),
        tuple(system for system, _, _ in both),
    )
    identity = both[0][1].identity
    common: Mask = np.logical_and.reduce(known)
    shared = sample.units.sample(common, sample.seed)

    def sums(column: str) -> Rows:
        return np.array([shared.sums(system.tables[column].rows, common) for system in table.systems])

    def sign(of: MetricIdentity) -> float:
        return 1.0 if of.higher_is_better else -1.0

    of_whole = of_systems(
        Shared(
            sums=(sums(name), sums(human)),
            formulas=formulas,
            signs=(sign(identity), sign(both[0][2].identity)),
            segments=(table.metric[:, common], table.human[:, common]),
            sizes=shared.sizes(common),
        ),
        sample,
    )
    return MetricAgreement(
        metric=identity,
        segment_pearson=pooled_pearson(table, sample),
        segment_kendall=pooled_kendall(table),
        within_segment_kendall=within_kendall(table, sample),
        within_segment_accuracy=within_accuracy(table, sample),
        system_pearson=of_whole.pearson,
        system_kendall=of_whole.kendall,
        system_accuracy=of_whole.accuracy,
        system_soft_accuracy=of_whole.soft_accuracy,
    )


def _oriented(scores: MetricScores, known: Mask) -> Rows:
    return np.where(known, scores.segments if scores.identity.higher_is_better else -scores.segments, np.nan)
