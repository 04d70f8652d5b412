"""The card of a pair on the first screen: what to take, how sure that is, what it costs, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.decision.recommendation import Decision, Facts
from harness.analysis.looks import Look
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.model.headline import headline
from harness.reports.model.health import mark_name
from harness.reports.model.page import article_title
from harness.reports.model.recommend import Box, cost_text, is_identical, latency_text
from harness.reports.model.shown import shown_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted,
    format_difference,
    format_p_equation,
    format_range,
    format_score,
    listed,
    metric_title,
)
from harness.reports.words.text import visible
from harness.store.runs.result import SystemResult
from harness.types import Missing, SystemName, Translated, Unknown

MOST_ROWS = 5

MOST_CAVEATS = 2

EXCERPT = 110
"""Characters shown of a quoted text."""

MARGIN = 0.04
"""Room at either end of the axis of intervals, as a share of it."""


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """A system of the small leaderboard."""

    rank: int
    label: str
    score: str
    interval: str
    """As text; empty where there is none."""
    bar: tuple[float, float, float]
    """Where interval and score stand on the axis of the rows, in percent: low, score, high; equal without interval."""
    taken: bool
    """Whether it is the recommended one."""
    tied: bool
    """Whether it differs significantly from the first; true of the first itself."""
    cost: str
    """Empty where unknown."""
    latency: str


@dataclass(frozen=True, slots=True)
class LookView:
    """A list of segments worth a look, and the first of them quoted."""

    text: str
    state: Mapping[str, object]
    """What the explorer shall show."""
    source: str
    outputs: tuple[tuple[str, str], ...]
    """System and what it made of the source: the system in question first."""


@dataclass(frozen=True, slots=True)
class Card:
    """Every text is visible, none is escaped."""

    headline: str
    look: str
    """How sure it is, as the name of a look: a strength."""
    rows: tuple[LeaderRow, ...]
    metric: str
    """The title of the column of scores; empty where there are no rows."""
    more: int
    """Systems below the rows."""
    costs: bool
    latencies: bool
    """Whether any row has one."""
    chips: tuple[str, ...]
    """The gap to the next, cost and speed: each only where it is known."""
    looks: tuple[LookView, ...]
    caveats: tuple[str, ...]
    rest: tuple[str, ...]
    """Caveats beyond the two that are shown."""


def build_card(pair: PairAnalysis, box: Box, disagreements: Sequence[str], warnings: Sequence[str]) -> Card:
    """The card of one pair.

    Args:
        pair: the pair.
        box: the words of its decision.
        disagreements: where metrics separate systems in opposite ways, a sentence each.
        warnings: what casts doubt on the winner, a sentence each.
    """
    names = shown_names(pair.result)
    rows = _rows(pair, names)
    excluded = [names.get(item.system, item.system) for item in pair.decision.violations if not item.expected]
    left_out = [say("card.excluded", systems=visible(listed(excluded)))] if excluded else []
    caveats = [_ended(line) for line in (*warnings, *left_out, *box.cautions, *disagreements)]
    ranked = sum(system.name not in pair.evidence.floors for system in pair.standing.ranked)
    return Card(
        headline=headline(pair, names),
        look="alone" if is_identical(pair.decision) else box.certainty,
        rows=rows,
        metric=visible(metric_title(pair.primary)) if pair.primary and rows else "",
        more=ranked - len(rows),
        costs=any(row.cost for row in rows),
        latencies=any(row.latency for row in rows),
        chips=tuple(_chips(pair, names)),
        looks=tuple(_look(pair, look, names) for look in pair.looks),
        caveats=tuple(caveats[:MOST_CAVEATS]),
        rest=tuple(caveats[MOST_CAVEATS:]),
    )


def _ended(text: str) -> str:
    """With a full stop, where it is more than one sentence."""
    return f"{text}." if ". " in text and not text.endswith(".") else text


def _rows(pair: PairAnalysis, names: Mapping[SystemName, str]) -> tuple[LeaderRow, ...]:
    metric, standing, decision = pair.primary, pair.standing, pair.decision
    if metric is None:
        return ()
    ranked = [system.name for system in standing.ranked if system.name not in pair.evidence.floors]
    shown = _shown(ranked, decision)
    values, evidence = standing.values[metric], pair.metric(metric)
    intervals = {
        name: found
        for name in shown
        if evidence is not None and isinstance(found := evidence.intervals.get(name), Interval)
    }
    ends = [end for name in shown for end in _ends(values[name], intervals.get(name))]
    low, width = min(ends, default=0.0), (max(ends, default=0.0) - min(ends, default=0.0)) or 1.0
    facts = {item.system: item for item in decision.facts}
    decimals = standing.decimals(metric)
    tied = _tied(pair)

    def place(value: float) -> float:
        return 100 * (MARGIN + (1 - 2 * MARGIN) * (value - low) / width)

    return tuple(
        LeaderRow(
            rank=ranked.index(name) + 1,
            label=names[name],
            score=format_score(decimals, values[name]),
            interval=format_range(decimals, intervals[name].low, intervals[name].high) if name in intervals else "",
            bar=_bar(tuple(map(place, (*_ends(values[name], intervals.get(name)), values[name])))),
            taken=name == decision.recommendation,
            tied=len(tied) > 1 and name in tied,
            cost=_cost(facts.get(name)),
            latency=_latency(facts.get(name)),
        )
        for name in shown
    )


def _tied(pair: PairAnalysis) -> list[SystemName]:
    """The first and those that do not differ significantly from it; none where nothing could be tested."""
    lead = pair.lead
    if isinstance(lead, Missing) or not any(lead.evidence.groups):
        return []
    return lead.evidence.top(pair.evidence.floors)[0]


def _shown(ranked: Sequence[SystemName], decision: Decision) -> list[SystemName]:
    """The best of all, and the recommended one, wherever it stands."""
    shown = list(ranked[:MOST_ROWS])
    taken = decision.recommendation
    if isinstance(taken, str) and taken in ranked and taken not in shown:
        shown[-1] = taken
    return shown


def _ends(value: float, interval: Interval | None) -> tuple[float, float]:
    return (value, value) if interval is None else (min(interval.low, value), max(interval.high, value))


def _bar(places: tuple[float, ...]) -> tuple[float, float, float]:
    low, high, value = (round(place, 2) for place in places)
    return low, value, high


def _cost(facts: Facts | None) -> str:
    return "" if facts is None or isinstance(facts.cost, Unknown) else cost_text(facts)


def _latency(facts: Facts | None) -> str:
    return "" if facts is None or isinstance(facts.p95, Unknown) else latency_text(facts)


def _chips(pair: PairAnalysis, names: Mapping[SystemName, str]) -> list[str]:
    system, lead = pair.in_question, pair.lead
    if system is None or isinstance(lead, Missing):
        return []
    made = []
    other = pair.next_best(system)
    if other is not None:
        made.append(_gap(pair, system, other, names))
    facts = next(item for item in pair.decision.facts if item.system == system)
    result = next(item for item in pair.result.systems if item.name == system)
    if cost := _cost(facts):
        made.append(say("card.free") if cost == say("box.free") else say("card.cost", cost=cost))
    if not cost and not _latency(facts):
        made.append(say("card.unknown"))
    if seconds := _latency(facts):
        made.append(say("card.latency", seconds=seconds, requests=counted(_timed(result), "request")))
    return made


def _timed(system: SystemResult) -> int:
    if isinstance(system.traffic, Missing):
        return 0
    return len(system.traffic.timings) or system.traffic.requests


def _gap(pair: PairAnalysis, system: SystemName, other: SystemName, names: Mapping[SystemName, str]) -> str:
    """By how much it is ahead of the next, and what that means to people, as far as that is known."""
    lead = pair.lead
    if isinstance(lead, Missing):
        return ""
    own, judged = lead.primary.between(system, other), lead.evidence.between(system, other)
    metric, name = visible(metric_title(lead.metric)), names[other]
    gap = format_difference(own.metric.decimals, own.ahead(system))
    if isinstance(judged.p_adjusted, Missing):
        return say("card.gap_open", gap=gap, metric=metric, other=name)
    if judged.tied:
        if judged.significant:
            return say("card.gap_close", gap=gap, metric=metric, other=name)
        return say("card.gap_tied", gap=gap, metric=metric, other=name)
    p = format_p_equation(judged.p_adjusted)
    if isinstance(own.human_agreement, Missing):
        return say("card.gap", gap=gap, metric=metric, other=name, p=p)
    return say("card.gap_people", gap=gap, metric=metric, other=name, p=p, n=round(own.human_agreement / 10))


def _look(pair: PairAnalysis, look: Look, names: Mapping[SystemName, str]) -> LookView:
    places = {system.name: place for place, system in enumerate(pair.standing.systems)}
    systems = {system.name: system for system in pair.result.systems}
    a, b = places[look.system], places[look.other]
    match look.kind:
        case "behind":
            text = say("looks.behind", system=names[look.other], n=f"{look.segments:,}")
            state: dict[str, object] = {"a": a, "b": b, "show": "loss", "sort": "loss"}
        case "flagged":
            kind = mark_name(look.mark)
            text = say("looks.noticed", kind=kind, segments=counted(look.segments, "segment"))
            state = {"a": a, "b": b, "system": a, "kind": kind, "marks": "spans"}
        case _:
            decimals = pair.standing.decimals(pair.primary or "")
            title = clip(article_title(pair.result.corpus.articles[look.article]), 48)
            text = say("looks.weakest", article=title, score=format_score(decimals, look.score))
            state = {"a": a, "b": b, "article": look.article, "sort": "low"}
    shown = dict.fromkeys((look.system, look.other))
    return LookView(
        visible(text),
        state,
        clip(visible(pair.result.corpus.segments[look.row].source)),
        tuple((names[name], clip(visible(_output(systems[name], look.row)))) for name in shown),
    )


def _output(system: SystemResult, row: int) -> str:
    outcome = system.outcomes[row]
    return outcome.text if isinstance(outcome, Translated) else say("card.no_output")


def clip(text: str, room: int = EXCERPT) -> str:
    """The beginning of a text, up to a word where that is near; an ellipsis says that it goes on."""
    text = " ".join(text.split())
    if len(text) <= room:
        return text
    start = text[: room - 1]
    word = start.rpartition(" ")[0]
    return f"{word if len(word) > room * 2 // 3 else start}…"
