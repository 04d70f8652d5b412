"""``xliff``: XLIFF 1.2 for post-editing: the best system's text is the target to edit, the others are beside it.

``xliff2`` is the same in XLIFF 2.1. A file for each article, a group for each paragraph, a unit for each segment; its
id is the one the segment was imported with, or else ``article:number``. The target is marked as a suggestion of a
machine, so that no tool takes it for reviewed; the other systems are ``alt-trans`` (2.1: ``mtc:match``) with their name
as the origin. ``xliff-references`` and ``xliff2-references`` have the first reference as a final target instead, and
further references and all systems beside it.

A unit whose system gave no output, or without a reference, has no target; an output that is missing is not beside it.
References are only in the formats that are named after them. Characters that XML cannot hold are U+FFFD.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, xml_text
from harness.store.runs.result import SystemResult
from harness.types import Article, Missing, Note, Segment

_NMTOKEN = re.compile(r"[\w.:·-]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One segment as a unit."""

    id: str
    source: str
    target: str | None
    """None: there is none yet."""
    others: tuple[tuple[str, str], ...]
    """Origin and text of what stands beside the target."""


class XliffExporter:
    """XLIFF 1.2 for post-editing: the best system's text is the target to edit, the others stand beside it."""

    extension = "xliff"
    version: ClassVar[str] = "1.2"
    references: ClassVar[bool] = False
    """Whether the target is the reference, not a system's output."""

    def export(self, handoff: Handoff) -> Exported:
        """The file.

        Raises:
            UsageError: there is no system.
        """
        name = f"XLIFF {self.version}"
        clean, notes = Cleaner(xml_text), []
        chosen = None if self.references else _leading(handoff)
        if chosen is not None and isinstance(handoff.best, Missing):
            notes.append(Note(name, f"no system leads, so the targets are those of {chosen.name}, the first"))
        rows = iter(range(len(handoff.result.corpus.segments)))
        empty = 0
        parts: list[str] = []
        for number, article in enumerate(handoff.result.corpus.articles, start=1):
            units = [
                (segment.paragraph, _unit(handoff, chosen, segment, row, name))
                for segment, row, name in zip(article.segments, rows, _ids(article, self.version), strict=False)
            ]
            empty += sum(unit.target is None for _, unit in units)
            content = "reference" if chosen is None else f"suggestion of {chosen.name}"
            file = _File(str(article.id), number, content, self.references, handoff, clean)
            parts += file.lines_2(units) if self.version == "2.1" else file.lines_1(units)
        if empty:
            notes.append(Note(name, f"units without target: {empty}"))
        pair = handoff.result.pair
        head = (
            f'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0" '
            f'version="2.1" srcLang={quoteattr(pair.source)} trgLang={quoteattr(pair.target)}>'
            if self.version == "2.1"
            else '<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">'
        )
        text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *parts, "</xliff>", ""])
        changed = clean.notes(name, "U+FFFD for what XML cannot hold")
        return Exported({"": text.encode("utf-8")}, (*notes, *changed))


class XliffReferencesExporter(XliffExporter):
    """XLIFF 1.2 with the references as final targets, and all systems beside them."""

    references = True


class Xliff2Exporter(XliffExporter):
    """XLIFF 2.1 for post-editing: the best system's text is the target to edit, the others stand beside it."""

    version = "2.1"


class Xliff2ReferencesExporter(Xliff2Exporter):
    """XLIFF 2.1 with the references as final targets, and all systems beside them."""

    references = True


def _leading(handoff: Handoff) -> SystemResult:
    """The best system, or the first where none leads."""
    for system in handoff.result.systems:
        if isinstance(handoff.best, Missing) or system.name == handoff.best:
            return system
    raise UsageError("no system has output to edit", hint="choose another run")


def _ids(article: Article, version: str) -> Iterator[str]:
    """Ids that no other unit of the file has, and that the version allows."""
    given = [segment.meta.get("id", "") for segment in article.segments]
    counts = Counter(given)
    for segment, name in zip(article.segments, given, strict=True):
        fits = name and counts[name] == 1 and xml_text(name) == name
        fits = fits and (version != "2.1" or _NMTOKEN.fullmatch(name) is not None)
        yield name if fits else str(segment.id)


