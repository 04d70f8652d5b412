"""How segments differ: the sorted differences to the system at the top, and shares of good and bad segments.

"Good" and "bad" are the metric's own: cut points are quantiles of all segment scores of the pair, never constants.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from harness.analysis.pair import PairAnalysis
from harness.metrics.interface import Rows
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_score
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import MetricIdentity, SystemName

MOST_CURVES = 4

MOST_POINTS = 240

CUTS = (0.10, 0.25, 0.75, 0.90)


@dataclass(frozen=True, slots=True)
class Curve:
    """The system at the top against another, segment by segment."""

    system: SystemName
    label: str
    better: int
    """Segments on which the system at the top scores better."""
    equal: int
    worse: int
    points: tuple[tuple[float, float], ...]
    """``(percent of segments, difference)``, differences falling; at most :data:`MOST_POINTS`, evenly spread."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Shares of segments by quality."""

    names: tuple[str, ...]
    """Worst first: ``up to 41.2``."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Label of a system and its segments in each band."""


def segment_values(system: SystemResult, metric: str) -> Rows:
    """(n,) segment scores; NaN where there is none."""
    scores = scores_of(system, metric)
    if not isinstance(scores, MetricScores):
        return np.full(len(system.outcomes), np.nan)
    return np.where(scores.scored, scores.segments, np.nan)


def curves(pair: PairAnalysis) -> tuple[Curve, ...]:
    """The system at the top against the next ones; none with fewer than two systems."""
    standing = pair.standing
    metric, systems = standing.primary, standing.ranked
    if metric is None or len(systems) < 2:
        return ()
    labels = display_names(pair.result)
    sign = 1 if standing.identities[metric].higher_is_better else -1
    top = segment_values(systems[0], metric)
    found = []
    for system in systems[1 : 1 + MOST_CURVES]:
        difference = sign * (top - segment_values(system, metric))
        difference = np.sort(difference[np.isfinite(difference)])[::-1]
        n = len(difference)
        if n < 2:
            continue
        picked = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
        points = tuple((100 * (index + 0.5) / n, float(difference[index])) for index in picked)
        better, worse = int((difference > 0).sum()), int((difference < 0).sum())
        found.append(Curve(system.name, labels[system.name], better, n - better - worse, worse, points))
    return tuple(found)


def bands(pair: PairAnalysis) -> Bands | None:
    """Shares by the quantiles of all segment scores under the primary metric; None where they say nothing."""
    standing = pair.standing
    metric, systems = standing.primary, standing.ranked
    if metric is None or not systems:
        return None
    identity = standing.identities[metric]
    higher = identity.higher_is_better
    values = {system.name: segment_values(system, metric) for system in systems}
    pooled = np.concatenate(list(values.values()))
    pooled = pooled[np.isfinite(pooled)]
    if len(pooled) < 20:
        return None
    levels = CUTS if higher else tuple(1 - cut for cut in CUTS)
    cuts = [float(np.quantile(pooled, level)) for level in levels]
    if len({format_score(identity.decimals, cut) for cut in cuts}) < len(cuts):
        return None  # many equal scores: bands would split what is alike
    labels = display_names(pair.result)
    rows = []
    for system in systems:
        own = values[system.name]
        own = own[np.isfinite(own)]
        place = sum(((own > cut) if higher else (own < cut)).astype(int) for cut in cuts)
        rows.append((labels[system.name], tuple(int((place == band).sum()) for band in range(len(cuts) + 1))))
    return Bands(_names(identity, cuts), tuple(rows))


def _names(metric: MetricIdentity, cuts: list[float]) -> tuple[str, ...]:
    shown = [format_score(metric.decimals, cut) for cut in cuts]
    middle = [say("number.range", low=low, high=high) for low, high in itertools.pairwise(shown)]
    if metric.higher_is_better:
        return (say("bands.up_to", score=shown[0]), *middle, say("bands.above", score=shown[-1]))
    return (say("bands.from", score=shown[0]), *middle, say("bands.below", score=shown[-1]))
