"""Agreement of two sets of numbers: Pearson's r, Kendall's tau-b and pairwise accuracy. Pure numpy.

What cannot be defined, because one side does not vary, is NaN; callers turn it into a reason.
"""

from __future__ import annotations

import numpy as np

from harness.metrics.interface import Rows

SAME = 1e-12
"""Variances smaller than this, relative to the mean square, are rounding."""


def pearson(x: Rows, y: Rows) -> Rows:
    """Pearson's r along the last axis, (..., n) and (..., n) to (...)."""
    dx, dy = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    vary = (np.ptp(x, axis=-1) > 0) & (np.ptp(y, axis=-1) > 0)
    spread = np.sqrt((dx**2).sum(axis=-1) * (dy**2).sum(axis=-1))
    return _ratio((dx * dy).sum(axis=-1), np.where(vary, spread, 0.0))


def moments(x: Rows, y: Rows) -> Rows:
    """Rows, (n, 6), whose sums :func:`pearson_of_sums` turns into Pearson's r; centre x and y first."""
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def pearson_of_sums(totals: Rows) -> Rows:
    """Pearson's r from sums of :func:`moments`, (..., 6) to (...); 0 where a side does not vary."""
    n, x, y, xx, yy, xy = np.moveaxis(totals, -1, 0)
    var_x, var_y = xx - x * x / n, yy - y * y / n
    vary = (var_x > SAME * xx) & (var_y > SAME * yy)
    spread = np.sqrt(np.where(vary, var_x * var_y, 1.0))
    return np.where(vary, (xy - x * y / n) / spread, 0.0)


def pair_signs(values: Rows) -> Rows:
    """Which of every two values is larger, (..., n) to (..., n(n-1)/2) of -1, 0 and 1; NaN where one is NaN."""
    one, other = np.triu_indices(values.shape[-1], k=1)
    signs: Rows = np.sign(values[..., one] - values[..., other])
    return signs


def kendall_of_signs(x: Rows, y: Rows) -> Rows:
    """Kendall's tau-b along the last axis of :func:`pair_signs`; pairs with a NaN are left out."""
    product = x * y
    known = ~np.isnan(product)
    untied_x = (known & (x != 0)).sum(axis=-1)
    untied_y = (known & (y != 0)).sum(axis=-1)
    return _ratio(np.where(known, product, 0.0).sum(axis=-1), np.sqrt(untied_x * untied_y))


def accuracy_of_signs(metric: Rows, human: Rows) -> Rows:
    """Share of pairs the metric orders as people do (Kocmi et al. 2021), along the last axis of :func:`pair_signs`.

    Pairs tied by people are left out. A pair the metric ties counts as wrong: it was asked and gave no answer.
    """
    return _ratio((metric * human > 0).sum(axis=-1), (human != 0).sum(axis=-1))


def kendall(x: Rows, y: Rows) -> float:
    """Kendall's tau-b of two long arrays, (n,) each, by counting inversions (Knight 1966)."""
    order = np.lexsort((y, x))
    pairs = len(x) * (len(x) - 1) // 2
    ties_x, ties_y = _tied_pairs(x[:, None]), _tied_pairs(y[:, None])
    both = _tied_pairs(np.stack([x, y], axis=1))
    difference = pairs - ties_x - ties_y + both - 2 * _inversions(y[order])
    return float(_ratio(np.array(float(difference)), np.sqrt(float(pairs - ties_x) * float(pairs - ties_y))))


def _ratio(top: Rows, bottom: Rows) -> Rows:
    """Quotients; NaN where the divisor is 0."""
    defined = bottom != 0
    return np.where(defined, top / np.where(defined, bottom, 1.0), np.nan)


def _tied_pairs(values: Rows) -> int:
    _, counts = np.unique(values, axis=0, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def _inversions(values: Rows) -> int:
    """Pairs whose first value is the larger.

    Two ranks compare as their highest differing bit does: for every bit, within those whose higher bits are alike,
    count the ones before each zero.
    """
    ranks = np.unique(values, return_inverse=True)[1]
    inversions = 0
    for bit in range(int(ranks.max()).bit_length()):
        higher = ranks >> (bit + 1)
        order = np.argsort(higher, kind="stable")
        alike, ones = higher[order], (ranks[order] >> bit) & 1
        before = np.cumsum(ones) - ones
        inversions += int(((before - before[np.searchsorted(alike, alike)]) * (1 - ones)).sum())
    return inversions
