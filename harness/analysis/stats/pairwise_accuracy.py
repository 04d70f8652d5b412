"""How well a metric orders pairs of systems, where the answer is more than right or wrong.

*Soft pairwise accuracy* (Thompson, Mathur, Deutsch and Khayrallah 2024) asks whether a metric is as sure of each pair
of systems as people are. *Tie-calibrated accuracy* (Deutsch, Foster and Freitag 2023) gives a metric the threshold
below which its differences count as ties, because people tie often and a metric hardly ever does. Both are the main
figures of the WMT metrics tasks since 2023, and equal `mt_metrics_eval`'s ``pce`` and ``tau_optimization`` but for the
random numbers of the former. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.analysis.stats.design import Starts
from harness.metrics.interface import Mask, Rows
from harness.workspace.linear_algebra import one_thread

PERMUTATIONS = 1000
"""Of whole segments between two systems, as in the paper."""

AT_ONCE = 50
"""Permutations held in memory; divides :data:`PERMUTATIONS`."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the best threshold makes of each segment."""

    threshold: float
    """Differences of the metric up to this one are ties."""
    accuracies: Rows
    """(segments,) share of the pairs of systems that the metric orders, or ties, as people do; 0 without a rating."""
    rated: Mask
    """(segments,) whether at least two systems are rated there."""


def soft_pairwise_accuracy(metric: Rows, human: Rows, starts: Starts, weights: Rows, seed: int) -> Rows:
    """One minus the mean absolute difference of two p-values over all pairs of systems.

    The p-value of a pair is one-sided: the share of random swaps of segments whose difference is at least the observed
    one. A coin toss of a metric gives about 0.5 if people are sure of every pair.

    Args:
        metric: (systems, segments), at least two systems, more is better.
        human: the same for people.
        starts: first segment of each unit; units are what ``weights`` count.
        weights: (n, units) how often each unit is taken.
        seed: of the swaps, which are the same for all systems and for both columns.

    Returns:
        (n,), each 0 to 1.
    """
    pairs = list(zip(*np.triu_indices(len(metric), k=1), strict=True))
    errors = np.zeros(len(weights))
    sides = [_Swapped.of(scores, starts, weights, seed) for scores in (metric, human)]
    for one, other in pairs:
        by_metric, by_people = (side.p_value(int(one), int(other)) for side in sides)
        errors += np.abs(by_metric - by_people)
    return 1.0 - errors / len(pairs)


@dataclass(frozen=True, slots=True)
class _Swapped:
    """Weighted sums of the scores, as observed and with random signs."""

    observed: Rows
    """(systems, n)"""
    swapped: Rows
    """(systems, n, permutations)"""

    @classmethod
    @one_thread()
    def of(cls, scores: Rows, starts: Starts, weights: Rows, seed: int) -> _Swapped:
        rng = np.random.default_rng(seed)
        swapped = np.empty((len(scores), len(weights), PERMUTATIONS))
        for first in range(0, PERMUTATIONS, AT_ONCE):
            signs = rng.integers(0, 2, size=(AT_ONCE, scores.shape[1]), dtype=np.int8) * 2 - 1
            for index, system in enumerate(scores):
                sums = np.add.reduceat(signs * system, starts, axis=1)
                swapped[index, :, first : first + AT_ONCE] = weights @ sums.T
        return cls(np.add.reduceat(scores, starts, axis=1) @ weights.T, swapped)

    def p_value(self, one: int, other: int) -> Rows:
        """(n,) of the hypothesis that the first system is the better one."""
        difference = self.observed[one] - self.observed[other]
        by_chance = self.swapped[one] - self.swapped[other]
        # Sums in another order: what is equal may differ in its last digits.
        slack = 1e-9 * np.abs(by_chance).max(axis=1)
        reached: Rows = (by_chance >= (difference - slack)[:, None]).mean(axis=1)
        return reached


def tie_calibrated_accuracy(metric: Rows, human: Rows) -> Calibrated:
    """The threshold of the largest mean accuracy over segments, and the accuracy of each segment with it.

    Args:
        metric: (systems, segments), NaN where a score is missing.
        human: the same for people.
    """
    segments = metric.shape[1]
    distance, gain, base, counted = (np.concatenate(parts) for parts in zip(*_pairs(metric, human), strict=True))
    of_segment = np.tile(np.arange(segments), len(distance) // segments)
    pairs = np.bincount(of_segment, counted, segments)
    share = 1.0 / np.maximum(pairs, 1.0)
    rated: Mask = pairs > 0
    threshold = _best_threshold(distance[counted], (gain * share[of_segment])[counted])
    agreed = base + np.where(distance <= threshold, gain, 0.0)
    return Calibrated(threshold, np.bincount(of_segment, agreed * counted, segments) * share, rated)


def _pairs(metric: Rows, human: Rows) -> Iterator[tuple[Rows, Rows, Rows, Mask]]:
    """Four arrays, (segments,), for each pair of systems.

    How far the metric holds the two apart; what calling that a tie would add to the agreement with people; the
    agreement without it; and whether both systems have both scores.
    """
    for one, other in zip(*np.triu_indices(len(metric), k=1), strict=True):
        by_metric, by_people = metric[one] - metric[other], human[one] - human[other]
        counted: Mask = ~np.isnan(by_metric + by_people)
        by_metric, by_people = np.where(counted, by_metric, 0.0), np.where(counted, by_people, 0.0)
        agreed = (np.sign(by_metric) == np.sign(by_people)).astype(np.float64)
        yield np.abs(by_metric), (by_people == 0) - agreed, agreed, counted


def _best_threshold(distance: Rows, gain: Rows) -> float:
    """The smallest distance up to which ties gain most; 0 where they gain nothing."""
    order = np.argsort(distance, kind="stable")
    ordered, gained = distance[order], np.cumsum(gain[order])
    last = np.append(np.diff(ordered) > 0, True)[: len(ordered)]
    if not len(ordered) or gained[last].max() <= 0:
        return 0.0
    return float(ordered[last][np.argmax(gained[last])])
