"""The file formats read back by other people's readers: openpyxl, pyarrow, an XML parser; LaTeX by its own rules."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import openpyxl
import pyarrow.parquet as pq
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from harness.analysis import Analysis
from harness.reports.formats.junit import JunitReport
from harness.reports.formats.latex import LatexReport
from harness.reports.formats.parquet import ParquetReport
from harness.reports.formats.xlsx import XlsxReport
from harness.store.runs.result import Run

from .read import whole

_UNESCAPED = {
    r"\textbackslash{}": "\\", r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\#": "#", r"\%": "%", r"\_": "_",
    r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textless{}": "<", r"\textgreater{}": ">",
    r"\textbar{}": "|", r"\textquotedbl{}": '"', r"\textasciigrave{}": "`", "-{}-{}": "--", ",{},{}": ",,",
    "{[}": "[", "{]}": "]", "{*}": "*", r"\ensuremath{-}": "−", "--": "–", "---": "—", r"\ldots{}": "…",
    r"\ensuremath{\langle}": "⟨", r"\ensuremath{\rangle}": "⟩", r"\ensuremath{\uparrow}": "↑",
    r"\ensuremath{\downarrow}": "↓", r"\allowbreak{}": "", r"\textperiodcentered{}": "·", r"\dag{}": "†",
}  # fmt: skip

_LATEX = re.compile("|".join(re.escape(key) for key in sorted(_UNESCAPED, key=len, reverse=True)))


def plain(latex: str) -> str:
    """What LaTeX would set, marks in superscript left out."""
    latex = latex.replace(r"\raggedright\hspace{0pt}", "")
    text = re.sub(r"\\textsuperscript\{(?:\{\*\}|[^{}])*\}", "", latex)
    text = re.sub(r"\\textbf\{((?:\{[\[\]*]\}|[^{}])*)\}", r"\1", text)
    return _LATEX.sub(lambda match: _UNESCAPED[match[0]], text)


def latex_tables(made: Run | Analysis, label: str) -> list[list[list[str]]]:
    """The body rows of every table whose label begins so."""
    source = LatexReport().render(whole(made)).decode("utf-8")
    found = []
    for table in re.split(r"\\begin\{(?:long)?table\}", source)[1:]:
        if rf"\label{{tab:{label}-" in table:
            long = r"\endlastfoot" in table
            body = re.split(r"\\endlastfoot" if long else r"\\midrule", table)[1]
            body = re.split(r"\\end\{longtable\}|\\bottomrule", body)[0]
            rows = [line.removesuffix(r" \\") for line in body.strip().split("\n") if line]
            cells = [[plain(cell) for cell in re.split(r" (?<!\\)& ", row)] for row in rows]
            if re.search(rf"\\label\{{tab:{label}-[a-zA-Z-]+-\d+\}}", table):  # the columns that did not fit
                found[-1] = [[*first, *more[1:]] for first, more in zip(found[-1], cells, strict=True)]
            else:
                found.append(cells)
    return found


def workbook(made: Run | Analysis) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(XlsxReport().render(whole(made))))


def records(sheet: Worksheet) -> list[dict[str, Cell]]:
    """A sheet's rows by heading."""
    rows = list(sheet.iter_rows())
    return [dict(zip([str(cell.value) for cell in rows[0]], row, strict=True)) for row in rows[1:]]


def as_shown(cell: Cell) -> str:
    """A cell as a spreadsheet shows it."""
    if isinstance(cell.value, int | float):
        below = re.fullmatch(r'\[<([\d.]+)\]"(.+)";0\.0+', cell.number_format)
        if below and cell.value < float(below[1]):
            return below[2]
        decimals = len(cell.number_format.partition(".")[2])
        text = f"{cell.value:.{decimals}f}"
        return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")
    return "not scored" if str(cell.value).startswith("not scored") else str(cell.value or "")


def parquet_rows(made: Run | Analysis) -> list[dict[str, object]]:
    return pq.read_table(io.BytesIO(ParquetReport().render(whole(made)))).to_pylist()


def junit(made: Run | Analysis) -> ET.Element:
    return ET.fromstring(JunitReport().render(whole(made)))
