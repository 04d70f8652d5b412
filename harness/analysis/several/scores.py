"""Two runs over the same articles, paired: how far each system moved under each metric, from earlier to later.

Both sides are summed over the segments they both have scored, article by article, and compared like two systems of one
run: the p-value swaps whole articles, and the interval inverts that test. What must not be paired (another
corpus, another signature, other segments) is :class:`Apart`, with the reason, and never a difference. Nothing here
reads a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np

from harness.analysis.eligible import gives_score, of_one_measure, of_same_segments, scores_with_corpus
from harness.analysis.several.corpora import corpus_difference
from harness.analysis.stats.compare import (
    LEVEL,
    Difference,
    FormulaOf,
    Interval,
    ScoreFunction,
    compare,
    make_profiles,
    p_of_loss,
)
from harness.analysis.stats.design import FEW_UNITS, FINEST, Sample, make_design
from harness.analysis.stats.family import adjusted_p
from harness.analysis.stats.power import FEWEST_UNITS, detectable_difference
from harness.analysis.units import one_article, too_few, units_of
from harness.errors import HarnessError
from harness.metrics.interface import Mask
from harness.metrics.load import formulas
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import Corpus, LangPair, Missing, Reason, SystemName, Unit, UnitChoice


@dataclass(frozen=True, slots=True)
class Apart:
    """Two scores that cannot be paired."""

    kind: Literal["incomplete", "incomparable"]
    """Whether one of them is not there, or both are and measure different things."""
    why: Reason


NOT_ASKED = Missing(Reason("across.no_loss_asked"))


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One system under one metric, earlier and later, over the segments both runs have scored."""

    before: float
    after: float
    delta: float
    """Positive means the later run is better, whatever the metric's direction; metric points."""
    interval: Interval | Missing
    """95 % unless another level was asked for; Missing with fewer units than
    :data:`~harness.analysis.stats.power.FEWEST_UNITS`, unless nothing changed."""
    p: float | Missing
    """Swap test over units, two-sided; Missing with too few units."""
    unit: Unit
    units: int
    segments: int
    detectable: float | Missing
    """The smallest true difference that such a comparison finds 80 % of the time."""
    difference: Difference = field(compare=False, repr=False)
    """What the test of several systems together needs."""
    declared: bool = True
    """False: the unit is the segment for want of articles, and nobody said that the segments are independent."""
    p_loss: float | Missing = NOT_ASKED
    """One-sided: small where the later run lost more than was asked about; Missing with too few units."""


@dataclass(frozen=True, slots=True)
class SystemChange:
    """What became of one system under one metric."""

    pair: LangPair
    system: SystemName
    label: str
    metric: str
    change: ScoreChange | Apart
    p_adjusted: float | Missing
    """``p`` corrected for all systems of the pair under this metric: step-down
    (:mod:`harness.analysis.stats.family`)."""


def corpora_apart(later: PairResult, earlier: PairResult) -> Apart | None:
    """Why no score of two results of one pair can be paired; None where their articles are the same."""
    difference = corpus_difference(later.corpus, earlier.corpus)
    return None if difference is None else Apart("incomparable", difference.reason)


def stored_scores(system: SystemResult, metric: str) -> MetricScores | Missing:
    """The scores of a system under a metric, or why it has none for its corpus."""
    return scores_with_corpus(system, metric) if metric in system.scores else Missing(Reason("across.not_asked"))


