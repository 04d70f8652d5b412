"""The chart of quality against cost, with latency as the size of the points.

A system whose cost is unknown has no place on that chart; where its latency is known, or where costs do not differ, a
second chart sets quality against latency. Nothing is guessed: what is unknown is named in words.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.decision.recommendation import Facts
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.charts.base import Chart, Frame, Spec, on_pages, shorten_name
from harness.reports.charts.plane import Panel, Spot, draw_panel
from harness.reports.model.recommend import Box
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_money, format_score, format_seconds, metric_title
from harness.reports.words.text import visible
from harness.types import Money, SystemName

Amounts = Mapping[SystemName, float]


def tradeoff(pair: PairAnalysis, box: Box, metric: str, names: Mapping[SystemName, str]) -> Chart | None:
    """Quality against cost and latency; round points are not beaten on all three together, floors are dashed lines.

    Args:
        pair: for qualities and their intervals; without them two that are alike would look far apart.
        box: with the facts.
        metric: its column, the one that decides.
        names: what to call each system.
    """
    standing, evidence = pair.standing, pair.metric(metric)
    intervals = evidence.intervals if evidence else {}
    title = visible(metric_title(metric))
    sign = 1 if standing.identities[metric].higher_is_better else -1
    facts = box.decision.facts
    front = set(box.decision.pareto)
    costs = {fact.system: fact.cost.amount for fact in facts if isinstance(fact.cost, Money)}
    waits = {fact.system: fact.p95 for fact in facts if isinstance(fact.p95, float | int)}
    currency = next((fact.cost.currency for fact in facts if isinstance(fact.cost, Money) and fact.cost.currency), "")

    def spots(amounts: Amounts, sizes: Amounts) -> list[Spot]:
        points = []
        for fact in facts:
            name, quality = fact.system, sign * fact.quality
            interval = intervals.get(name)
            low, high = (interval.low, interval.high) if isinstance(interval, Interval) else (quality, quality)
            if name in amounts:
                points.append(Spot(names[name], quality, low, high, name not in front, amounts[name], sizes.get(name)))
        return points

    decimals, qualities = standing.decimals(metric), standing.values[metric]
    floors = [system.name for system in standing.ranked if system.name in pair.evidence.floors]
    known = {shorten_name(names[name]): qualities[name] for name in floors}

    def panel(amounts: Amounts, sizes: Amounts, axis: str) -> Panel:
        return Panel(tuple(spots(amounts, sizes)), known, sign, axis, title, decimals)

    panels = []
    if _differ(costs):
        sizes = {name: wait for name, wait in waits.items() if name in costs}
        axis = say("chart.cost_axis", currency=currency or say("chart.money"))
        panels.append(panel(costs, sizes if _differ(sizes) else {}, axis))
    if _differ(waits) and (not panels or set(waits) - set(costs)):
        panels.append(panel(waits, {}, say("chart.latency_axis")))
    if not panels:
        return None
    said = [
        _said(fact, names[fact.system], format_score(decimals, sign * fact.quality), fact.system in front)
        for fact in facts
    ]

    def draw(frame: Frame) -> Spec:
        drawn = [draw_panel(panel, frame) for panel in panels]
        return {"vconcat": drawn, "spacing": 30} if len(drawn) > 1 else drawn[0]

    summary = visible(". ".join([*said, *panels[0].remarks])) + "."
    return Chart("", say("chart.tradeoff", metric=title), summary, on_pages(draw))


def _differ(values: Amounts) -> bool:
    return len(set(values.values())) > 1


def _said(facts: Facts, name: str, score: str, on_front: bool) -> str:
    cost = format_money(facts.cost) if isinstance(facts.cost, Money) else say("chart.cost_unknown")
    known = isinstance(facts.p95, float | int)
    wait = say("number.seconds", n=format_seconds(facts.p95)) if known else say("chart.latency_unknown")  # type: ignore[arg-type]
    best = f"; {say('chart.on_front')}" if on_front else ""
    return f"{name}: {score}, {cost}, {wait}{best}"
