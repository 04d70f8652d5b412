"""Scores of parts of the corpus under the primary metric, laid out for a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.analysis.slices import FEWEST_SEGMENTS, LENGTH, POSITION, Slice, SliceScore
from harness.analysis.stats.compare import Interval
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_difference, format_range, format_score
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import Decimals, MetricIdentity, Missing, SystemName


@dataclass(frozen=True, slots=True)
class SliceCell:
    """One system in one part."""

    score: str
    extent: str = ""
    """``over 65 segments``, where that is not all of the part; why there is no score, where there is none."""
    interval: str = ""
    """Of the score; only for one system alone, and for the best."""
    difference: str = ""
    """From the best, ``−1.2 (−2.0 to −0.4)``; empty for the best itself and where nothing can be tested."""
    significant: bool = False
    """Of the difference."""


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One part."""

    label: str
    key: str
    """In the explorer: ``domain.0``."""
    segments: str
    """``48 segments``."""
    articles: str
    cells: tuple[SliceCell, ...]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """All parts of one kind."""

    kind: str
    rows: tuple[SliceRow, ...]
    hidden: tuple[str, ...]
    """Parts of too few segments."""
    best: str
    """What the differences are from; empty where there are none."""


def slice_tables(pair: PairAnalysis) -> tuple[SliceTable, ...]:
    """A table for each kind that cuts the corpus in two or more; none without a primary metric that is weighed."""
    metric, made = pair.primary or "", []
    for kind, parts in pair.primary_slices.items():
        rows, shown, hidden, identity = [], [], [], pair.standing.identities[metric]
        for place, part in enumerate(parts):
            if any(isinstance(item[metric], SliceScore) for item in part.scores.values()):
                rows.append(_row(part, f"{kind}.{place}", identity))
                shown.append(part)
            else:
                hidden.append(f"{visible(sentence(part.label))} ({part.segments:,})")
        if rows:
            best = _best(shown, metric, display_names(pair.result))
            made.append(SliceTable(kind_title(kind), tuple(rows), tuple(hidden), best))
    return tuple(made)


def _best(parts: Sequence[Slice], metric: str, labels: Mapping[SystemName, str]) -> str:
    scores = [item[metric] for part in parts for item in part.scores.values()]
    return next((labels[score.behind.best] for score in scores if isinstance(score, SliceScore) and score.behind), "")


def kind_title(kind: str) -> str:
    """A kind of slices for people: the key of the articles, as it is, or what cuts the texts."""
    return say(f"slices.by_{kind}") if kind in {LENGTH, POSITION} else visible(kind)


def _row(part: Slice, key: str, metric: MetricIdentity) -> SliceRow:
    scores = {name: found[metric.name] for name, found in part.scores.items()}
    cells = []
    for item in scores.values():
        if isinstance(item, Missing):
            cells.append(SliceCell(say("slices.hidden_score"), say("slices.too_small", n=FEWEST_SEGMENTS)))
            continue
        known = isinstance(item.interval, Interval) and item.behind is None
        interval = format_range(metric.decimals, item.interval.low, item.interval.high) if known else ""  # type: ignore[union-attr]
        extent = "" if item.n == part.segments else say("leaderboard.over", extent=counted(item.n, "segment"))
        score = format_score(metric.decimals, item.score)
        if item.behind is None:
            cells.append(SliceCell(score, extent, interval))
            continue
        low, high = item.behind.interval.low, item.behind.interval.high
        between = format_range(metric.decimals, *sorted((-low, -high)))
        difference = f"{signed(metric.decimals, -item.behind.delta)} ({between})"
        cells.append(SliceCell(score, extent, "", difference, item.behind.significant))
    size = counted(part.segments, "segment"), counted(part.articles, "article")
    return SliceRow(visible(sentence(part.label)), key, *size, tuple(cells))


def signed(decimals: Decimals, value: float) -> str:
    """A difference with its sign."""
    text = format_difference(decimals, value)
    return f"+{text}" if value > 0 else text
