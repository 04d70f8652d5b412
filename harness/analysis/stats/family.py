"""Many comparisons at once: one step-down test over the same swaps (Westfall and Young 1993, algorithms 2.8 and 4.1).

Every swap is applied to all systems together, so it shows the differences of all pairs jointly. A pair is significant
when few swaps bring any pair still in question as far as this one has come. Correlated pairs cost little this way, and
the smallest p does not depend on how many pairs there are; Holm's correction of p-values that no swap test can make
small confirms nothing.

How far a pair has come is measured twice, and each measure has its share of the level. The first is the difference
itself, in points of the metric: a pair that is 30 points apart is not held back by 700 others whose largest swaps are
three. It has nearly all of the power where articles are few and systems many, and there four fifths of the level. But
one system that is wild on some articles sets the bar for all, however alike two others are. So the second is the share
of this pair's own swaps that come as far (min-p). Beyond the largest few it goes on along the exponential tail that
these show, because ranks run out where differences do not: with a thousand swaps and a hundred pairs some pair has its
largest difference in every tenth swap. A pair that either measure rejects leaves the family for both (sequential
rejection, Goeman and Solari 2010: the two shares add up to the level for every set of pairs that is still in question,
and both bars only fall as pairs leave).

Both measures depend only on the set of swaps, which no swap changes, so the test stays exact where the differences of
equal systems are jointly symmetric. Elsewhere its error is close to the level, as measured by
``python -m tests.bench error-rates``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from harness.analysis.stats.compare import LEVEL, Difference, Profile, SwapTest, swap_roughly
from harness.analysis.stats.design import EXACT_UNITS, Design
from harness.analysis.stats.quantiles import two_sided_p
from harness.metrics.interface import Rows

ROUNDING = 1e-9
"""Differences closer than this, relative to their size, are equal."""

SHARES = ((7, 1.0), (EXACT_UNITS, 0.8), (20, 0.2))
"""Up to so many units, differences as they are have this share of the level; the rest is for ranks, and all with more.

Up to 7 units ranks are too coarse. Of pairs of 4 to 26 systems of WMT24 en-cs on 8 to 12 articles, .8 confirmed at
least as many as .5, and up to 4 points fewer than 1, which leaves nothing for ranks. From 14 on it makes little
difference; with 50 articles and 5 systems .2 cost up to 1.2 points of power against Holm's correction.
"""

RANKED = 5
"""The largest swaps beyond which a pair's own tail goes on."""

TAIL = 20
"""Swaps whose differences show how fast the tail falls."""

LEAST_FALL = 0.1
"""The tail falls by e within at least this many root mean squares, where ties would make it a wall."""


Tested = Difference | SwapTest


@dataclass(frozen=True, slots=True)
class _Scale:
    """How far differences of one pair have come, from its own swaps."""

    order: npt.NDArray[np.intp]
    """(R,) which swap has the smallest difference, and so on."""
    ascending: Rows
    """(R,) these differences."""
    ordered: Rows
    """(M,) the same, the observed order among them, which is one of all swaps but beside a sample."""
    size: float
    """Of the observed order."""

    def observed(self) -> float:
        """The distance of the observed order, comparable between pairs."""
        return float(self._distances(np.array([self.size]))[0])

    def of_swaps(self) -> Rows:
        """(R,) distances of the swaps."""
        distances = np.empty(len(self.order))
        distances[self.order] = self._distances(self.ascending)
        return distances

    def _distances(self, sizes: Rows) -> Rows:
        """(k,) ascending sizes of differences to (k,) distances."""
        count = len(self.ordered)
        reached = count - np.searchsorted(self.ordered, sizes * (1 - ROUNDING), side="left")
        distances: Rows = _logs(count)[np.maximum(reached, 1)]
        tail = int(np.searchsorted(sizes, self.ordered[-RANKED], side="right"))
        distances[tail:] = math.log(count / RANKED) + (sizes[tail:] - self.ordered[-RANKED]) / self._fall()
        return distances

    def size_at(self, distance: float) -> float:
        """The difference at a distance."""
        count = len(self.ordered)
        if distance > math.log(count / RANKED):
            return float(self.ordered[-RANKED]) + (distance - math.log(count / RANKED)) * self._fall()
        return float(self.ordered[-max(1, round(count * math.exp(-distance)))])

    def p_value(self, size: float, units: int) -> float:
        """The p of a t-test of one pair with a difference of ``size``, also between and beyond what swaps can show."""
        t = as_t(size / self._root(), units)
        return two_sided_p(t, units - 1) if math.isfinite(t) else 0.0

    def _fall(self) -> float:
        """By how much a difference grows while its share of the swaps falls by e, in the tail."""
        seen = float(self.ordered[-RANKED] - self.ordered[-TAIL]) / math.log(TAIL / RANKED)
        return max(seen, LEAST_FALL * self._root())

    def _root(self) -> float:
        """``sqrt(sum v_u**2)``: the root mean square over the swaps; 1 where nothing differs."""
        square = float((self.ordered**2).mean())
        return math.sqrt(square) if square > 0 else 1.0


