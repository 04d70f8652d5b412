"""What a reader asked for beside the usual, agreement with ratings and slices: as tables, and one number a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.analysis.human import HumanAgreement
from harness.analysis.pair import PairAnalysis
from harness.analysis.slices import Slice, SliceScore, Slicing
from harness.analysis.stats.compare import Interval
from harness.reports.model.breakdown import COEFFICIENTS
from harness.reports.model.effort import EMPTY, SmallTable
from harness.reports.model.leaderboard import Cell, Notebook
from harness.reports.model.shown import display_names
from harness.reports.model.slicing import kind_title, signed
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_difference, format_range, format_score, metric_title
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import Decimals, MetricIdentity, Missing

SIGNIFICANT_MARK = "\u00a0*"
"""Behind a difference."""

COEFFICIENT_DECIMALS: Decimals = 3

SLICE_COLUMNS = ("score", "interval", "n", "difference", "difference_interval")
"""Of a system in a slice under a metric."""


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One number, or why there is none."""

    level: Literal["agreement", "slice"]
    kind: str
    """The column of ratings, or what cuts the corpus."""
    part: str
    """A coefficient as JSON calls it, or a slice; empty where none is known."""
    system: str
    """Empty for agreement, which is of all systems."""
    metric: str
    value: float | Missing
    interval: Interval | Missing
    n: int | None


def asked_rows(pair: PairAnalysis) -> Iterator[AskedRow]:
    """Every number that was asked for: agreement, then slices by kind, slice, system and metric."""
    for column, agreement in pair.breakdown.humans.items():
        yield from _agreement_rows(column, agreement)
    for kind, slicing in pair.breakdown.slices.items():
        if isinstance(slicing, Missing):
            yield AskedRow("slice", kind, "", "", "", slicing, slicing, None)
            continue
        for part in slicing:
            yield from _slice_rows(kind, part)


def _agreement_rows(column: str, agreement: HumanAgreement | Missing) -> Iterator[AskedRow]:
    if isinstance(agreement, Missing):
        yield AskedRow("agreement", column, "", "", "", agreement, agreement, None)
        return
    for metric, found in agreement.metrics.items():
        if isinstance(found, Missing):
            yield AskedRow("agreement", column, "", "", metric, found, found, None)
            continue
        for field in COEFFICIENTS:
            item = getattr(found, field)
            if isinstance(item, Missing):
                yield AskedRow("agreement", column, field, "", metric, item, item, None)
            else:
                yield AskedRow("agreement", column, field, "", metric, item.value, item.interval, item.n)


def _slice_rows(kind: str, part: Slice) -> Iterator[AskedRow]:
    label = sentence(part.label)
    for system, metrics in part.scores.items():
        for metric, item in metrics.items():
            if isinstance(item, Missing):
                yield AskedRow("slice", kind, label, system, metric, item, item, None)
            else:
                yield AskedRow("slice", kind, label, system, metric, item.score, item.interval, item.n)


def coefficient_name(field: str) -> str:
    """A coefficient for people: ``all outputs, Pearson``."""
    return say(f"agreement.coefficient.{field}")


def asked_tables(pair: PairAnalysis, notes: Notebook) -> tuple[SmallTable, ...]:
    """The same for people; reasons for what is missing go into ``notes``."""
    asked = pair.breakdown
    return (
        *(_agreement_table(column, agreement, notes) for column, agreement in asked.humans.items()),
        *(table for kind, slicing in asked.slices.items() for table in _slice_tables(pair, kind, slicing, notes)),
    )


def _agreement_table(column: str, agreement: HumanAgreement | Missing, notes: Notebook) -> SmallTable:
    title = say("asked.agreement", name=visible(metric_title(column)))
    headings = tuple(say(f"asked.heading.{name}") for name in ("coefficient", "interval", "n"))
    rows = []
    for row in _agreement_rows(column, agreement):
        words = (metric_title(row.metric), coefficient_name(row.part) if row.part else "")
        name = visible(": ".join(filter(None, words))) or title
        if isinstance(row.value, Missing):
            cells = (_missing(row.value, name, notes), Cell(EMPTY), Cell(EMPTY))
        else:
            value = format_difference(COEFFICIENT_DECIMALS, row.value)
            cells = (Cell(value), Cell(_between(COEFFICIENT_DECIMALS, row.interval)), Cell(f"{row.n:,}"))
        rows.append((name, cells))
    remarks = () if isinstance(agreement, Missing) else (say(f"asked.resampled.{agreement.unit}", seed=agreement.seed),)
    return SmallTable(title, headings, frozenset(), tuple(rows), remarks)


def _slice_tables(pair: PairAnalysis, kind: str, slicing: Slicing, notes: Notebook) -> Iterator[SmallTable]:
    """One for each metric, with a row for each system in each slice."""
    if isinstance(slicing, Missing):
        title = say("asked.slices", kind=kind_title(kind))
        cells = (_missing(slicing, title, notes),)
        yield SmallTable(title, (say("asked.heading.score"),), frozenset(), ((title, cells),), ())
        return
    names = display_names(pair.result)
    headings = tuple(say(f"asked.heading.{name}") for name in SLICE_COLUMNS)
    for metric, identity in pair.result.identities.items():
        shown = [part for part in slicing if any(isinstance(of[metric], SliceScore) for of in part.scores.values())]
        hidden = [f"{visible(sentence(part.label))} ({part.segments:,})" for part in slicing if part not in shown]
        title = say("asked.slices_of", metric=visible(metric_title(metric)), kind=kind_title(kind))
        rows = tuple(
            (f"{visible(sentence(part.label))}: {names[system]}", _slice_cells(scores[metric], identity, notes))
            for part in shown
            for system, scores in part.scores.items()
        )
        remarks = (*map(_size, shown), *([say("slices.hidden", slices=", ".join(hidden))] if hidden else ()))
        if rows:
            yield SmallTable(title, headings, frozenset(), rows, (*remarks, say("asked.remark")))
        else:
            yield SmallTable(title, headings, frozenset(), ((title, (Cell(EMPTY),) * len(headings)),), remarks)


def _size(part: Slice) -> str:
    return say(
        "asked.size",
        slice=visible(sentence(part.label)),
        segments=counted(part.segments, "segment"),
        articles=counted(part.articles, "article"),
    )


def _slice_cells(score: SliceScore | Missing, metric: MetricIdentity, notes: Notebook) -> tuple[Cell, ...]:
    """In the order of :data:`SLICE_COLUMNS`."""
    if isinstance(score, Missing):
        return (_missing(score, metric_title(metric.name), notes), *[Cell(EMPTY)] * (len(SLICE_COLUMNS) - 1))
    value = format_score(metric.decimals, score.score)
    scored = (value, _between(metric.decimals, score.interval), f"{score.n:,}")
    behind = score.behind
    if behind is None:
        return (*map(Cell, scored), Cell(EMPTY), Cell(EMPTY))
    mark = SIGNIFICANT_MARK if behind.significant else ""
    turned = Interval(-behind.interval.high, -behind.interval.low)
    difference = f"{signed(metric.decimals, -behind.delta)}{mark}"
    return tuple(map(Cell, (*scored, difference, _between(metric.decimals, turned))))


def _missing(missing: Missing, about: str, notes: Notebook) -> Cell:
    return Cell(EMPTY, note=notes.number(missing, about))


def _between(decimals: Decimals, interval: Interval | Missing) -> str:
    return format_range(decimals, interval.low, interval.high) if isinstance(interval, Interval) else EMPTY
