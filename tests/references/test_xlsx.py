"""Workbooks: what cells hold, what is hidden, and what would not fit into memory."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import read_files
from harness.corpus.importers.spreadsheet_cells import unescape
from harness.errors import DataError, UsageError
from tests.references.articles import DE_EN
from tests.references.test_tables import metas, notes, segments


def load(path: Path, **options: object) -> Imported:
    return read_files(Request((path,), DE_EN, **options))  # type: ignore[arg-type]


def workbook(path: Path, *rows: tuple[object, ...]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def test_cells_as_people_fill_them(tmp_path: Path) -> None:
    book = workbook(
        tmp_path,
        ("Übersetzungen 2024",),
        (None,),
        ("Artikel", "Deutsch", "Englisch", "Nr.", "Datum", "Punkte"),
        ("eins", "Zeile 1\nZeile 2", "Line 1\nLine 2", 3.0, date(2024, 5, 31), 0.5),
        (None, "=SUM(A1)", "#N/A", 4, None, True),
        ("zwei", "Das \u2028Ende_x000D_", None, None, None, None),
    )
    sheet = book.active
    sheet.merge_cells("A4:A5")
    sheet["B5"].data_type = "s"
    sheet["C5"].data_type = "e"
    book.save(tmp_path / "t.xlsx")
    imported = load(tmp_path / "t.xlsx", columns={"source": "Deutsch", "reference": "Englisch", "article": "Artikel"})
    assert segments(imported) == {
        "eins": [[("Zeile 1 Zeile 2", {1: "Line 1 Line 2"}), ("=SUM(A1)", {})]],
        "zwei": [[("Das Ende", {})]],
    }
    assert metas(imported) == [
        {"Nr.": "3", "Datum": "2024-05-31", "Punkte": "0.5"},
        {"Nr.": "4", "Punkte": "true"},
        {},
    ]
    for what in ("1 row above the headings", "merged cells", "cells with line breaks", "spreadsheet's error"):
        assert what in notes(imported)


def test_a_formula_without_a_result_stays_text(tmp_path: Path) -> None:
    workbook(tmp_path, ("de", "en"), ("=A1&B1", "Yes")).save(tmp_path / "t.xlsx")
    imported = load(tmp_path / "t.xlsx")
    assert segments(imported) == {"t": [[("=A1&B1", {1: "Yes"})]]}
    assert "formulas without a stored result" in notes(imported)


def test_what_is_hidden_is_left_out_and_said(tmp_path: Path) -> None:
    book = workbook(tmp_path, ("de", "intern", "en"), ("Ja", "x", "Yes"), ("Nein", "y", "No"), (), ("Gut", "", "Good"))
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    other = book.create_sheet("alt")
    other.append(("de", "en"))
    other.sheet_state = "hidden"
    book.create_sheet("leer")
    book.save(tmp_path / "t.xlsx")
    imported = load(tmp_path / "t.xlsx")
    assert segments(imported) == {"t": [[("Ja", {1: "Yes"})], [("Gut", {1: "Good"})]]}
    assert metas(imported) == [{}, {}]
    for what in ("hidden rows left out", "hidden columns left out", "hidden sheet 'alt' left out"):
        assert what in notes(imported)


def test_one_of_several_sheets_is_chosen_by_name(tmp_path: Path) -> None:
    book = workbook(tmp_path, ("de", "en"), ("Ja", "Yes"))
    book.create_sheet("zwei").append(("de", "en"))
    book["zwei"].append(("Nein", "No"))
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(UsageError, match=r"2 sheets have text: 'Sheet', 'zwei'") as caught:
        load(tmp_path / "t.xlsx")
    assert "--sheet" in caught.value.hint
    assert segments(load(tmp_path / "t.xlsx", sheet="zwei")) == {"t": [[("Nein", {1: "No"})]]}
    with pytest.raises(UsageError, match="no sheet 'drei'"):
        load(tmp_path / "t.xlsx", sheet="drei")


def test_a_workbook_without_headings(tmp_path: Path) -> None:
    workbook(tmp_path, ("Ja", "x", "Yes"), ("Nein", "", "No")).save(tmp_path / "t.xlsx")
    imported = load(tmp_path / "t.xlsx", header=False, columns={"source": "1", "reference": "3"})
    assert segments(imported) == {"t": [[("Ja", {1: "Yes"}), ("Nein", {1: "No"})]]}


def altered(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A copy of a workbook with something else in one part."""
    copy = path.with_name("altered.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(old, new, 1) if name == part else data)
    return copy


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"<sheetData>", b"<sheetData>" + b" " * (65 * 2**20), "sheet1.xml is larger than 64 MiB"),
        (b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet', "the DOCTYPE declares entities"),
        (b"</sheetData>", b"</sheetData><cols>" + b"<col/>" * 10_001 + b"</cols>", "more than 10,000 elements <col>"),
        (b'r="A2"', b'r="AZZ2"', "more than 1000 columns"),
        (b"</sheetData>", b"", "not well-formed"),
        (b'r="A2"', b'r="2"', "cannot be read"),
    ],
)
def test_workbooks_that_would_harm_are_refused(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    workbook(tmp_path, ("de", "en"), ("Ja", "Yes")).save(tmp_path / "t.xlsx")
    with pytest.raises(DataError, match=message):
        load(altered(tmp_path / "t.xlsx", "xl/worksheets/sheet1.xml", old, new))


def test_escapes_in_cells() -> None:
    assert unescape("a_x000D__x0041__xD800__xdFff__xD7FF_") == "a\rA_xD800__xdFff_\ud7ff"
