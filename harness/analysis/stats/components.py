"""How far a difference between two systems spreads: between articles, and between the segments of one article.

A difference over articles of m segments has a variance of ``(between * sum m**2 + within * sum m) / (sum m)**2``:
sampling in two stages (Cochran 1977, chapter 10). More segments of the same article only make the second part smaller,
so many articles with a few segments each say more than a few long ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from harness.analysis.stats.design import Starts
from harness.metrics.interface import Rows

DRAWS = 20_000
"""Families of equal systems behind :func:`family_level`: the level is then known to a tenth of itself."""


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of the difference of one segment, in squared points of the metric."""

    between: float
    """Of the means of articles."""
    within: float
    """Of segments around the mean of their article."""

    def variance(self, sizes: Rows) -> float:
        """Of the difference over one article, such that A articles have this much over A.

        Args:
            sizes: (u,) how many segments the articles have of which it is one, at least one.
        """
        mean, square = float(sizes.mean()), float((sizes**2).mean())
        return (self.between * square + self.within * mean) / mean**2

    @property
    def correlation(self) -> float:
        """Between two segments of one article, 0 to 1."""
        total = self.between + self.within
        return self.between / total if total > 0 else 0.0


def components(residuals: Rows, starts: Starts) -> Components:
    """The components of an analysis of variance (Searle, Casella and McCulloch 1992, chapter 3), never below 0.

    Args:
        residuals: (n,) what each segment has beyond its share of the difference, times n; its mean is 0.
        starts: first segment of each article, at least two articles.
    """
    count, articles = len(residuals), len(starts)
    sizes = np.diff(np.append(starts, count)).astype(np.float64)
    means = np.add.reduceat(residuals, starts) / sizes
    inside = float(((residuals - np.repeat(means, sizes.astype(np.intp))) ** 2).sum())
    within = inside / (count - articles) if count > articles else 0.0
    around = float((sizes * (means - residuals.mean()) ** 2).sum()) / (articles - 1)
    usual = (count - float((sizes**2).sum()) / count) / (articles - 1)
    return Components(max(0.0, (around - within) / usual), within)


def family_level(comparisons: int, level: float) -> float:
    """At which level each of so many comparisons is tested, so that all of them together keep ``level``.

    Those of the pairs of equal systems that vary alike: the largest of them is a range, whose quantile is drawn. A
    number of comparisons that is not that of all pairs of some systems counts as the next larger one.

    Args:
        comparisons: at least 1.
        level: such as .95.
    """
    systems = math.ceil((1 + math.sqrt(1 + 8 * comparisons)) / 2)
    return level if systems == 2 else _range_level(systems, level)


@cache
def _range_level(systems: int, level: float) -> float:
    drawn = np.random.default_rng(systems).normal(size=(DRAWS, systems))
    largest = float(np.quantile(np.ptp(drawn, axis=1), level)) / math.sqrt(2)
    return 2 * NormalDist().cdf(largest) - 1
