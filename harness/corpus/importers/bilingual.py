"""The bilingual article: target-language text, a line ``<--``, then the source article.

Blocks between empty lines are paragraphs, every line of a block is a segment. Where there are as many target
segments as source segments they go one to one; a single target segment is the translation of the headline; any
other number is aligned sentence by sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.corpus.importers.aligned import Passage, align_passages
from harness.corpus.importers.chrome import chrome_at_edges
from harness.corpus.importers.model import Imported, ImportedArticle, ImportedSegment, Importer, Request
from harness.corpus.importers.rows import default_name, given_name
from harness.corpus.names import id_of
from harness.corpus.text import TextFile, is_blank, read_lines
from harness.errors import DataError, UsageError
from harness.types import Note

SEPARATOR = "<--"


def is_separator(line: str) -> bool:
    """Whether a line parts target and source."""
    return line.strip() == SEPARATOR


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


_Paragraph = tuple[_Line, ...]


def read_bilingual(request: Request) -> Imported:
    """Read bilingual articles, one from each file: the translation, a line ``<--``, the source.

    Web chrome at the beginning or end of either text is noted; it is left out only on request.
    """
    given = given_name(request.article)
    if given and len(request.files) > 1:
        raise UsageError(f"--article names one article, but there are {len(request.files)} files")
    articles: list[ImportedArticle] = []
    notes: list[Note] = []
    for path in request.files:
        name = given or default_name(path, request.pair)
        article_id = id_of(name)
        if article_id != name:
            notes.append(Note(str(path), f"the article is named '{article_id}'"))
        paragraphs, notes_of_file = _read_file(path, request)
        articles.append(ImportedArticle(article_id, {}, paragraphs, str(path)))
        notes += notes_of_file
    return Imported(tuple(articles), tuple(notes))


def _read_file(path: Path, request: Request) -> tuple[tuple[tuple[ImportedSegment, ...], ...], list[Note]]:
    file = read_lines(path, bom="drop", crlf="convert")
    notes = list(file.notes)
    separators = [number for number, line in enumerate(file.lines, start=1) if is_separator(line)]
    if len(separators) != 1:
        where = f"lines {', '.join(map(str, separators))}" if separators else "none"
        raise DataError(
            f"{path}: one line '{SEPARATOR}' must stand between target and source text; found: {where}",
            hint=f"write the translation first, then a line {SEPARATOR}, then the source article",
        )
    cut = separators[0]
    target = _paragraphs(file, range(1, cut), notes)
    source = _paragraphs(file, range(cut + 1, len(file.lines) + 1), notes)
    if not source:
        raise DataError(f"{file.at(cut)}: no source article below '{SEPARATOR}'", hint="put the source text below it")
    chrome = [*_chrome_notes(file, target, "target", drop=request.drop_chrome)]
    chrome += _chrome_notes(file, source, "source", drop=request.drop_chrome)
    notes += chrome
    if request.drop_chrome:
        target, source = _without_chrome(target), _without_chrome(source)
    counts = [sum(map(len, side)) for side in (source, target)]
    if counts[0] != counts[1] > 1:
        aligned, notes_of_beads = align_passages(request, path, path, _passages(file, source), _passages(file, target))
        return aligned, [*notes, *notes_of_beads]
    references = _align(file, target, source, notes)
    paragraphs = tuple(
        tuple(
            ImportedSegment(
                line.text,
                {1: references[line.number]} if line.number in references else {},
                file.at(line.number),
            )
            for line in paragraph
        )
        for paragraph in source
    )
    return paragraphs, notes


def _paragraphs(file: TextFile, numbers: range, notes: list[Note]) -> list[_Paragraph]:
    paragraphs: list[list[_Line]] = [[]]
    for number in numbers:
        text = file.lines[number - 1]
        if not is_blank(text):
            paragraphs[-1].append(_Line(number, text))
            continue
        if text:
            notes.append(Note(file.at(number), "a line of white space, read as an empty line"))
        if paragraphs[-1]:
            paragraphs.append([])
    return [tuple(paragraph) for paragraph in paragraphs if paragraph]


def _texts(paragraphs: Sequence[_Paragraph]) -> list[list[str]]:
    return [[line.text for line in paragraph] for paragraph in paragraphs]


def _chrome_notes(file: TextFile, paragraphs: Sequence[_Paragraph], side: str, *, drop: bool) -> list[Note]:
    fate = "dropped" if drop else "kept (to leave it out, add --drop-chrome)"
    return [
        Note(file.at(line.number), f"web chrome in the {side} text, {fate}: '{line.text}'")
        for index in sorted(chrome_at_edges(_texts(paragraphs)))
        for line in paragraphs[index]
    ]


def _without_chrome(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    chrome = chrome_at_edges(_texts(paragraphs))
    return [paragraph for index, paragraph in enumerate(paragraphs) if index not in chrome]


def _align(
    file: TextFile,
    target: Sequence[_Paragraph],
    source: Sequence[_Paragraph],
    notes: list[Note],
) -> dict[int, str]:
    """Source line number to its translation; there are as many on both sides, or at most one translation."""
    targets = [line for paragraph in target for line in paragraph]
    sources = [line for paragraph in source for line in paragraph]
    if not targets:
        notes.append(Note(str(file.path), f"no translation above '{SEPARATOR}': no segment has a reference"))
        return {}
    if len(targets) == len(sources):
        if [len(paragraph) for paragraph in target] != [len(paragraph) for paragraph in source]:
            notes.append(
                Note(
                    str(file.path),
                    "paragraphs differ; segments are paired one to one, with the paragraphs of the source",
                )
            )
        return {line.number: translation.text for line, translation in zip(sources, targets, strict=True)}
    text = f"one target segment for {len(sources)} source segments: read as the translation of the headline"
    notes.append(Note(file.at(targets[0].number), text))
    return {sources[0].number: targets[0].text}


def _passages(file: TextFile, paragraphs: Sequence[_Paragraph]) -> list[Passage]:
    return [
        Passage(file.at(line.number), number, line.text.strip())
        for number, paragraph in enumerate(paragraphs)
        for line in paragraph
    ]


BILINGUAL = Importer(read_bilingual, takes=frozenset({"drop_chrome", "translate"}))
