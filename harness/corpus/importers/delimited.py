"""CSV and TSV: delimited text with headings in the first row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from harness.corpus.importers.decoding import read_text
from harness.corpus.importers.head import Head
from harness.corpus.importers.headings import headings, numbered
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.roles import has_text_role
from harness.corpus.importers.tables import TAKES, Record, Table, read_tables
from harness.errors import DataError, so_many
from harness.types import LangPair, Note

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAMPLE = 50
_QUOTED = re.compile(r'(^|\t)"[^\t]*""[^\t]*"(\t|$)')
_WORDS_OF_TEXT = 3

Line = tuple[int, list[str] | DataError]
"""The number of a line in the file, and its cells."""


def read_tsv(request: Request) -> Imported:
    """Read tab-separated files without quoting: a quotation mark is an ordinary character.

    Spreadsheets save "Unicode text" in UTF-16 and do quote; such files are read as they mean it.
    """
    return read_tables(request, [_tsv(path, request) for path in request.files])


def read_csv(request: Request) -> Imported:
    """Read comma-separated files with quoting; the separator may be another one, which is then noted."""
    return read_tables(request, [_csv(path, request) for path in request.files])


def _csv(path: Path, request: Request) -> Table:
    file = read_text(path)
    text, skipped = file.text, 0
    declared = re.match(r"sep=(.)\r?\n", text)
    if declared:
        text, skipped = text[declared.end() :], 1
    separator = declared[1] if declared else _separator(text)
    notes = [*file.notes]
    if separator != ",":
        name = _SEPARATORS.get(separator, f"'{separator}'")
        notes.append(Note(f"{path}:{skipped + 1}", f"fields are separated by {name}"))
    return _table(path, list(_quoted(path, text, separator, skipped)), notes, request)


def _tsv(path: Path, request: Request) -> Table:
    file = read_text(path)
    if file.utf16:
        return _table(path, list(_quoted(path, file.text, "\t", 0)), [*file.notes], request)
    lines = file.text.removesuffix("\n").split("\n")
    rows: list[Line] = [(n, line.removesuffix("\r").split("\t")) for n, line in enumerate(lines, start=1)]
    notes = [*file.notes]
    quoted = next((number for number, line in enumerate(lines, start=1) if _QUOTED.search(line)), 0)
    if quoted:
        text = "looks quoted by a spreadsheet; TSV has no quoting, so quotation marks are kept (save it as CSV?)"
        notes.append(Note(f"{path}:{quoted}", text))
    return _table(path, rows, notes, request)


def _quoted(path: Path, text: str, separator: str, skipped: int) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader, None)
        except csv.Error as error:
            # What follows a quotation mark that is not closed cannot be told from the cell.
            raise DataError(
                f"{path}:{reader.line_num + skipped}: {error}",
                hint='check the quotation marks of the field: enclose it in them, and double those inside: ""',
            ) from None
        if cells is None:
            return
        yield line, cells


def _separator(text: str) -> str:
    """The separator by which the first rows have the same number of cells, otherwise the one with most in the first."""
    widths: dict[str, list[int]] = {}
    for separator in _SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            widths[separator] = [len(cells) for cells in islice(reader, _SAMPLE) if cells]
        except csv.Error:
            widths[separator] = []
    even = {separator: counts[0] for separator, counts in widths.items() if len(set(counts)) == 1 and counts[0] > 1}
    first = {separator: counts[0] if counts else 0 for separator, counts in widths.items()}
    return max(even or first, key=(even or first).__getitem__)


def _table(path: Path, lines: Sequence[Line], notes: list[Note], request: Request) -> Table:
    first = lines[0][1] if lines else []
    header = first if isinstance(first, list) else []
    if not any(cell.strip() for cell in header):
        raise DataError(
            f"{path}:1: the first row is empty", hint="it names the columns; remove the empty rows above it"
        )
    headed = request.header
    if headed and not request.columns and _is_data(header, request.pair, path):
        headed = False
        notes.append(Note(f"{path}:1", "no heading is known, so the first row is data: source, reference"))
    columns = headings(header, f"{path}:{lines[0][0]}", request.pair) if headed else numbered(len(header), request)
    rows = lines[1:] if headed else lines
    records = [_record(path, number, line, cells, columns) for number, (line, cells) in enumerate(rows, start=1)]
    return Table(path, f"{path}:{lines[0][0]}", columns, records, tuple(notes))


def _is_data(header: Sequence[str], pair: LangPair, path: Path) -> bool:
    """Whether the first row of two columns is a segment: the bare TSV that tools for corpora write."""
    if len(header) != 2 or path.suffix.lower() != ".tsv" or any(has_text_role(cell, pair) for cell in header):
        return False
    return any(len(cell.split()) >= _WORDS_OF_TEXT for cell in header)


def _record(
    path: Path, number: int, line: int, cells: list[str] | DataError, columns: Sequence[str]
) -> Record | DataError:
    if isinstance(cells, DataError):
        return cells
    where = f"{path}:{line}"
    while len(cells) > len(columns) and not cells[-1]:
        cells = cells[:-1]
    if any(cells) and len(cells) != len(columns):
        return DataError(
            f"{where}: {so_many(len(cells), 'field')}, but the header has {len(columns)}",
            hint="every row has every column; quote fields that hold the separator (CSV)",
        )
    return Record(where, number, {column: cell for column, cell in zip(columns, cells, strict=False) if cell})


def _is_unicode_text(head: Head) -> bool:
    """Whether a spreadsheet wrote this as "Unicode text": UTF-16 with tabs."""
    return head.data.startswith((b"\xff\xfe", b"\xfe\xff")) and "\t" in head.text.partition("\n")[0]


TSV = Importer(read_tsv, suffixes=("tsv", "tab"), recognises=_is_unicode_text, takes=TAKES)
CSV = Importer(read_csv, suffixes=("csv",), takes=TAKES)
