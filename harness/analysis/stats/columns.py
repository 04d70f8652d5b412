"""Scores of two systems in every swap, by columns where the formula allows it.

Most of the time of a comparison goes into the formula: twice ten thousand sums for each of some hundred pairs. So a
formula may also be had from columns that are all above 0, where nothing needs smoothing (``of_columns``, which
:class:`harness.metrics.interface.ColumnMetric` describes). Then nothing is looked through for zeros, and where only a
count is wanted float32 decides nearly every swap, at a third of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Columns, Mask, Rows

NARROW = 2.0**24
"""Whole numbers up to this are exact in float32."""

ROUGHNESS = 1e-5
"""How far a score from columns in float32 may be off, relative to its size."""

Score = Callable[[Rows], Rows]
"""(..., k) sums to (...) scores."""


@dataclass(frozen=True, eq=False)
class Moved:
    """Sums of a part of one system's rows, in every swap."""

    of: Rows
    """(n, k) the rows."""
    rows: Rows
    """(R, k) their sums, every column in one piece."""

    @cached_property
    def total(self) -> Rows:
        """(k,) the sum of all rows."""
        total: Rows = self.of.sum(axis=0)
        return total

    @cached_property
    def columns(self) -> Rows:
        """(k, n) the columns of the rows."""
        return np.ascontiguousarray(self.of.T)

    @cached_property
    def least(self) -> Rows:
        """(k,) the smallest sum of each column."""
        least: Rows = self.rows.min(axis=0)
        return least

    @cached_property
    def most(self) -> Rows:
        """(k,) the largest sum of each column."""
        most: Rows = self.rows.max(axis=0)
        return most

    @cached_property
    def narrow(self) -> npt.NDArray[np.float32]:
        """(k, R) the sums in float32."""
        return self.rows.T.astype(np.float32, order="C")


@dataclass(frozen=True, eq=False)
class Exchange:
    """What two systems exchange in every swap: rows of one for those of the other."""

    one: Rows
    """(k,) the sum of one system without swaps,"""
    other: Rows
    """(k,) and of the other."""
    gained: Moved
    """What one system gains, and the other loses,"""
    lost: Moved
    """and what it gives for that."""

    @cached_property
    def shared(self) -> Mask:
        """(k,) the columns in which the rows of both are equal, so that no swap changes them."""
        shared: Mask = (self.gained.columns == self.lost.columns).all(axis=1)
        return shared

    def scores(self, score: Score) -> tuple[Rows, Rows]:
        """(R,) of each of the two."""
        moved = self.gained.rows - self.lost.rows
        of_columns = self._of_columns(score)
        if of_columns is None:
            return score(self.one + moved), score(self.other - moved)
        return of_columns(list((self.one + moved).T)), of_columns(list((self.other - moved).T))

    def count_beyond(self, score: Score, size: float) -> int:
        """In how many swaps the two scores are farther apart than ``size``."""
        of_columns = self._of_columns(score)
        if of_columns is None or (self.one + self.other).max() >= NARROW:
            one, other = self.scores(score)
            return int(np.count_nonzero(np.abs(one - other) > size))
        one, other = map(of_columns, self._narrow())
        apart, rough = np.abs(one - other), np.float32(size)
        slack = ROUGHNESS * (float(one.max()) + float(other.max()))
        # What float32 cannot tell is counted by all digits.
        unsure = np.flatnonzero(np.abs(apart - rough) <= slack)
        count = int(np.count_nonzero(apart > rough)) - int(np.count_nonzero(apart[unsure] > rough))
        if len(unsure):
            moved = self.gained.rows[unsure] - self.lost.rows[unsure]
            exact = np.abs(score(self.one + moved) - score(self.other - moved))
            count += int(np.count_nonzero(exact > size))
        return count

    def _narrow(self) -> tuple[list[Columns], list[Columns]]:
        """The k columns of both in float32; one number where no swap changes them."""
        one, other = (list[Columns](totals.astype(np.float32)) for totals in (self.one, self.other))
        for column in np.flatnonzero(~self.shared):
            moved = self.gained.narrow[column] - self.lost.narrow[column]
            one[column], other[column] = one[column] + moved, other[column] - moved
        return one, other

    def _of_columns(self, score: Score) -> Callable[[Sequence[Columns]], Columns] | None:
        """The formula for columns, where there is one and every sum of both is certainly above 0."""
        of_columns = getattr(score, "of_columns", None)
        if of_columns is None:
            return None
        one = self.one + self.gained.least - self.lost.most
        other = self.other + self.lost.least - self.gained.most
        return of_columns if min(one.min(), other.min()) >= 1 else None
