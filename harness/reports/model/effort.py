"""What the translations took, and how much they vary when asked for again: two small tables beside the leaderboard.

Both are made once here, as text, and laid out by each format. Text from outside has been through ``visible``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.analysis.effort import Age
from harness.analysis.pair import PairAnalysis
from harness.reports.model.leaderboard import Cell, Notebook
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    format_money,
    format_rate,
    format_score,
    format_seconds,
    format_spread,
    metric_title,
)
from harness.reports.words.origins import price_source_in_words
from harness.reports.words.text import visible
from harness.store.runs.result import Traffic
from harness.types import Missing, Money, Unknown

OLD = " †"
"""Marks what was not, or not wholly, measured in this run."""

EMPTY = "–"

_COLUMNS = ("cost", "saved", "percentiles", "pace", "speed", "requests", "wasted", "cached", "models", "price_source")
"""Names of the headings among the messages, in ``effort.heading``."""
_TRAFFIC_TEXTS = frozenset({_COLUMNS.index("models"), _COLUMNS.index("price_source")})

_REPEAT_COLUMNS = ("metric", "corpus", "repetitions", "mean", "lowest", "highest")
"""The same for repetitions, in ``repeats.heading``."""


@dataclass(frozen=True, slots=True)
class SmallTable:
    """A table whose rows are named by systems."""

    title: str
    columns: tuple[str, ...]
    """Headings after the first, which is for the systems."""
    texts: frozenset[int]
    """Columns that hold words; the others hold numbers."""
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    """Name of the system as shown, and one cell for each column."""
    remarks: tuple[str, ...]
    """What to know when reading it, a line each."""


def about_all(systems: str) -> str:
    """What a note is about where nothing was measured."""
    return say("effort.of", system=systems)


def about_cost(systems: str) -> str:
    """What a note is about where nobody knows the price."""
    return say("effort.cost_of", system=systems)


def about_savings(systems: str) -> str:
    """What a note is about where nobody knows what cached answers did cost."""
    return say("effort.saved_of", system=systems)


def about_latency(systems: str) -> str:
    """What a note is about where requests were too few."""
    return say("effort.latency_of", system=systems)


def traffic_table(pair: PairAnalysis, notes: Notebook) -> tuple[SmallTable, ...]:
    """Cost and speed of every system; nothing where nothing was ever sent. Reasons go into ``notes``."""
    result = pair.result
    names = display_names(result)
    if all(isinstance(system.traffic, Missing) for system in result.systems):
        return ()
    old: dict[str, list[str]] = {}
    rows = []
    for system in pair.standing.systems:
        name = names[system.name]
        if isinstance(system.traffic, Missing):
            first = Cell(say("effort.not_measured"), note=notes.number(system.traffic, name, about_all))
            rows.append((name, (first, *[Cell(EMPTY)] * (len(_COLUMNS) - 1))))
            continue
        age = _age(pair.ages.get(system.name))
        if age:
            old.setdefault(age, []).append(name)
        rows.append((name, _traffic_cells(system.traffic, name, notes)))
    ages = [f"{OLD.strip()} {age}: {'; '.join(systems)}." for age, systems in old.items()]
    columns = tuple(say(f"effort.heading.{name}") for name in _COLUMNS)
    return (SmallTable(say("effort.title"), columns, _TRAFFIC_TEXTS, tuple(rows), (say("effort.remark"), *ages)),)


def _traffic_cells(traffic: Traffic, name: str, notes: Notebook) -> tuple[Cell, ...]:
    mark = "" if traffic.measured_now else OLD
    speed = traffic.characters_per_second
    return (
        _money(traffic, traffic.spent, name, about_cost, notes),
        _money(traffic, traffic.saved, name, about_savings, notes),
        _percentiles(traffic, mark, name, notes),
        _pace(traffic, mark, name, notes),
        Cell(EMPTY) if isinstance(speed, Unknown) else Cell(f"{format_rate(speed)}{mark}"),
        Cell(f"{traffic.requests:,}"),
        Cell(f"{traffic.wasted:,}"),
        Cell(f"{traffic.cached:,}"),
        Cell(visible(", ".join(traffic.models)) or EMPTY),
        Cell(visible(price_source_in_words(traffic.price_source))),
    )


def _percentiles(traffic: Traffic, mark: str, name: str, notes: Notebook) -> Cell:
    figures = (traffic.p50, traffic.p95)
    unknown = [figure for figure in figures if isinstance(figure, Unknown)]
    number = notes.number(Missing(unknown[0].why), name, about_latency) if unknown else 0
    if len(unknown) == len(figures):
        return Cell(say("number.unknown"), note=number)
    texts = [EMPTY if isinstance(figure, Unknown) else format_seconds(figure) for figure in figures]
    return Cell(f"{say('number.seconds', n=' / '.join(texts))}{mark}", note=number)


def _pace(traffic: Traffic, mark: str, name: str, notes: Notebook) -> Cell:
    pace = traffic.pace
    if isinstance(pace, Unknown):
        number = notes.number(Missing(pace.why), name, about_latency)
        return Cell(say("number.unknown"), note=number)
    return Cell(f"{say('number.seconds', n=format_seconds(pace))}{mark}")


def _money(traffic: Traffic, cost: Money | Unknown, name: str, about: Callable[[str], str], notes: Notebook) -> Cell:
    if isinstance(cost, Unknown):
        return Cell(format_money(cost), note=notes.number(Missing(cost.why), name, about))
    # Every answer was paid for now or earlier, so amounts without a currency on both sides mean: nobody sends a bill.
    both = (traffic.spent, traffic.saved)
    if all(isinstance(one, Money) and one.amount == 0 and not one.currency for one in both):
        return Cell(say("effort.no_bill"))
    # A sum of nothing has no currency of its own; it is shown in the one of the other column.
    currency = cost.currency or next((one.currency for one in both if isinstance(one, Money) and one.currency), "")
    return Cell(visible(format_money(Money(cost.amount, currency))))


def _age(age: Age | None) -> str:
    """When the figures of a system were measured, unless that was in this run."""
    if age is None:
        return ""
    first, last = visible(age.first), visible(age.last)
    days = say("effort.day", day=first) if first == last else say("effort.days", first=first, last=last)
    return say("effort.measured_partly" if age.partly else "effort.measured_before", days=days)


def repeats_table(pair: PairAnalysis) -> tuple[SmallTable, ...]:
    """How far the corpus scores lie apart when everything is asked for again; nothing without repetitions."""
    names = display_names(pair.result)
    rows = []
    for spread in pair.spreads:
        decimals = pair.standing.decimals(spread.metric)
        mean, deviation = format_score(decimals, spread.mean), format_spread(decimals, spread.deviation)
        texts = (
            visible(metric_title(spread.metric)),
            format_score(decimals, spread.corpus),
            f"{spread.repetitions:,}",
            f"{mean} ± {deviation}",
            format_score(decimals, spread.lowest),
            format_score(decimals, spread.highest),
        )
        rows.append((names[spread.system], tuple(map(Cell, texts))))
    if not rows:
        return ()
    columns = tuple(say(f"repeats.heading.{name}") for name in _REPEAT_COLUMNS)
    return (SmallTable(say("repeats.title"), columns, frozenset({0}), tuple(rows), (say("repeats.remark"),)),)
