"""Whether values of one kind tend to be larger than those of another, from independent samples.

The rank-sum test of Wilcoxon (1945) and Mann and Whitney (1947), two-sided, with mid-ranks for ties. Exact over all
ways to split the values where there are few, else by the normal approximation with corrections for ties and continuity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_FOR_EXACT = 50
"""Values of both samples together; more would take long, and the approximation is as good."""


def rank_sum_p(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p-value of "neither tends to be larger".

    Args:
        one: (n,) finite values.
        other: (m,) finite values.

    Returns:
        In (0, 1]; 1 where a sample is empty.
    """
    if not one or not other:
        return 1.0
    doubled = _doubled_ranks([*one, *other])
    observed = int(doubled[: len(one)].sum())
    expected = len(one) * (len(doubled) + 1)
    distance = abs(observed - expected)
    if len(doubled) <= MOST_FOR_EXACT:
        counts = _sums_of_choices(doubled, len(one))
        far = np.abs(np.arange(len(counts)) - expected) >= distance
        return min(1.0, float(counts[far].sum() / counts.sum()))
    n, m = len(one), len(other)
    total = n + m
    _, ties = np.unique(doubled, return_counts=True)
    variance = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return min(1.0, math.erfc(max(0.0, distance / 2 - 0.5) / math.sqrt(2 * variance)))


def _doubled_ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(n,) twice the mid-ranks: whole numbers."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to + 1).astype(np.int64)


def _sums_of_choices(items: np.ndarray[tuple[int], np.dtype[np.int64]], size: int) -> np.ndarray[Any, Any]:
    """How many ways there are to choose ``size`` of the items with each sum; index: the sum."""
    ways: np.ndarray[Any, Any] = np.zeros((size + 1, int(items.sum()) + 1))
    ways[0, 0] = 1.0
    for item in items.tolist():
        ways[1:, item:] += ways[:-1, : ways.shape[1] - item].copy()
    counts: np.ndarray[Any, Any] = ways[size]
    return counts
