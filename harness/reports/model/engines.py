"""The table of all engines on the page: the leaderboard, with what it takes to sort, subtract and hide its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.comparison import MetricEvidence
from harness.analysis.decision.recommendation import Facts
from harness.analysis.decision.severe_flags import SEVERE
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.model.health import HealthView
from harness.reports.model.leaderboard import Leaderboard, Row, noticed
from harness.reports.model.recommend import cost_text, latency_text
from harness.reports.model.shown import shown_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_difference, listed
from harness.store.runs.frame import corpus_score
from harness.types import Money, Score, SystemName, Unknown

GRAVEST = ("failed", "refused", *(kind.replace("_", " ") for kind in SEVERE))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as shown, and in full for the script; the latter is empty where there is none."""

    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class FlagCount:
    """How many segments of a system have one kind of flag."""

    kind: str
    segments: int


@dataclass(frozen=True, slots=True)
class EngineRow:
    """A system: its row of the leaderboard, and what the page shows beside it."""

    row: Row
    index: int
    """Its row on the leaderboard, from 0: what the explorer knows it by."""
    rank: str
    """Empty for floors and where nothing is ranked."""
    band: int
    """Of those with the same number, none differs significantly from the first; 0 where nothing was tested."""
    floor: bool
    identical: str
    """Which systems say the same in every segment; empty where none does."""
    scores: tuple[str, ...]
    """Corpus scores in full, in the order of the columns; empty where there is none."""
    interval: str
    """Of the primary metric."""
    bar: tuple[float, float, float] | None
    """Low, score and high on the axis of the intervals, in percent; None without an interval, and for floors."""
    lead: str
    """Difference from the best by the primary metric; empty for the best itself and where nothing is compared."""
    tied: bool
    """Whether that difference is not significant."""
    ties: tuple[SystemName, ...]
    """The systems from which it does not differ significantly."""
    gaps: Mapping[SystemName, Interval]
    """Of its score by the primary metric less that of each other system: of the pair alone, unadjusted."""
    cost: Amount
    latency: Amount
    flags: tuple[FlagCount, ...]
    """The gravest kind first, then the most frequent."""
    flagged: int
    """Segments with a flag of any kind."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The whole table, floors last."""

    rows: tuple[EngineRow, ...]
    leads: bool
    costs: bool
    latencies: bool
    """Whether any system has one."""
    unknown: str
    """What nobody knows of any system; empty where all is known of some."""
    currency: str | None
    """Of all costs; None where there are several, which cannot be compared."""
    seconds: str
    """How a latency is written, with ``{n}`` for the number."""
    banded: bool
    intervals: bool
    floor: float | None
    """The score of the best floor on the axis of the intervals, in percent; None where it is not on it."""

    def ties(self, row: EngineRow) -> str:
        """Which rows of the table a system does not differ from, for the script: ``0 2``."""
        return " ".join(str(place) for place, other in enumerate(self.rows) if other.row.system in row.ties)

    def gaps(self, row: EngineRow) -> str:
        """Ends of the intervals of its differences from every row, for the script: ``,;-1.25,0.5``."""
        known = [row.gaps.get(other.row.system) for other in self.rows]
        return ";".join("," if item is None else f"{item.low:.10g},{item.high:.10g}" for item in known)


