"""How far the difference of two systems has come, by the share of its own swaps that come as far (min-p).

The distance of a difference is the logarithm of one over that share. Beyond the largest few swaps it goes on along the
exponential tail that these show, because ranks run out where differences do not. :mod:`harness.analysis.stats.family`
says what it is for.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from harness.analysis.stats.compare import Difference, SwapTest
from harness.analysis.stats.design import Design
from harness.analysis.stats.quantiles import two_sided_p
from harness.metrics.interface import Rows

ROUNDING = 1e-9
"""Differences closer than this, relative to their size, are equal."""

RANKED = 5
"""The largest swaps beyond which a pair's own tail goes on."""

TAIL = 20
"""Swaps whose differences show how fast the tail falls."""

LEAST_FALL = 0.1
"""The tail falls by e within at least this many root mean squares, where ties would make it a wall."""

FEW = 1000
"""So few numbers are put in order by comparing them."""

SMALL = 1e-200
"""The same of numbers that are all smaller than this."""

Order = npt.NDArray[np.intp]
"""(R,) the place of the smallest number, and so on."""

Tested = Difference | SwapTest


class Scale:
    """How far differences of one pair have come, from its own swaps."""

    def __init__(self, difference: Tested, design: Design) -> None:
        """Order the swaps of ``design`` by how large a difference they show."""
        self.size = difference.size
        """Of the observed order."""
        self._order = _ascending_order(difference.swapped)
        self._ascending = difference.swapped[self._order]
        # (M,) with the observed order among them, which is one of all swaps but stands beside a sample.
        self._ordered = self._ascending if design.exact else _inserted(self._ascending, difference.size)

    def observed(self) -> float:
        """The distance of the observed order, comparable between pairs."""
        reached = len(self._ordered) - int(np.searchsorted(self._ordered, self.size * (1 - ROUNDING), side="left"))
        if self.size > self._ordered[-RANKED]:
            return float(self._beyond(self.size))
        return float(_logs(len(self._ordered))[max(reached, 1)])

    def of_swaps(self) -> Rows:
        """(R,) distances of the swaps."""
        distances = np.empty(len(self._order))
        ascending = _logs(len(self._ordered))[self._reached()]
        tail = int(np.searchsorted(self._ascending, self._ordered[-RANKED], side="right"))
        ascending[tail:] = self._beyond(self._ascending[tail:])
        distances[self._order] = ascending
        return distances

    def _reached(self) -> npt.NDArray[np.intp]:
        """(R,) how many orders, the observed one among them, show at least the difference of each swap, ascending."""
        ascending = self._ascending
        least = ascending * (1 - ROUNDING)
        first = np.arange(len(ascending))
        # Each has those after it, and those before it that are equal but for rounding; nearly always there are none.
        ties = np.flatnonzero(ascending[:-1] >= least[1:]) + 1
        first[ties] = np.searchsorted(ascending, least[ties], side="left")
        reached: npt.NDArray[np.intp] = len(ascending) - first
        if len(self._ordered) > len(ascending):
            reached[: np.searchsorted(least, self.size, side="right")] += 1
        return reached

    def _beyond(self, sizes: Rows | float) -> Rows | np.float64:
        """Distances of differences beyond the largest few: along the exponential tail that these show."""
        start = math.log(len(self._ordered) / RANKED)
        distances: Rows | np.float64 = start + (sizes - self._ordered[-RANKED]) / self._fall
        return distances

    def size_at(self, distance: float) -> float:
        """The difference at a distance."""
        count = len(self._ordered)
        if distance > math.log(count / RANKED):
            return float(self._ordered[-RANKED]) + (distance - math.log(count / RANKED)) * self._fall
        return float(self._ordered[-max(1, round(count * math.exp(-distance)))])

    def p_value(self, size: float, units: int) -> float:
        """The p of a t-test of one pair with a difference of ``size``, also between and beyond what swaps can show."""
        t = as_t(size / self._root, units)
        return two_sided_p(t, units - 1) if math.isfinite(t) else 0.0

    @cached_property
    def _fall(self) -> float:
        """By how much a difference grows while its share of the swaps falls by e, in the tail."""
        seen = float(self._ordered[-RANKED] - self._ordered[-TAIL]) / math.log(TAIL / RANKED)
        return max(seen, LEAST_FALL * self._root)

    @cached_property
    def _root(self) -> float:
        """``sqrt(sum v_u**2)``: the root mean square over the swaps; 1 where nothing differs."""
        square = float((self._ordered**2).mean())
        return math.sqrt(square) if square > 0 else 1.0


def _ascending_order(values: Rows) -> Order:
    """The order of numbers from 0 up; which of two equal ones comes first is left open.

    By their first 32 bits, counted out 16 at a time, which takes a third of the time of comparing them.
    """
    largest = float(values.max(initial=0.0))
    if len(values) < FEW or not SMALL < largest < math.inf:
        return np.argsort(values)
    # Nearly as fine as the numbers themselves, and never in another order.
    coarse = (values * ((2**32 - 1) / largest)).astype(np.uint32)
    order = np.argsort((coarse & 0xFFFF).astype(np.uint16), kind="stable")
    order = order[np.argsort((coarse >> 16).astype(np.uint16)[order], kind="stable")]
    ascending = values[order]
    if (ascending[1:] < ascending[:-1]).any():  # two that are the same number when they are as coarse
        order = order[np.argsort(ascending, kind="stable")]
    return order


def _inserted(ascending: Rows, size: float) -> Rows:
    """(R,) ascending numbers to (R + 1,), with ``size`` before all that are not smaller."""
    place = int(np.searchsorted(ascending, size))
    ordered = np.empty(len(ascending) + 1)
    ordered[:place], ordered[place], ordered[place + 1 :] = ascending[:place], size, ascending[place:]
    return ordered


@lru_cache(maxsize=4)
def _logs(count: int) -> Rows:
    """(count + 1,) distances of what so many of ``count`` orders reach."""
    logs: Rows = np.log(count / np.maximum(np.arange(count + 1), 1))
    logs.flags.writeable = False
    return logs


def as_t(size: float, units: int) -> float:
    """Student's t of a difference whose size is ``|sum v| / sqrt(sum v**2)``: ``z sqrt((n-1) / (n-z**2))``."""
    room = units - size * size
    return size * math.sqrt((units - 1) / room) if room > ROUNDING * units else math.inf