def pair_scores(
    later: SystemResult, earlier: SystemResult, metric: str, sides: Literal["runs", "gate"] = "runs"
) -> tuple[MetricScores, MetricScores] | Apart:
    """The scores of one system in two runs of one corpus, ``(later, earlier)``, or why they cannot be paired.

    Args:
        later: the system in the later run.
        earlier: the same system in the earlier run.
        metric: column heading.
        sides: whether messages call them the later and the earlier run, or candidate and baseline.
    """
    old, new = stored_scores(earlier, metric), stored_scores(later, metric)
    if isinstance(old, Missing):
        return Apart("incomplete", Reason(f"across.{sides}.earlier_unscored", {"why": old.why}))
    if isinstance(new, Missing):
        return Apart("incomplete", Reason(f"across.{sides}.later_unscored", {"why": new.why}))
    if not of_one_measure([new, old]):
        before, now = old.identity.signature, new.identity.signature
        why = Reason("across.metric") if now == before else Reason("across.signature", {"before": before, "now": now})
        return Apart("incomparable", why)
    if not of_same_segments([new, old]):
        count = int((new.scored != old.scored).sum())
        return Apart("incomparable", Reason("across.scored", {"n": count, "all": len(new.scored)}))
    return new, old


def measure(
    corpus: Corpus,
    later: SystemResult,
    earlier: SystemResult,
    metric: str,
    *,
    score: ScoreFunction,
    mask: Mask,
    declared: UnitChoice,
    seed: int,
    level: float = LEVEL,
    within: Mask | None = None,
    loss: float | None = None,
    finest: bool = False,
) -> ScoreChange:
    """The paired difference of one system between two runs of ``corpus``.

    Args:
        corpus: of both runs.
        later: the system in the later run.
        earlier: the same system in the earlier run.
        metric: column heading; its identity is the same in both.
        score: its formula.
        mask: (n,) the segments that count; both runs have scored them.
        declared: the unit that the later run declares.
        seed: of the swaps.
        level: of the interval, two-sided.
        within: (n,) segments whose units are swapped; by default those of ``mask``. Systems that are tested together
            need the same.
        loss: whether the later run lost more than so many points is asked as well; None: it is not.
        finest: draw more swaps where no swap of the usual number comes as far as such a loss.
    """
    unit, units = units_of(corpus, declared)
    sample = units.sample(mask if within is None else within, seed)
    design = sample.design
    new, old = (sample.sums(system.tables[metric].rows, mask) for system in (later, earlier))
    after, before = make_profiles([new, old], sample.sizes(mask), score, design)
    higher = later.tables[metric].identity.higher_is_better
    difference = compare(after, before, score, design, higher_is_better=higher, level=level)
    few = difference.units < FEWEST_UNITS and not np.array_equal(new, old)
    alone = unit == "article" and len(units) == 1
    reason = one_article() if alone else too_few(difference.units, unit)
    unknown = reason if few else Missing(Reason("across.no_number"))
    known = not few and math.isfinite(difference.interval.low) and math.isfinite(difference.interval.high)
    p_loss: float | Missing = NOT_ASKED if loss is None else unknown
    if loss is not None and known:
        p_loss = p_of_loss(after, before, score, design, higher_is_better=higher, loss=loss)
        if finest and p_loss <= design.p_value(0) / 2 and not design.exact and design.units <= FEW_UNITS:
            finer = make_design(design.units, seed, shuffles=FINEST, ranks=design.ranks)
            after, before = make_profiles([new, old], sample.sizes(mask), score, finer)
            p_loss = p_of_loss(after, before, score, finer, higher_is_better=higher, loss=loss)
    return ScoreChange(
        before=before.value,
        after=after.value,
        delta=difference.delta,
        interval=difference.interval if known else unknown,
        p=difference.p if known else unknown,
        unit=unit,
        units=difference.units,
        segments=int(mask.sum()),
        detectable=detectable_difference(difference.standard_error, difference.units, level)
        if known and difference.units > 1
        else unknown,
        difference=difference,
        declared=unit == "article" or declared == "segment",
        p_loss=p_loss,
    )


