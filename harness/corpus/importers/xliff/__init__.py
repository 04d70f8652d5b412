"""XLIFF 1.x and 2.x and its dialects: a file is an article, a unit a paragraph, a segment a segment.

A target is a reference if a person has finished it, as far as the file says; all others are counted by reason.
What stands beside a target (``alt-trans``, ``mtc:match``) never is one; with ``alternatives`` it becomes the output of
a recorded system, and so does a machine-made target.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.corpus.importers.codes import Codes, inline_text, text_of_marks
from harness.corpus.importers.markup import COLLAPSED, one_line
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.rows import Row, articles_from_rows, given_name
from harness.corpus.importers.unit_errors import in_unit
from harness.corpus.importers.varieties import fits, tag_of
from harness.corpus.importers.xliff.naming import article_names
from harness.corpus.importers.xliff.states import MACHINE
from harness.corpus.importers.xliff.units import XliffFile, XliffSegment, XliffUnit
from harness.corpus.importers.xliff.walk import Units, survey
from harness.corpus.text import check_text
from harness.errors import DataError
from harness.types import Note

_NO_TEXT = "segments without text, or with codes only, left out"
_PROPOSED = "proposals beside targets left out; --alternatives keeps them as recorded systems"


def read_xliff(request: Request) -> Imported:
    """Read XLIFF 1.0 to 2.2, sdlxliff, mqxliff and mxliff, in the encoding that they declare.

    Raises:
        DataError: no XLIFF, not the languages of the pair, a text that no article can hold, or no segment at all.
        UsageError: lxml is missing.
    """
    notes: list[Note] = []
    files: list[tuple[_Reader, XliffFile]] = []
    for path in request.files:
        reader = _Reader(path, request)
        suitable, unsuitable = reader.files()
        files += [(reader, file) for file in suitable]
        notes += unsuitable
    given = given_name(request.article)
    originals = [(reader.path, file.original) for reader, file in files]
    names = [given] * len(files) if given else article_names(originals)
    articles, renamed = articles_from_rows(_rows(files, names, notes))
    notes += [note for reader in dict.fromkeys(reader for reader, _ in files) for note in reader.notes()]
    if not articles:
        raise DataError(f"{request.files[0]}: nothing to translate", hint="; ".join(str(note.what) for note in notes))
    return Imported(articles, (*notes, *renamed))


def _rows(files: Sequence[tuple[_Reader, XliffFile]], names: Sequence[str], notes: list[Note]) -> Iterator[Row]:
    """The rows of every file that has a segment; the others are noted."""
    for (reader, file), name in zip(files, names, strict=True):
        where = f"{reader.path}:{file.line}"
        rows = reader.rows(file, name)
        first = next((row for row in rows if row.source), None)  # a break before it means nothing
        if first is None:
            notes.append(Note(where, f"the file '{file.original}' has nothing to translate"))
            continue
        yield first
        yield from rows
        yield Row(where, name, "", ())


class _Reader:
    """One XLIFF."""

    def __init__(self, path: Path, request: Request) -> None:
        self.path, self.pair = path, request.pair
        self.alternatives, self.skip_bad = request.alternatives, request.skip_bad
        self.counts: Counter[str] = Counter()
        self.unfit: Counter[str] = Counter()
        self.bad: dict[str, list[int]] = {}
        self._survey = survey(path)

    @cached_property
    def _suitable(self) -> list[XliffFile]:
        return [file for file in self._survey.files if self._suits(file)]

    @cached_property
    def _units(self) -> Units:
        return Units(self._survey, {file.number for file in self._suitable}, self.counts)

    def files(self) -> tuple[list[XliffFile], list[Note]]:
        """The files in the languages of the pair, and notes on the others.

        Raises:
            DataError: no XLIFF, or none in these languages.
        """
        suitable = self._suitable
        others = [file for file in self._survey.files if file not in suitable]
        said = ", ".join(dict.fromkeys(" to ".join(tag or "?" for tag in file.languages) for file in others))
        if not suitable:
            raise DataError(
                f"{self.path}: it translates from {said}, not from {self.pair.source} to {self.pair.target}"
                if others
                else f"{self.path}: no <file>",
                hint="give the languages of the file with --pair" if others else "export it again",
            )
        return suitable, [Note(str(self.path), f"files left out, from {said}: {len(others)}")] if others else []

    def _suits(self, file: XliffFile) -> bool:
        where = f"{self.path}:{file.line}"
        wanted = (self.pair.source, self.pair.target)
        return all(
            not written or fits(tag, tag_of(written, where))
            for tag, written in zip(wanted, file.languages, strict=True)
        )

    def rows(self, file: XliffFile, name: str) -> Iterator[Row]:
        """The segments of a file, with an empty row between paragraphs."""
        codes = Codes(self.counts, natives=file.natives)
        last: object = None
        for unit in self._units.of(file):
            rows = [*self._unit(unit, name, codes)]
            if rows:
                if unit.paragraph is None or unit.paragraph != last:
                    yield Row(f"{self.path}:{unit.line}", name, "", ())
                last = unit.paragraph
                yield from rows

    def _unit(self, unit: XliffUnit, name: str, codes: Codes) -> Iterator[Row]:
        where = f"{self.path}:{unit.line}"
        for segment in unit.segments:
            try:
                row = self._row(unit, segment, name, codes, where)
            except DataError as error:
                if not self.skip_bad:
                    advice = "--skip-bad leaves out such segments"
                    raise in_unit(error, where, unit.id or segment.id, advice) from None
                self.bad.setdefault(str(error).removeprefix(f"{where}: "), []).append(unit.line)
            else:
                if row.source:
                    yield row
                else:
                    self.counts[_NO_TEXT] += 1

    def _row(self, unit: XliffUnit, segment: XliffSegment, name: str, codes: Codes, where: str) -> Row:
        source = self._text(segment.source, unit, codes, where)
        target = self._text(segment.target, unit, codes, where) if segment.target is not None and source else ""
        self.unfit.update({segment.unfit: 1} if target and segment.unfit else {})
        reference = "" if segment.unfit else target
        parts = (unit.id, segment.id) if len(unit.segments) > 1 else (unit.id or segment.id,)
        known = {"id": "-".join(filter(None, parts))} | dict(unit.known)
        outputs = dict(self._outputs(unit, segment, codes, where) if source else {})
        if self.alternatives and target and segment.unfit.startswith(MACHINE):
            outputs.setdefault(segment.engine, target)
        references = (reference,) if reference else ()
        segment_meta = {key: value for key, value in known.items() if value}
        return Row(where, name, source, references, segment=segment_meta, outputs=outputs)

    def _outputs(self, unit: XliffUnit, segment: XliffSegment, codes: Codes, where: str) -> Mapping[str, str]:
        if not self.alternatives:
            self.counts.update({_PROPOSED: len(segment.proposals)} if segment.proposals else {})
            return {}
        best = sorted(segment.proposals, key=lambda proposal: proposal.quality)  # the last of a name is its best
        outputs = {proposal.origin: self._text(proposal.target, unit, codes, where) for proposal in best}
        return {origin: text for origin, text in outputs.items() if text}

    def _text(self, element: Any, unit: XliffUnit, codes: Codes, where: str) -> str:
        written = inline_text(element, codes, where)
        text, collapsed = one_line(text_of_marks(written, unit.marks, codes) if unit.marks else written, element)
        check_text(text, where)
        self.counts.update({COLLAPSED: 1} if collapsed else {})
        return text

    def notes(self) -> Iterator[Note]:
        """What was counted while the files were read."""
        for reason, count in self.unfit.most_common():
            yield Note(str(self.path), f"targets not taken as references ({reason}): {count}")
        for what, count in self.counts.items():
            yield Note(str(self.path), f"{what}: {count}")
        for reason, lines in self.bad.items():
            yield Note(f"{self.path}:{lines[0]}", f"segments left out: {len(lines)}, the first because {reason}")


XLIFF = Importer(
    read_xliff,
    suffixes=("xlf", "xliff", "sdlxliff", "mqxliff", "mxliff", "txlf"),
    recognises=lambda head: head.root == "xliff",
    takes=frozenset({"alternatives", "skip_bad"}),
)
