"""The swaps of a comparison: drawn once from a seed, shared by every system and every metric.

A swap exchanges some units (articles, or segments that were declared independent) between two systems. With the same
swaps for all systems the differences of all pairs are drawn jointly, which is what the family-wise test needs, and the
sums that a swap needs are one matrix product for each system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from harness.analysis.stats.products import Weights, joint_sums
from harness.metrics.interface import Mask, Rows

SHUFFLES = 10_000
"""Random swaps behind a p-value where there are too many units to try them all."""

EXACT_UNITS = 13
"""Up to so many units, all 2**n swaps are tried and p is exact."""

MANY_UNITS = 20_000
"""Beyond so many units a tenth of the swaps is tried: p is then known to half a point, and drawing costs seconds."""

FINEST = 200_000
"""Random swaps where a p is asked for that :data:`SHUFFLES` cannot show, and there are few enough units:"""

FEW_UNITS = 1_000

CELLS = 20_000_000
"""Most random numbers in memory at once."""

PORTION = 2**18
"""Random numbers that are drawn at once."""

Starts = npt.NDArray[np.intp]
"""(u,) the first row of each unit, ascending from 0; a unit ends where the next begins, and none is empty."""

Ranks = npt.NDArray[np.intp]
"""(u,) the place of each unit in an order that does not depend on how the units happen to be listed."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The swaps of n units."""

    units: int
    swaps: int
    """How many ways of exchanging units between two systems are tried."""
    exact: bool
    """Whether these are all there are; otherwise they are a random sample."""
    seed: int
    ranks: Ranks
    """(n,) which column of the drawn numbers belongs to each unit."""

    def swapped(self, tables: Sequence[Rows]) -> list[Rows]:
        """Sums, (swaps, k), of the units, (n, k), of each table that change sides in each swap; the same every time."""
        return joint_sums(self._blocks(), tables)

    def most_extreme(self, level: float) -> int:
        """How many swaps may be at least as extreme as the observed one while p stays at or below ``1 - level``.

        The observed order counts among them where all swaps are tried, and beside them where they are sampled. Below 0
        where no p can be as small.
        """
        if self.exact:
            return int(np.floor((1 - level) * self.swaps + 1e-9))
        return int(np.floor((1 - level) * (self.swaps + 1) + 1e-9)) - 1

    def p_value(self, as_extreme: int) -> float:
        """The p of an observation that ``as_extreme`` of the swaps reach."""
        return as_extreme / self.swaps if self.exact else (as_extreme + 1) / (self.swaps + 1)

    def _blocks(self) -> Iterator[Weights]:
        """The swaps, (m, n) with 1 where a unit changes sides, in blocks that fit into memory."""
        if self.exact:
            # The first unit never moves: moving all the others instead gives the same absolute difference.
            codes = np.arange(self.swaps)
            moves = (codes[:, None] >> np.arange(self.units)[None, :]) & 1
            yield np.roll(moves, 1, axis=1)
            return
        if self.swaps * self.units <= CELLS:
            yield _drawn_once(self.seed, self.units, self.swaps, self.ranks.tobytes())
            return
        rng = _generator(self.seed, self.units)
        size = _even(CELLS // self.units)
        for start in range(0, self.swaps, size):
            yield _draw(rng, min(size, self.swaps - start), self.ranks)


@lru_cache(maxsize=1)
def _drawn_once(seed: int, units: int, swaps: int, ranks: bytes) -> Weights:
    """The swaps of a design, which each metric multiplies again."""
    drawn = _draw(_generator(seed, units), swaps, np.frombuffer(ranks, dtype=np.intp))
    drawn.flags.writeable = False
    return drawn


def _generator(seed: int, units: int) -> np.random.Generator:
    return np.random.default_rng([seed, units])


def _draw(rng: np.random.Generator, swaps: int, ranks: Ranks) -> Weights:
    """(swaps, n) the next swaps; drawn in portions that stay in the processor's cache, which changes none of them.

    They are those of ``rng.integers(2, size=(swaps, n))``, the highest bit of every 32, at a third of the time, and of
    a stream that NumPy never changes. Two bits come at once: but for the last time, an even number of swaps is drawn.
    """
    moves = np.empty((swaps, len(ranks)), dtype=np.bool_)
    step = _even(PORTION // len(ranks))
    for start in range(0, swaps, step):
        rows = moves[start : start + step]
        drawn = rng.bit_generator.random_raw((rows.size + 1) // 2).astype("<u8", copy=False).view("<i4") < 0
        # As bytes before the columns are put in order, which for whole integers took longer than all the rest.
        rows[:] = drawn[: rows.size].reshape(rows.shape).take(ranks, axis=1)
    return moves


def _even(count: int) -> int:
    return max(2, count // 2 * 2)


def make_design(units: int, seed: int, *, shuffles: int = SHUFFLES, ranks: Ranks | None = None) -> Design:
    """The swaps of ``units`` units; the same arguments give the same design.

    Args:
        units: how many.
        seed: of the sample, where not all swaps are tried.
        shuffles: size of the sample.
        ranks: (units,) an order of the units by what they are; by default the order in which they are listed.
    """
    order = np.arange(units) if ranks is None else np.argsort(np.argsort(ranks, kind="stable"), kind="stable")
    if units <= EXACT_UNITS:
        return Design(units, 2 ** max(units - 1, 0), exact=True, seed=seed, ranks=order)
    swaps = shuffles if units <= MANY_UNITS else min(shuffles, max(1, SHUFFLES // 10))
    return Design(units, swaps, exact=False, seed=seed, ranks=order)


def smallest_p(units: int) -> float:
    """The smallest two-sided p that so many units can show, with :data:`FINEST` swaps where they are drawn."""
    return 2.0 ** (1 - units) if units <= EXACT_UNITS else 1 / ((FINEST if units <= FEW_UNITS else SHUFFLES) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """How the rows of per-segment tables are grouped into the units of the statistics."""

    starts: Starts
    ranks: Ranks

    def __len__(self) -> int:
        """How many units there are."""
        return len(self.starts)

    def sizes(self, mask: Mask) -> Rows:
        """(u,) segments of ``mask`` in each unit."""
        if not len(self.starts):
            return np.zeros(0)
        return np.add.reduceat(mask.astype(np.float64), self.starts)

    def sample(self, mask: Mask, seed: int, *, shuffles: int = SHUFFLES) -> Sample:
        """The units that have segments of ``mask``, and their swaps."""
        present = self.sizes(mask) > 0
        design = make_design(int(present.sum()), seed, shuffles=shuffles, ranks=self.ranks[present])
        return Sample(self, present, design)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some of the units, and how they are swapped."""

    units: Units
    present: Mask
    """(u,) which units these are."""
    design: Design

    def sums(self, rows: Rows, mask: Mask) -> Rows:
        """Sums, (n, k), of the rows of ``mask`` in each unit; zero where a unit has none."""
        shown = rows if mask.all() else np.where(mask[:, None], rows, 0.0)
        return unit_sums(shown, self.units.starts)[self.present]

    def sizes(self, mask: Mask) -> Rows:
        """(n,) segments of ``mask`` in each unit."""
        return self.units.sizes(mask)[self.present]


def unit_sums(rows: Rows, starts: Starts) -> Rows:
    """Sum segment rows (n, k) into unit rows (u, k)."""
    if len(starts) == len(rows):
        return rows
    sums: Rows = np.add.reduceat(rows, starts, axis=0)
    return sums
