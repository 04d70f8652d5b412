"""Translation memories: which article a unit belongs to, and units that have the same source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.corpus.importers.model import Request
from harness.corpus.importers.rows import Row
from harness.corpus.importers.spool import Spool
from harness.corpus.text import TextFile, read_lines
from harness.errors import DataError, UsageError, so_many
from harness.types import Note

MOST_REFERENCES: Final = 9
"""Translations of one source that are kept: every one more would be another file of references, nearly empty."""

_BY_PREFIX = "tuid-prefix"
_BY_DOCIDS = "docids"
_PROP = "prop:"
_PREFIX = re.compile(r"(.*[^:/#|._\s-])[:/#|._\s-]+[^:/#|._\s-]+")
RULES: Final = "tuid-prefix, prop:NAME, or docids with --docids FILE"


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """One unit of a memory."""

    article: str
    meta: Mapping[str, str]
    where: str
    source: str
    references: tuple[str, ...]
    segment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Naming:
    """How the units of a file are sorted into articles."""

    rule: str
    """One of :data:`RULES`; empty for one article."""
    name: str
    """Of the one article."""
    docids: TextFile | None = None
    """One line for each unit: ``docid``, or ``domain<TAB>docid``."""

    def article(self, element: Any, number: int, where: str) -> tuple[str, Mapping[str, str]]:
        """Name and metadata of the article of a unit.

        Args:
            element: the ``<tu>``.
            number: of the unit in its file, from 1.
            where: for messages.

        Raises:
            DataError: the unit does not say.
        """
        if self.docids is not None:
            return _docid(self.docids, number)
        if self.rule == _BY_PREFIX:
            return _prefix(element, where), {}
        if self.rule:
            return _property(element, self.rule.removeprefix(_PROP), where), {}
        return self.name, {}

    def finish(self, path: Path, count: int) -> None:
        """Check that there are as many docids as units.

        Raises:
            DataError: there are not.
        """
        if self.docids is not None and count != len(self.docids.lines):
            lines = so_many(len(self.docids.lines), "line")
            raise DataError(
                f"{self.docids.path} has {lines}, but {path} has {so_many(count, 'unit')}",
                hint="the docids file has one line for every <tu>",
            )


def _docid(file: TextFile, number: int) -> tuple[str, Mapping[str, str]]:
    if number > len(file.lines):
        return "-", {}  # the number of units is checked at the end of the file
    domain, _, docid = file.lines[number - 1].rpartition("\t")
    if not docid:
        raise DataError(f"{file.at(number)}: no docid", hint="every line is a docid, or domain, tab, docid")
    return docid, {"domain": domain} if domain else {}


def _prefix(element: Any, where: str) -> str:
    """``news-12:3`` is of the article ``news-12``: the tuid up to its last separator."""
    tuid = " ".join(element.get("tuid", "").split())
    match = _PREFIX.fullmatch(tuid)
    if match is None:
        said = f"the tuid '{tuid}' has no prefix" if tuid else "<tu> has no tuid"
        raise DataError(f"{where}: {said}", hint="with --article-from tuid-prefix, a tuid is ARTICLE:NUMBER")
    return match[1]


def _property(element: Any, name: str, where: str) -> str:
    """The text of ``<prop type="NAME">`` in the unit or in one of its variants."""
    for prop in element.iter("{*}prop"):
        if prop.get("type") == name and (prop.text or "").strip():
            return " ".join(prop.text.split())
    raise DataError(f'{where}: <tu> has no <prop type="{name}">', hint="name another one in --article-from")


def naming_of(request: Request, name: str) -> Naming:
    """How units are sorted into articles.

    Raises:
        UsageError: the rule is unknown, or contradicts another option.
        DataError: the docids file cannot be read.
    """
    rule = request.article_from or (_BY_DOCIDS if request.docids else "")
    if rule and request.article:
        raise UsageError("--article names one article, --article-from makes several", hint="leave one of them out")
    if rule == _BY_DOCIDS:
        if not request.docids or len(request.files) > 1:
            raise UsageError("--article-from docids needs one memory and --docids FILE", hint="one line for each unit")
        return Naming(rule, name, read_lines(request.docids[0], bom="drop", crlf="convert"))
    if request.docids:
        raise UsageError(f"--docids does not go with --article-from {rule}", hint="leave one of them out")
    if rule not in ("", _BY_PREFIX) and not (rule.startswith(_PROP) and rule != _PROP):
        raise UsageError(f"--article-from: unknown rule '{rule}'", hint=f"it is {RULES}")
    return Naming(rule, name)


class Memory:
    """The units of all files, by article and source; their texts are in a temporary file."""

    def __init__(self) -> None:
        self.units = 0
        self._segments = Spool()
        """Of each: where it is, source, references, and what is known of it."""
        self._articles: dict[str, dict[int, int]] = {}
        """Name, digest of a source, and the number of its segment."""
        self._meta: dict[str, Mapping[str, str]] = {}
        self._merged = self._repeated = self._too_many = 0

    def add(self, unit: TranslationUnit) -> None:
        """Take a unit in.

        Raises:
            DataError: its metadata disagree with those of its article.
        """
        self.units += 1
        if self._meta.setdefault(unit.article, unit.meta) != unit.meta:
            raise DataError(f"{unit.where}: two domains in the article '{unit.article}'")
        article = self._articles.setdefault(unit.article, {})
        key = _digest(unit.source)
        number = article.get(key)
        if number is None:
            references = tuple(dict.fromkeys(unit.references))
            kept = (unit.where, unit.source, references[:MOST_REFERENCES], dict(unit.segment))
            article[key] = self._segments.append(kept)
            self._too_many += len(references[MOST_REFERENCES:])
            return
        where, source, present, segment = self._segments.read(number)
        more = tuple(text for text in dict.fromkeys(unit.references) if text not in present)
        self._merged += bool(more)
        self._repeated += not more
        references = present + more
        self._too_many += len(references[MOST_REFERENCES:])
        if "id" in unit.segment:
            ids = " ".join(filter(None, (segment.get("other_ids", ""), unit.segment["id"])))
            segment = {**segment, "other_ids": ids}
        self._segments.replace(number, (where, source, references[:MOST_REFERENCES], segment))

    def notes(self, path: Path) -> Iterator[Note]:
        """What became of units with the same source."""
        counts = (
            (self._merged, "units with the source of an earlier one, whose further references their translations are"),
            (self._repeated, "units that repeat the source and the translation of an earlier one"),
            (self._too_many, f"translations left out, because a segment has at most {MOST_REFERENCES} references"),
        )
        return (Note(str(path), f"{what}: {count}") for count, what in counts if count)

    def rows(self) -> Iterator[Row]:
        """The segments, article by article; what was given is forgotten."""
        for name in list(self._articles):
            meta, numbers = self._meta[name], self._articles.pop(name)
            for number in numbers.values():
                where, source, references, segment = self._segments.read(number)
                yield Row(where, name, source, references, meta, segment=segment)


def _digest(source: str) -> int:
    """128 bits, so that two sources never have the same one."""
    return int.from_bytes(hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "little")
