"""The run as one long CSV table, in full precision.

Columns: ``pair, level, article, segment, system, metric, score, missing, unit, n, signature, kind, part, low, high``.
``level`` is corpus, article or segment; ``article`` and ``segment`` are empty above their level. ``score`` or
``missing`` (the reason) is filled. What was asked for comes last: rows of the level slice, whose ``kind`` is what cuts
the corpus and ``part`` the slice, and of the level agreement, whose ``kind`` is the column of ratings and ``part`` the
coefficient; ``low`` and ``high`` are the ends of their intervals. ``n`` counts the segments behind a score and is empty
without one; ``signature`` says how the metric was computed, and is empty where the metric has nothing at all for the
system.
``unit`` is what statistics of these scores take as independent, the same on every row of a pair: ``article``,
``segment`` where the run declares it, or ``undeclared`` where the text has no articles and nothing is declared.
A text that a spreadsheet would run as a formula is preceded by ``'``; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io

from harness.analysis import Analysis
from harness.reports.model.long_table import LongRow, long_rows
from harness.reports.words.text import visible

COLUMNS = ("pair", "level", "article", "segment", "system", "metric", "score", "missing", "unit", "n", "signature",
           "kind", "part", "low", "high")  # fmt: skip

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""


class CsvReport:
    """One row per score, or per reason why there is none."""

    extension = "csv"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole table as UTF-8."""
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(_fields, long_rows(analysis)))
        return file.getvalue().encode("utf-8")


def _fields(row: LongRow) -> list[str]:
    return [
        safe_field(row.pair),
        row.level,
        safe_field(row.article),
        _number(row.segment),
        safe_field(row.system),
        safe_field(row.metric),
        _number(row.score),
        safe_field(row.missing),
        row.unit,
        _number(row.n),
        safe_field(row.signature),
        safe_field(row.kind),
        safe_field(row.part),
        _number(row.low),
        _number(row.high),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def safe_field(text: str) -> str:
    """``text`` as a spreadsheet will show it and not run it."""
    # Control characters become stand-ins, so the start is judged on the text as it came.
    return f"'{visible(text)}" if text.lstrip(" ").startswith(FORMULA_STARTS) else visible(text)
