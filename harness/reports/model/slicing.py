"""Scores of parts of the corpus under the primary metric, laid out for a table."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.analysis.slices import FEWEST_SEGMENTS, LENGTH, POSITION, Slice, SliceScore
from harness.analysis.stats.compare import Interval
from harness.reports.model.leaderboard import Cell
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_range, format_score
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import MetricIdentity, Missing


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One part."""

    label: str
    key: str
    """In the explorer: ``domain.0``."""
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


def slice_tables(pair: PairAnalysis) -> tuple[SliceTable, ...]:
    """A table for each kind that cuts the corpus in two or more; none without a primary metric that is weighed."""
    metric, made = pair.primary or "", []
    for kind, parts in pair.primary_slices.items():
        rows, hidden, identity = [], [], pair.standing.identities[metric]
        for place, part in enumerate(parts):
            if any(isinstance(item[metric], SliceScore) for item in part.scores.values()):
                rows.append(_row(part, f"{kind}.{place}", identity))
            else:
                hidden.append(f"{visible(sentence(part.label))} ({part.segments:,})")
        if rows:
            made.append(SliceTable(kind_title(kind), tuple(rows), tuple(hidden)))
    return tuple(made)


def kind_title(kind: str) -> str:
    """A kind of slices for people: the key of the articles, as it is, or what cuts the texts."""
    return say(f"slices.by_{kind}") if kind in {LENGTH, POSITION} else visible(kind)


def _row(part: Slice, key: str, metric: MetricIdentity) -> SliceRow:
    scores = {name: found[metric.name] for name, found in part.scores.items()}
    cells = []
    for score in scores.values():
        if isinstance(score, Missing):
            cells.append(Cell(say("slices.hidden_score"), extent=say("slices.too_small", n=FEWEST_SEGMENTS)))
            continue
        known = isinstance(score.interval, Interval)
        interval = format_range(metric.decimals, score.interval.low, score.interval.high) if known else ""  # type: ignore[union-attr]
        extent = "" if score.n == part.segments else say("leaderboard.over", extent=f"{score.n:,}")
        cells.append(
            Cell(format_score(metric.decimals, score.score), best=score.leads, extent=extent, interval=interval)
        )
    return SliceRow(visible(sentence(part.label)), key, part.segments, part.articles, tuple(cells))
