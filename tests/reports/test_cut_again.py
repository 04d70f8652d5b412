"""Systems whose segments were cut along the references: wherever single segments are scored, reports say so."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl

from harness.analysis import analyse
from harness.reports.formats.xlsx import XlsxReport
from harness.reports.html import HtmlReport
from harness.reports.words.messages import say
from harness.types import CUT_AGAIN
from tests.reports import build

MARK = say("segments.cut_again")


def test_segment_scores_of_such_systems_are_marked() -> None:
    run = build.normal_run()
    first, *others = run.pairs[0].systems
    plain = analyse(run)
    cut = replace(first, origin=f"file a.txt{CUT_AGAIN}")
    marked = analyse(replace(run, pairs=(replace(run.pairs[0], systems=(cut, *others)), *run.pairs[1:])))
    assert cut.is_cut_again
    assert not any(system.is_cut_again for system in run.pairs[0].systems)
    assert MARK not in HtmlReport().render(plain).decode("utf-8")
    assert MARK in HtmlReport().render(marked).decode("utf-8")
    book = openpyxl.load_workbook(io.BytesIO(XlsxReport().render(marked)))
    sheet = book[say("workbook.segments_of", pair=run.pairs[0].pair)]
    headings = [str(cell.value) for row in sheet.iter_rows(max_row=2) for cell in row if cell.value]
    of_system = [heading for heading in headings if heading.startswith(f"{cut.label or cut.name}: ")]
    assert of_system
    assert all(MARK in heading for heading in of_system if "flags" not in heading.casefold())
    assert sum(MARK in heading for heading in headings) <= len(of_system)
