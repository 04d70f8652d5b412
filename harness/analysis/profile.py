"""How segments differ: the sorted differences to the system at the top, and shares of good and bad segments.

"Good" and "bad" are the metric's own: cut points are quantiles of all segment scores of the pair, never constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.store.runs.frame import segment_values
from harness.store.runs.result import SystemResult
from harness.types import Missing, Reason, SystemName

MOST_CURVES = 4

MOST_POINTS = 240

CUTS = (0.10, 0.25, 0.75, 0.90)

FEWEST_SCORES = 20
"""With fewer, quantiles are single segments."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The system at the top against another, segment by segment."""

    system: SystemName
    better: int
    """Segments on which the system at the top scores better."""
    equal: int
    worse: int
    points: tuple[tuple[float, float], ...]
    """``(percent of segments, difference)``, differences falling; at most :data:`MOST_POINTS`, evenly spread."""


@dataclass(frozen=True, slots=True)
class Bands:
    """How many segments each system has between the quantiles of all scores."""

    cuts: tuple[float, ...]
    """Scores, worst first."""
    counts: tuple[tuple[SystemName, tuple[int, ...]], ...]
    """A system and its segments in each band, worst first: one band more than there are cuts."""


def curves_of(systems: Sequence[SystemResult], metric: str, *, higher_is_better: bool) -> tuple[Curve, ...]:
    """The first of some systems, best first, against the next ones; none with fewer than two systems."""
    sign = 1 if higher_is_better else -1
    curves = []
    for system in systems[1 : 1 + MOST_CURVES]:
        difference = sign * (segment_values(systems[0], metric) - segment_values(system, metric))
        difference = np.sort(difference[np.isfinite(difference)])[::-1]
        n = len(difference)
        if n < 2:
            continue
        picked = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
        points = tuple((100 * (index + 0.5) / n, float(difference[index])) for index in picked)
        better, worse = int((difference > 0).sum()), int((difference < 0).sum())
        curves.append(Curve(system.name, better, n - better - worse, worse, points))
    return tuple(curves)


def bands_of(systems: Sequence[SystemResult], metric: str, *, higher_is_better: bool) -> Bands | Missing:
    """Segments of each system by the quantiles of the scores of all."""
    values = {system.name: segment_values(system, metric) for system in systems}
    pooled = np.concatenate([*values.values(), np.empty(0)])
    pooled = pooled[np.isfinite(pooled)]
    if len(pooled) < FEWEST_SCORES:
        return Missing(Reason("slices.few", {"n": len(pooled), "least": FEWEST_SCORES}))
    levels = CUTS if higher_is_better else tuple(1 - cut for cut in CUTS)
    cuts = [float(np.quantile(pooled, level)) for level in levels]
    counts = []
    for name, scores in values.items():
        known = scores[np.isfinite(scores)]
        band = sum(((known > cut) if higher_is_better else (known < cut)).astype(int) for cut in cuts)
        counts.append((name, tuple(int((band == index).sum()) for index in range(len(cuts) + 1))))
    return Bands(tuple(cuts), tuple(counts))
