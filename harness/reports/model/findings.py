"""The evidence behind a report, weighed from the statistics the run keeps.

Only what may be compared is weighed: complete systems, and columns whose stored statistics give the stored scores.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from harness.analysis.comparison import Evidence, MetricEvidence
from harness.analysis.decision.decide import ReferenceDoubts, decide, reference_doubts
from harness.analysis.decision.policy import policy_of
from harness.analysis.decision.primary import Lead, lead_of
from harness.analysis.decision.recommendation import Decision, DecisionPolicy
from harness.analysis.evidence import weigh
from harness.analysis.judges import LEARNED
from harness.analysis.stats.compare import FormulaOf
from harness.analysis.stats.groups import letters
from harness.analysis.subset import exclusions, shared_parts
from harness.errors import HarnessError
from harness.metrics.load import formulas
from harness.reports.model.order import Standing
from harness.store.runs.frame import finite, scores_of
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import Missing, Reason, Score, SystemName, Translated

MOST_SEGMENT_TESTED = 6
"""With more systems the segment-level tests are left out: they take most of the time, and no verdict rests on them."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two systems that two metrics each separate, in opposite directions."""

    a: SystemName
    b: SystemName
    better: str
    """The metric by which ``a`` is better."""
    worse: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the scores of one pair show."""

    evidence: Evidence
    segment_tests: bool
    unweighed: tuple[str, ...]
    """Columns with scores whose statistics do not give them: another version's, or a metric that is not installed."""
    policy: DecisionPolicy
    """That the run keeps."""
    lead: Lead | Missing
    """What decides by it: reports order and judge by its primary metric."""

    @property
    def primary(self) -> str | None:
        """The metric that tables are ordered by; None where none can be compared."""
        return None if isinstance(self.lead, Missing) else self.lead.metric

    def metric(self, name: str | None) -> MetricEvidence | None:
        """The evidence of one metric; None where there is none."""
        return self.evidence.metrics.get(name) if name else None

    def letters(self, name: str) -> Mapping[str, str]:
        """Tie-group letters by system; none where no pair has a verdict."""
        found = self.metric(name)
        if not found or all(isinstance(item.p_adjusted, Missing) for item in found.comparisons):
            return {}
        return letters(found.groups)


@dataclass(frozen=True, slots=True)
class Shared:
    """The comparison beside the strict one: fewer segments, more systems. Never a corpus score of all segments."""

    result: PairResult
    """Cut down to the shared segments."""
    weighed: Weighed
    of: int
    """Segments of the whole pair."""
    only: SystemName | None = None
    """Where there are several such comparisons: an incomplete system that this one is about."""


@dataclass(frozen=True, slots=True)
class Findings(Weighed):
    """All of it that a report may say of a pair, and what follows."""

    references: ReferenceDoubts
    """What the references themselves cast doubt on."""
    decision: Decision
    """What the policy makes of it, in the systems' own names."""
    shared: tuple[Shared, ...]
    """Systems that have most segments, on those that all of them have; several where no segments are left that all
    have, none where no system lost a segment."""


@lru_cache(maxsize=1)
def find(run: Run) -> tuple[Findings, ...]:
    """The findings of every pair of a run, in order; found once for all formats that are made of it in a row."""
    formula_of = formulas(run.settings)
    policy = policy_of(run.settings)
    return tuple(_find_pair(result, formula_of, run.seed, policy) for result in run.pairs)


def _find_pair(result: PairResult, formula_of: FormulaOf, seed: int, policy: DecisionPolicy) -> Findings:
    shared = find_shared(result, formula_of, seed, policy)
    found = _weigh_pair(result, formula_of, seed, policy)
    references = reference_doubts(result, seed)
    decision = decide(found.evidence, result, policy, references=references)
    return Findings(
        found.evidence,
        found.segment_tests,
        found.unweighed,
        found.policy,
        found.lead,
        references,
        decision,
        shared,
    )


