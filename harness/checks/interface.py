"""What a check is given and what it gives.

A check looks for one kind of flag. An entry point in ``harness.checks`` names it, and the entry point's name is the
kind: a :data:`Check` is a function of one segment, an :class:`ArticleCheck` sees the segments of a whole article.
Both are pure: the same texts give the same flags, whatever their script. One that raises, or gives a flag of another
kind or outside the text, loses its own flags only: the segment is ``not_checked`` for that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from harness.types import LangPair, Reason

if TYPE_CHECKING:
    from harness.checks.length_model import LengthModel

Span = tuple[int, int]
"""First character and the one after the last, in the translation."""

Where = Span | Literal["whole"]

WHOLE: Literal["whole"] = "whole"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about one translation that a person should look at."""

    kind: str
    """One of :func:`harness.checks.load.kinds`, e.g. ``number``: the name the check is registered by."""
    where: Where
    why: Reason | str
    """What is wrong, as data, or as a sentence for people."""
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
"""Yields the flags of one segment; consumed once."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One segment of an article and its translation."""

    row: int
    """Position among all segments."""
    number: int
    """Position in its article, for people."""
    source: str
    text: str


@runtime_checkable
class ArticleCheck(Protocol):
    """A check that compares the segments of an article with each other."""

    def check_article(self, segments: Sequence[Neighbour], context: CheckContext) -> Iterable[tuple[int, Flag]]:
        """Look at one article.

        Args:
            segments: those with a translation, in order; numbers may have gaps.
            context: the same for all articles.

        Returns:
            ``row`` of a segment and a flag of it.
        """


AnyCheck = Check | ArticleCheck
"""What an entry point in ``harness.checks`` names; a class is made without arguments first."""
