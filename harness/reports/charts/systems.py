"""The chart of differences to the best system; floors are a dashed line, and never stretch the axis."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.pair import PairAnalysis
from harness.reports.charts.base import FILE, INK, QUIET, SERIES, Chart, Spec, sized
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_difference, format_range
from harness.types import Missing, SystemName


def lead(pair: PairAnalysis, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Differences to the system at the top with their intervals: what the verdict rests on."""
    evidence = pair.metric(pair.primary)
    if evidence is None or not evidence.comparisons:
        return None
    ranked = [name for name in evidence.ranking if name not in pair.evidence.floors]
    if len(ranked) < len(("best", "other")):
        return None
    decimals, leader = evidence.metric.decimals, ranked[0]
    values, said, ends = [], [], [0.0]
    for rank, name in enumerate(ranked[1:], start=2):
        comparison = evidence.between(leader, name)
        interval = comparison.interval_ahead(name)
        if isinstance(interval, Missing):
            return None
        delta, low, high = comparison.ahead(name), interval.low, interval.high
        ends += [low, high]
        values.append(
            {
                "system": f"{rank}. {names[name]}",
                "delta": delta,
                "low": low,
                "high": high,
                "state": say("chart.tied") if comparison.tied else say("chart.worse"),
                "text": format_difference(decimals, delta),
            }
        )
        tied = f", {say('chart.tied')}" if comparison.tied else ""
        said.append(f"{names[name]} {format_difference(decimals, delta)} ({format_range(decimals, low, high)}{tied})")
    y = {"field": "system", "type": "nominal", "sort": None, "title": None, "axis": {"domain": False, "ticks": False}}
    colour = {
        "field": "state",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [say("chart.worse"), say("chart.tied")], "range": [SERIES[0], SERIES[1]]},
        "legend": {"orient": "top", "symbolType": "circle"},
    }
    floors, remarks = [], []
    for name in evidence.ranking:
        if name in pair.evidence.floors:
            delta = evidence.between(leader, name).ahead(name)
            inside = min(ends) <= delta <= max(ends)
            floors += [{"delta": delta}] if inside else []
            shown = format_difference(decimals, delta)
            remarks.append(
                say("chart.floor", floor=names[name], score=shown)
                if inside
                else say("chart.floor_far", floor=names[name], score=shown)
            )
    axis = [say("chart.lead_axis", system=names[leader], metric=title), *remarks]
    x = {"type": "quantitative", "title": axis}
    dashes = {
        "data": {"values": floors},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": QUIET},
        "encoding": {"x": {"field": "delta", **x}},
    }
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
    layers = [zero, *([dashes] if floors else []), line, dot]
    spec = sized({"data": {"values": values}, "layer": layers}, FILE, 26 * len(values))
    summary = say("chart.lead_summary", system=names[leader], metric=title, differences="; ".join([*said, *remarks]))
    return Chart("", say("chart.lead", system=names[leader]), summary, {FILE: spec})


def _shape(colour: Spec) -> Spec:
    shapes = {"domain": colour["scale"]["domain"], "range": ["circle", "diamond"]}
    return {"field": colour["field"], "type": "nominal", "title": None, "scale": shapes, "legend": colour["legend"]}
