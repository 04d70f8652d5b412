"""Metrics that give every segment one number: rows ``[score, 1]``, and the score of a sum is the mean."""

from __future__ import annotations

import numpy as np

from harness.metrics.interface import Rows

WIDTH = 2


class SegmentMean:
    """The arithmetic COMET and ``scores`` share."""

    def score(self, totals: Rows) -> Rows:
        """Means of sums (..., 2); NaN where nothing was scored, which callers keep apart by ``StatTable.scored``."""
        total, count = totals[..., 0], totals[..., 1]
        known = count > 0
        means: Rows = np.where(known, total / np.where(known, count, 1.0), np.nan)
        return means

    def segment_scores(self, rows: Rows) -> Rows:
        """The scores themselves, (n, 2) to (n,)."""
        return self.score(rows)