@lru_cache(maxsize=4)
def _logs(count: int) -> Rows:
    """(count + 1,) distances of what so many of ``count`` orders reach."""
    logs: Rows = np.log(count / np.maximum(np.arange(count + 1), 1))
    logs.flags.writeable = False
    return logs


def _scale(difference: Tested, design: Design) -> _Scale:
    order = np.argsort(difference.swapped)
    ordered = ascending = difference.swapped[order]
    if not design.exact:
        ordered = np.insert(ascending, np.searchsorted(ascending, difference.size), difference.size)
    return _Scale(order, ascending, ordered, difference.size)


class _Measure:
    """One measure of how far pairs have come, in the observed order and in every swap, and which are in question."""

    def __init__(self, observed: Rows, swapped: Rows, share: float, design: Design) -> None:
        """``observed`` is (P,), ``swapped`` is (P, R), ``share`` that of the level."""
        self._observed = observed
        self._swapped = swapped
        self._share = share
        self._design = design
        self._open = np.ones(len(observed), dtype=np.bool_)
        self._farthest = np.zeros(design.swaps, dtype=np.intp)
        self._reached = swapped[0].copy()
        for index, row in enumerate(swapped):  # several times faster than argmax down the columns
            np.copyto(self._farthest, index, where=row > self._reached)
            np.maximum(self._reached, row, out=self._reached)

    def first(self) -> tuple[int, float]:
        """The pair in question that has come farthest, and the smallest level of both measures at which it leaves."""
        index = int(np.argmax(np.where(self._open, self._observed, -np.inf)))
        bound = self._observed[index] - ROUNDING * max(abs(self._observed[index]), 1.0)
        return index, self._design.p_value(int((self._reached >= bound).sum())) / self._share

    def leave(self, index: int) -> None:
        """Take a pair out of question."""
        self._open[index] = False
        columns, rows = np.flatnonzero(self._farthest == index), np.flatnonzero(self._open)
        if len(columns) and len(rows):
            left = self._swapped[np.ix_(rows, columns)]
            self._farthest[columns] = rows[left.argmax(axis=0)]
            self._reached[columns] = left.max(axis=0)

    def bar(self, level: float) -> float:
        """What a pair must exceed to be the first that leaves; infinite where no p is small enough."""
        beyond = self._design.most_extreme(1 - self._share * (1 - level))
        if beyond < 0:
            return math.inf
        swaps = self._design.swaps
        return float(np.partition(self._reached, swaps - 1 - beyond)[swaps - 1 - beyond]) if beyond < swaps else 0.0


@dataclass(frozen=True, slots=True)
class FamilyTest:
    """What testing some comparisons together shows."""

    adjusted: tuple[float, ...]
    """p-values corrected for all of them, in their order; each is at least the raw one."""
    levels: tuple[float, ...]
    """At which each comparison alone is tested, so that all together keep the level; that of a single one is the same.

    They belong to what the swaps of all pairs reach once in twenty. Planning needs them: power at the level that
    decides, not at one that does not.
    """


