"""What a check is given and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.checks.length_model import LengthModel
from harness.types import LangPair

Span = tuple[int, int]
"""First character and the one after the last, in the translation."""

Where = Span | Literal["whole"]

WHOLE: Literal["whole"] = "whole"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about one translation that a person should look at."""

    kind: str
    """One of :data:`harness.checks.run.KINDS`, e.g. ``number``."""
    where: Where
    why: str
    """A sentence for people."""
    confidence: float
    """Between 0 and 1: how likely it is a fault, by judgement. Not a probability that anything was fitted to."""
    failed: str = ""
    """Of ``not_checked``: the kind that was not looked for. Runs of earlier versions do not say it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One translated segment."""

    source: str
    text: str
    """The translation that is checked."""
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What is the same for all segments of a pair."""

    pair: LangPair
    glossary: Mapping[str, str]
    """Source term to target term; several allowed target terms are separated by ``|``."""
    length_model: LengthModel


Check = Callable[[Item, CheckContext], Iterable[Flag]]
