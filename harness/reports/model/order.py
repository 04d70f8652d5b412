"""Which systems of a pair may be compared, on which metric, and in which order they are listed.

Systems are compared only where that is sound: every segment answered, the same segments scored, the same signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.judges import primary_of
from harness.reports.words.numbers import format_score
from harness.store.runs.frame import finite, scores_of
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import MetricIdentity, Score, SystemName, Translated


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
    """What decides (:func:`~harness.analysis.decision.primary.primary_metric`); only where systems compare."""
    values: Mapping[str, Mapping[SystemName, float]]
    """Per metric, the corpus scores of complete systems."""


def stand(result: PairResult, primary: str | None = None) -> Standing:
    """Work out the standing of one pair.

    Args:
        result: the pair.
        primary: the metric that decides, from the findings; where that is None, or cannot be shown, the one that would
            by its kind.
    """
    complete = frozenset(
        system.name for system in result.systems if all(isinstance(outcome, Translated) for outcome in system.outcomes)
    )
    identities: dict[str, MetricIdentity] = {}
    comparable: set[str] = set()
    values: dict[str, dict[SystemName, float]] = {}
    for metric in result.metrics:
        values[metric] = {}
        found: list[MetricScores] = []
        for system in result.systems:
            scores = scores_of(system, metric)
            if not isinstance(scores, MetricScores):
                continue
            identities.setdefault(metric, scores.identity)
            corpus = finite(scores.corpus)
            if system.name in complete and isinstance(corpus, Score):
                values[metric][system.name] = corpus.value
                found.append(scores)
        if _alike(found):
            comparable.add(metric)
    usable = [metric for metric in result.metrics if values[metric] and metric in comparable]
    shown = primary if primary in usable else primary_of({metric: identities[metric] for metric in usable})
    return Standing(
        systems=_ordered(result, complete, identities, shown, values.get(shown, {}) if shown else {}),
        complete=complete,
        identities=identities,
        comparable=frozenset(comparable),
        primary=shown,
        values=values,
    )


def _alike(found: Sequence[MetricScores]) -> bool:
    return all(
        other.identity == found[0].identity and np.array_equal(other.scored, found[0].scored) for other in found[1:]
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


def ranked(standing: Standing) -> list[SystemResult]:
    """Complete systems with the primary metric, best first."""
    known = standing.values.get(standing.primary or "", {})
    return [system for system in standing.systems if system.name in known]


def worst_articles(result: PairResult, standing: Standing) -> list[int]:
    """Articles by their mean over the ranked systems, worst first; those without a score are left out."""
    metric = standing.primary
    if metric is None:
        return []
    sign = 1 if standing.identities[metric].higher_is_better else -1
    means: dict[int, float] = {}
    for index in range(len(result.corpus.articles)):
        found = []
        for system in ranked(standing):
            scores = scores_of(system, metric)
            score = finite(scores.articles[index]) if isinstance(scores, MetricScores) else scores
            if isinstance(score, Score):
                found.append(sign * score.value)
        if found:
            means[index] = sum(found) / len(found)
    return sorted(means, key=lambda index: (means[index], index))


def best_of(metric: str, values: Mapping[SystemName, float], higher_is_better: bool) -> set[SystemName]:
    """Which systems show the best value, at the precision shown; none where all show the same."""
    shown = {name: format_score(metric, value) for name, value in values.items()}
    if len(set(shown.values())) < 2:
        return set()
    best = (max if higher_is_better else min)(values, key=lambda name: values[name])
    return {name for name, text in shown.items() if text == shown[best]}