def find_shared(result: PairResult, formula_of: FormulaOf, seed: int, policy: DecisionPolicy) -> tuple[Shared, ...]:
    """The findings on the segments that systems share; none where no system lost one, or nothing is left."""
    parts = shared_parts(result, formula_of)
    lost = {item.system for item in exclusions(result)}
    return tuple(
        Shared(
            part,
            _weigh_pair(part, formula_of, seed, policy),
            len(result.corpus.segments),
            next(system.name for system in part.systems if system.name in lost) if len(parts) > 1 else None,
        )
        for part in parts
    )


def _weigh_pair(result: PairResult, formula_of: FormulaOf, seed: int, policy: DecisionPolicy) -> Weighed:
    """Complete systems, and columns whose stored statistics give the stored scores."""
    systems = [
        system for system in result.systems if all(isinstance(outcome, Translated) for outcome in system.outcomes)
    ]
    scored = [name for name in result.metrics if any(_corpus(system, name) is not None for system in systems)]
    sound = tuple(name for name in scored if _reproduces(systems, name, formula_of))
    usable = tuple(
        replace(
            system,
            scores={
                name: scores_of(system, name)
                if _corpus(system, name) is not None
                else Missing(Reason("decision.no_score"))
                for name in sound
            },
        )
        for system in systems
    )
    few = len(systems) <= MOST_SEGMENT_TESTED
    evidence = weigh(replace(result, metrics=sound, systems=usable), formula_of, seed=seed, segment_tests=few)
    unweighed = tuple(name for name in scored if name not in sound)
    return Weighed(evidence, few, unweighed, policy, lead_of(evidence, policy))


def _corpus(system: SystemResult, metric: str) -> float | None:
    scores = scores_of(system, metric)
    corpus = finite(scores.corpus) if isinstance(scores, MetricScores) else scores
    return corpus.value if isinstance(corpus, Score) else None


def _reproduces(systems: list[SystemResult], metric: str, formula_of: FormulaOf) -> bool:
    """Whether the formula turns the stored statistics into the stored corpus scores.

    A run may come from another version, or from where a metric was installed that is not here; statistics read by the
    wrong formula would give numbers that look right.
    """
    try:
        formula = formula_of(metric)
        for system in systems:
            value = _corpus(system, metric)
            if value is None:
                continue
            table = system.tables[metric]
            again = float(formula(table.rows[table.scored].sum(axis=0)))
            if not np.isclose(again, value, rtol=1e-6, atol=1e-9):
                return False
    except (HarnessError, KeyError, IndexError, ValueError):
        return False
    return True


def disagreements(findings: Findings, standing: Standing) -> list[Disagreement]:
    """Pairs that a surface metric and a COMET each separate, but the other way round."""
    known = [name for name in findings.evidence.metrics if name in standing.comparable]
    found = []
    kinds = {name: findings.evidence.metrics[name].metric.traits.kind for name in known}
    for comet in (name for name in known if kinds[name] in LEARNED):
        for surface in (name for name in known if kinds[name] == "strings"):
            better = _separated(findings.evidence.metrics[surface])
            found += [
                Disagreement(item.a, item.b, comet, surface)
                for item in findings.evidence.metrics[comet].comparisons
                if not item.tied and (item.b, item.a) in better
            ]
    return found


def _separated(metric: MetricEvidence) -> set[tuple[SystemName, SystemName]]:
    """(better, worse) for every pair that a metric separates."""
    return {(item.a, item.b) if item.delta > 0 else (item.b, item.a) for item in metric.comparisons if not item.tied}


def tied_with_leader(metric: MetricEvidence, floors: Collection[SystemName] = ()) -> tuple[list[SystemName], bool]:
    """The leader and all that cannot be told apart from it, best first, no floors; and whether none of them differ."""
    leader, *others = (name for name in metric.ranking if name not in floors)
    top = [leader, *(name for name in others if metric.between(leader, name).tied)]
    return top, all(metric.between(one, other).tied for one, other in combinations(top, 2))