def _unit(handoff: Handoff, chosen: SystemResult | None, segment: Segment, row: int, name: str) -> Unit:
    outputs = [
        (str(system.name), text)
        for system in handoff.result.systems
        if system is not chosen and (text := handoff.text(system, row)) is not None
    ]
    if chosen is not None:
        return Unit(name, segment.source, handoff.text(chosen, row), tuple(outputs))
    first, *further = segment.references or (None,)
    more = [(f"reference {number}", text) for number, text in enumerate(further, start=2) if text is not None]
    return Unit(name, segment.source, first, (*more, *outputs))


@dataclass(frozen=True, slots=True)
class _File:
    """One article, written."""

    article: str
    number: int
    what: str
    """What its targets are."""
    final: bool
    handoff: Handoff
    clean: Cleaner

    def lines_1(self, units: list[tuple[int, Unit]]) -> Iterator[str]:
        """As XLIFF 1.2."""
        pair = self.handoff.result.pair
        source, target = quoteattr(pair.source), quoteattr(pair.target)
        yield (
            f"<file original={self.quoted(self.article)} source-language={source} target-language={target} "
            'datatype="plaintext" tool-id="harness">'
        )
        yield '<header><tool tool-id="harness" tool-name="translation-harness"/>'
        yield f"<note>{self.text(f'targets: {self.what}; run {self.handoff.run}')}</note></header>"
        yield "<body>"
        state = 'state="final"' if self.final else 'state="needs-review-translation" state-qualifier="mt-suggestion"'
        for paragraph, members in groupby(units, key=lambda member: member[0]):
            yield f'<group id="p{paragraph}" restype="x-paragraph">'
            for _, unit in members:
                approved = ' approved="yes"' if self.final and unit.target is not None else ""
                yield f'<trans-unit id={self.quoted(unit.id)} xml:space="preserve"{approved}>'
                yield f"<source>{self.text(unit.source)}</source>"
                if unit.target is not None:
                    yield f"<target {state}>{self.text(unit.target)}</target>"
                for origin, text in unit.others:
                    kind = "reference" if origin.startswith("reference ") and self.final else "proposal"
                    yield f'<alt-trans origin={self.quoted(origin)} alttranstype="{kind}">'
                    yield f"<target>{self.text(text)}</target></alt-trans>"
                yield "</trans-unit>"
            yield "</group>"
        yield "</body></file>"

    def lines_2(self, units: list[tuple[int, Unit]]) -> Iterator[str]:
        """As XLIFF 2.1."""
        yield f'<file id="f{self.number}" original={self.quoted(self.article)} xml:space="preserve">'
        yield f"<notes><note>{self.text(f'targets: {self.what}; run {self.handoff.run}')}</note></notes>"
        state = 'state="final"' if self.final else 'state="initial" subState="harness:mt-suggestion"'
        for paragraph, members in groupby(units, key=lambda member: member[0]):
            yield f'<group id="p{paragraph}" type="x-harness:paragraph">'
            for _, unit in members:
                yield f"<unit id={self.quoted(unit.id)}>"
                if unit.others:
                    yield "<mtc:matches>"
                    for origin, text in unit.others:
                        kind = "other" if origin.startswith("reference ") and self.final else "mt"
                        yield f'<mtc:match ref="#1" type="{kind}" origin={self.quoted(origin)}>'
                        yield f"<source>{self.text(unit.source)}</source><target>{self.text(text)}</target></mtc:match>"
                    yield "</mtc:matches>"
                yield f'<segment id="1" {state if unit.target is not None else "state=" + quoteattr("initial")}>'
                target = "" if unit.target is None else f"<target>{self.text(unit.target)}</target>"
                yield f"<source>{self.text(unit.source)}</source>{target}</segment></unit>"
            yield "</group>"
        yield "</file>"

    def text(self, text: str) -> str:
        """Between tags; a carriage return survives only as a reference."""
        return escape(self.clean(text), {"\r": "&#13;"})

    def quoted(self, text: str) -> str:
        """As the value of an attribute."""
        return quoteattr(self.clean(text), {"\r": "&#13;"})
