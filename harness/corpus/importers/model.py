"""What importers take and give. An importer is one function from a :class:`Request` to an :class:`Imported`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.types import LangPair, Note


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked to import."""

    files: tuple[Path, ...]
    pair: LangPair
    article: str = ""
    """Name for the one article there is; empty to take it from the data or the file name."""
    docids: tuple[Path, ...] = ()
    """At most one docids file, for parallel text."""
    drop_chrome: bool = False
    """Leave out what looks like web chrome instead of only reporting it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of an imported file."""

    file: str
    """Its name, without the folder."""
    line: int
    """1-based."""
    count: int
    """Lines of the file."""


@dataclass(frozen=True, slots=True)
class ImportedSegment:
    """One segment and where it came from."""

    source: str
    """Never empty."""
    references: Mapping[int, str]
    """By number of the reference file, from 1; a number that is absent has no reference. Never empty strings."""
    where: str
    """``file:line`` of the original, for messages."""
    place: Place | None = None
    """Its line, where the format numbers segments by lines."""


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """One article as the native form will hold it."""

    id: str
    meta: Mapping[str, str]
    paragraphs: tuple[tuple[ImportedSegment, ...], ...]
    """No paragraph is empty."""
    where: str
    """File, or ``file:line``, where the article began."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Everything one import read."""

    articles: tuple[ImportedArticle, ...]
    notes: tuple[Note, ...] = field(default=())


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, request: Request) -> Imported:
        """Read all files of the request.

        Raises:
            DataError: with file and line of the original.
            UsageError: the request does not suit the format.
        """
        ...
