"""What `harness compare` prints of a pair: who is excluded, then every two systems under each metric."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.analysis.comparison import Comparison, Evidence, MetricEvidence
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.formats.blocks import Grid, Line, fitted_apart, longest_word
from harness.reports.model.excluded import excluded_sentences, shared_extent
from harness.reports.model.page import not_compared
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted,
    counted_as,
    counted_units,
    format_difference,
    format_p,
    format_range,
    listed,
    metric_title,
)
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import Missing, SystemName

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_PAIRS = 15
"""Rows of a metric where there are more; what is not significant stands last and is cut first."""

ROOM_FOR_SEGMENTS = 100
"""Columns from which the p-value over segments is shown, too."""


def compare_blocks(pair: PairAnalysis, width: int, *, every: bool = False) -> Iterator[RenderableType]:
    """The strict comparison of a pair, then the one on the segments that all have.

    Args:
        pair: what is compared.
        width: columns of the screen.
        every: list all pairs of systems, however many there are.
    """
    blocks = _pair(pair, width, every=every)
    first = next(blocks, None)
    if first is not None and first != Line(""):
        yield first
    yield from blocks


def _pair(pair: PairAnalysis, width: int, *, every: bool) -> Iterator[RenderableType]:
    name = str(pair.result.pair)
    names = {item.name: visible(item.name) for item in pair.result.systems}
    for line in excluded_sentences(pair, names):
        yield Line(f"{name}: {line}", hang=2)
    yield from _tables(name, pair, width, every=every)
    for part in pair.shared:
        yield Line("")
        yield Line(f"{name}: {say('excluded.title', extent=shared_extent(part, names))}:", style="bold")
        yield from _tables(name, part.pair, width, every=every)


def _tables(pair: str, analysis: PairAnalysis, width: int, *, every: bool) -> Iterator[RenderableType]:
    evidence, order = analysis.evidence, [system.name for system in analysis.standing.systems]
    for column in evidence.unsound:
        yield Line(f"{pair}: {visible(say('notes.unweighed', metric=metric_title(column)))}", hang=2)
    for column, reason in evidence.unweighed.items():
        yield Line(f"{pair}: {not_compared(column, reason, partly=column in evidence.partly)}", hang=2)
    for column, found in evidence.compared.items():
        units = found.comparisons[0].units if found.comparisons else evidence.units
        extent = counted_units(units, evidence.unit, declared=evidence.declared)
        yield Line("")
        title = say(
            "compared.title", pair=pair, metric=visible(metric_title(column)), extent=extent, seed=evidence.seed
        )
        yield Line(title, style="bold")
        yield from _metric(evidence, found, order, width, every=every)
    number = max((found.tested_together for found in evidence.compared.values()), default=0)
    if number:
        yield Line("")
        one = number == 1
        yield Line(
            say("compared.legend_of_one") if one else say("compared.legend", comparisons=counted(number, "comparison")),
            style="dim",
        )


def _metric(
    evidence: Evidence, found: MetricEvidence, order: Sequence[SystemName], width: int, *, every: bool
) -> Iterator[RenderableType]:
    place = {name: number for number, name in enumerate(order)}
    items = sorted(found.comparisons, key=lambda item: sorted((place.get(item.a, 0), place.get(item.b, 0))))
    if len(items) > MOST_PAIRS and not every:
        items.sort(key=lambda item: item.tied)
    shown = items if every else items[:MOST_PAIRS]
    if shown:
        yield _table([_turned(item, place) for item in shown], width)
    if len(shown) < len(items):
        yield Line(counted_as("compared.more", len(items) - len(shown)), indent=2)
    tied = [group for group in found.groups if len(group) > 1]
    tested = found.comparisons and not isinstance(found.comparisons[0].p_adjusted, Missing)
    for group in tied:
        yield Line(say("compared.tied", systems=listed([visible(name) for name in group])), indent=2)
    if tested and not tied and not any(item.tied for item in found.comparisons):
        yield Line(say("compared.all"), indent=2)
    if found.comparisons and isinstance(found.comparisons[0].p_adjusted, Missing):
        why = evidence.withheld or found.comparisons[0].p_adjusted
        yield Line(say("finding.withheld", why=sentence(why.why), help=sentence(why.fix)), indent=2)


def _turned(item: Comparison, place: Mapping[SystemName, int]) -> tuple[SystemName, SystemName, Comparison]:
    """The pair with the system first that stands first in the order of the pair, whatever the metric says."""
    one, other = sorted((item.a, item.b), key=lambda name: place.get(name, 0))
    return one, other, item


def _table(items: Sequence[tuple[SystemName, SystemName, Comparison]], width: int) -> RenderableType:
    """First minus second, with interval, p and what that says; rows of few units have no more than the difference."""
    with_segments = width >= ROOM_FOR_SEGMENTS
    head = [say(f"compared.heading.{name}") for name in ("pair", "difference", "interval", "adjusted")]
    head += [say("comparisons.heading.segment_p")] if with_segments else []
    rows = [(*head, "")]
    names = _fitting_names({name for one, other, _ in items for name in (one, other)}, max(20, width // 3))
    for one, other, item in items:
        delta, interval = item.ahead(one), item.interval_ahead(one)
        decimals = item.metric.decimals
        text = format_difference(decimals, delta)
        row = [say("compared.minus", one=names[one], other=names[other]), f"+{text}" if delta > 0 else text]
        row.append(format_range(decimals, interval.low, interval.high) if isinstance(interval, Interval) else "–")
        row.append("–" if isinstance(item.p_adjusted, Missing) else format_p(item.p_adjusted))
        row += [format_p(item.segment_p)] if with_segments else []
        rows.append((*row, _result(item, delta)))
    last = len(rows[0]) - 1
    return Grid(
        tuple(rows), right=frozenset(range(1, last)), indent=2, optional=(2,), styles={0: "dim"}, headings=rows[0]
    )


def _fitting_names(systems: Collection[SystemName], width: int) -> dict[SystemName, str]:
    """Each fits into so many columns; one that is too long for a line goes on in the next with its run."""
    called = []
    for system in map(visible, systems):
        name, mark, run = system.rpartition("@")
        called.append(f"{name} {mark}{run}" if name and longest_word([system]) > width else system)
    return dict(zip(systems, fitted_apart(called, [width] * len(called)), strict=True))


def _result(item: Comparison, delta: float) -> str:
    if isinstance(item.p_adjusted, Missing):
        return ""
    if item.tied:
        return say("pairwise.tied")
    return say("pairwise.better") if delta > 0 else say("pairwise.worse")
