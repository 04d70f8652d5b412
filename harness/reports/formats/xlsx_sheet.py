"""One sheet of a workbook: a frozen heading with filters, text that stays text, and numbers with 16 digits.

Text is written as text, never as a formula or a link; where it begins like a formula it also carries Excel's quote
mark, so that it stays text when somebody edits the cell. A cell holds 32,767 UTF-16 units; what is longer is cut and
says so, and the workbook counts it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.analysis.stats.compare import Interval
from harness.errors import UsageError
from harness.reports.formats.csv import FORMULA_STARTS
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_difference, format_score
from harness.reports.words.text import visible
from harness.types import Decimals, Missing

MOST_UNITS = 32_767
"""UTF-16 units in a cell (Excel's specifications and limits)."""

MOST_ROWS = 1_048_576

_NOT_XML = re.compile("[\ufffe\uffff]")

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True)
class Shown:
    """A number kept whole and shown with some decimals."""

    value: float
    decimals: int


@dataclass(frozen=True, slots=True)
class P:
    """A p-value kept whole and shown as every other format shows it: never as 0."""

    value: float


_SHOWN_P = '[<0.001]"< 0.001";0.000'
"""As a number format: what is below the bound is shown as these words."""

NO_VALUE = "–"

Value = str | int | Shown | P
"""Nothing is an empty text."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column."""

    text: str
    width: float = 12
    reads_right: bool = False
    """Set from right to left."""
    folded: bool = False
    """Hidden until somebody opens the group it is in."""


def score_shown(decimals: Decimals, value: float) -> Shown:
    """A score, shown with the decimals that every other format shows."""
    return Shown(value, len(format_score(decimals, value).partition(".")[2]))


def difference_shown(decimals: Decimals, value: float) -> Shown:
    """A difference or the end of an interval, shown with the decimals that every other format shows."""
    return Shown(value, len(format_difference(decimals, value).partition(".")[2]))


def bounds(decimals: Decimals, interval: Interval | Missing) -> list[Value]:
    """The ends of an interval in two cells."""
    if isinstance(interval, Missing):
        return [NO_VALUE, NO_VALUE]
    return [difference_shown(decimals, interval.low), difference_shown(decimals, interval.high)]


def headings_of(**widths: int) -> list[Heading]:
    """Columns by the names of their messages."""
    return [Heading(say(f"workbook.heading.{name}"), width) for name, width in widths.items()]


@dataclass(slots=True)
class Book:
    """A workbook under construction."""

    workbook: Any
    cut: list[str] = field(default_factory=list)
    """Cells that did not hold their text: ``Segments de-en!D7: 100,000 characters``."""
    _formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def format(self, **properties: Any) -> Any:
        """A cell format; equal ones are one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({"valign": "top", **properties})
        return self._formats[key]

    def sheet(
        self, name: str, headings: Sequence[Heading], rows: Sequence[Sequence[Value]], *, frozen: int = 0
    ) -> None:
        """Add a sheet; the first ``frozen`` columns stay in view.

        Raises:
            UsageError: more rows than a sheet can hold.
        """
        if len(rows) >= MOST_ROWS:
            raise UsageError(
                f"the sheet '{name}' would have {len(rows):,} rows, and a workbook holds {MOST_ROWS:,}",
                hint="--format parquet or csv",
            )
        name = self._free_name(name)
        sheet = self.workbook.add_worksheet(name)
        head = self.format(bold=True, text_wrap=True, bg_color="#ecebe8", bottom=1)
        for column, heading in enumerate(headings):
            sheet.set_column(
                column, column, heading.width, None, {"level": 1, "hidden": True} if heading.folded else {}
            )
            sheet.write_string(0, column, self._fitting(heading.text, name, 0, column), head)
        for row, values in enumerate(rows, start=1):
            for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
                self._write(sheet, name, (row, column), heading, value)
        sheet.freeze_panes(1, frozen)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)

    def _free_name(self, name: str) -> str:
        """A name as Excel takes it: at most 31 characters, some of them not, and none twice."""
        base = _NOT_IN_A_NAME.sub("-", visible(name))[:31]
        free, number = base, 2
        while free.lower() in self._names:
            free = f"{base[: 30 - len(str(number))]} {number}"
            number += 1
        self._names.add(free.lower())
        return free

    def _write(self, sheet: Any, name: str, cell: tuple[int, int], heading: Heading, value: Value) -> None:
        if isinstance(value, Shown):
            pattern = "0." + "0" * value.decimals if value.decimals else "0"
            sheet.write_number(*cell, value.value, self.format(num_format=pattern))
        elif isinstance(value, P):
            sheet.write_number(*cell, value.value, self.format(num_format=_SHOWN_P, align="right"))
        elif isinstance(value, int):
            sheet.write_number(*cell, value, self.format(num_format="#,##0"))
        elif value:
            properties: dict[str, Any] = {"text_wrap": True}
            if value.lstrip(" ").startswith(FORMULA_STARTS):
                properties["quote_prefix"] = True
            if heading.reads_right:
                properties |= {"reading_order": 2, "align": "right"}
            sheet.write_string(*cell, self._fitting(value, name, *cell), self.format(**properties))

    def _fitting(self, text: str, sheet: str, row: int, column: int) -> str:
        """``text`` visible and in full, or its beginning and how long it is."""
        # A line break inside a cell is harmless and how several references are set apart.
        safe = "\n".join(_NOT_XML.sub("\ufffd", visible(line)) for line in text.split("\n"))
        if _units(safe) <= MOST_UNITS:
            return safe
        said = say("workbook.cut_here", n=f"{len(text):,}", most=f"{MOST_UNITS:,}")
        self.cut.append(say("workbook.cut_place", sheet=sheet, row=row + 1, column=column + 1, n=f"{len(text):,}"))
        kept = safe[: MOST_UNITS - len(said)]
        while _units(kept) > MOST_UNITS - len(said):
            kept = kept[: -max(1, (_units(kept) - MOST_UNITS + len(said)) // 2)]
        return kept + said


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
