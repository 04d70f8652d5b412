"""What lint says, and where in the native files it points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.corpus.names import file_name
from harness.types import Article, Segment

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing to look at before money is spent."""

    severity: Severity
    """``error``: scores computed from this would be wrong. ``warning``: worth a look."""
    check: str
    """Name of the check, e.g. ``shifted``."""
    where: str
    """``de-en``, ``de-en/news``, or ``de-en/news.en.txt:12``: relative to the references folder."""
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """One text of an article and where it stands."""

    where: str
    text: str


def source_at(article: Article, segment: Segment) -> str:
    """The place of a source text."""
    return f"{article.pair}/{file_name(article.id, article.pair.source_file_tag, 1)}:{segment.line}"


def reference_at(article: Article, segment: Segment, index: int) -> str:
    """The place of a reference; exact where no earlier reference of the segment is missing."""
    return f"{article.pair}/{file_name(article.id, article.pair.target_file_tag, index + 1)}:{segment.line}"


def sides(article: Article) -> Iterator[tuple[str, list[Line]]]:
    """The texts of each file of an article, with its language tag: the source, then each reference."""
    yield article.pair.source, [Line(source_at(article, segment), segment.source) for segment in article.segments]
    for index in range(reference_count(article)):
        yield (
            article.pair.target,
            [
                Line(reference_at(article, segment, index), segment.references[index])
                for segment in article.segments
                if index < len(segment.references)
            ],
        )


def reference_count(article: Article) -> int:
    """Most references any segment has."""
    return max((len(segment.references) for segment in article.segments), default=0)
