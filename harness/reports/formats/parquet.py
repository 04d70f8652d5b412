"""The run as one long Parquet table, in full precision: the rows of the CSV with types, and two more columns.

==============  =======  =====================================================================
column          type     what it holds
==============  =======  =====================================================================
``pair``        string   ``de-en``
``level``       string   corpus, article or segment
``article``     string   null at corpus level
``segment``     int32    1-based, within its article; null above segment level
``system``      string
``metric``      string
``score``       float64  null where there is none
``missing``     string   why there is no score; null where there is one
``n``           int32    segments behind the score; null where there is none
``signature``   string   of the metric; null where it scored nothing of the system
==============  =======  =====================================================================

The metadata of the file hold the run's id, date, seed, command, how far its numbers can be trusted and the version
that wrote it, under ``harness.*``.
Text stands as it came: a data frame runs nothing.
"""

from __future__ import annotations

import io

from harness import __version__
from harness.analysis import Analysis
from harness.reports.formats.optional import need
from harness.reports.model.trust import trust_lines
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import score_rows, signatures
from harness.types import Score


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
        run = analysis.run
        known = signatures(run)
        rows = list(score_rows(run))
        scores = [row.score if isinstance(row.score, Score) else None for row in rows]
        columns = {
            "pair": ([row.pair for row in rows], arrow.string()),
            "level": ([row.level for row in rows], arrow.string()),
            "article": ([row.article or None for row in rows], arrow.string()),
            "segment": ([row.segment for row in rows], arrow.int32()),
            "system": ([_unicode(row.system) for row in rows], arrow.string()),
            "metric": ([row.metric for row in rows], arrow.string()),
            "score": ([score.value if score else None for score in scores], arrow.float64()),
            "missing": (
                [None if isinstance(row.score, Score) else _unicode(sentence(row.score.why)) for row in rows],
                arrow.string(),
            ),
            "n": ([score.n if score else None for score in scores], arrow.int32()),
            "signature": ([known.get((row.pair, row.system, row.metric)) for row in rows], arrow.string()),
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
