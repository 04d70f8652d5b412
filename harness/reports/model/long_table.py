"""Every number of a run one below the other, as CSV and Parquet have them; those that were asked for come last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis import Analysis
from harness.analysis.stats.compare import Interval
from harness.reports.model.asked import asked_rows
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import score_rows, signatures
from harness.types import Missing, Score


@dataclass(frozen=True, slots=True)
class LongRow:
    """One number, or why there is none. Texts are as they came."""

    pair: str
    level: str
    """``corpus``, ``article``, ``segment``; ``slice`` and ``agreement`` where they were asked for."""
    article: str
    """Empty above its level."""
    segment: int | None
    """1-based, within its article."""
    system: str
    """Empty for agreement."""
    metric: str
    score: float | None
    missing: str
    """Why there is no score; empty where there is one."""
    unit: str
    n: int | None
    """What stands behind the score: segments, or what a coefficient was computed over."""
    signature: str
    kind: str = ""
    """What cuts the corpus into slices, or the column of ratings."""
    part: str = ""
    """The slice, or the coefficient."""
    low: float | None = None
    """Of the 95 % interval, where there is one."""
    high: float | None = None


def long_rows(analysis: Analysis) -> Iterator[LongRow]:
    """The scores of the run, then what was asked for, pair by pair."""
    units = {str(pair.result.pair): pair.unit for pair in analysis.pairs}
    known = signatures(analysis.run)
    for row in score_rows(analysis.run):
        value, missing, n = _split(row.score)
        signature = known.get((row.pair, row.system, row.metric), "")
        scored = (row.system, row.metric, value, missing)
        yield LongRow(row.pair, row.level, row.article, row.segment, *scored, units[row.pair], n, signature)
    for pair in analysis.pairs:
        name = str(pair.result.pair)
        for item in asked_rows(pair):
            score = item.value if isinstance(item.value, Missing) else Score(item.value, item.n or 0)
            value, missing, n = _split(score)
            ends = (item.interval.low, item.interval.high) if isinstance(item.interval, Interval) else (None, None)
            signature = known.get((name, item.system, item.metric), "")
            scored = (item.system, item.metric, value, missing)
            part = (item.kind, item.part, *ends)
            yield LongRow(name, item.level, "", None, *scored, units[name], n, signature, *part)


def _split(score: Score | Missing) -> tuple[float | None, str, int | None]:
    """The value, why there is none, and what stands behind it."""
    if isinstance(score, Missing):
        return None, sentence(score.why), None
    return score.value, "", score.n
