"""What a gate over so many articles can find, and how many articles a margin needs: said before it matters."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

from harness.analysis.floors import floors_of
from harness.analysis.gate.verdict import LEVEL, Policy
from harness.analysis.primary import gating_metric
from harness.analysis.several.scores import ScoreChange, measure, stored_scores
from harness.analysis.stats.compare import FormulaOf
from harness.analysis.stats.power import (
    FEWEST_UNITS,
    MOST_ARTICLES,
    ArticlesNeeded,
    articles_needed,
    detectable_difference,
)
from harness.analysis.units import units_of
from harness.metrics.load import formulas, traits_of
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.types import Corpus, LangPair, Part, Reason, Traits, Unit, UnitChoice, Unknown
from harness.workspace.file_models import GateFile, WorkspaceFile

SEGMENT_SPREADS = {"bleu": 13.0, "chrf": 8.1, "comet": 0.055}
"""Family of a metric to the standard deviation of the difference of two good systems in one segment, in its points:
the median over 220 pairs of WMT and biomedical systems (COMET: 43 pairs). ``Traits.usual_spread`` is that of an
article, on the same pairs."""

MOST_SYSTEMS = 8
"""Systems compared with each other to learn how far differences spread."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the gate can tell with one metric."""

    metric: str
    margin: float
    unit: Unit
    units: int
    passing: float
    """The margin with which a run that lost nothing passes 80 % of the time, in points of the metric."""
    needed: int
    """Articles (or segments) with which it does so at ``margin``;
    at most :data:`~harness.analysis.stats.power.MOST_ARTICLES`, which then stands for more."""
    measured: bool = True
    """Whether the spread is that of this run, and not what is usual elsewhere."""

    @property
    def loss(self) -> float:
        """The true loss that is called regressed 80 % of the time."""
        return self.margin + self.passing


def reach_from(metric: str, margin: float, unit: Unit, units: int, error: float) -> Reach:
    """The reach of so many units.

    Args:
        metric: column heading.
        margin: the accepted loss.
        unit: what is independent.
        units: at least 2.
        error: standard error of a difference over them, in points of the metric.
    """
    needed = articles_needed(error, units, margin, LEVEL) if margin > 0 else MOST_ARTICLES
    return Reach(metric, margin, unit, units, detectable_difference(error, units, LEVEL), needed)


def reach_of(result: PairResult, metric: str, margin: float, formula: FormulaOf, *, seed: int) -> Reach | None:
    """The reach of the articles of a run, by how far the differences of its systems spread; floors say nothing of it.

    Returns:
        None where there are fewer than two units, or neither two such systems nor a usual spread of the metric.
    """
    floors = floors_of(result)
    systems = [
        (system, scores)
        for system in result.systems
        if system.name not in floors and isinstance(scores := stored_scores(system, metric), MetricScores)
    ][:MOST_SYSTEMS]
    changes: list[tuple[float, ScoreChange]] = []
    for (a, of_a), (b, of_b) in combinations(systems, 2):
        both = of_a.scored & of_b.scored
        if of_a.identity != of_b.identity or not both.any():
            continue
        change = measure(
            result.corpus, a, b, metric, score=formula(metric), mask=both, declared=result.unit, seed=seed, level=LEVEL
        )
        if change.units > 1 and change.difference.standard_error > 0:
            changes.append((change.difference.standard_error, change))
    if changes:
        change = changes[0][1]
        return reach_from(metric, margin, change.unit, change.units, median(error for error, _ in changes))
    identity = result.identities.get(metric)
    return typical_reach(result.corpus, metric, identity.traits, margin, result.unit) if identity else None


def typical_reach(corpus: Corpus, metric: str, traits: Traits, margin: float, declared: UnitChoice) -> Reach | None:
    """The reach of a corpus that nothing has translated yet, by the spread that is usual for the metric.

    Returns:
        None where nothing is known of the metric, or there are fewer than two units.
    """
    unit, starts = units_of(corpus, declared)
    spread = traits.usual_spread if unit == "article" else SEGMENT_SPREADS.get(traits.family)
    if spread is None or isinstance(spread, Unknown) or len(starts) < 2:
        return None
    return replace(reach_from(metric, margin, unit, len(starts), spread / math.sqrt(len(starts))), measured=False)


def reach_lines(run: Run, settings: GateFile) -> list[Reason]:
    """For each pair of a run, what a gate against it can find by the metrics that decide."""
    policy = Policy(margins=settings.margin, deciding=settings.metrics)
    formula = formulas(run.settings)
    lines = []
    for result in run.pairs:
        identities = result.identities
        for metric in deciding_metrics(result, policy):
            traits = identities[metric].traits if metric in identities else Traits()
            reach = reach_of(result, metric, policy.margin(metric, traits), formula, seed=run.seed)
            lines += [_line(result.pair, reach)] if reach else []
    return lines


def typical_lines(corpora: Iterable[Corpus], settings: WorkspaceFile, absent: Collection[str] = ()) -> list[Reason]:
    """The same for corpora that nothing has translated yet.

    Args:
        corpora: the articles.
        settings: which metrics there are and which decide.
        absent: metrics that cannot run on this machine: by default they do not decide.
    """
    policy = Policy(margins=settings.gate.margin)
    traits = {
        name: traits_of(name, settings.metric.get(name, {})) for name in (*settings.metrics, *settings.gate.metrics)
    }
    usual = gating_metric({name: traits[name] for name in settings.metrics if name not in absent})
    unit = settings.statistics.unit
    reaches = [
        (corpus.pair, typical_reach(corpus, name, traits[name], policy.margin(name, traits[name]), unit))
        for corpus in corpora
        for name in settings.gate.metrics or filter(None, [usual])
    ]
    return [_line(pair, reach) for pair, reach in reaches if reach]


def _line(pair: LangPair, reach: Reach) -> Reason:
    said = reach_reason(reach)
    return Reason("gate.measured" if reach.measured else "gate.typical", {"pair": str(pair), "reach": said})


def deciding_metrics(baseline: PairResult, policy: Policy) -> tuple[str, ...]:
    """The metrics that decide: those that were chosen, else the primary one of those with a margin, else all."""
    scored = within(policy, scored_metrics(baseline))
    identities = baseline.identities
    usual = gating_metric({name: identities[name].traits for name in scored})
    return policy.only or within(policy, policy.deciding) or ((usual,) if usual else scored)


def scored_metrics(result: PairResult) -> tuple[str, ...]:
    """Metrics under which any system of a pair has a score."""
    return tuple(
        column
        for column in result.metrics
        if any(isinstance(stored_scores(system, column), MetricScores) for system in result.systems)
    )


def within(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that the policy's tier has."""
    return tuple(name for name in names if not policy.within or name in policy.within)


def reach_reason(reach: Reach) -> Reason:
    """What the corpus can find, and what the margin needs."""
    extent = Part("count", reach.units, reach.unit)
    if reach.units < FEWEST_UNITS:
        power = Reason("gate.finds_nothing", {"extent": extent, "least": FEWEST_UNITS})
    else:
        loss, metric = Part("at_least", reach.loss), Part("metric", reach.metric)
        power = Reason("gate.finds", {"extent": extent, "metric": metric, "loss": loss})
    if reach.margin == 0:
        return Reason("gate.reach_zero", {"found": power})
    needed = Part("needed", ArticlesNeeded(reach.needed, reach.needed, sign_open=False), reach.unit)
    return Reason("gate.reach", {"found": power, "margin": Part("number", reach.margin), "needed": needed})
