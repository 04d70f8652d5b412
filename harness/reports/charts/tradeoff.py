"""The chart of quality against cost, with latency as the size of the points.

A system whose cost is unknown has no place on that chart; where its latency is known, or where costs do not differ, a
second chart sets quality against latency. Nothing is guessed: what is unknown is named in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.decision.recommendation import Facts
from harness.analysis.standing import Standing
from harness.analysis.stats.compare import Interval
from harness.reports.charts.base import INK, PAGE, QUIET, SERIES, Chart, Spec, shorten_name, sized
from harness.reports.charts.labels import FONT_SIZE, Point, place_names
from harness.reports.model.recommend import Box
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_money, format_score, format_seconds, metric_title
from harness.reports.words.text import visible
from harness.types import Missing, Money, SystemName

Amounts = Mapping[SystemName, float]

WIDTH, HEIGHT = 560, 300

ROOM = 0.08
"""Of the plot, beyond the farthest point."""

SMALLEST, LARGEST = 50.0, 900.0
"""Areas of points, in square pixels."""

PLAIN = 120.0
"""The area where size says nothing."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """One system on one chart; qualities as the metric gives them."""

    label: str
    quality: float
    low: float
    high: float
    beaten: bool
    amount: float
    latency: float | None


def tradeoff(
    box: Box,
    standing: Standing,
    intervals: Mapping[SystemName, Interval | Missing],
    metric: str,
    names: Mapping[SystemName, str],
) -> Chart | None:
    """Quality against cost and latency; round points are not beaten on all three together.

    Args:
        box: with the facts.
        standing: for the direction of the metric.
        intervals: of the quality; without them two that are alike would look far apart.
        metric: its column, the one that decides.
        names: what to call each system.
    """
    title = visible(metric_title(metric))
    sign = 1 if standing.identities[metric].higher_is_better else -1
    facts = box.decision.facts
    front = set(box.decision.pareto)
    costs = {fact.system: fact.cost.amount for fact in facts if isinstance(fact.cost, Money)}
    waits = {fact.system: fact.p95 for fact in facts if isinstance(fact.p95, float | int)}
    currency = next((fact.cost.currency for fact in facts if isinstance(fact.cost, Money) and fact.cost.currency), "")

    def spots(amounts: Amounts, sizes: Amounts) -> list[_Spot]:
        points = []
        for fact in facts:
            name, quality = fact.system, sign * fact.quality
            interval = intervals.get(name)
            low, high = (interval.low, interval.high) if isinstance(interval, Interval) else (quality, quality)
            if name in amounts:
                points.append(_Spot(names[name], quality, low, high, name not in front, amounts[name], sizes.get(name)))
        return points

    panels = []
    if _differ(costs):
        sizes = {name: wait for name, wait in waits.items() if name in costs}
        drawn = spots(costs, sizes if _differ(sizes) else {})
        panels.append(
            _panel(drawn, sign, axis=say("chart.cost_axis", currency=currency or say("chart.money")), title=title)
        )
    if _differ(waits) and (not panels or set(waits) - set(costs)):
        panels.append(_panel(spots(waits, {}), sign, axis=say("chart.latency_axis"), title=title))
    if not panels:
        return None
    decimals = standing.decimals(metric)
    said = [
        _said(fact, names[fact.system], format_score(decimals, sign * fact.quality), fact.system in front)
        for fact in facts
    ]
    spec = {"vconcat": panels, "spacing": 30} if len(panels) > 1 else panels[0]
    return Chart("", say("chart.tradeoff", metric=title), visible(". ".join(said)) + ".", spec)


def _differ(values: Amounts) -> bool:
    return len(set(values.values())) > 1


def _said(facts: Facts, name: str, score: str, on_front: bool) -> str:
    cost = format_money(facts.cost) if isinstance(facts.cost, Money) else say("chart.cost_unknown")
    known = isinstance(facts.p95, float | int)
    wait = say("number.seconds", n=format_seconds(facts.p95)) if known else say("chart.latency_unknown")  # type: ignore[arg-type]
    best = f"; {say('chart.on_front')}" if on_front else ""
    return f"{name}: {score}, {cost}, {wait}{best}"


def _states() -> tuple[str, str]:
    return say("chart.unbeaten"), say("chart.beaten")


def _panel(spots: Sequence[_Spot], sign: int, *, axis: str, title: str) -> Spec:
    """Points, their intervals and names, and the line of the best quality for the amount."""
    far = max(spot.amount for spot in spots) * (1 + ROOM)
    low, high = min(spot.low for spot in spots), max(spot.high for spot in spots)
    room = ROOM * (high - low)
    x = {"field": "amount", "type": "quantitative", "title": axis, "scale": {"domain": [0, far], "nice": False}}
    y_scale = {"domain": [low - room, high + room], "zero": False, "nice": False, "reverse": sign < 0}
    y = {"field": "quality", "type": "quantitative", "title": title, "scale": y_scale}
    line = {
        "data": {"values": _steps(spots, sign)},
        "mark": {"type": "line", "interpolate": "step-after", "strokeDash": [4, 3], "color": QUIET},
        "encoding": {"x": x, "y": y, "order": {"field": "amount", "type": "quantitative"}},
    }
    bars = {
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": QUIET},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    words = {
        "mark": {
            "type": "text", "align": {"expr": "datum.align"}, "dx": {"expr": "datum.dx"}, "dy": {"expr": "datum.dy"},
            "fontSize": FONT_SIZE, "color": INK,
        },
        "encoding": {"x": x, "y": y, "text": {"field": "name"}},
    }  # fmt: skip
    values = _values(spots, sign, far, (low - room, high + room))
    layers = [line, bars, *_marks({"x": x, "y": y}, longest=_longest(spots)), words]
    return sized({"data": {"values": values}, "layer": layers}, HEIGHT, WIDTH)


def _marks(spec: Spec, longest: float) -> list[Spec]:
    """Points whose size is the latency, and rings where it is not known; all are of one size where none is."""
    legend = {"orient": "top", "symbolType": "circle"}
    colours = {"domain": _states(), "range": (SERIES[0], SERIES[1])}
    shapes = {"domain": _states(), "range": ("circle", "diamond")}
    look = {
        **spec,
        "color": {"field": "front", "type": "nominal", "title": None, "scale": colours, "legend": legend},
        "shape": {"field": "front", "type": "nominal", "title": None, "scale": shapes, "legend": legend},
    }
    size = {
        "field": "latency",
        "type": "quantitative",
        "title": say("chart.latency_size"),
        "scale": {"domain": [0, longest], "range": [SMALLEST, LARGEST]},
        "legend": {"orient": "right", "symbolFillColor": QUIET, "symbolStrokeColor": QUIET, "tickCount": 3},
    }
    dots = {
        "transform": [{"filter": "!datum.ring"}],
        "mark": {"type": "point", "size": PLAIN, "filled": True, "opacity": 0.9, "strokeWidth": 2},
        "encoding": {**look, "size": size} if longest else look,
    }
    rings = {
        "transform": [{"filter": "datum.ring"}],
        "mark": {"type": "point", "size": PLAIN, "fill": PAGE, "opacity": 1, "strokeWidth": 2},
        "encoding": look,
    }
    return [dots, rings]


def _longest(spots: Sequence[_Spot]) -> float:
    """The longest latency; 0 where size is to say nothing."""
    return max((spot.latency for spot in spots if spot.latency is not None), default=0.0)


def _values(spots: Sequence[_Spot], sign: int, far: float, ends: tuple[float, float]) -> list[Spec]:
    """The data of the points, with the places of their names."""
    longest = _longest(spots)
    worst, best = ends if sign > 0 else ends[::-1]

    def height(quality: float) -> float:
        return HEIGHT * (best - quality) / (best - worst) if best != worst else HEIGHT / 2

    points = []
    for spot in spots:
        area = SMALLEST + (LARGEST - SMALLEST) * spot.latency / longest if spot.latency is not None else PLAIN
        name = shorten_name(spot.label)
        if longest and spot.latency is None:
            name = say("chart.unsized", system=name)
        edges = sorted((height(spot.low), height(spot.high)))
        x = WIDTH * spot.amount / far
        points.append(Point(x, height(spot.quality), math.sqrt(area / math.pi), name, *edges))
    return [
        {
            "name": point.name,
            "quality": spot.quality,
            "low": spot.low,
            "high": spot.high,
            "amount": spot.amount,
            "latency": spot.latency,
            "ring": bool(longest) and spot.latency is None,
            "front": _states()[spot.beaten],
            "align": place.align,
            "dx": place.dx,
            "dy": place.dy,
        }
        for spot, point, place in zip(spots, points, place_names(points, WIDTH), strict=True)
    ]


def _steps(spots: Sequence[_Spot], sign: int) -> list[Spec]:
    """The front of one chart alone: going right it only ever gets better."""
    steps: list[Spec] = []
    for spot in sorted(spots, key=lambda spot: (spot.amount, -sign * spot.quality)):
        if not steps or sign * spot.quality > sign * steps[-1]["quality"]:
            steps.append({"quality": spot.quality, "amount": spot.amount})
    return steps
