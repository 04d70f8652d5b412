"""In which order the systems of a pair are listed, by which metric, and which columns may be ranked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.eligible import is_complete, scores_with_corpus, side_by_side
from harness.analysis.primary import ordering_metric
from harness.store.runs.frame import finite, scores_of
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import SIGNIFICANT, Decimals, MetricIdentity, Missing, Reason, Score, SystemName

NO_SCORE = Missing(Reason("unscored.not_asked"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the systems of one pair stand, before anything is formatted."""

    systems: tuple[SystemResult, ...]
    """Complete ones by primary metric, those without it after them, then the incomplete; else in the run's order."""
    complete: frozenset[SystemName]
    """Systems that answered every segment; an empty answer is one."""
    identities: Mapping[str, MetricIdentity]
    """Per metric, as the first system observed it; metrics that ran for none are left out."""
    comparable: frozenset[str]
    """Metrics whose signature and scored segments are the same for every complete system that has them."""
    primary: str | None
    """What tables are ordered by (:func:`~harness.analysis.primary.ordering_metric`); only where systems compare."""
    values: Mapping[str, Mapping[SystemName, float]]
    """Per metric, the corpus scores of complete systems."""

    def decimals(self, metric: str) -> Decimals:
        """How many are shown of a metric's scores."""
        return self.identities[metric].decimals if metric in self.identities else SIGNIFICANT

    @property
    def ranked(self) -> list[SystemResult]:
        """Complete systems with the primary metric, best first."""
        known = self.values.get(self.primary or "", {})
        return [system for system in self.systems if system.name in known]

    def contenders(self, floors: Collection[SystemName]) -> list[SystemResult]:
        """The ranked systems without floors, best first."""
        return [system for system in self.ranked if system.name not in floors]


def rank_systems(result: PairResult, decides: str | Missing) -> Standing:
    """Work out the standing of one pair.

    Args:
        result: the pair.
        decides: the metric that decides, or why none does; where it cannot be shown, the one that would by its kind.
    """
    complete = frozenset(system.name for system in result.systems if is_complete(system))
    identities = result.identities
    comparable: set[str] = set()
    values: dict[str, dict[SystemName, float]] = {}
    for metric in result.metrics:
        scored = {
            system.name: scores
            for system in result.systems
            if system.name in complete and isinstance(scores := scores_with_corpus(system, metric), MetricScores)
        }
        values[metric] = {
            name: scores.corpus.value for name, scores in scored.items() if isinstance(scores.corpus, Score)
        }
        if side_by_side(list(scored.values())):
            comparable.add(metric)
    usable = {metric: identities[metric] for metric in result.metrics if values[metric] and metric in comparable}
    shown = ordering_metric(decides, usable)
    return Standing(
        systems=_ordered(result, complete, identities, shown, values.get(shown, {}) if shown else {}),
        complete=complete,
        identities=identities,
        comparable=frozenset(comparable),
        primary=shown,
        values=values,
    )


def _ordered(
    result: PairResult,
    complete: frozenset[SystemName],
    identities: Mapping[str, MetricIdentity],
    primary: str | None,
    values: Mapping[SystemName, float],
) -> tuple[SystemResult, ...]:
    sign = -1 if primary and identities[primary].higher_is_better else 1

    def key(system: SystemResult) -> tuple[bool, bool, float]:
        value = values.get(system.name)
        return (system.name not in complete, value is None, 0.0 if value is None else sign * value)

    return tuple(sorted(result.systems, key=key))


def worst_articles(result: PairResult, standing: Standing) -> list[int]:
    """Articles by their mean over the ranked systems, worst first; those without a score are left out."""
    metric = standing.primary
    if metric is None:
        return []
    sign = 1 if standing.identities[metric].higher_is_better else -1
    means: dict[int, float] = {}
    for index in range(len(result.corpus.articles)):
        scored = []
        for system in standing.ranked:
            scores = scores_of(system, metric)
            score = finite(scores.articles[index]) if isinstance(scores, MetricScores) else scores
            if isinstance(score, Score):
                scored.append(sign * score.value)
        if scored:
            means[index] = sum(scored) / len(scored)
    return sorted(means, key=lambda index: (means[index], index))


def worst_articles_of(system: SystemResult, standing: Standing) -> list[tuple[int, float]]:
    """Articles and one system's scores under the primary metric, worst first; those without a score are left out."""
    scores = _primary_scores(system, standing)
    return [] if isinstance(scores, Missing) else _from_worst(scores.articles, scores.identity)


def worst_segments_of(system: SystemResult, standing: Standing) -> list[tuple[int, float]]:
    """The same of segments, by row."""
    scores = _primary_scores(system, standing)
    if isinstance(scores, Missing):
        return []
    known = zip(scores.segments.tolist(), scores.scored.tolist(), strict=True)
    return _from_worst([Score(value, 1) if scored else NO_SCORE for value, scored in known], scores.identity)


def _primary_scores(system: SystemResult, standing: Standing) -> MetricScores | Missing:
    return scores_of(system, standing.primary) if standing.primary else NO_SCORE


def _from_worst(scores: Sequence[Score | Missing], identity: MetricIdentity) -> list[tuple[int, float]]:
    sign = 1 if identity.higher_is_better else -1
    known = [(index, score.value) for index, found in enumerate(scores) if isinstance(score := finite(found), Score)]
    return sorted(known, key=lambda item: (sign * item[1], item[0]))
