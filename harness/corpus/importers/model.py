"""What importers take and give: a :class:`Request` in, an :class:`Imported` out.

An importer is registered in ``harness.importers``: a function, which then reads files whose suffix is its name, or an
:class:`Importer`, which also says by what else its files are known and which options it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from harness.corpus.importers.head import Head
from harness.types import LangPair, Note

Translate = Callable[[Sequence[str]], Sequence[str]]
"""Sentences of the source to rough translations, as many, or none at all."""


def no_translation(_: Sequence[str]) -> Sequence[str]:
    """The default of :attr:`Request.translate`: no rough translation, whatever the sentences."""
    return ()


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
    columns: Mapping[str, str] = field(default_factory=dict)
    """What is in which column of a table: ``{"source": "Deutsch"}``; empty to take it from the header."""
    header: bool = True
    """Whether the first row of a table names the columns."""
    sheet: str = ""
    """The sheet of a workbook; empty for the only one that is visible."""
    article_from: str = ""
    """How units are sorted into articles: ``tuid-prefix``, ``prop:NAME`` or ``docids``; empty for one per file."""
    skip_bad: bool = False
    """Leave out units that break a rule, with their number in a note, instead of refusing the file."""
    alternatives: bool = False
    """Read the proposals beside a target (``alt-trans``, ``mtc:match``) as outputs of recorded systems."""

    translate: Translate = no_translation
    """Translates sentences roughly, so that whole documents can be aligned by what they say."""

    def given(self) -> tuple[str, ...]:
        """The options that differ from their defaults, by field: what not every format takes."""
        default = Request(self.files, self.pair, self.article)
        return tuple(name for name in OPTIONS if getattr(self, name) != getattr(default, name))


OPTIONS: Final[Mapping[str, str]] = {
    "docids": "--docids",
    "drop_chrome": "--drop-chrome",
    "columns": "--columns",
    "header": "--no-header",
    "sheet": "--sheet",
    "article_from": "--article-from",
    "skip_bad": "--skip-bad",
    "alternatives": "--alternatives",
    "translate": "--align-with",
}
"""Fields of :class:`Request` that belong to some formats only, and their flags."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of an imported file; in a format that has no lines of text, the number of the segment in the file."""

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
    meta: Mapping[str, str] = field(default_factory=dict)
    """What the file says of the segment: ``id``, notes, columns nobody asked for. No value is empty."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """What systems made of it, by name as the file has it; a system that is absent has no output for it."""


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """One article as the native form will hold it."""

    id: str
    meta: Mapping[str, str]
    paragraphs: tuple[Sequence[ImportedSegment], ...]
    """No paragraph is empty. The segments of a long one are read from a file: go through it once, and keep none."""
    where: str
    """File, or ``file:line``, where the article began."""

    def segments(self) -> Iterator[ImportedSegment]:
        """Those of all paragraphs, in order."""
        for paragraph in self.paragraphs:
            yield from paragraph


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


def _known_by_suffix(_: Head) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Importer:
    """A reader, and what tells its files from others. Calling it reads."""

    read: Reader
    suffixes: tuple[str, ...] = ()
    """Without the dot, in lower case: files with them are taken for this format where the content says nothing."""
    recognises: Callable[[Head], bool] = _known_by_suffix
    """Whether the beginning of a file leaves no doubt. Content goes before suffix."""
    takes: frozenset[str] = frozenset()
    """Which of :data:`OPTIONS` it knows; others are refused."""
    separate: bool = False
    """Whether source and translations are files of their own: then files are sorted into articles by their names."""

    def __call__(self, request: Request) -> Imported:
        """Read the files; see :class:`Reader`."""
        return self.read(request)
