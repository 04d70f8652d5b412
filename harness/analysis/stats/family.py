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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.analysis.stats.compare import LEVEL, Difference, Profile, swap_roughly
from harness.analysis.stats.design import EXACT_UNITS, Design
from harness.analysis.stats.distances import ROUNDING, Scale, Tested
from harness.metrics.interface import Rows

SHARES = ((7, 1.0), (EXACT_UNITS, 0.8), (20, 0.2))
"""Up to so many units, differences as they are have this share of the level; the rest is for ranks, and all with more.

Up to 7 units ranks are too coarse. Of pairs of 4 to 26 systems of WMT24 en-cs on 8 to 12 articles, .8 confirmed at
least as many as .5, and up to 4 points fewer than 1, which leaves nothing for ranks. From 14 on it makes little
difference; with 50 articles and 5 systems .2 cost up to 1.2 points of power against Holm's correction.
"""


class _Ladder:
    """A measure of how far pairs have come that has the whole level: they leave in the order of how far that is."""

    def __init__(self, observed: Rows, swapped: Callable[[int], Rows], design: Design) -> None:
        """``observed`` is (P,), ``swapped`` gives (R,) of one of the pairs, and is asked for each once."""
        self._design = design
        self._order = np.argsort(-observed, kind="stable").tolist()
        self._p = np.ones(len(observed))
        self._reached = np.zeros(design.swaps)
        for index in reversed(self._order):  # among those that have come no farther
            np.maximum(self._reached, swapped(index), out=self._reached)
            self._p[index] = design.p_value(_count_reaching(self._reached, observed[index]))

    def step_down(self, differences: Sequence[Tested]) -> tuple[float, ...]:
        """The corrected p of each."""
        adjusted = [1.0] * len(differences)
        highest = 0.0
        for index in self._order:
            highest = max(highest, float(self._p[index]), differences[index].p)
            if highest >= 1:
                break
            adjusted[index] = highest
        return tuple(adjusted)

    def bar(self, level: float) -> float:
        """What a pair must exceed to be the first that leaves; infinite where no p is small enough."""
        return _bar(self._reached, level, self._design)


def _count_reaching(reached: Rows, observed: float) -> int:
    """How many swaps, (R,) by how far any pair comes in each, bring one as far as this."""
    return int(np.count_nonzero(reached >= observed - ROUNDING * max(abs(observed), 1.0)))


def _bar(reached: Rows, level: float, design: Design) -> float:
    """What few enough swaps reach for a p of ``1 - level``; infinite where no p is small enough."""
    beyond = design.most_extreme(level)
    if beyond < 0:
        return math.inf
    swaps = design.swaps
    return float(np.partition(reached, swaps - 1 - beyond)[swaps - 1 - beyond]) if beyond < swaps else 0.0


class _Measure:
    """One of two measures of how far pairs have come, and which are in question."""

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
        return index, self._design.p_value(_count_reaching(self._reached, self._observed[index])) / self._share

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
        return _bar(self._reached, 1 - self._share * (1 - level), self._design)


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
    return FamilyTest(family.step_down(), tuple(levels))


class _Family:
    """Comparisons that are tested together, by one measure or both."""

    def __init__(self, differences: Sequence[Tested], design: Design) -> None:
        self._differences = differences
        self.scales = [Scale(item, design) for item in differences]
        sizes = np.array([item.size for item in differences])
        share = next((share for most, share in SHARES if design.units <= most), 0.0)
        self._ranked = share < 1
        self._ladder: _Ladder | None = None
        self._measures: list[_Measure] = []
        if share == 1:
            # Of few units there are too few swaps for distances.
            self._ladder = _Ladder(sizes, lambda index: differences[index].swapped, design)
            return
        come = np.array([scale.observed() for scale in self.scales])
        if share == 0:
            self._ladder = _Ladder(come, lambda index: self.scales[index].of_swaps(), design)
        else:
            distances = np.stack([scale.of_swaps() for scale in self.scales])
            self._measures = [
                _Measure(sizes, np.stack([item.swapped for item in differences]), share, design),
                _Measure(come, distances, 1 - share, design),
            ]

    def needed(self, level: float) -> list[float]:
        """What the difference of each pair must exceed to be the first that leaves at ``level``."""
        *plain, bar = (measure.bar(level) for measure in (self._measures if self._ladder is None else [self._ladder]))
        if not self._ranked:
            return [bar] * len(self.scales)
        return [min([*plain, scale.size_at(bar) if math.isfinite(bar) else math.inf]) for scale in self.scales]

    def step_down(self) -> tuple[float, ...]:
        """The corrected p of each; it takes pairs out of question, so that ``needed`` comes first."""
        if self._ladder is not None:
            return self._ladder.step_down(self._differences)
        return _step_down(self._differences, self._measures)


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
    return list(_Family(differences, design).step_down())


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
