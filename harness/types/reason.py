"""Reasons as data: why something is so, or is not there, before it is words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Decimals = int | Literal["significant"]
"""How many are shown of a score; ``significant``: as many as three significant digits need."""

SIGNIFICANT: Final = "significant"

PartKind = Literal[
    "system", "metric", "difference", "range", "score", "p", "count", "units", "needed", "money", "seconds", "percent",
    "list", "message", "number", "at_least", "margin_option", "first", "series", "choices", "tenths", "hundredths",
    "clause", "foreign", "kind", "language",
]  # fmt: skip
"""What a part of a sentence is; :data:`harness.reports.words.reasons.WORDED` says how each is written."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something a sentence names, before it is words: a system, a metric, a number with what it is a number of."""

    kind: PartKind
    value: Any
    """A name, a number, or for a list, the first of many and a series their members; for money also an amount and a
    currency, as a run keeps it."""
    of: str = ""
    """The noun of a count, the unit of what is needed, ``and`` or ``or`` of a list, what
    stands between the members of a series."""
    decimals: Decimals = SIGNIFICANT
    """Of a score, a difference or a range."""


Fields = Mapping[str, "str | int | float | Part | Reason"]
"""What the sentence of a reason names, by the names that its message has for it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so, or is not there: data, which only :func:`harness.reports.words.reasons.sentence` says."""

    key: str
    """Of the message, without ``.one`` and ``.other``, which field ``n`` chooses."""
    fields: Fields = field(default_factory=dict, hash=False)
    """Text stands as it is: somebody's own words."""
    kept: str = field(default="", compare=False)
    """The English it was kept with in a run: said where the messages in use do not have the key, or not its fields."""


def told(text: str) -> Reason:
    """A reason in somebody else's words: an error's, an old file's, a plug-in's."""
    return Reason("told", {"text": text})


NO_FIX: Final = Reason("no_fix")
"""Nothing can be done about it, or nothing that is known."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An amount that is not known: never 0."""

    why: Reason


@dataclass(frozen=True, slots=True)
class Missing:
    """A score that cannot be had."""

    why: Reason
    fix: Reason = NO_FIX
    """The line that mends it: a command, or what to change and where."""
