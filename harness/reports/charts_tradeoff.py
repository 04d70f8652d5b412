"""The chart of quality against cost, with latency as the size of the points.

A system whose cost is unknown has no place on that chart; where its latency is known, or where costs do not differ, a
second chart sets quality against latency. Nothing is guessed: what is unknown is named in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harness.recommendation import Facts
from harness.reports.charts import INK, QUIET, SERIES, Chart, Spec, shorten_name, sized
from harness.reports.format import format_money, format_score, format_seconds
from harness.reports.order import Standing
from harness.reports.recommend import Box
from harness.reports.text import visible
from harness.types import Money, SystemName

Amounts = Mapping[SystemName, float]

WIDTH, HEIGHT = 560, 300

SMALLEST, LARGEST = 50.0, 900.0
"""Areas of points, in square pixels."""

PLAIN = 120.0
"""The area where size says nothing."""

DOMAIN = ("not beaten", "beaten")

SHAPES = {"domain": DOMAIN, "range": ("circle", "diamond")}

COLOURS = {"domain": DOMAIN, "range": (SERIES[0], SERIES[1])}


def tradeoff(box: Box, standing: Standing, metric: str, title: str) -> Chart | None:
    """Quality against cost and latency; round points are not beaten on all three together."""
    if box.decision.metric != metric:
        return None
    sign = 1 if standing.identities[metric].higher_is_better else -1
    facts = box.decision.facts
    front = set(box.decision.pareto)
    costs = {item.system: item.cost.amount for item in facts if isinstance(item.cost, Money)}
    waits = {item.system: item.p95 for item in facts if isinstance(item.p95, float | int)}
    currency = next((item.cost.currency for item in facts if isinstance(item.cost, Money) and item.cost.currency), "")
    panels = []
    if _differ(costs):
        sizes = {name: wait for name, wait in waits.items() if name in costs}
        axis = f"cost, {currency or 'money'} per million characters"
        panels.append(_panel(facts, costs, sizes if _differ(sizes) else {}, sign, front, axis=axis, title=title))
    if _differ(waits) and (not panels or set(waits) - set(costs)):
        panels.append(_panel(facts, waits, {}, sign, front, axis="latency p95, seconds", title=title))
    if not panels:
        return None
    said = []
    for item in facts:
        cost = format_money(item.cost) if isinstance(item.cost, Money) else "cost unknown"
        wait = f"{format_seconds(item.p95)} s" if isinstance(item.p95, float | int) else "latency unknown"
        best = "; on the Pareto front" if item.system in front else ""
        said.append(f"{item.system}: {format_score(metric, sign * item.quality)}, {cost}, {wait}{best}")
    spec = {"vconcat": panels, "spacing": 30} if len(panels) > 1 else panels[0]
    return Chart("", f"{title}, cost and latency", visible(". ".join(said)) + ".", spec)


def _differ(values: Amounts) -> bool:
    return len(set(values.values())) > 1


def _panel(
    facts: Sequence[Facts],
    amounts: Amounts,
    sizes: Amounts,
    sign: int,
    front: set[SystemName],
    *,
    axis: str,
    title: str,
) -> Spec:
    """Quality against ``amounts``; ``sizes`` are latencies, empty where size is to say nothing."""
    shown = [item for item in facts if item.system in amounts]
    most = max(amounts.values())
    values = [
        {
            "system": shorten_name(item.system) + (" (latency unknown)" if sizes and item.system not in sizes else ""),
            "quality": sign * item.quality,
            "amount": amounts[item.system],
            "latency": sizes.get(item.system, 0.0),
            "sized": item.system in sizes or not sizes,
            "align": _align(amounts[item.system] / most),
            "front": DOMAIN[item.system not in front],
            "lift": -6 - math.sqrt(_area(sizes, item.system) / math.pi),
        }
        for item in shown
    ]
    x = {"field": "amount", "type": "quantitative", "title": axis, "scale": {"zero": True, "nice": True}}
    y_scale = {"zero": False, "nice": True, "padding": 24, "reverse": sign < 0}
    y = {"field": "quality", "type": "quantitative", "title": title, "scale": y_scale}
    line = {
        "data": {"values": _steps(shown, amounts, sign)},
        "mark": {"type": "line", "interpolate": "step-after", "strokeDash": [4, 3], "color": QUIET},
        "encoding": {"x": x, "y": y, "order": {"field": "amount", "type": "quantitative"}},
    }
    legend = {"orient": "top", "symbolType": "circle"}
    place: Spec = {
        "x": x,
        "y": y,
        "color": {"field": "front", "type": "nominal", "title": None, "scale": COLOURS, "legend": legend},
        "shape": {"field": "front", "type": "nominal", "title": None, "scale": SHAPES, "legend": legend},
    }
    if sizes:
        place["size"] = {
            "field": "latency",
            "type": "quantitative",
            "title": "latency p95 (s)",
            "scale": {"domain": [0, max(sizes.values())], "range": [SMALLEST, LARGEST]},
            "legend": {"orient": "right", "symbolFillColor": QUIET, "symbolStrokeColor": QUIET, "tickCount": 3},
        }
    dots = {
        "transform": [{"filter": "datum.sized"}],
        "mark": {"type": "point", "size": PLAIN, "filled": True, "opacity": 0.85, "strokeWidth": 2},
        "encoding": place,
    }
    rings = {
        "transform": [{"filter": "!datum.sized"}],
        "mark": {"type": "point", "size": PLAIN, "filled": False, "opacity": 1, "strokeWidth": 2},
        "encoding": {key: channel for key, channel in place.items() if key != "size"},
    }
    words = {
        "mark": {
            "type": "text",
            "align": {"expr": "datum.align"},
            "dy": {"expr": "datum.lift"},
            "fontSize": 11,
            "color": INK,
        },
        "encoding": {"x": x, "y": y, "text": {"field": "system"}},
    }
    return sized({"data": {"values": values}, "layer": [line, dots, rings, words]}, HEIGHT, WIDTH)


def _align(place: float) -> str:
    """Of a name, by how far right its point is, so that it does not run over the edge."""
    return "left" if place < 0.2 else "right" if place > 0.85 else "center"


def _area(sizes: Amounts, system: SystemName) -> float:
    """Of a point, as the scale of sizes draws it."""
    return SMALLEST + (LARGEST - SMALLEST) * sizes[system] / max(sizes.values()) if system in sizes else PLAIN


def _steps(shown: Sequence[Facts], amounts: Amounts, sign: int) -> list[dict[str, float]]:
    """The front of one panel alone: going right it only ever gets better."""
    steps, best = [], float("-inf")
    for item in sorted(shown, key=lambda item: (amounts[item.system], -item.quality)):
        if item.quality > best:
            best = item.quality
            steps.append({"quality": sign * item.quality, "amount": amounts[item.system]})
    return steps
