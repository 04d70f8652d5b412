"""Where the names of points go on a chart, so that they cover neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FONT_SIZE = 11

WIDE = 0.58
"""Width of a character of the usual text, in font sizes."""

LINE = 14
"""From one line to the next, in pixels."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point and its name, in pixels from the top left corner of the plot."""

    x: float
    y: float
    radius: float
    name: str
    top: float
    """Upper end of its interval."""
    bottom: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; ``y`` grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name goes, from its point."""

    align: str
    dx: float
    dy: float
    box: Box


def place_names(points: Sequence[Point], width: float) -> list[Place]:
    """A place beside each point, chosen in their order: the first of those that cover least.

    Args:
        points: all that are drawn.
        width: of the plot; a name outside it is as bad as one on another.
    """
    taken = [Box(one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius) for one in points]
    taken += [Box(one.x - 1, one.top, one.x + 1, one.bottom) for one in points]
    placed = []
    for point in points:
        choices = _choices(point)
        costs = [_cost(choice.box, taken, width) for choice in choices]
        best = choices[costs.index(min(costs))]
        taken.append(best.box)
        placed.append(best)
    return placed


def _choices(point: Point) -> list[Place]:
    """Beside the point: right before left, a little above before below and further away."""
    long = WIDE * FONT_SIZE * len(point.name)
    gap = point.radius + 4
    made = []
    for dy in (-8, 8 + FONT_SIZE / 2, -8 - LINE, 8 + FONT_SIZE / 2 + LINE):
        for align, left in (("left", point.x + gap), ("right", point.x - gap - long)):
            base = point.y + dy + FONT_SIZE / 3
            box = Box(left, base - FONT_SIZE, left + long, base + 2)
            made.append(Place(align, gap if align == "left" else -gap, dy, box))
    return made


def _cost(box: Box, taken: Sequence[Box], width: float) -> float:
    outside = max(0.0, -box.left) + max(0.0, box.right - width)
    return sum(map(box.shared, taken)) + outside * (box.bottom - box.top)