def judge_together(differences: Sequence[Difference], design: Design, *, level: float = LEVEL) -> FamilyTest:
    """Test comparisons of pairs of systems together.

    Args:
        differences: from the swaps of ``design``.
        design: how the swaps count.
        level: of all of them together.
    """
    if len(differences) < 2:
        return FamilyTest(tuple(item.p for item in differences), (level,) * len(differences))
    family = _Family(differences, design)
    levels = (
        max(level, 1 - scale.p_value(size, item.units))
        for item, scale, size in zip(differences, family.scales, family.needed(level), strict=True)
    )
    return FamilyTest(_step_down(differences, family.measures()), tuple(levels))


class _Family:
    """Comparisons that are tested together, by one measure or both."""

    def __init__(self, differences: Sequence[Tested], design: Design) -> None:
        self.scales = [_scale(item, design) for item in differences]
        self._plain: _Measure | None = None
        self._ranked: _Measure | None = None
        share = next((share for most, share in SHARES if design.units <= most), 0.0)
        if share > 0:
            sizes = np.array([item.size for item in differences])
            self._plain = _Measure(sizes, np.stack([item.swapped for item in differences]), share, design)
        if share < 1:
            come = np.array([scale.observed() for scale in self.scales])
            self._ranked = _Measure(come, np.stack([scale.of_swaps() for scale in self.scales]), 1 - share, design)

    def measures(self) -> list[_Measure]:
        """Those that have a share of the level."""
        return [measure for measure in (self._plain, self._ranked) if measure is not None]

    def needed(self, level: float) -> list[float]:
        """What the difference of each pair must exceed to be the first that leaves at ``level``."""
        bars = []
        if self._plain is not None:
            bars.append([self._plain.bar(level)] * len(self.scales))
        if self._ranked is not None:
            bar = self._ranked.bar(level)
            bars.append([scale.size_at(bar) if math.isfinite(bar) else math.inf for scale in self.scales])
        return [min(each) for each in zip(*bars, strict=True)]


def _step_down(differences: Sequence[Tested], measures: Sequence[_Measure]) -> tuple[float, ...]:
    adjusted = [1.0] * len(differences)
    highest = 0.0
    for _ in differences:
        index, p = min((measure.first() for measure in measures), key=lambda first: first[1])
        highest = max(highest, p, differences[index].p)
        if highest >= 1:
            break
        adjusted[index] = highest
        for measure in measures:
            measure.leave(index)
    return tuple(adjusted)


def adjusted_p(differences: Sequence[Tested], design: Design) -> list[float]:
    """The p-values of :func:`judge_together`."""
    if len(differences) < 2:
        return [item.p for item in differences]
    return list(_step_down(differences, _Family(differences, design).measures()))


def judge_all(
    profiles: Sequence[Profile], design: Design, *, higher_is_better: bool
) -> dict[tuple[int, int], tuple[float, float]]:
    """Every two of some systems by their places: the difference, positive where the first is better, and its p.

    The p are corrected for all pairs; differences are those of :func:`swap_roughly`.
    """
    pairs = list(combinations(range(len(profiles)), 2))
    items = [swap_roughly(profiles[a], profiles[b], design, higher_is_better=higher_is_better) for a, b in pairs]
    return {pair: (item.delta, p) for pair, item, p in zip(pairs, items, adjusted_p(items, design), strict=True)}


def leader(judged: Mapping[tuple[int, int], tuple[float, float]], count: int, *, level: float = LEVEL) -> int | None:
    """Which of ``count`` systems is significantly better than every other by :func:`judge_all`; None: none is."""
    beaten: dict[int, int] = {}
    for (a, b), (delta, p) in judged.items():
        if p <= 1 - level:
            winner = a if delta > 0 else b
            beaten[winner] = beaten.get(winner, 0) + 1
    return next((index for index, wins in beaten.items() if wins == count - 1), None)


def as_t(size: float, units: int) -> float:
    """Student's t of a difference whose size is ``|sum v| / sqrt(sum v**2)``: ``z sqrt((n-1) / (n-z**2))``."""
    room = units - size * size
    return size * math.sqrt((units - 1) / room) if room > ROUNDING * units else math.inf
