"""Many comparisons at once: one step-down test over the same swaps (Westfall and Young 1993, algorithms 2.8 and 4.1).

Every swap is applied to all systems together, so it shows the differences of all pairs jointly. A pair is significant
when few swaps bring any pair still in question as far as this one has come. Correlated pairs cost little this way, and
the smallest p does not depend on how many pairs there are; Holm's correction of p-values that no swap test can make
small confirms nothing.

How far a pair has come must mean the same for all pairs, whatever their articles are like. It is the share of this
pair's own swaps that come as far (min-p), as long as enough of them do. Beyond the largest few it goes on along the
exponential tail that these show, because ranks run out where differences do not: with a thousand swaps and a hundred
pairs some pair has its largest difference in every tenth swap. With so few units that ranks say nothing, it is the
difference over its root mean square in the swaps (max-T). All of this depends only on the set of swaps,
which no swap changes, so the test stays exact where the differences of equal systems are jointly symmetric. Elsewhere
its error is close to the level: ``harness bench error-rates`` measures it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.analysis.stats.compare import LEVEL, Difference, Profile, compare_roughly
from harness.analysis.stats.design import Design
from harness.analysis.stats.quantiles import two_sided_p
from harness.metrics.interface import Rows

ROUNDING = 1e-9
"""Differences closer than this, relative to their size, are equal."""

FEW_SWAPS = 64
"""Up to so many swaps (7 units) ranks are too coarse."""

RANKED = 5
"""The largest swaps beyond which a pair's own tail goes on."""

TAIL = 20
"""Swaps whose differences show how fast the tail falls."""

LEAST_FALL = 0.1
"""The tail falls by e within at least this many root mean squares, where ties would make it a wall."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """How far differences of one pair have come, from its own swaps."""

    ordered: Rows
    """(M,) differences of the swaps, ascending, the observed order among them."""
    coarse: bool

    def distance(self, sizes: Rows) -> Rows:
        """(k,) sizes of differences to (k,) distances, comparable between pairs."""
        count = len(self.ordered)
        if self.coarse:
            studentised: Rows = sizes / self._scale()
            return studentised
        reached = count - np.searchsorted(self.ordered, sizes * (1 - ROUNDING), side="left")
        first = self.ordered[-RANKED]
        beyond = math.log(count / RANKED) + np.maximum(sizes - first, 0.0) / self._fall()
        distances: Rows = np.where(sizes > first, beyond, np.log(count / np.maximum(reached, 1)))
        return distances

    def p_value(self, distance: float, units: int) -> float:
        """The p of a t-test of one pair at a distance, also between and beyond what swaps can show."""
        t = as_t(self._size(distance) / self._scale(), units)
        return two_sided_p(t, units - 1) if math.isfinite(t) else 0.0

    def _size(self, distance: float) -> float:
        """The difference at a distance."""
        if self.coarse:
            return distance * self._scale()
        count = len(self.ordered)
        if distance > math.log(count / RANKED):
            return float(self.ordered[-RANKED]) + (distance - math.log(count / RANKED)) * self._fall()
        return float(self.ordered[-max(1, round(count * math.exp(-distance)))])

    def _fall(self) -> float:
        """By how much a difference grows while its share of the swaps falls by e, in the tail."""
        seen = float(self.ordered[-RANKED] - self.ordered[-TAIL]) / math.log(TAIL / RANKED)
        return max(seen, LEAST_FALL * self._scale())

    def _scale(self) -> float:
        """``sqrt(sum v_u**2)``: the root mean square over the swaps; 1 where nothing differs."""
        square = float((self.ordered**2).mean())
        return math.sqrt(square) if square > 0 else 1.0


def _scale(item: Difference, design: Design) -> _Scale:
    swaps = item.swapped if design.exact else np.append(item.swapped, item.size)
    return _Scale(np.sort(swaps), coarse=len(swaps) <= FEW_SWAPS)


@dataclass(frozen=True, slots=True)
class FamilyTest:
    """What testing some comparisons together shows."""

    adjusted: tuple[float, ...]
    """p-values corrected for all of them, in their order; each is at least the raw one."""
    level: float
    """At which each comparison alone is tested, so that all together keep the level; that of a single one is the same.

    It belongs to the distance that the swaps of all pairs reach once in twenty. Planning needs it: power at the level
    that decides, not at one that does not.
    """


def judge_together(differences: Sequence[Difference], design: Design, *, level: float = LEVEL) -> FamilyTest:
    """Test comparisons of pairs of systems together.

    Args:
        differences: from the swaps of ``design``.
        design: how the swaps count.
        level: of all of them together.
    """
    if len(differences) < 2:
        return FamilyTest(tuple(item.p for item in differences), level)
    scales = [_scale(item, design) for item in differences]
    come = [float(scale.distance(np.array([item.size]))[0]) for item, scale in zip(differences, scales, strict=True)]
    order = sorted(range(len(differences)), key=lambda index: come[index])
    reached: list[float] = []
    farthest = np.full(design.swaps, -np.inf)
    for index in order:
        farthest = np.maximum(farthest, scales[index].distance(differences[index].swapped))
        bound = come[index] - ROUNDING * max(abs(come[index]), 1.0)
        reached.append(design.p_value(int((farthest >= bound).sum())))
    adjusted = [0.0] * len(differences)
    highest = 0.0
    for index, p in zip(reversed(order), reversed(reached), strict=True):
        highest = max(highest, p, differences[index].p)
        adjusted[index] = min(highest, 1.0)
    beyond = design.most_extreme(level)
    if not 0 <= beyond < design.swaps:
        return FamilyTest(tuple(adjusted), level)
    critical = float(np.partition(farthest, design.swaps - 1 - beyond)[-1 - beyond])
    shares = [scale.p_value(critical, item.units) for item, scale in zip(differences, scales, strict=True)]
    return FamilyTest(tuple(adjusted), max(level, 1 - float(np.median(shares))))


def adjusted_p(differences: Sequence[Difference], design: Design) -> list[float]:
    """The p-values of :func:`judge_together`."""
    return list(judge_together(differences, design).adjusted)


def leader(profiles: Sequence[Profile], design: Design, *, higher_is_better: bool, level: float = LEVEL) -> int | None:
    """Which of some systems is significantly better than every other one, all pairs tested together; None: none is."""
    pairs = list(combinations(range(len(profiles)), 2))
    items = [compare_roughly(profiles[a], profiles[b], design, higher_is_better=higher_is_better) for a, b in pairs]
    beaten: dict[int, int] = {}
    for (a, b), item, p in zip(pairs, items, adjusted_p(items, design), strict=True):
        if p <= 1 - level:
            winner = a if item.delta > 0 else b
            beaten[winner] = beaten.get(winner, 0) + 1
    return next((index for index, count in beaten.items() if count == len(profiles) - 1), None)


def as_t(size: float, units: int) -> float:
    """Student's t of a difference whose size is ``|sum v| / sqrt(sum v**2)``: ``z sqrt((n-1) / (n-z**2))``."""
    room = units - size * size
    return size * math.sqrt((units - 1) / room) if room > ROUNDING * units else math.inf
