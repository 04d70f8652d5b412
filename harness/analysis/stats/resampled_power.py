"""Power by resampling a pilot: how often the swap test confirms a wanted difference over so many articles like these.

A formula assumes that differences of articles are about normal. Those of a system that fails on a few articles are not,
and a plan by formula then promises 80 % and keeps 55 to 65. So articles of the pilot are drawn with replacement, the
wanted difference is put in place of the observed one, and the test is made; to first order, so that all draws are one
matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.stats.power import FEWEST_UNITS, MOST_ARTICLES, POWER
from harness.metrics.interface import Rows
from harness.workspace.linear_algebra import one_thread

DRAWS = 400
"""Drawn corpora behind one figure of power: its standard error is two points."""

SWAPS = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Pilot:
    """Two systems over the articles of a run."""

    residuals: Rows
    """(u,) what each unit adds to the difference beyond its share of it; sums to 0 over whole articles."""
    shares: Rows
    """(u,) of each unit in the whole."""


@one_thread()
def power(pilots: Sequence[Pilot], difference: float, units: int, level: float, seed: int) -> float:
    """How often a difference is confirmed, the mean over the pilots.

    Args:
        pilots: pairs of systems, each as likely as the others.
        difference: the true one, in points of the metric.
        units: articles of the drawn corpora.
        level: of the two-sided test of one comparison.
        seed: of the draws and swaps.
    """
    rng = np.random.default_rng(seed)
    signs = rng.integers(0, 2, size=(SWAPS, units)).astype(np.float32) * 2 - 1
    each = max(1, math.ceil(DRAWS / len(pilots)))
    confirmed = 0
    for pilot in pilots:
        drawn = rng.integers(len(pilot.shares), size=(units, each))
        parts = (pilot.residuals + difference * pilot.shares)[drawn]
        by_chance = np.abs(signs @ parts.astype(np.float32))
        reached = (by_chance >= np.abs(parts.sum(axis=0)) * (1 - 1e-6)).sum(axis=0)
        confirmed += int((((reached + 1) / (SWAPS + 1) <= 1 - level) & (parts.sum(axis=0) > 0)).sum())
    return confirmed / (each * len(pilots))


def units_needed(pilots: Sequence[Pilot], difference: float, level: float, seed: int) -> int:
    """The fewest articles with a power of :data:`~harness.analysis.stats.power.POWER`.

    Args:
        pilots: pairs of systems.
        difference: the true one, above 0.
        level: of the two-sided test of one comparison.
        seed: of the draws and swaps.

    Returns:
        At least :data:`~harness.analysis.stats.power.FEWEST_UNITS`, and at most
        :data:`~harness.analysis.stats.power.MOST_ARTICLES`.
    """
    low = high = FEWEST_UNITS
    while power(pilots, difference, high, level, seed) < POWER:
        low, high = high, high * 2
        if high > MOST_ARTICLES:
            return MOST_ARTICLES
    while high - low > 1 + low // 50:
        middle = (low + high) // 2
        if power(pilots, difference, middle, level, seed) < POWER:
            low = middle
        else:
            high = middle
    return high


def smallest_found(pilots: Sequence[Pilot], units: int, level: float, seed: int) -> float:
    """The smallest difference, in points, that so many articles confirm with that power.

    Args:
        pilots: pairs of systems.
        units: articles, at least :data:`~harness.analysis.stats.power.FEWEST_UNITS`.
        level: of the two-sided test of one comparison.
        seed: of the draws and swaps.

    Returns:
        Infinite where no difference could be confirmed: too few articles for so strict a level.
    """
    if 2.0 ** (1 - units) > 1 - level:
        return math.inf
    spread = max(math.sqrt(float((pilot.residuals**2).sum()) * len(pilot.shares)) for pilot in pilots)
    low, high = 0.0, 20 * spread / math.sqrt(units)
    for _ in range(12):
        middle = (low + high) / 2
        if power(pilots, middle, units, level, seed) < POWER:
            low = middle
        else:
            high = middle
    return high