def build_engines(pair: PairAnalysis, board: Leaderboard, health: HealthView) -> Engines:
    """The table of one pair.

    Args:
        pair: the pair.
        board: its leaderboard.
        health: the flags by kind and system.
    """
    names, floors, primary = shown_names(pair.result), pair.evidence.floors, pair.metric(pair.primary)
    facts = {item.system: item for item in pair.decision.facts}
    bands = {} if primary is None else _bands(primary.bands(floors))
    low, high = _axis(primary, floors)
    ranked = [system.name for system in pair.standing.ranked if system.name not in floors]
    primary_column = next((index for index, column in enumerate(board.columns) if column.metric == pair.primary), None)

    def percent(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    def build_row(index: int, row: Row) -> EngineRow:
        name = row.system
        lead = _lead(primary, name, ranked[0]) if ranked else ""
        own = None if primary is None or name in floors else primary.intervals.get(name)
        score = pair.standing.values.get(pair.primary or "", {}).get(name)
        drawn = isinstance(own, Interval) and score is not None and high > low
        return EngineRow(
            row=row,
            index=index,
            rank=str(ranked.index(name) + 1) if name in ranked else "",
            band=bands.get(name, 0),
            floor=name in floors,
            identical=_identical(pair, name, names),
            scores=_scores(pair, name),
            interval="" if primary_column is None else row.cells[primary_column].interval,
            bar=(percent(own.low), percent(score), percent(own.high)) if drawn else None,  # type: ignore[union-attr, arg-type]
            lead=lead,
            tied=bool(lead) and ranked[0] in _ties(primary, name),
            ties=_ties(primary, name),
            gaps=_gaps(primary, name),
            cost=_cost(facts.get(name)),
            latency=_latency(facts.get(name)),
            flags=_flags(health, index),
            flagged=len(pair.marks[name]),
        )

    built = [build_row(index, row) for index, row in enumerate(board.rows)]
    rows = tuple(sorted(built, key=lambda row: row.floor))
    costs, latencies = any(row.cost.value for row in rows), any(row.latency.value for row in rows)
    currencies = {item.cost.currency for item in facts.values() if isinstance(item.cost, Money) and item.cost.amount}
    best_floor = _best_floor(pair)
    return Engines(
        rows=rows,
        leads=any(row.lead for row in rows),
        costs=costs,
        latencies=latencies,
        unknown=_unknown(costs=costs, latencies=latencies) if facts else "",
        currency=None if len(currencies) > 1 else "".join(currencies),
        seconds=say("number.seconds", n="{n}"),
        banded=bool(bands),
        intervals=any(row.bar for row in rows),
        floor=percent(best_floor) if best_floor is not None and low < best_floor < high else None,
    )


def _bands(bands: tuple[tuple[SystemName, ...], ...]) -> dict[SystemName, int]:
    return {name: number for number, band in enumerate(bands, start=1) for name in band}


def _axis(primary: MetricEvidence | None, floors: frozenset[SystemName]) -> tuple[float, float]:
    """The lowest and the highest end of the intervals; floors do not stretch it."""
    known = {} if primary is None else primary.intervals
    shown = [item for name, item in known.items() if isinstance(item, Interval) and name not in floors]
    return min((item.low for item in shown), default=0.0), max((item.high for item in shown), default=0.0)


def _best_floor(pair: PairAnalysis) -> float | None:
    values = pair.standing.values.get(pair.primary or "", {})
    known = [values[name] for name in pair.evidence.floors if name in values]
    if not known or pair.primary is None:
        return None
    return (max if pair.standing.identities[pair.primary].higher_is_better else min)(known)


def _identical(pair: PairAnalysis, system: SystemName, names: Mapping[SystemName, str]) -> str:
    group = next((group for group in pair.identical if system in group), ())
    others = [names[name] for name in group if name != system]
    return say("engines.identical", systems=listed(others)) if others else ""


def _scores(pair: PairAnalysis, name: SystemName) -> tuple[str, ...]:
    system = next(item for item in pair.result.systems if item.name == name)
    scores = [corpus_score(system, metric) for metric in pair.result.metrics]
    return tuple(repr(float(score.value)) if isinstance(score, Score) else "" for score in scores)


def _lead(primary: MetricEvidence | None, name: SystemName, best: SystemName) -> str:
    if primary is None or name == best or not {name, best} <= set(primary.ranking):
        return ""
    return format_difference(primary.metric.decimals, primary.ahead(name, best))


def _ties(primary: MetricEvidence | None, name: SystemName) -> tuple[SystemName, ...]:
    if primary is None:
        return ()
    pairs = [item for item in primary.comparisons if item.tied and name in (item.a, item.b)]
    return tuple(item.b if item.a == name else item.a for item in pairs)


def _gaps(primary: MetricEvidence | None, name: SystemName) -> dict[SystemName, Interval]:
    if primary is None:
        return {}
    gaps = {}
    for item in primary.comparisons:
        if name in (item.a, item.b):
            ahead = item.interval_ahead(name)
            if isinstance(ahead, Interval):
                other = item.b if item.a == name else item.a
                gaps[other] = ahead if item.metric.higher_is_better else Interval(-ahead.high, -ahead.low)
    return gaps


def _unknown(*, costs: bool, latencies: bool) -> str:
    if costs and latencies:
        return ""
    if costs:
        return say("engines.unknown.latency")
    return say("engines.unknown.cost") if latencies else say("engines.unknown.both")


def _cost(facts: Facts | None) -> Amount:
    if facts is None:
        return Amount("–")
    value = repr(float(facts.cost.amount)) if isinstance(facts.cost, Money) else ""
    return Amount(cost_text(facts), value)


def _latency(facts: Facts | None) -> Amount:
    if facts is None:
        return Amount("–")
    return Amount(latency_text(facts), "" if isinstance(facts.p95, Unknown) else repr(float(facts.p95)))


def _flags(health: HealthView, index: int) -> tuple[FlagCount, ...]:
    gravity = {noticed(name): rank for rank, name in enumerate(GRAVEST)}
    counts = [FlagCount(row.kind, row.counts[index]) for row in health.rows if row.counts[index]]
    return tuple(sorted(counts, key=lambda item: (gravity.get(item.kind, len(gravity)), -item.segments, item.kind)))
