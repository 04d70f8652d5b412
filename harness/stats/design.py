"""The random numbers of a comparison: drawn once from a seed, shared by every system and every metric.

With the same resamples for all systems, differences are paired by construction, and the sums that a resample needs are
one matrix product for each system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Mask, Rows
from harness.stats.products import Weights, joint_sums

RESAMPLES = 1000
"""Bootstrap resamples behind an interval."""

SHUFFLES = 10_000
"""Random swaps behind a p-value where there are too many units to try them all."""

EXACT_UNITS = 13
"""Up to so many units, all 2**n swaps are tried and p is exact."""

MANY_UNITS = 20_000
"""Beyond so many units a tenth of the swaps is tried: p is then known to half a point, and drawing costs seconds."""

CELLS = 20_000_000
"""Most random numbers in memory at once."""

STUDENTISED_UNITS = 300
"""Up to so many units the interval is a studentised bootstrap; beyond, Student's t is the same to two digits."""


Starts = npt.NDArray[np.intp]
"""(u,) the first row of each unit, ascending from 0; a unit ends where the next begins, and none is empty."""


@dataclass(frozen=True, slots=True)
class Design:
    """Resamples and swaps of n units (articles, or segments where there are no articles)."""

    units: int
    weights: npt.NDArray[np.float64]
    """(B, n) how often each unit is in a resample; no rows beyond :data:`STUDENTISED_UNITS` units."""
    swaps: int
    """How many ways of exchanging units between two systems are tried."""
    exact: bool
    """Whether these are all there are; otherwise they are a random sample."""
    seed: int

    def swapped(self, tables: Sequence[Rows]) -> list[Rows]:
        """Sums, (swaps, k), of the units, (n, k), of each table that change sides in each swap; the same every time."""
        return joint_sums(self._blocks(), tables)

    def _blocks(self) -> Iterator[Weights]:
        """The swaps, (m, n) with 1 where a unit changes sides, in blocks that fit into memory."""
        if self.exact:
            # The first unit never moves: moving all the others instead gives the same absolute difference.
            codes = np.arange(self.swaps)
            moves = (codes[:, None] >> np.arange(self.units)[None, :]) & 1
            yield np.roll(moves, 1, axis=1)
            return
        rng = np.random.default_rng([self.seed, self.units])
        size = max(1, CELLS // self.units)
        for start in range(0, self.swaps, size):
            yield rng.integers(2, size=(min(size, self.swaps - start), self.units))


def make_design(units: int, seed: int, *, resamples: int = RESAMPLES, shuffles: int = SHUFFLES) -> Design:
    """Draw the numbers for ``units`` units; the same arguments give the same design."""
    rng = np.random.default_rng(seed)
    if units <= STUDENTISED_UNITS:
        weights = rng.multinomial(units, np.full(units, 1 / units), size=resamples).astype(np.float64)
    else:
        weights = np.zeros((0, units))
    if units <= EXACT_UNITS:
        return Design(units, weights, 2 ** max(units - 1, 0), exact=True, seed=seed)
    return Design(units, weights, shuffles if units <= MANY_UNITS else min(shuffles, RESAMPLES), exact=False, seed=seed)


def unit_sums(rows: Rows, starts: Starts) -> Rows:
    """Sum segment rows (n, k) into unit rows (u, k)."""
    if len(starts) == len(rows):
        return rows
    sums: Rows = np.add.reduceat(rows, starts, axis=0)
    return sums


def masked_sums(rows: Rows, mask: Mask, starts: Starts) -> Rows:
    """Sums over the segments of ``mask``, one row for each unit that has such segments."""
    if mask.all():
        return unit_sums(rows, starts)
    there = np.logical_or.reduceat(mask, starts) if len(starts) else mask
    return unit_sums(np.where(mask[:, None], rows, 0.0), starts)[there]
