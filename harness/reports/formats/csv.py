"""The run as one long CSV table, in full precision.

Columns: ``pair, level, article, segment, system, metric, score, missing, unit, n, signature``. ``level`` is corpus,
article or segment; ``article`` and ``segment`` are empty above their level. ``score`` or ``missing`` (the reason) is
filled. ``n`` counts the segments behind a score and is empty without one; ``signature`` says how the metric was
computed, and is empty where the metric has nothing at all for the system.
``unit`` is what statistics of these scores take as independent, the same on every row of a pair: ``article``,
``segment`` where the run declares it, or ``undeclared`` where the text has no articles and nothing is declared.
A text that a spreadsheet would run as a formula is preceded by ``'``; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io

from harness.analysis import Analysis
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.store.runs.frame import ScoreRow, score_rows, signatures
from harness.types import Score

COLUMNS = ("pair", "level", "article", "segment", "system", "metric", "score", "missing", "unit", "n", "signature")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""


class CsvReport:
    """One row per score, or per reason why there is none."""

    extension = "csv"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole table as UTF-8."""
        run = analysis.run
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        units = {str(pair.result.pair): pair.unit for pair in analysis.pairs}
        known = signatures(run)
        writer.writerows(
            [
                *_fields(row),
                units[row.pair],
                _segments(row),
                safe_field(known.get((row.pair, row.system, row.metric), "")),
            ]
            for row in score_rows(run)
        )
        return file.getvalue().encode("utf-8")


def _fields(row: ScoreRow) -> list[str]:
    return [
        safe_field(row.pair),
        row.level,
        safe_field(row.article),
        "" if row.segment is None else str(row.segment),
        safe_field(row.system),
        safe_field(row.metric),
        repr(row.score.value) if isinstance(row.score, Score) else "",
        "" if isinstance(row.score, Score) else safe_field(sentence(row.score.why)),
    ]


def _segments(row: ScoreRow) -> str:
    return str(row.score.n) if isinstance(row.score, Score) else ""


def safe_field(text: str) -> str:
    """``text`` as a spreadsheet will show it and not run it."""
    # Control characters become stand-ins, so the start is judged on the text as it came.
    return f"'{visible(text)}" if text.lstrip(" ").startswith(FORMULA_STARTS) else visible(text)