def find_changes(later: Run, earlier: Run, *, seed: int) -> tuple[SystemChange, ...]:
    """Every system and metric of two runs, in the later run's order; what only one of them has comes as Apart.

    Args:
        later: the run whose gains are positive.
        earlier: the run it is measured against.
        seed: of the resamples.
    """
    formula_of = formulas(later.settings)
    of_later = {result.pair: result for result in later.pairs}
    before = {result.pair: result for result in earlier.pairs}
    changes: list[SystemChange] = []
    for pair in dict.fromkeys([*of_later, *before]):
        if pair in of_later and pair in before:
            changes += _changes_of_pair(of_later[pair], before[pair], formula_of, seed)
            continue
        result = of_later.get(pair) or before[pair]
        apart = Apart("incomplete", Reason("across.only_later") if pair in of_later else Reason("across.only_earlier"))
        changes += [_row(result, system, metric, apart) for system in result.systems for metric in result.metrics]
    return tuple(changes)


def _changes_of_pair(
    later: PairResult, earlier: PairResult, formula_of: FormulaOf, seed: int
) -> Iterator[SystemChange]:
    part = corpora_apart(later, earlier)
    now = {system.name: system for system in later.systems}
    then = {system.name: system for system in earlier.systems}
    units = units_of(later.corpus, later.unit)[1]
    for metric in dict.fromkeys([*later.metrics, *earlier.metrics]):
        paired = {name: part or pair_scores(now[name], then[name], metric) for name in now if name in then}
        masks = [scores[0].scored for scores in paired.values() if not isinstance(scores, Apart)]
        within = np.logical_or.reduce(masks) if masks else np.zeros(len(later.corpus.segments), dtype=np.bool_)
        rows = []
        for name in dict.fromkeys([*now, *then]):
            if name in paired:
                change = partial(
                    measure, later.corpus, now[name], then[name], metric, declared=later.unit, seed=seed, within=within
                )
                outcome = _change(paired[name], (now[name], then[name]), metric, formula_of, change)
            else:
                outcome = _not_in(name, later, "later") if name in then else _not_in(name, earlier, "earlier")
            rows.append(_row(later, now.get(name) or then[name], metric, outcome))
        yield from _corrected(rows, units.sample(within, seed))


def _not_in(name: SystemName, without: PairResult, which: Literal["later", "earlier"]) -> Apart:
    lacking = Reason(f"across.without.{which}")
    why = without.absent.get(name)
    return Apart("incomplete", Reason("across.because", {"what": lacking, "why": why}) if why else lacking)


def _change(
    paired: tuple[MetricScores, MetricScores] | Apart,
    systems: Sequence[SystemResult],
    metric: str,
    formula_of: FormulaOf,
    change_of: Callable[..., ScoreChange],
) -> ScoreChange | Apart:
    if isinstance(paired, Apart):
        return paired
    new, _ = paired
    try:
        formula = formula_of(metric)
        sound = all(gives_score(system, metric, formula) for system in systems)
        change = change_of(score=formula, mask=new.scored)
    except (HarnessError, KeyError, IndexError, ValueError) as error:
        return Apart("incomparable", Reason("across.unreadable", {"error": str(error)}))
    return change if sound else Apart("incomparable", Reason("across.unweighed"))


def _row(result: PairResult, system: SystemResult, metric: str, outcome: ScoreChange | Apart) -> SystemChange:
    label = system.label or system.name
    return SystemChange(result.pair, system.name, label, metric, outcome, Missing(Reason("across.nothing")))


def _corrected(rows: Sequence[SystemChange], sample: Sample) -> list[SystemChange]:
    """``rows`` with p-values corrected for all that have one; where there is none, its reason."""
    tested = {
        row.system: row.change.difference
        for row in rows
        if isinstance(row.change, ScoreChange) and not isinstance(row.change.p, Missing)
    }
    adjusted = dict(zip(tested, adjusted_p(list(tested.values()), sample.design), strict=True))
    return [
        replace(row, p_adjusted=adjusted.get(row.system, row.change.p)) if isinstance(row.change, ScoreChange) else row
        for row in rows
    ]
