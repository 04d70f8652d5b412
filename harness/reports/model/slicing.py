"""Scores of parts of the corpus under the primary metric, laid out for a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.analysis.slices import FEWEST_SEGMENTS, LENGTH, POSITION, Slice, SliceScore, cut
from harness.analysis.stats.compare import Interval
from harness.metrics.load import formulas
from harness.reports.model.findings import Findings
from harness.reports.model.leaderboard import Cell
from harness.reports.model.order import Standing, ranked
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_range, format_score
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.store.runs.result import PairResult, Run
from harness.types import Missing

MOST_SLICES = 12
"""A key with more values than this names articles; it does not group them."""

NOT_KINDS = frozenset({"title", "notes", "date", "url", "licence", "origin", "author"})
"""Metadata that describe one article."""


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One part."""

    label: str
    segments: int
    articles: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """All parts of one kind."""

    kind: str
    rows: tuple[SliceRow, ...]
    hidden: tuple[str, ...]
    """Parts of too few segments."""


def slice_tables(result: PairResult, standing: Standing, findings: Findings, run: Run) -> tuple[SliceTable, ...]:
    """A table for each kind that cuts the corpus in two or more; none without a primary metric that is weighed."""
    metric = standing.primary
    systems = tuple(ranked(standing))
    if metric is None or findings.metric(metric) is None or not systems:
        return ()
    one_metric = replace(result, metrics=(metric,), systems=systems)
    made = []
    for kind in (*_kinds(result), LENGTH, POSITION):
        parts = cut(one_metric, formulas(run.settings), kind, seed=run.seed)
        if isinstance(parts, Missing) or len(parts) < 2:
            continue
        shown = [part for part in parts if any(isinstance(item[metric], SliceScore) for item in part.scores.values())]
        hidden = tuple(f"{visible(sentence(part.label))} ({part.segments:,})" for part in parts if part not in shown)
        if shown:
            made.append(SliceTable(_kind_name(kind), tuple(_row(part, metric) for part in shown), hidden))
    return tuple(made)


def _kind_name(kind: str) -> str:
    return say(f"slices.by_{kind}") if kind in {LENGTH, POSITION} else visible(kind)


def _kinds(result: PairResult) -> Sequence[str]:
    values: dict[str, set[str]] = {}
    for article in result.corpus.articles:
        for key, value in article.meta.items():
            values.setdefault(key, set()).add(value)
    return [key for key, found in sorted(values.items()) if key not in NOT_KINDS and 1 < len(found) <= MOST_SLICES]


def _row(part: Slice, metric: str) -> SliceRow:
    scores = {name: found[metric] for name, found in part.scores.items()}
    cells = []
    for item in scores.values():
        if isinstance(item, Missing):
            cells.append(Cell(say("slices.hidden_score"), extent=say("slices.too_small", n=FEWEST_SEGMENTS)))
            continue
        known = isinstance(item.interval, Interval)
        interval = format_range(metric, item.interval.low, item.interval.high) if known else ""  # type: ignore[union-attr]
        extent = "" if item.n == part.segments else say("leaderboard.over", extent=f"{item.n:,}")
        cells.append(Cell(format_score(metric, item.score), best=item.leads, extent=extent, interval=interval))
    return SliceRow(visible(sentence(part.label)), part.segments, part.articles, tuple(cells))
