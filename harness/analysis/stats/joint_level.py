"""At which level a comparison alone is tested where the joint test of all systems decides, by drawing articles again.

How strict the joint test is for one pair depends on the others: those that clearly differ leave the family, and pairs
that vary alike cost less than ones that do not. So corpora are drawn from the pilot, all pairs as far apart as they
were, the joint test is made, and the level is the one at which as many of the pairs about as far apart as wanted are
confirmed each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.analysis.stats.compare import LEVEL, Difference, Interval
from harness.analysis.stats.design import make_design
from harness.analysis.stats.family import judge_together
from harness.analysis.stats.resampled_power import Pilot

DRAWS = 60
SWAPS = 4_000

NEAR = 1.5
"""Pairs at most so many times as far apart as wanted, or as much closer, are counted."""


def joint_level(
    pilots: Sequence[Pilot], deltas: Sequence[float], difference: float, units: int, seed: int, *, otherwise: float
) -> float:
    """The level of one comparison, two-sided, such as .998.

    Args:
        pilots: every pair of systems.
        deltas: how far each lies apart, at least 0, in points of the metric.
        difference: the wanted one.
        units: articles of the drawn corpora.
        seed: of draws and swaps.
        otherwise: the answer where no pair is about as far apart, or none of those is confirmed.
    """
    near = [place for place, delta in enumerate(deltas) if difference / NEAR <= delta <= NEAR * difference]
    if not near:
        return otherwise
    rng, design = np.random.default_rng(seed), make_design(units, seed, shuffles=SWAPS)
    rows = np.stack([pilot.residuals + delta * pilot.shares for pilot, delta in zip(pilots, deltas, strict=True)], 1)
    alone: list[float] = []
    confirmed = 0
    for _ in range(DRAWS):
        parts = rows[rng.integers(len(rows), size=units)]
        (moved,) = design.swapped([parts])
        totals = parts.sum(axis=0)
        shown = np.abs(totals - 2 * moved)
        sizes = np.abs(totals) * (1 - 1e-9)
        p = [design.p_value(int(count)) for count in (shown >= sizes).sum(axis=0)]
        differences = [
            Difference(
                float(totals[place]), Interval(-np.inf, np.inf), p[place], 1.0, units, False, float(sizes[place]),
                np.ascontiguousarray(shown[:, place]),
            )
            for place in range(len(pilots))
        ]  # fmt: skip
        adjusted = judge_together(differences, design).adjusted
        alone += [p[place] for place in near]
        confirmed += sum(adjusted[place] <= 1 - LEVEL for place in near)
    return 1 - sorted(alone)[confirmed - 1] if confirmed else otherwise
