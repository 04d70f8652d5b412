"""What a comparison could have found, and how many articles it would take to find more."""

from __future__ import annotations

import math

from harness.stats.quantiles import student_t

LEVEL = 0.95
POWER = 0.8

MOST_ARTICLES = 1_000_000


def detectable_difference(standard_error: float, units: int) -> float:
    """The smallest true difference that is found in four of five such comparisons, in metric points.

    ``(t[1-a/2, n-1] + t[power, n-1]) * SE``: the textbook formula for a paired t-test.

    Args:
        standard_error: of the difference.
        units: articles, at least 2.
    """
    return (student_t(LEVEL, units - 1) + student_t(2 * POWER - 1, units - 1)) * standard_error


def articles_needed(standard_error: float, units: int, difference: float) -> int:
    """How many articles like these would find ``difference`` in four of five comparisons.

    The standard error shrinks with the square root of the number of articles.

    Args:
        standard_error: of the difference, with ``units`` articles.
        units: articles there are, at least 2.
        difference: a true difference above 0, in metric points.

    Returns:
        A number of articles, at least 6, because no fewer can reach p < .05 in the article test; at most a million.
    """
    low, high = 6, 6
    per_article = standard_error * math.sqrt(units)
    while detectable_difference(per_article / math.sqrt(high), high) > difference:
        low, high = high, high * 2
        if high > MOST_ARTICLES:
            return MOST_ARTICLES
    while low < high:
        middle = (low + high) // 2
        if detectable_difference(per_article / math.sqrt(middle), middle) > difference:
            low = middle + 1
        else:
            high = middle
    return high
