"""A plot of quality against cost or latency: points with their intervals and names, floors, and the front."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.reports.charts.base import INK, NARROW, PAGE, QUIET, SERIES, Frame, Spec, in_lines, shorten_name
from harness.reports.charts.labels import FONT_SIZE, Point, place_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_score
from harness.types import Decimals

WIDTH, HEIGHT = 560, 300
"""Of the plot in a file, in pixels."""

AXIS, KEY = 60, 110
"""Widths of the axis on the left, and of the key of sizes on the right."""

ROOM = 0.08
"""Of the plot, beyond the farthest point."""

SMALLEST, LARGEST = 50.0, 900.0
"""Areas of points, in square pixels."""

PLAIN = 120.0
"""The area where size says nothing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One system on one chart; qualities as the metric gives them."""

    label: str
    quality: float
    low: float
    high: float
    beaten: bool
    amount: float
    latency: float | None
    """None where it is unknown, or where size is to say nothing."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What one chart shows; qualities as the metric gives them."""

    spots: tuple[Spot, ...]
    floors: Mapping[str, float]
    """Qualities of floors by their name as shown."""
    sign: int
    """1 where higher is better, else -1."""
    axis: str
    title: str
    decimals: Decimals

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest quality of the plot: floors stretch no axis."""
        low, high = min(spot.low for spot in self.spots), max(spot.high for spot in self.spots)
        return low - ROOM * (high - low), high + ROOM * (high - low)

    @property
    def far(self) -> float:
        """The right end of the plot."""
        return max(spot.amount for spot in self.spots) * (1 + ROOM)

    @property
    def longest(self) -> float:
        """The longest latency; 0 where size is to say nothing."""
        return max((spot.latency for spot in self.spots if spot.latency is not None), default=0.0)

    @property
    def drawn_floors(self) -> list[float]:
        """Qualities of the floors that lie on the plot."""
        low, high = self.ends
        return [value for value in self.floors.values() if low <= value <= high]

    @property
    def remarks(self) -> list[str]:
        """Which dashed lines are which floors, and which floors are not on the plot."""
        low, high = self.ends
        return [
            say("chart.floor", floor=name, score=format_score(self.decimals, value))
            if low <= value <= high
            else say("chart.floor_far", floor=name, score=format_score(self.decimals, value))
            for name, value in self.floors.items()
        ]


def _states() -> tuple[str, str]:
    return say("chart.unbeaten"), say("chart.beaten")


def draw_panel(panel: Panel, frame: Frame) -> Spec:
    """Points, their intervals and names, floors, and the line of the best quality for the amount."""
    low, high = panel.ends
    beside = KEY if panel.longest and frame is not NARROW else 0
    width = frame.width - sum(frame.margins) - AXIS - beside if frame.width else WIDTH
    x_title = [*in_lines(panel.axis, frame), *(line for said in panel.remarks for line in in_lines(said, frame))]
    x_scale = {"domain": [0, panel.far], "nice": False}
    x = {"field": "amount", "type": "quantitative", "title": x_title, "scale": x_scale}
    y_scale = {"domain": [low, high], "zero": False, "nice": False, "reverse": panel.sign < 0}
    y = {"field": "quality", "type": "quantitative", "title": panel.title, "scale": y_scale}
    line = {
        "data": {"values": _steps(panel.spots, panel.sign)},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1, "color": QUIET},
        "encoding": {"x": x, "y": y, "order": {"field": "amount", "type": "quantitative"}},
    }
    floors = {
        "data": {"values": [{"quality": value} for value in panel.drawn_floors]},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": QUIET},
        "encoding": {"y": y},
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
    marks = _marks({"x": x, "y": y}, panel.longest, "right" if beside else "bottom")
    layers = [line, bars, *marks, words, *([floors] if panel.drawn_floors else [])]
    return {"data": {"values": _values(panel, width)}, "layer": layers, "width": width, "height": HEIGHT}


def _marks(spec: Spec, longest: float, key: str) -> list[Spec]:
    """Points whose size is the latency, and rings where it is not known; all are of one size where none is.

    Args:
        spec: their positions.
        longest: latency.
        key: where the key of sizes goes.
    """
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
        "legend": {"orient": key, "symbolFillColor": QUIET, "symbolStrokeColor": QUIET, "tickCount": 3},
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


def _values(panel: Panel, width: float) -> list[Spec]:
    """The data of the points, with the places of their names on a plot of so many pixels."""
    longest = panel.longest
    worst, best = panel.ends if panel.sign > 0 else panel.ends[::-1]

    def height(quality: float) -> float:
        return HEIGHT * (best - quality) / (best - worst) if best != worst else HEIGHT / 2

    points = []
    for spot in panel.spots:
        area = SMALLEST + (LARGEST - SMALLEST) * spot.latency / longest if spot.latency is not None else PLAIN
        name = shorten_name(spot.label)
        if longest and spot.latency is None:
            name = say("chart.unsized", system=name)
        edges = sorted((height(spot.low), height(spot.high)))
        x = width * spot.amount / panel.far
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
        for spot, point, place in zip(panel.spots, points, place_names(points, width), strict=True)
    ]


def _steps(spots: Sequence[Spot], sign: int) -> list[Spec]:
    """The front of one chart alone: going right it only ever gets better."""
    steps: list[Spec] = []
    for spot in sorted(spots, key=lambda spot: (spot.amount, -sign * spot.quality)):
        if not steps or sign * spot.quality > sign * steps[-1]["quality"]:
            steps.append({"quality": spot.quality, "amount": spot.amount})
    return steps
