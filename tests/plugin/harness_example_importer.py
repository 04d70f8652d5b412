"""``bitext``: one segment per line, ``source ||| translation``, the format of word aligners."""

from __future__ import annotations

from collections.abc import Iterator

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.corpus.text import TextFile, read_lines
from harness.errors import DataError

SEPARATOR = " ||| "


def read_bitext(request: Request) -> Imported:
    """One article per file. An empty line ends a paragraph; an empty translation means no reference."""
    # Rejects malformed text with file and line; the notes list what was converted.
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
