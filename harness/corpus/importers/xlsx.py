"""Workbooks (.xlsx): one sheet as a table, what is hidden left out. Macros, links and pictures are never opened."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.corpus.importers.head import Head
from harness.corpus.importers.headings import headings, numbered
from harness.corpus.importers.markup import local_name
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.office import OfficeFormat
from harness.corpus.importers.roles import assign_roles
from harness.corpus.importers.spreadsheet_cells import CellReader, date_styles, place_of, rich_text
from harness.corpus.importers.tables import TAKES, Record, Table, read_tables
from harness.errors import DataError, UsageError, so_many
from harness.types import Note

_FORMAT = OfficeFormat("workbook", "workbook", ".xlsx")

_MOST_COLUMNS = 1000
_MOST_CHARACTERS = 200_000_000
"""Of all cells: one shared string may be named a million times."""

_MOST_RANGES = 10_000

_ROWS_ABOVE = 10
"""How many rows may stand above the headings."""

_ON = frozenset({"1", "true"})
_HIDDEN_ROWS, _HIDDEN_COLUMNS = "hidden rows left out", "hidden columns left out"
_MERGED = "merged cells, read as if each held the text"

Grid = dict[int, dict[int, str]]
"""Cells that are not empty, by row and column, both from 1."""


def read_xlsx(request: Request) -> Imported:
    """Read the only visible sheet of each workbook, or the one of ``--sheet``."""
    return read_tables(request, [_table(path, request) for path in request.files])


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    grid: Grid
    counts: Counter[str]
    hidden: bool


def _table(path: Path, request: Request) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            sheet, notes = _choose(path, list(_sheets(path, archive, request.sheet)), request.sheet)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}", hint="save it again as .xlsx, without a password") from None
    notes += [Note(str(path), f"{what}: {count}") for what, count in sheet.counts.items()]
    rows = sorted(sheet.grid)
    first = _header(path, sheet, request) if request.header else rows[0]
    width = max(column for cells in sheet.grid.values() for column in cells)
    cells = [sheet.grid[first].get(column, "") for column in range(1, width + 1)]
    columns = headings(cells, f"{path}:{first}", request.pair) if request.header else numbered(width, request)
    if request.header and first != rows[0]:
        notes.append(Note(f"{path}:{rows[0]}", f"{so_many(rows.index(first), 'row')} above the headings left out"))
    records: list[Record | DataError] = []
    before = first
    for row in rows[rows.index(first) + request.header :]:
        if row > before + 1 and records:  # empty rows in between
            records.append(Record(f"{path}:{before + 1}", len(records) + 1, {}))
        named = {columns[column - 1]: text for column, text in sheet.grid[row].items()}
        records.append(Record(f"{path}:{row}", len(records) + 1, named))
        before = row
    return Table(path, f"{path}:{first}", columns, records, tuple(notes))


def _header(path: Path, sheet: _Sheet, request: Request) -> int:
    """The first row whose cells say what the columns are, otherwise the first row."""
    rows = sorted(sheet.grid)
    for row in rows[:_ROWS_ABOVE]:
        cells = [sheet.grid[row].get(column, "") for column in range(1, max(sheet.grid[row]) + 1)]
        try:
            names = headings(cells, f"{path}:{row}", request.pair)
            assign_roles(names, request.columns, request.pair, f"{path}:{row}")
        except (DataError, UsageError):
            continue
        return row
    return rows[0]


def _choose(path: Path, sheets: list[_Sheet], wanted: str) -> tuple[_Sheet, list[Note]]:
    filled = [sheet for sheet in sheets if sheet.grid]
    visible = [sheet for sheet in filled if not sheet.hidden]
    hidden = [sheet.name for sheet in filled if sheet.hidden]
    names = ", ".join(f"'{sheet.name}'" for sheet in visible)
    if wanted:
        chosen = [sheet for sheet in filled if sheet.name == wanted]
        if not chosen:
            raise UsageError(f"{path}: no sheet '{wanted}' with text; there are: {names}", hint="name one of them")
        return chosen[0], []
    if not visible:
        raise DataError(f"{path}: no visible sheet has text", hint="name a hidden one with --sheet")
    if len(visible) > 1:
        raise UsageError(f"{path}: {len(visible)} sheets have text: {names}", hint="say which with --sheet NAME")
    return visible[0], [Note(str(path), f"hidden sheet '{name}' left out") for name in hidden]


def _sheets(path: Path, archive: zipfile.ZipFile, wanted: str) -> Iterator[_Sheet]:
    root, base = _main_part(path, archive)
    parts = _relations(path, archive, base)
    by_kind = dict(parts.values())
    strings: list[str] = []
    if "sharedStrings" in by_kind:
        shared = _FORMAT.part(path, archive, by_kind["sharedStrings"])
        strings = [rich_text(element) for element in shared if local_name(element) == "si"]
    dates = date_styles(_FORMAT.part(path, archive, by_kind["styles"])) if "styles" in by_kind else frozenset()
    old_mac = any(element.get("date1904") in _ON for element in root.iter("{*}workbookPr"))
    first_day = datetime(1904, 1, 1) if old_mac else datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
    for element in root.iter("{*}sheet"):
        name = element.get("name", "")
        relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        kind, target = parts.get(relation, ("", ""))
        if kind != "worksheet" or (wanted and name != wanted):
            continue
        reader = CellReader(strings, dates, first_day)
        grid = _grid(path, _FORMAT.part(path, archive, target), reader)
        yield _Sheet(name, grid, reader.counts, element.get("state", "visible") != "visible")


def _main_part(path: Path, archive: zipfile.ZipFile) -> tuple[Any, str]:
    targets = [target for kind, target in _relations(path, archive, "").values() if kind == "officeDocument"]
    if len(targets) != 1:
        raise DataError(f"{path}: not a workbook: it names {len(targets)} main parts, not one")
    root = _FORMAT.part(path, archive, targets[0])
    if local_name(root) != "workbook":
        raise DataError(f"{path}: not a workbook: its main part is <{local_name(root)}>")
    return root, targets[0]


def _relations(path: Path, archive: zipfile.ZipFile, base: str) -> Mapping[str, tuple[str, str]]:
    """Kind and path of every inner part that a part refers to, by id; links to other files are left out."""
    folder, _, file = base.rpartition("/")
    root = _FORMAT.part(path, archive, posixpath.join(folder, "_rels", f"{file}.rels"))
    return {
        element.get("Id", ""): (
            element.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/"),
        )
        for element in root.iter("{*}Relationship")
        if element.get("TargetMode") != "External"
    }


def _grid(path: Path, sheet: Any, reader: CellReader) -> Grid:
    hidden = frozenset(_hidden_columns(path, sheet))
    grid: Grid = {}
    row = characters = 0
    gone: set[int] = set()
    seen_rows: set[int] = set()
    for element in sheet.iter("{*}row"):
        row = int(element.get("r", row + 1))
        column = 0
        for cell in element:
            if local_name(cell) != "c":
                continue
            column = place_of(cell.get("r"))[1] if cell.get("r") else column + 1
            text = reader.text(cell)
            if not text:
                continue
            if element.get("hidden") in _ON:
                seen_rows.add(row)
                continue
            if column in hidden:
                gone.add(column)
                continue
            if column > _MOST_COLUMNS:
                raise DataError(f"{path}:{row}: more than {_MOST_COLUMNS} columns", hint="remove what is not needed")
            characters += len(text)
            if characters > _MOST_CHARACTERS:
                raise DataError(f"{path}: more than {_MOST_CHARACTERS:,} characters", hint="split the workbook")
            grid.setdefault(row, {})[column] = text
    reader.counts.update({_HIDDEN_ROWS: len(seen_rows)} if seen_rows else {})
    reader.counts.update({_HIDDEN_COLUMNS: len(gone)} if gone else {})
    _fill_merged(path, sheet, grid, reader.counts)
    return grid


def _hidden_columns(path: Path, sheet: Any) -> Iterator[int]:
    for element in _few(path, sheet, "col"):
        if element.get("hidden") in _ON:
            last = min(int(element.get("max", "1")), _MOST_COLUMNS)
            yield from range(int(element.get("min", "1")), last + 1)


def _fill_merged(path: Path, sheet: Any, grid: Grid, counts: Counter[str]) -> None:
    """Cells merged downwards: the text belongs to each of their rows, as an article's name does."""
    rows = sorted(grid)
    for element in _few(path, sheet, "mergeCell"):
        first, _, last = element.get("ref", "").partition(":")
        top, left = place_of(first)
        bottom = place_of(last)[0] if last else top
        text = grid.get(top, {}).get(left, "")
        below = rows[bisect_right(rows, top) : bisect_right(rows, bottom)] if text else []
        for row in below:
            grid[row].setdefault(left, text)
        counts.update({_MERGED: len(below)} if below else {})


def _few(path: Path, sheet: Any, tag: str) -> list[Any]:
    """Elements that each may stand for many cells."""
    elements = list(sheet.iter(f"{{*}}{tag}"))
    if len(elements) > _MOST_RANGES:
        raise DataError(f"{path}: more than {_MOST_RANGES:,} elements <{tag}> in a sheet", hint="split the workbook")
    return elements


def _is_workbook(head: Head) -> bool:
    return head.data.startswith(b"PK\x03\x04") and (head.suffix in {"xlsx", "xlsm"} or b"xl/workbook.xml" in head.data)


XLSX = Importer(read_xlsx, suffixes=("xlsx", "xlsm"), recognises=_is_workbook, takes=TAKES | {"sheet"})
