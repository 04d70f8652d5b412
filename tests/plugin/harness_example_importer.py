"""``bitext``: a line for each segment, ``source ||| translation``, as word aligners read it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.corpus.text import TextFile, read_lines
from harness.errors import DataError

SEPARATOR = " ||| "


def read_bitext(request: Request) -> Imported:
    """One article from each file. An empty line ends a paragraph, an empty translation means there is none."""
    # Refuses what is not clean text, with file and line; what it had to change is in the notes.
    files = [read_lines(path, bom="drop", crlf="convert") for path in request.files]
    articles, notes = articles_from_rows(row for file in files for row in _rows(file, request))
    return Imported(articles, (*(note for file in files for note in file.notes), *notes))


def _rows(file: TextFile, request: Request) -> Iterator[Row]:
    article = given_name(request.article) or default_name(file.path, request.pair)
    for number, line in enumerate(file.lines, start=1):
        source, separator, reference = line.partition(SEPARATOR)
        if line and (not separator or SEPARATOR in reference):
            raise DataError(
                f"{file.at(number)}: expected one '{SEPARATOR.strip()}' with a space on both sides",
                hint="write: source ||| translation",
            )
        yield Row(file.at(number), article, source, (reference,))
