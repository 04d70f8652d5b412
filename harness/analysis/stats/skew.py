"""Whether a difference is small nearly everywhere and far the other way in a few units.

Swapping two outputs, the test takes a unit's difference to be as likely either way: it asks whether the outputs could
change places. Where the differences are skewed, equal means alone do not make them so. Then the side with the small,
frequent leads is called better too often, because few units show few of the rare losses. Studentising does not help:
the sum of squares is the same in every swap, so swaps of t are in the order of swaps of the difference. Tests that do
correct for skewness (Johnson 1978, Hall 1992, the bootstrap-t) find far fewer true differences and still err where no
loss was seen (``docs/statistics.md``). So the test stays, and what is skewed like this is said to be.

Shown is the skewness of the units' residuals, each divided by the root of its share, as its variance grows with it.
"""

from __future__ import annotations

import math

import numpy as np

from harness.metrics.interface import Rows
from harness.workspace.linear_algebra import one_thread

SKEWED = 2.58
"""Standard errors of the skewness (of a normal sample) from which it is no chance: 1 % two-sided."""

HARMFUL = 0.2
"""Skewness over the root of the number of units: its share in a t-statistic's own skewness. Below, 5 % stay about 5."""

STRAIGHT = 1e-6
"""Skewness over the root of the number of units below which nothing moves."""

FEWEST = 4
"""Units; fewer have no standard error of the skewness."""


def corrected_ends(value: float, ends: tuple[float, float], residuals: Rows) -> tuple[float, float]:
    """The ends of an interval of one score, moved to where skewed units put them.

    By Hall's cubic transformation (1992, On the removal of skewness by transformation, J. R. Stat. Soc. B 54):
    ``T = 3/g (cbrt(1 + g (x - g/6)) - 1)``, for ends x standard errors away and skewness ``g`` over the root of n. For
    scores of a sample of segments, of which few units carry most; intervals of differences are nearly symmetric.

    Args:
        value: the score.
        ends: of the interval that takes units to be as likely above as below it.
        residuals: (n,) what each unit adds to the score beyond its share of it.
    """
    n, squares = len(residuals), float((residuals**2).sum())
    if n < FEWEST or squares <= 0 or not np.isfinite(ends).all():
        return ends
    error = math.sqrt(n / (n - 1) * squares)
    g: float = float((residuals**3).mean()) / (squares / n) ** 1.5 / math.sqrt(n)
    if abs(g) < STRAIGHT:
        return ends

    def moved(x: float) -> float:
        return 3 / g * float(np.cbrt(1 + g * (x - g / 6)) - 1)

    low, high = ((value - end) / error for end in ends)
    return value - error * moved(low), value - error * moved(high)


@one_thread()
def leans_against(differences: Rows, shares: Rows) -> bool:
    """Whether a few units are far on the other side of the difference, and skew it.

    Args:
        differences: (n,) what each unit adds to the difference; they add up to it.
        shares: (n,) share of each unit in the whole; they add up to 1.
    """
    counted = shares > 0
    n = int(counted.sum())
    if n < FEWEST:
        return False
    total = float(differences.sum())
    parts = differences[counted] / np.sqrt(shares[counted])
    residuals = parts - total * np.sqrt(shares[counted])
    residuals = residuals - residuals.mean()
    variance = float(residuals @ residuals) / n
    if variance <= 0:
        return False
    skewness = float((residuals**3).mean()) / variance**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    error = math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    against = -skewness if total > 0 else skewness
    farthest = float(parts[int(np.abs(residuals).argmax())])
    return against > SKEWED * error and against > HARMFUL * math.sqrt(n) and farthest * total < 0
