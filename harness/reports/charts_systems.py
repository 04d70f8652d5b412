"""Charts of whole systems: differences to the best, and quality against cost and latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.messages import say
from harness.recommendation import Facts
from harness.reports.charts import INK, QUIET, SERIES, Chart, Spec, shorten_name, sized
from harness.reports.findings import Findings, between
from harness.reports.format import format_difference, format_money, format_range, format_score, format_seconds
from harness.reports.order import Standing
from harness.reports.recommend import Box
from harness.reports.text import visible
from harness.stats.compare import Interval
from harness.types import Money, SystemName


def lead(standing: Standing, findings: Findings, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Differences to the system at the top with their intervals: what the verdict rests on."""
    found = findings.metric(standing.primary)
    if found is None or not found.comparisons:
        return None
    metric, leader = found.metric.name, found.ranking[0]
    values, said = [], []
    for place, name in enumerate(found.ranking[1:], start=2):
        item = between(found, leader, name)
        if not isinstance(item.interval, Interval):
            return None
        low, high = -item.interval.high, -item.interval.low
        values.append(
            {
                "system": f"{place}. {names[name]}",
                "delta": -item.delta,
                "low": low,
                "high": high,
                "state": say("chart.tied") if item.tied else say("chart.worse"),
                "text": format_difference(metric, -item.delta),
            }
        )
        tied = f", {say('chart.tied')}" if item.tied else ""
        said.append(f"{names[name]} {format_difference(metric, -item.delta)} ({format_range(metric, low, high)}{tied})")
    y = {"field": "system", "type": "nominal", "sort": None, "title": None, "axis": {"domain": False, "ticks": False}}
    colour = {
        "field": "state",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [say("chart.worse"), say("chart.tied")], "range": [SERIES[0], SERIES[1]]},
        "legend": {"orient": "top", "symbolType": "circle"},
    }
    x = {"type": "quantitative", "title": say("chart.lead_axis", system=names[leader], metric=title)}
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": INK},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}},
    }
    line = {
        "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.55},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour},
    }
    dot = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {"y": y, "x": {"field": "delta", **x}, "color": colour, "shape": _shape(colour)},
    }
    spec = sized({"data": {"values": values}, "layer": [zero, line, dot]}, 26 * len(values))
    summary = say("chart.lead_summary", system=names[leader], metric=title, differences="; ".join(said))
    return Chart("", say("chart.lead", system=names[leader]), summary, spec)


def _shape(colour: Spec) -> Spec:
    shapes = {"domain": colour["scale"]["domain"], "range": ["circle", "diamond"]}
    return {"field": colour["field"], "type": "nominal", "title": None, "scale": shapes, "legend": colour["legend"]}


def tradeoff(box: Box, standing: Standing, metric: str, title: str) -> Chart | None:
    """Quality against cost and against latency; filled points are not beaten on all three together."""
    if box.decision.metric != metric:
        return None
    sign = 1 if standing.identities[metric].higher_is_better else -1
    facts = box.decision.facts
    front = set(box.decision.pareto)
    panels, said = [], []
    currency = next((item.cost.currency for item in facts if isinstance(item.cost, Money) and item.cost.currency), "")
    costs = {item.system: item.cost.amount for item in facts if isinstance(item.cost, Money)}
    waits = {item.system: item.p95 for item in facts if isinstance(item.p95, float | int)}
    for values, axis in (
        (costs, say("chart.cost_axis", currency=currency or say("chart.money"))),
        (waits, say("chart.latency_axis")),
    ):
        if len(values) > 1 and len(set(values.values())) > 1:
            panels.append(_panel(facts, values, sign, front, axis=axis, title=title))
    if not panels:
        return None
    for item in facts:
        cost = format_money(item.cost) if isinstance(item.cost, Money) else say("chart.cost_unknown")
        wait = (
            say("number.seconds", n=format_seconds(item.p95))
            if isinstance(item.p95, float | int)
            else (say("chart.latency_unknown"))
        )
        best = f"; {say('chart.on_front')}" if item.system in front else ""
        said.append(f"{item.system}: {format_score(metric, sign * item.quality)}, {cost}, {wait}{best}")
    spec = {"hconcat": panels, "spacing": 40} if len(panels) > 1 else panels[0]
    return Chart("", say("chart.tradeoff", metric=title), visible(". ".join(said)) + ".", spec)


def _panel(
    facts: Sequence[Facts],
    amounts: Mapping[SystemName, float],
    sign: int,
    front: set[SystemName],
    *,
    axis: str,
    title: str,
) -> Spec:
    values = [
        {
            "system": shorten_name(item.system),
            "quality": sign * item.quality,
            "amount": amounts[item.system],
            "front": say("chart.unbeaten") if item.system in front else say("chart.beaten"),
        }
        for item in facts
        if item.system in amounts
    ]
    # The front of this panel alone: going right it only ever gets better.
    steps, best = [], float("-inf")
    for item in sorted((item for item in facts if item.system in amounts), key=lambda item: amounts[item.system]):
        if item.quality > best:
            best = item.quality
            steps.append({"quality": sign * item.quality, "amount": amounts[item.system]})
    x = {"field": "amount", "type": "quantitative", "title": axis, "scale": {"zero": True, "nice": True}}
    y_scale = {"zero": False, "nice": True, "padding": 12, "reverse": sign < 0}
    y = {"field": "quality", "type": "quantitative", "title": title, "scale": y_scale}
    domain = [say("chart.unbeaten"), say("chart.beaten")]
    line = {
        "data": {"values": steps},
        "mark": {"type": "line", "interpolate": "step-after", "strokeDash": [4, 3], "color": QUIET},
        "encoding": {"x": x, "y": y, "order": {"field": "amount", "type": "quantitative"}},
    }
    dots = {
        "mark": {"type": "point", "size": 110, "filled": True, "opacity": 1, "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": y,
            "color": {
                "field": "front",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": [SERIES[0], SERIES[1]]},
                "legend": {"orient": "top"},
            },
            "shape": {
                "field": "front",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": ["circle", "diamond"]},
            },
        },
    }
    words = {
        "mark": {"type": "text", "align": "center", "dy": -13, "fontSize": 11, "color": INK},
        "encoding": {"x": x, "y": y, "text": {"field": "system"}},
    }
    return sized({"data": {"values": values}, "layer": [line, dots, words]}, 260, 330)
