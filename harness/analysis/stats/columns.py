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

from harness.metrics.interface import Columns, Rows

NARROW = 2.0**24
"""Whole numbers up to this are exact in float32."""

ROUGHNESS = 1e-5
"""How far a score from columns in float32 may be off, relative to its size."""

Places = npt.NDArray[np.intp]
"""(m,) positions of some of the swaps."""

OfColumns = Callable[[Sequence[Columns]], Columns]
"""k columns of sums, (...) each, to (...) scores."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Rough:
    """Differences of two scores by float32."""

    apart: Columns
    """(R,) how far one is above the other in every swap."""
    slack: float
    """How far each may be off."""
    of_columns: OfColumns
    """The formula."""


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

    @property
    def is_void(self) -> bool:
        """Whether the rows of both are equal, so that no swap changes anything."""
        return np.array_equal(self.gained.of, self.lost.of)

    def scores(self, score: Score) -> tuple[Rows, Rows]:
        """(R,) of each of the two."""
        moved = self.gained.rows - self.lost.rows
        of_columns = self._of_columns(score)
        if of_columns is None:
            return score(self.one + moved), score(self.other - moved)
        return of_columns(list((self.one + moved).T)), of_columns(list((self.other - moved).T))

    def roughly(self, score: Score) -> Rough | None:
        """The scores by float32; None where the formula has no columns, or the sums are too small or too large."""
        of_columns = self._of_columns(score)
        if of_columns is None or (self.one + self.other).max() >= NARROW:
            return None
        moved = self.gained.narrow - self.lost.narrow
        columns = np.empty((len(moved), 2, moved.shape[1]), dtype=np.float32)
        np.add(self.one.astype(np.float32)[:, None], moved, out=columns[:, 0])
        np.subtract(self.other.astype(np.float32)[:, None], moved, out=columns[:, 1])
        one, other = of_columns(list(columns))
        return Rough(one - other, ROUGHNESS * (float(one.max()) + float(other.max())), of_columns)

    def apart(self, rough: Rough, swaps: Places) -> Rows:
        """(m,) how far the one score is above the other in some of the swaps, by all digits."""
        moved = self.gained.rows[swaps] - self.lost.rows[swaps]
        both = np.stack([self.one + moved, self.other - moved])
        one, other = rough.of_columns(list(np.moveaxis(both, -1, 0)))
        apart: Rows = one - other
        return apart

    def count_beyond(self, score: Score, size: float, *, reaching: bool = False, rough: Rough | None = None) -> int:
        """In how many swaps the two scores are farther apart than ``size``, or with ``reaching`` just as far.

        ``rough`` is what :meth:`roughly` gives, where it is known already.
        """
        rough, compared = rough or self.roughly(score), np.greater_equal if reaching else np.greater
        if rough is None:
            one, other = self.scores(score)
            return int(np.count_nonzero(compared(np.abs(one - other), size)))
        apart, near = np.abs(rough.apart), np.float32(size)
        # What float32 cannot tell is counted by all digits.
        unsure = np.flatnonzero(np.abs(apart - near) <= rough.slack)
        count = int(np.count_nonzero(compared(apart, near))) - int(np.count_nonzero(compared(apart[unsure], near)))
        if len(unsure):
            count += int(np.count_nonzero(compared(np.abs(self.apart(rough, unsure)), size)))
        return count

    def _of_columns(self, score: Score) -> OfColumns | None:
        """The formula for columns, where there is one and every sum of both is certainly above 0."""
        of_columns = getattr(score, "of_columns", None)
        if of_columns is None:
            return None
        one = self.one + self.gained.least - self.lost.most
        other = self.other + self.lost.least - self.gained.most
        return of_columns if min(one.min(), other.min()) >= 1 else None
