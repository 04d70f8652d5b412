"""Which of several metrics decides: the one place where that is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.types import Kind, MetricIdentity

LEARNED: frozenset[Kind] = frozenset({"with_reference", "without_reference"})

_KINDS: tuple[Kind, ...] = ("people", "with_reference", "without_reference", "strings", "other")
"""How often people agree with them, most often first."""

_LEARNED_FAMILIES = ("comet", "metricx", "bleurt", "bertscore", "yisi", "prism", "unite")
"""Best known first; then whatever there is."""

_STRING_FAMILIES = ("chrf", "chrf++", "bleu")
"""Best first; then whatever there is."""

_CHARACTERS = frozenset({"chrf", "chrf++"})

_WORDS = frozenset({"bleu", "spbleu"})


def primary_of(metrics: Mapping[str, MetricIdentity]) -> str | None:
    """The metric that decides where the user names none: people, else COMET or another learned metric, else strings.

    Args:
        metrics: the metrics that can be compared, in the order of the run.
    """
    return min(metrics, key=lambda name: _rank(metrics[name]), default=None)


def partner_of(metrics: Mapping[str, MetricIdentity], primary: str) -> str | None:
    """The metric that decides together with ``primary``; None where it decides alone.

    Beside a learned metric with a reference one without, else one of another family. Beside chrF BLEU, and the other
    way round: TER counts words as BLEU does.
    """
    kind, family = metrics[primary].traits.kind, metrics[primary].family
    if kind == "strings":
        wanted = _WORDS if family in _CHARACTERS else _CHARACTERS
        others = [name for name, metric in metrics.items() if _is_string(metric) and metric.family in wanted]
        return min(others, key=lambda name: _rank(metrics[name]), default=None)
    if kind not in LEARNED:
        return None
    others = [name for name, metric in metrics.items() if metric.traits.kind in LEARNED and metric.family != family]
    return min(others, key=lambda name: (metrics[name].traits.kind == kind, _rank(metrics[name])), default=None)


def _is_string(metric: MetricIdentity) -> bool:
    return metric.traits.kind == "strings"


def _rank(metric: MetricIdentity) -> tuple[int, int]:
    families = _STRING_FAMILIES if _is_string(metric) else _LEARNED_FAMILIES
    return _KINDS.index(metric.traits.kind), _position(metric.family, families)


def _position(family: str, families: Sequence[str]) -> int:
    return families.index(family) if family in families else len(families)
