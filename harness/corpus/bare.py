"""Bare text files, as ``harness score`` takes them: no workspace, every line is a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.corpus.docids import DocumentRun, read_docids
from harness.corpus.importers.foreign import refuse_foreign
from harness.corpus.importers.head import read_head
from harness.corpus.text import TextFile, is_blank, read_lines
from harness.errors import DataError, so_many
from harness.types import Article, ArticleId, Corpus, LangPair, Note, Segment, SegmentId

WHOLE_FILE = "all"
"""The id of the one article there is without docids."""


@dataclass(frozen=True, slots=True)
class HypothesisFile:
    """One system's output."""

    texts: tuple[str, ...]
    """One for each segment of the corpus."""
    notes: tuple[Note, ...]
    """What was kept or counted."""
    recut: bool = False
    """Whether the segments are not the lines of the file, but pieces cut along the references."""


def corpus_from_files(
    pair: LangPair,
    source: Path,
    references: Sequence[Path],
    docids: Path | None,
    *,
    independent: bool = False,
) -> tuple[Corpus, tuple[Note, ...]]:
    """Read source, references and docids; row ``n`` of everything computed from the corpus is line ``n + 1``.

    Args:
        pair: The language pair; nothing in the files says it.
        source: The source text.
        references: Any number of reference files. An empty line, or one of white space, is no reference.
        docids: ``docid`` or ``domain<TAB>docid`` per line; without it the whole file is one article.
        independent: The segments were declared independent, so that articles are not missed.

    Returns:
        The corpus, with one segment for every line, empty ones too; and what was kept, counted or is missing.

    Raises:
        DataError: a file breaks a rule, or two files differ in their number of lines.
    """
    source_file = _read(source)
    reference_files = [_read(path) for path in references]
    for file in reference_files:
        _same_count(file, len(source_file.lines), str(source))
    notes = [note for file in (source_file, *reference_files) for note in file.notes]
    notes += _blank_lines(source_file, "empty source lines, kept as segments")
    for file in reference_files:
        notes += _blank_lines(file, "empty lines: these segments have no reference in this file")
    if docids is None:
        text = "no docids, so the whole file is one article; statistics over articles need --docids"
        if not independent:
            notes.append(Note(str(source), text))
        runs: tuple[DocumentRun, ...] = (DocumentRun(WHOLE_FILE, {}, range(len(source_file.lines))),)
    else:
        runs = read_docids(docids, source, len(source_file.lines))
    articles = tuple(_article(pair, run, source_file, reference_files) for run in runs)
    return Corpus(pair, articles), tuple(notes)


def hypotheses_from_file(
    path: Path,
    corpus: Corpus,
    *,
    source: Path | str = "the source",
    recut: bool = False,
) -> HypothesisFile:
    """Read one system's output, line for line with the source the corpus was read from.

    Args:
        path: The output. Empty lines are kept: the system answered with nothing.
        corpus: From :func:`corpus_from_files`.
        source: The source file, for messages.
        recut: Whether a file with another number of lines is cut along the references, as merged and split
            sentences make it; where a segment has none, its source stands in.

    Raises:
        DataError: the file breaks a rule or has another number of lines.
    """
    file = _read(path)
    if recut and len(file.lines) != len(corpus.segments):
        from harness.corpus.recut import recut_lines

        texts = recut_lines(file.lines, corpus.segments)
        return HypothesisFile(texts, (*file.notes, _recut_note(file, len(texts))), recut=True)
    _same_count(file, len(corpus.segments), str(source), " (merged and split sentences: add --recut)")
    return HypothesisFile(file.lines, (*file.notes, *_blank_lines(file, "empty lines, kept as empty translations")))


def _read(path: Path) -> TextFile:
    refuse_foreign(read_head(path))
    # As sacrebleu reads it, so that the numbers are the same: a byte order mark is part of the text.
    return read_lines(path, bom="keep", controls="keep")


def _recut_note(file: TextFile, segments: int) -> Note:
    text = f"{so_many(len(file.lines), 'line')} cut into {so_many(segments, 'segment')} along the references"
    return Note(str(file.path), f"{text}: corpus scores count, those of single segments depend on the cuts")


def _same_count(file: TextFile, expected: int, source: str, advice: str = "") -> None:
    if len(file.lines) != expected:
        raise DataError(
            f"{file.path} has {so_many(len(file.lines), 'line')}, but {source} has {expected}",
            hint="every file has one line for every segment, in the same order; lines end at \\n only" + advice,
        )


def _blank_lines(file: TextFile, side: str) -> list[Note]:
    # A letter or a figure at the start is what nearly all texts show at once.
    blank = [number for number, text in enumerate(file.lines, start=1) if not text[:1].isalnum() and is_blank(text)]
    return [Note(file.at(blank[0]), f"{len(blank)} {side} (the first is line {blank[0]})")] if blank else []


def _article(pair: LangPair, run: DocumentRun, source: TextFile, references: Sequence[TextFile]) -> Article:
    segments = tuple(
        Segment(
            id=SegmentId(ArticleId(run.docid), number),
            line=index + 1,
            paragraph=1,
            source=source.lines[index],
            references=tuple(file.lines[index] for file in references if not is_blank(file.lines[index])),
        )
        for number, index in enumerate(run.lines, start=1)
    )
    return Article(ArticleId(run.docid), pair, segments, run.meta)
