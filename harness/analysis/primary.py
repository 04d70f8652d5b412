"""The primary metric. The only definition of it: what decides, what decides with it, and what tables are ordered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.metrics.named import LEARNED_FAMILIES
from harness.types import Kind, MetricIdentity, Missing, Part, Reason, Traits

if TYPE_CHECKING:
    from harness.analysis.comparison import Evidence, MetricEvidence
    from harness.types import SystemName

LEARNED: frozenset[Kind] = frozenset({"with_reference", "without_reference"})

_KINDS: tuple[Kind, ...] = ("people", "with_reference", "without_reference", "strings", "judge", "other")
"""How often people agree with them, most often first."""

_STRING_FAMILIES = ("chrf", "chrf++", "bleu")
"""Best first; then whatever there is."""

_CHARACTERS = frozenset({"chrf", "chrf++"})

_WORDS = frozenset({"bleu", "spbleu"})


def primary_metric(evidence: Evidence, named: str) -> str | Missing:
    """What decides: the metric somebody names, else people's ratings of all systems, else what people agree with most.

    Args:
        evidence: of the pair.
        named: by the user's policy; empty where it names none.
    """
    known = list(evidence.metrics)
    if named:
        if named in known:
            return named
        if named in evidence.unweighed:
            return evidence.unweighed[named]
        why = Reason("decision.nobody", {"metric": Part("metric", named)})
        return Missing(why, Reason("decision.score_with", {"metric": named}))
    if not known and evidence.unweighed:
        return next(iter(evidence.unweighed.values()))
    everybody = {name for scores in evidence.metrics.values() for name in scores.ranking} - evidence.floors
    able = {
        name: scores.metric
        for name, scores in evidence.metrics.items()
        if scores.metric.traits.kind != "people" or _can_decide(scores, everybody)
    }
    chosen = primary_of(able or {name: scores.metric for name, scores in evidence.metrics.items()})
    return Missing(Reason("decision.nothing"), Reason("decision.run_again")) if chosen is None else chosen


def _can_decide(scores: MetricEvidence, everybody: set[SystemName]) -> bool:
    """Whether people rated all systems but the floors, on enough articles for a verdict."""
    return everybody.issubset(scores.ranking) and not any(isinstance(item.p, Missing) for item in scores.comparisons)


def ordering_metric(decides: str | Missing, side_by_side: Mapping[str, MetricIdentity]) -> str | None:
    """What tables are ordered by: what decides; where its scores cannot stand side by side, what would by its kind.

    Args:
        decides: from :func:`primary_metric`.
        side_by_side: the metrics whose scores may stand in one column, in the order of the run.

    Returns:
        None where there are none.
    """
    return decides if isinstance(decides, str) and decides in side_by_side else primary_of(side_by_side)


def primary_of(metrics: Mapping[str, MetricIdentity]) -> str | None:
    """The metric that decides where the user names none: people, else COMET or another learned metric, else strings.

    Args:
        metrics: the metrics that can be compared, in the order of the run.
    """
    return _best({name: metric.traits for name, metric in metrics.items()})


def gating_metric(metrics: Mapping[str, Traits]) -> str | None:
    """The metric by which the gate judges where the user names none: the primary one of those with a usual margin.

    Args:
        metrics: column to what it is, in the order of the run.
    """
    return _best({name: traits for name, traits in metrics.items() if traits.usual_margin > 0})


def partner_of(metrics: Mapping[str, MetricIdentity], primary: str) -> str | None:
    """The metric that decides together with ``primary``; None where it decides alone.

    Beside a learned metric with a reference one without, else one of another family. Beside chrF BLEU, and the other
    way round: TER counts words as BLEU does.
    """
    kind, family = metrics[primary].traits.kind, metrics[primary].family
    if kind == "strings":
        wanted = _WORDS if family in _CHARACTERS else _CHARACTERS
        others = [name for name, metric in metrics.items() if _is_string(metric) and metric.family in wanted]
        return _best({name: metrics[name].traits for name in others})
    if kind not in LEARNED:
        return None
    others = [name for name, metric in metrics.items() if metric.traits.kind in LEARNED and metric.family != family]
    return min(
        others, key=lambda name: (metrics[name].traits.kind == kind, _rank(name, metrics[name].traits)), default=None
    )


def _is_string(metric: MetricIdentity) -> bool:
    return metric.traits.kind == "strings"


def _best(metrics: Mapping[str, Traits]) -> str | None:
    return min(metrics, key=lambda name: _rank(name, metrics[name]), default=None)


def _rank(name: str, traits: Traits) -> tuple[int, int]:
    families = _STRING_FAMILIES if traits.kind == "strings" else LEARNED_FAMILIES
    return _KINDS.index(traits.kind), _position(traits.family_of(name), families)


def _position(family: str, families: Sequence[str]) -> int:
    return families.index(family) if family in families else len(families)
