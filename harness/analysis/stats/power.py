"""What a comparison could have found, and how many articles it would take to find more.

Power is that of a paired t-test at the level at which the comparison is made, which simulation shows the swap test to
reach from six articles on (``docs/statistics.md``). The level is that of one comparison among many, so the number of
systems counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from harness.analysis.stats.quantiles import student_t

LEVEL = 0.95
POWER = 0.8

FEWEST_UNITS = 6
"""With 5 articles the smallest possible two-sided p is 2/2**5 = .0625: no verdict at 5 % is possible."""

MOST_ARTICLES = 1000
"""More are not worth a figure: "more than 1,000"."""

RARE_FAILURES = 20
"""With fewer articles a system that fails on one article in ten may well show no failure at all: .9**20 = .12."""

NORMAL_DEGREES = 400
"""Student's t of so many degrees of freedom is a normal one to three digits."""

STEPS = 120
"""Points of the integral over the standard error."""

PRECISION = 1e-12
"""Of the shift that has the power, relative to it."""

NORMAL = NormalDist()
_ROOT_2, _ROOT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class ArticlesNeeded:
    """How many articles would find the true difference, which is known only roughly."""

    least: int
    """If the difference is as large as the data allow (80 % interval)."""
    most: int
    """If it is as small as they allow; :data:`MOST_ARTICLES` or more means that many and possibly any number."""
    sign_open: bool
    """Whether the data allow that there is no difference, or one the other way round: no number of articles is then
    sure to confirm this one."""


HIGHEST_LEVEL = 1 - 1e-7
"""What a level of a hair less than 1 counts as: among many pairs it can be rounded to 1, which no t reaches."""


def detectable_difference(standard_error: float, units: int, level: float = LEVEL) -> float:
    """The smallest true difference that such a comparison finds 80 % of the time, in metric points.

    Args:
        standard_error: of the difference.
        units: articles, at least 2.
        level: of the two-sided test, as :func:`harness.analysis.stats.family.judge_together` gives it.
    """
    return noncentrality(min(round(level, 7), HIGHEST_LEVEL), units - 1) * standard_error


def articles_needed(standard_error: float, units: int, difference: float, level: float = LEVEL) -> int:
    """How many articles like these would find ``difference`` 80 % of the time.

    The standard error shrinks with the square root of the number of articles.

    Args:
        standard_error: of the difference, with ``units`` articles.
        units: articles there are, at least 2.
        difference: a true difference above 0, in metric points.
        level: of the two-sided test.

    Returns:
        A number of articles, at least 6, because no fewer can reach p < .05 in the article test; at most
        :data:`MOST_ARTICLES`.
    """
    low, high = FEWEST_UNITS, FEWEST_UNITS
    per_article = standard_error * math.sqrt(units)
    while detectable_difference(per_article / math.sqrt(high), high, level) > difference:
        low, high = high, high * 2
        if high > MOST_ARTICLES:
            return MOST_ARTICLES
    while low < high:
        middle = (low + high) // 2
        if detectable_difference(per_article / math.sqrt(middle), middle, level) > difference:
            low = middle + 1
        else:
            high = middle
    return high


def needed_range(standard_error: float, units: int, difference: float, level: float = LEVEL) -> ArticlesNeeded:
    """:func:`articles_needed` for the differences that an 80 % interval holds: an observed difference is no true one.

    Args:
        standard_error: of the difference, with ``units`` articles.
        units: articles there are, at least 2.
        difference: the observed one; its sign does not matter.
        level: of the two-sided test.
    """
    reach = student_t(POWER, units - 1) * standard_error
    smallest, largest = abs(difference) - reach, abs(difference) + reach
    least = articles_needed(standard_error, units, largest, level) if largest > 0 else MOST_ARTICLES
    if smallest <= 0:
        return ArticlesNeeded(least, MOST_ARTICLES, sign_open=True)
    return ArticlesNeeded(least, articles_needed(standard_error, units, smallest, level), sign_open=False)


def rounded_articles(count: int) -> int:
    """Two significant digits, and never more than :data:`MOST_ARTICLES`: more digits would be invented."""
    if count < 100:
        return count
    return min(MOST_ARTICLES, round(count, -1 if count < MOST_ARTICLES else -2))


@cache
def noncentrality(level: float, degrees: int, power: float = POWER) -> float:
    """How many standard errors a true difference must have for a two-sided t-test of ``level`` to find it.

    Solves ``P(T > t) = power`` for the non-central t with ``degrees`` degrees of freedom; the other tail is nothing.
    """
    critical = student_t(level, degrees)
    if degrees >= NORMAL_DEGREES:
        return critical + NORMAL.inv_cdf(power)
    low, high = 0.0, math.inf
    shift = critical + NORMAL.inv_cdf(power)
    while True:
        reached, slope = _power(shift, critical, degrees)
        low, high = (shift, high) if reached < power else (low, shift)
        # Newton's step, where it stays between what is known to be too small and too large.
        before, shift = shift, shift + (power - reached) / slope if slope else high
        if not low < shift < high:
            shift = (low + high) / 2 if high < math.inf else 2 * low
        if abs(shift - before) <= PRECISION * before:
            return shift


def _power(shift: float, critical: float, degrees: int) -> tuple[float, float]:
    """P(T > critical), T non-central, and how it grows with the shift.

    The normal probability and density, averaged over the estimated standard error.
    """
    reached = slope = 0.0
    for spread, weight in _spreads(degrees):
        distance = shift - critical * spread
        reached += weight * math.erf(distance / _ROOT_2)
        slope += weight * math.exp(-distance * distance / 2)
    return (1 + reached) / 2, slope / _ROOT_2_PI


@cache
def _spreads(degrees: int) -> tuple[tuple[float, float], ...]:
    """Estimated over true standard error, sqrt(chi2/degrees), and the probability of each."""
    deviation = 1 / math.sqrt(2 * degrees)
    first, last = max(1e-3, 1 - 7 * deviation), 1 + 7 * deviation
    points = [first + (last - first) * (step + 0.5) / STEPS for step in range(STEPS)]
    logs = [(degrees - 1) * math.log(point) - degrees * point * point / 2 for point in points]
    highest = max(logs)
    weights = [math.exp(value - highest) for value in logs]
    total = sum(weights)
    return tuple((point, weight / total) for point, weight in zip(points, weights, strict=True))
