"""TSV and CSV with a header: one segment per row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.rows import META_FIELDS, Row, articles_from_rows, default_name, given_name
from harness.corpus.text import TextFile, read_lines
from harness.errors import DataError, UsageError
from harness.types import Note
from harness.workspace.registry import suggestion

_REFERENCE = re.compile(r"reference([2-9]|[1-9][0-9]+)?")
_COLUMNS = ["source", "reference", "reference2", "article", *META_FIELDS]
# A row holds several segments; each of them is held to the limit for segments when it is written.
_LONGEST_ROW = 1_000_000


def read_tsv(request: Request) -> Imported:
    """Read tab-separated files without quoting: a quotation mark is an ordinary character."""
    return _read(request, [_open(path, "\t") for path in request.files])


def read_csv(request: Request) -> Imported:
    """Read comma-separated files with quoting; ``;`` is the separator if the header has semicolons and no comma."""
    return _read(request, [_open(path, ",") for path in request.files])


class _Table:
    """One file: its header, and its rows as cells."""

    def __init__(self, file: TextFile, delimiter: str) -> None:
        self.file = file
        self.notes = list(file.notes)
        lines = (line + "\n" for line in file.lines)
        self.reader = csv.reader(
            lines,
            delimiter=delimiter,
            quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
            strict=True,
        )
        self.header = self._header()
        self.references = self._references()

    def _header(self) -> list[str]:
        where = self.file.at(1)
        header = self._next()
        if header is None or "source" not in header:
            raise DataError(
                f"{where}: the header has no column 'source'",
                hint=f"the first line names the columns: {', '.join(_COLUMNS)}",
            )
        for column in header:
            if column not in _COLUMNS and not _REFERENCE.fullmatch(column):
                raise DataError(f"{where}: unknown column '{column}'", hint=suggestion(column, _COLUMNS))
            if header.count(column) > 1:
                raise DataError(f"{where}: the column '{column}' is there twice", hint="rename or remove one")
        return header

    def _references(self) -> list[str]:
        """The reference columns by their number, whatever their order in the file."""
        found = {int(match[1] or 1): column for column in self.header if (match := _REFERENCE.fullmatch(column))}
        for expected, number in enumerate(sorted(found), start=1):
            if expected != number:
                missing = "reference" if expected == 1 else f"reference{expected}"
                raise DataError(
                    f"{self.file.at(1)}: there is a column '{found[number]}', but no column '{missing}'",
                    hint=f"rename it to {missing}",
                )
        return [found[number] for number in sorted(found)]

    def _next(self) -> list[str] | None:
        try:
            return next(self.reader, None)
        except csv.Error as error:
            raise DataError(
                f"{self.file.at(self.reader.line_num)}: {error}",
                hint='check the quotation marks of the field: enclose it in them, and double those inside: ""',
            ) from None

    def rows(self, name: str) -> Iterator[Row]:
        """The rows as segments; ``name`` is the article where no column says it."""
        while True:
            line = self.reader.line_num + 1
            cells = self._next()
            if cells is None:
                return
            yield self._row(cells, line, name)

    def _row(self, cells: Sequence[str], line: int, name: str) -> Row:
        where = self.file.at(line)
        if cells and len(cells) != len(self.header):
            raise DataError(
                f"{where}: {len(cells)} fields, but the header has {len(self.header)}",
                hint="every row has every column; quote fields that hold the separator (CSV)",
            )
        # An empty line is a row of empty cells: the paragraph break of the other formats.
        values = dict(zip(self.header, cells or [""] * len(self.header), strict=True))
        for column in ("source", *self.references):
            if "\n" in values[column]:
                raise DataError(f"{where}: column '{column}': line break inside a segment", hint="make two rows of it")
        article = values.get("article", name)
        if not article and (values["source"] or any(values[column] for column in self.references)):
            raise DataError(f"{where}: column 'article': empty", hint="every row names its article")
        return Row(
            where=where,
            article=article,
            source=values["source"],
            references=tuple(values[column] for column in self.references),
            meta={key: values[key] for key in META_FIELDS if values.get(key)},
        )


def _open(path: Path, delimiter: str) -> _Table:
    file = read_lines(path, bom="drop", crlf="convert", longest=_LONGEST_ROW)
    semicolons = delimiter == "," and "," not in file.lines[0] and ";" in file.lines[0]
    table = _Table(file, ";" if semicolons else delimiter)
    if semicolons:
        table.notes.append(Note(file.at(1), "fields are separated by semicolons"))
    if delimiter == "\t":
        quoted = [n for n, text in enumerate(file.lines, 1) if re.search(r'(^|\t)"[^\t]*""[^\t]*"(\t|$)', text)]
        if quoted:
            what = "looks quoted by a spreadsheet; TSV has no quoting, so quotation marks are kept (save it as CSV?)"
            table.notes.append(Note(file.at(quoted[0]), what))
    return table


def _read(request: Request, tables: Sequence[_Table]) -> Imported:
    given = given_name(request.article)
    if given and any("article" in table.header for table in tables):
        raise UsageError("--article, but the file has a column 'article'", hint="leave out --article")
    rows = (row for table in tables for row in table.rows(given or default_name(table.file.path, request.pair)))
    articles, notes = articles_from_rows(_with_breaks(rows))
    return Imported(articles, (*(note for table in tables for note in table.notes), *notes))


def _with_breaks(rows: Iterator[Row]) -> Iterator[Row]:
    """Give an empty line to the article before it, since it names none itself."""
    article = ""
    for row in rows:
        if row.article:
            article = row.article
            yield row
        elif article:
            yield Row(row.where, article, "", ())
