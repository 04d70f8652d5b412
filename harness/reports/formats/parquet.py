"""The run as one long Parquet table, in full precision: the rows of the CSV with types, without the unit.

==============  =======  =====================================================================
column          type     what it holds
==============  =======  =====================================================================
``pair``        string   ``de-en``
``level``       string   corpus, article or segment; slice and agreement where they were asked for
``article``     string   null at corpus level
``segment``     int32    1-based, within its article; null above segment level
``system``      string   empty for agreement
``metric``      string
``score``       float64  null where there is none
``missing``     string   why there is no score; null where there is one
``n``           int32    segments behind the score; null where there is none
``signature``   string   of the metric; null where it scored nothing of the system
``kind``        string   of a slice: what cuts the corpus; of agreement: the column of ratings; else null
``part``        string   of a slice: which; of agreement: which coefficient; else null
``low``         float64  of the 95 % interval of a slice or a coefficient; else null
``high``        float64
==============  =======  =====================================================================

The metadata of the file hold the run's id, date, seed, command, how far its numbers can be trusted and the version
that wrote it, under ``harness.*``.
Text stands as it came: a data frame runs nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from harness import __version__
from harness.analysis import Analysis
from harness.reports.formats.optional import need
from harness.reports.model.long_table import LongRow, long_rows
from harness.reports.model.trust import trust_lines


class ParquetReport:
    """One row per score, or per reason why there is none."""

    extension = "parquet"
    binary = True
    spoken = False

    def check_packages(self) -> None:
        """Pyarrow is there; else UsageError."""
        need("pyarrow", "parquet", "pyarrow", "parquet")

    def render(self, analysis: Analysis) -> bytes:
        """The whole file.

        Raises:
            UsageError: pyarrow is not installed.
        """
        arrow = need("pyarrow", "parquet", "pyarrow", "parquet")
        parquet = need("pyarrow.parquet", "parquet", "pyarrow", "parquet")
        run, rows = analysis.run, list(long_rows(analysis))

        def texts(column: Callable[[LongRow], str], absent: str | None = None) -> tuple[list[str | None], object]:
            return [_unicode(column(row)) or absent for row in rows], arrow.string()

        columns = {
            "pair": texts(lambda row: row.pair),
            "level": texts(lambda row: row.level),
            "article": texts(lambda row: row.article),
            "segment": ([row.segment for row in rows], arrow.int32()),
            "system": texts(lambda row: row.system, ""),
            "metric": texts(lambda row: row.metric, ""),
            "score": ([row.score for row in rows], arrow.float64()),
            "missing": texts(lambda row: row.missing),
            "n": ([row.n for row in rows], arrow.int32()),
            "signature": texts(lambda row: row.signature),
            "kind": texts(lambda row: row.kind),
            "part": texts(lambda row: row.part),
            "low": ([row.low for row in rows], arrow.float64()),
            "high": ([row.high for row in rows], arrow.float64()),
        }
        about = {
            "harness.run": run.id,
            "harness.created": run.created,
            "harness.status": run.status,
            "harness.seed": str(run.seed),
            "harness.command": _unicode(run.command),
            "harness.trust": _unicode(
                "\n".join(f"{pair.result.pair}: {sign.line}" for pair in analysis.pairs for sign in trust_lines(pair))
            ),
            "harness.written_by": f"translation-harness {__version__}",
        }
        table = arrow.table(
            {name: arrow.array(values, type=kind) for name, (values, kind) in columns.items()}
        ).replace_schema_metadata(about)
        buffer = io.BytesIO()
        parquet.write_table(table, buffer, compression="zstd")
        return buffer.getvalue()


def _unicode(text: str) -> str:
    """``text`` without lone surrogates, which UTF-8 cannot hold; each is replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
