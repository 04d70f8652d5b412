"""What kind of judge a metric is, and which of several decides: the one place where that is said.

A kind follows from what the metric observed of itself (its signature, whether it needs a reference) and, for scores
from files, from their name: ``mqm`` is people, ``kiwi`` needs no reference, ``bleurt`` does. ``human = true`` in
``[metric.NAME]`` says it where a name does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from harness.types import MetricIdentity

Kind = Literal["people", "with_reference", "without_reference", "strings", "other"]
"""``with_reference`` and ``without_reference`` are learned metrics; ``strings`` compare words and characters."""

STRINGS = frozenset({"bleu", "chrf", "chrf++", "spbleu", "ter"})

_PEOPLE = frozenset({"human", "people", "mqm", "esa", "esaai", "da", "sqm", "hter", "raters", "ratings"})

_MACHINES = frozenset(
    {"auto", "automqm", "gemba", "llm", "gpt", "gpt4", "claude", "gemini", "metricx", "comet", "xcomet"}
)
"""Beside these, a name such as ``mqm`` is what the machine imitates."""

_NO_REFERENCE = ("kiwi", "qe", "src")

_FAMILIES = ("comet", "metricx", "bleurt", "bertscore", "yisi", "prism", "unite")
"""Learned metrics, as they are found in names; best known first."""

LEARNED: frozenset[Kind] = frozenset({"with_reference", "without_reference"})

STRING_COUPLE = frozenset({"bleu", "spbleu", "chrf", "chrf++"})

_BEST_STRINGS = ("chrf", "chrf++", "bleu")
"""Best first; then whatever there is."""

_ORDER: tuple[Kind, ...] = ("people", "with_reference", "without_reference", "strings", "other")
"""How often people agree with them, most often first."""


def kind_of(metric: MetricIdentity) -> Kind:
    """The kind of a metric; ``other`` where nothing says what it measures."""
    name, signature = metric.name.lower(), metric.signature.lower()
    from_files = from_file(metric)
    if from_files and ("|human:yes" in signature or _by_people(name)):
        return "people"
    if name in STRINGS or "|smooth:" in signature or "|nc:" in signature:
        return "strings"
    said = f"{name}|{_model(signature)}"
    if any(word in said for word in _FAMILIES) or (from_files and _free(name)):
        free = _free(said) if from_files else not metric.needs_reference
        return "without_reference" if free else "with_reference"
    return "other"


def from_file(metric: MetricIdentity) -> bool:
    """Whether its scores were brought in a file, on a scale that nobody knows."""
    return metric.signature.lower().startswith("scores|")


def sees_reference(metric: MetricIdentity) -> bool:
    """Whether a metric compares with a reference; of scores from files, whether their kind does."""
    return metric.needs_reference or kind_of(metric) in {"with_reference", "strings"}


def _by_people(name: str) -> bool:
    words = set(re.split(r"[^a-z0-9]+", name))
    return bool(words & _PEOPLE) and not words & _MACHINES


def _free(text: str) -> bool:
    return "kiwi" in text or bool(set(re.split(r"[^a-z0-9]+", text)) & set(_NO_REFERENCE))


def _model(signature: str) -> str:
    found = re.search(r"\|model:([^|]*)", signature)
    return found[1] if found else ""


def family_of(metric: MetricIdentity) -> str:
    """Metrics of one family share data or architecture, and so their blind spots."""
    if kind_of(metric) == "without_reference":
        return "without_reference"
    said = f"{metric.name}|{_model(metric.signature)}".lower()
    return next((family for family in _FAMILIES if family in said), metric.name)


def primary_of(metrics: Mapping[str, MetricIdentity]) -> str | None:
    """The metric that decides where the user names none: people, else COMET or another learned metric, else strings.

    Args:
        metrics: the metrics that can be compared, in the order of the run.
    """
    return min(metrics, key=lambda name: _rank(metrics[name]), default=None)


def _rank(metric: MetricIdentity) -> tuple[int, int]:
    kind = kind_of(metric)
    if kind == "strings":
        return _ORDER.index(kind), _place(metric.name, _BEST_STRINGS)
    return _ORDER.index(kind), _place(family_of(metric), _FAMILIES)


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else len(names)


def partner_of(metrics: Mapping[str, MetricIdentity], primary: str) -> str | None:
    """The metric that decides together with ``primary``; None where it decides alone.

    Beside a learned metric with a reference one without, else one of another family. Beside chrF BLEU, and the other
    way round: TER counts words as BLEU does.
    """
    kind = kind_of(metrics[primary])
    if kind == "strings":
        kin = [name for name in metrics if metrics[name].name in STRING_COUPLE and name != primary]
        apart = [name for name in kin if _counts_words(metrics[name]) != _counts_words(metrics[primary])]
        return min(apart, key=lambda name: _rank(metrics[name]), default=None)
    if kind not in LEARNED:
        return None
    other = [
        name
        for name, metric in metrics.items()
        if kind_of(metric) in LEARNED and family_of(metric) != family_of(metrics[primary])
    ]
    return min(other, key=lambda name: (kind_of(metrics[name]) == kind, _rank(metrics[name])), default=None)


def _counts_words(metric: MetricIdentity) -> bool:
    return not metric.name.startswith("chrf")
