"""Many comparisons at once: one step-down max-T test over the same swaps (Westfall and Young 1993, algorithm 2.8).

Every swap is applied to all systems together, so it shows the differences of all pairs jointly. A pair is significant
when few swaps bring the largest difference of the pairs still in question as far as its own. Correlated pairs cost
little this way, and the smallest p does not depend on how many pairs there are; Holm's correction of p-values that no
swap test can make small confirms nothing. Differences are compared in units of ``sqrt(sum v_u**2)``, which no swap
changes.

The chance of any false claim is at most the level if the differences of the equal systems are jointly symmetric, and
close to it otherwise: ``harness bench error-rates`` measures it with skewed, heavy-tailed and rarely failing systems.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from harness.metrics.interface import Rows
from harness.stats.compare import LEVEL, Difference, Profile, compare_roughly
from harness.stats.design import Design
from harness.stats.quantiles import two_sided_p

ROUNDING = 1e-9
"""Sizes closer than this, relative to their size, are equal."""


def adjusted_p(differences: Sequence[Difference], design: Design) -> list[float]:
    """p-values corrected for all these comparisons together, in their order; each is at least the raw one.

    Args:
        differences: of pairs of systems, from the swaps of ``design``.
        design: how the swaps count.
    """
    order = sorted(range(len(differences)), key=lambda index: differences[index].size)
    reached: list[float] = []
    largest = np.zeros(design.swaps)
    for index in order:
        item = differences[index]
        largest = np.maximum(largest, item.swapped)
        # A pair without any difference is reached by every swap.
        reached.append(design.p_value(int((largest >= item.size * (1 - ROUNDING)).sum())))
    adjusted = [0.0] * len(differences)
    highest = 0.0
    for index, p in zip(reversed(order), reversed(reached), strict=True):
        highest = max(highest, p, differences[index].p)
        adjusted[index] = min(highest, 1.0)
    return adjusted


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


def comparison_levels(differences: Sequence[Difference], design: Design, *, level: float = LEVEL) -> list[float]:
    """The level at which each comparison alone is tested, so that all together keep ``level``.

    It belongs to the largest difference that the swaps of all pairs reach once in twenty, taken as Student's t of one
    pair. Planning needs it: power at the level that decides, not at one that does not.

    Args:
        differences: of pairs of systems, from the swaps of ``design``.
        design: how the swaps count.
        level: of all of them together; that of a single comparison is the same.
    """
    beyond = design.most_extreme(level)
    if len(differences) < 2 or not 0 <= beyond < design.swaps:
        return [level] * len(differences)
    largest = np.zeros(design.swaps)
    for item in differences:
        largest = np.maximum(largest, item.swapped)
    critical = _kth_largest(largest, beyond)
    return [max(level, _level_of(critical, item.units)) for item in differences]


def _level_of(size: float, units: int) -> float:
    if units < 2:
        return 1.0
    t = as_t(size, units)
    return 1 - two_sided_p(t, units - 1) if math.isfinite(t) else 1.0


def as_t(size: float, units: int) -> float:
    """Student's t of a difference whose size is ``|sum v| / sqrt(sum v**2)``: ``z sqrt((n-1) / (n-z**2))``."""
    room = units - size * size
    return size * math.sqrt((units - 1) / room) if room > ROUNDING * units else math.inf


def _kth_largest(values: Rows, k: int) -> float:
    return float(np.partition(values, len(values) - 1 - k)[-1 - k])
