"""What a file of scores says, row by row, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spot:
    """What a row is of, as its file says it."""

    system: str
    pair: str
    """Empty: not said."""
    article: str
    """Empty where the number is a line."""
    number: int
    """1-based: the segment of the article, or the line of the file the scores were made for; 0: not said."""
    sources: tuple[str, ...] = ()
    """Source texts by which the segment of the article is found where no number says it: its own and those around."""
    index: int = 0
    """Which of them is its own, from 0."""


@dataclass(frozen=True, slots=True)
class MarkedError:
    """An error that somebody marked."""

    at: tuple[int, int] | Literal["missing"]
    """First character, from 0, and the one after the last; ``missing`` where the error is something left out."""
    severity: str
    """In lower case, as the tool calls it: minor, major, critical, neutral."""
    category: str
    """With ``/`` between its levels; empty where none was given."""
    in_source: bool = False
    """Whether the characters are those of the source."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating of one segment."""

    spot: Spot
    score: float | None
    """None: the row says that the segment was not rated."""
    where: str
    """``file:line`` of it, for messages."""
    rater: tuple[str, ...] = ()
    """What tells several ratings of a segment apart."""
    spans: tuple[MarkedError, ...] = ()


@dataclass(frozen=True, slots=True)
class AttentionCheck:
    """What a person scored a translation and a damaged copy of it, shown side by side."""

    rater: str
    damaged: float
    original: float


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file of another tool, read."""

    format: str
    rows: tuple[Rated, ...]
    by_line: bool
    """Whether rows name lines, not articles and segments."""
    human: bool
    """Whether only people rate in this format."""
    counts_errors: bool = False
    """Whether lower is better, because the scores are weighted errors."""
    lengths: Mapping[str, int] = field(default_factory=dict)
    """System to its number of rows, where they are all lines of a file in order."""
    skipped: str = ""
    """What was left out by a rule of the format, and how much of it; empty where nothing was."""
    checks: tuple[AttentionCheck, ...] = ()
    """Of everybody who answered any."""
    chosen: bool = False
    """Whether the articles were chosen because metrics and systems disagree on them."""
    read: bytes = b""
    """The content of files that were read beside the one that was named; empty where there were none."""
