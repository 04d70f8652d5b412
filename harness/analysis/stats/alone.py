"""Two systems that are not tested together with others: few swaps have to be computed by all digits.

The p of :func:`harness.analysis.stats.compare.compare` is a count of swaps, and each end of its interval what one of
them keeps. Where float32 gives every swap to within a known error, only those are left open that lie closer than this
to the observed difference, or to an end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harness.analysis.stats.columns import Places
from harness.analysis.stats.compare import (
    LEVEL,
    Difference,
    Interval,
    Profile,
    ScoreFunction,
    SwapTest,
    compare,
    difference_of,
    exchange_of,
    tie_of,
)
from harness.analysis.stats.design import Design
from harness.analysis.stats.inversion import kept, of_rank
from harness.metrics.interface import Rows

LEAST_SHARE = 0.1
"""Swaps that leave or move less than this magnify an error too much."""


def compare_alone(
    a: Profile, b: Profile, score: ScoreFunction, design: Design, *, higher_is_better: bool, level: float = LEVEL
) -> Difference:
    """Compare two systems as :func:`compare` does, bit for bit, but for what other pairs need of the swaps."""
    exchange = exchange_of(a, b)
    rough = None if exchange.is_void else exchange.roughly(score)
    stayed = 1 - a.moved_shares - b.moved_shares
    narrowest = 1 - float(np.abs(stayed).max())
    if rough is None or narrowest < LEAST_SHARE:
        return compare(a, b, score, design, higher_is_better=higher_is_better, level=level)
    sign = 1.0 if higher_is_better else -1.0
    delta, tie = sign * (a.value - b.value), tie_of(a, b)
    reached = exchange.count_beyond(score, abs(delta) - tie, reaching=True, rough=rough)
    test = SwapTest(delta, design.p_value(reached), max(abs(delta) - tie, 0.0), np.zeros(0))
    result = difference_of(a, b, test, sign=sign)
    rank = design.most_extreme(level)
    if not 0 <= rank < design.swaps:
        return result
    low, high = kept(delta, sign * rough.apart.astype(np.float64), stayed, tie=tie)
    slack = rough.slack / narrowest
    (below, lowest), (above, highest) = _near(low, rank, slack), _near(-high, rank, slack)
    places = np.concatenate([lowest, highest])
    low, high = kept(delta, sign * exchange.apart(rough, places), stayed[places], tie=tie)
    ends = np.sort(low[: len(lowest)])[rank - below], np.sort(high[len(lowest) :])[-1 - (rank - above)]
    return replace(result, interval=Interval(float(ends[0]), float(ends[1])))


def _near(rough: Rows, rank: int, slack: float) -> tuple[int, Places]:
    """How many of some numbers are certainly below that of a rank, and the places of those that may be it.

    Args:
        rough: (R,) the numbers, each at most ``slack`` off.
        rank: 0 for the smallest.
        slack: above 0.
    """
    near = of_rank(rough, rank)  # at most the slack off, as each of them is
    return int(np.count_nonzero(rough < near - 2 * slack)), np.flatnonzero(np.abs(rough - near) <= 2 * slack)
