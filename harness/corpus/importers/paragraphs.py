"""Whole documents: what a reader of Word or HTML files gives, and how two of them become an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.errors import DataError
from harness.types import Note


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one document."""

    path: Path
    paragraphs: tuple[str, ...]
    """In reading order, each on one line, without spaces at the ends; at least one, none empty."""
    notes: tuple[Note, ...] = field(default=())
    """What was left out, and how much of it."""


def make_document(path: Path, paragraphs: list[str], left_out: Mapping[str, int]) -> Document:
    """A document of the paragraphs that are not empty; ``left_out`` counts what else the file holds.

    Raises:
        DataError: there is no text at all.
    """
    texts = tuple(text for text in paragraphs if text)
    counted = ", ".join(f"{what} ({count})" for what, count in Counter(left_out).most_common() if count)
    if not texts:
        but = f" besides what is left out: {counted}" if counted else ""
        raise DataError(f"{path}: the document has no text{but}", hint="check that it is the right file")
    return Document(path, texts, (Note(str(path), f"left out: {counted}"),) if counted else ())


def import_documents(request: Request, read: Callable[[Path], Document]) -> Imported:
    """The source and its translations, paragraph for paragraph; every paragraph is one segment.

    Raises:
        DataError: a document breaks a rule, or they have different numbers of paragraphs.
    """
    source, *references = (read(path) for path in request.files)
    for reference in references:
        if len(reference.paragraphs) != len(source.paragraphs):
            raise DataError(
                f"{source.path} has {len(source.paragraphs)} paragraphs, "
                f"{reference.path} has {len(reference.paragraphs)}: they cannot be paired one to one",
                hint=f"harness import --documents {source.path} {reference.path} --pair {request.pair}",
            )
    name = given_name(request.article) or default_name(source.path, request.pair)
    rows: list[Row] = []
    for index, text in enumerate(source.paragraphs):
        where = f"{source.path}: paragraph {index + 1}"
        rows += [Row(where, name, "", ())] if rows else []
        rows.append(Row(where, name, text, tuple(reference.paragraphs[index] for reference in references)))
    articles, notes = articles_from_rows(rows)
    return Imported(articles, (*(note for each in (source, *references) for note in each.notes), *notes))
