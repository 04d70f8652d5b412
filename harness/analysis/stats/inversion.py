"""The interval that the swap test gives: every true difference that it, asked about it, does not reject.

:mod:`harness.analysis.stats.compare` says what is swapped, and why.
"""

from __future__ import annotations

import numpy as np

from harness.analysis.stats.design import Design
from harness.metrics.interface import Rows

TINY = 1e-12
"""Scores closer than this, relative to their size, are equal: sums in another order differ by as much."""


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
    ends = _end(delta - shown, 1 - stayed, tie), _end(delta + shown, 1 + stayed, tie)
    low, high = np.minimum(*ends), np.maximum(*ends)
    everything = np.isnan(low)
    if everything.any():
        low[everything], high[everything] = -np.inf, np.inf
    return float(np.partition(low, beyond)[beyond]), float(np.partition(high, len(high) - 1 - beyond)[-1 - beyond])


def _end(gap: Rows, share: Rows, tie: float) -> Rows:
    """One end of what each swap keeps; NaN where it moves nothing, or everything, and keeps all. Changes ``gap``."""
    gap[np.abs(gap) <= tie] = 0.0
    moves = share > TINY
    if moves.all():
        return gap / share
    return np.where(moves, gap / np.where(moves, share, 1.0), np.nan)
