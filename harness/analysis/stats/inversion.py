"""The interval that the swap test gives: every true difference that it, asked about it, does not reject.

:mod:`harness.analysis.stats.compare` says what is swapped, and why.
"""

from __future__ import annotations

import math

import numpy as np

from harness.analysis.stats.design import Design
from harness.metrics.interface import Rows

TINY = 1e-12
"""Scores closer than this, relative to their size, are equal: sums in another order differ by as much."""

SAMPLED = 16
"""One number in so many shows where those of a rank are,"""

SURE = 4
"""to within so many standard errors of their count in the sample."""


def inverted(
    delta: float, shown: Rows, stayed: Rows, design: Design, *, level: float, tie: float
) -> tuple[float, float]:
    """The least and the largest difference that the swap test does not reject at ``1 - level``.

    A swap that shows ``s`` with a share of ``z`` keeps d as long as ``|s - d z| >= |delta - d|``: between
    ``(delta - s) / (1 - z)`` and ``(delta + s) / (1 + z)``, in whichever order they lie.

    Args:
        delta: the observed difference.
        shown: (R,) the difference in each swap.
        stayed: (R,) shares that stay minus shares that move, from -1 to 1.
        design: how the swaps count.
        level: of the interval.
        tie: differences that are no larger than this are none.
    """
    beyond = design.most_extreme(level)
    if not 0 <= beyond < len(shown):
        return -np.inf, np.inf
    low, high = kept(delta, shown, stayed, tie=tie)
    return of_rank(low, beyond), -of_rank(-high, beyond)


def kept(delta: float, shown: Rows, stayed: Rows, *, tie: float) -> tuple[Rows, Rows]:
    """The least and the largest difference that each swap keeps, (R,); arguments as above."""
    ends = _end(delta - shown, 1 - stayed, tie), _end(delta + shown, 1 + stayed, tie)
    low, high = np.minimum(*ends), np.maximum(*ends)
    everything = np.isnan(low)
    if everything.any():
        low[everything], high[everything] = -np.inf, np.inf
    return low, high


def of_rank(numbers: Rows, rank: int) -> float:
    """The number of a rank, 0 for the smallest; of many, those that a sample shows to be too large are left out."""
    sample = numbers[::SAMPLED]
    most = int(rank / SAMPLED + SURE * math.sqrt(rank / SAMPLED)) + 1
    if most < len(sample):
        small = numbers[numbers <= np.partition(sample, most)[most]]
        if len(small) > rank:
            return float(np.partition(small, rank)[rank])
    return float(np.partition(numbers, rank)[rank])


def _end(gap: Rows, share: Rows, tie: float) -> Rows:
    """One end of what each swap keeps; NaN where it moves nothing, or everything, and keeps all. Changes ``gap``."""
    gap[np.abs(gap) <= tie] = 0.0
    moves = share > TINY
    if moves.all():
        return gap / share
    return np.where(moves, gap / np.where(moves, share, 1.0), np.nan)
