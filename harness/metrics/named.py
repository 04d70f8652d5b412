"""What a metric is where only its name says so: scores that people bring in files, and the runs of earlier versions.

``mqm`` is people, ``kiwi`` needs no reference, ``bleurt`` does; ``human = true`` in ``[metric.NAME]`` says what a name
does not. Every metric that computes its scores gives its :class:`~harness.types.Traits` itself.
"""

from __future__ import annotations

import re
from dataclasses import replace

from harness.types import Decimals, Kind, MetricIdentity, Traits
from harness.types.metrics import NOT_MEASURED

_STRINGS = frozenset({"bleu", "chrf", "chrf++", "spbleu", "ter"})

_PEOPLE = frozenset({"human", "people", "mqm", "esa", "esaai", "da", "sqm", "hter", "raters", "ratings"})

_MACHINES = frozenset(
    {"auto", "automqm", "gemba", "llm", "gpt", "gpt4", "claude", "gemini", "metricx", "comet", "xcomet"}
)
"""Beside these, a name such as ``mqm`` is what the machine imitates."""

_NO_REFERENCE = frozenset({"kiwi", "qe", "src"})

LEARNED_FAMILIES = ("comet", "metricx", "bleurt", "bertscore", "yisi", "prism", "unite")
"""Families of learned metrics, as they are found in names; best known first."""

_MARGINS = {"bleu": 1.4, "chrf": 1.0, "comet": 0.0035}

_SPREADS = {"bleu": 6.6, "chrf": 4.2, "comet": 0.026}


def with_traits(identity: MetricIdentity) -> MetricIdentity:
    """An identity that was kept without its traits, with those that its name and signature tell."""
    return replace(identity, traits=traits_by_name(identity))


def traits_by_name(identity: MetricIdentity) -> Traits:
    """What name and signature tell."""
    name, signature = identity.name.lower(), identity.signature.lower()
    brought = signature.startswith("scores|")
    model = re.search(r"\|model:([^|]*)", signature)
    told = f"{name}|{model[1] if model else ''}"
    return Traits(
        kind=_kind(name, signature, told, needs_reference=identity.needs_reference, brought=brought),
        family=next(
            (family for family in LEARNED_FAMILIES if family in told), name if identity.name in _STRINGS else ""
        ),
        decimals=_decimals(name),
        usual_margin=_MARGINS.get(identity.name, 0.0),
        usual_spread=_SPREADS.get(identity.name, NOT_MEASURED),
        brought=brought,
    )


def _kind(name: str, signature: str, told: str, *, needs_reference: bool, brought: bool) -> Kind:
    if brought and ("|human:yes" in signature or _by_people(name)):
        return "people"
    if name in _STRINGS or "|smooth:" in signature or "|nc:" in signature:
        return "strings"
    if any(family in told for family in LEARNED_FAMILIES) or (brought and _without_reference(name)):
        free = _without_reference(told) if brought else not needs_reference
        return "without_reference" if free else "with_reference"
    return "other"


def _by_people(name: str) -> bool:
    words = _words(name)
    return bool(words & _PEOPLE) and not words & _MACHINES


def _without_reference(text: str) -> bool:
    return "kiwi" in text or bool(_words(text) & _NO_REFERENCE)


def _words(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text))


def _decimals(name: str) -> Decimals:
    if "comet" in name:
        return 4
    return 1 if name in _STRINGS else "significant"
