"""Quantiles of Student's t, without scipy: importing scipy.stats costs a second at start-up."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

MOST_STEPS = 100


@cache
def student_t(level: float, degrees: int) -> float:
    """The half-width, in standard errors, of a two-sided interval of ``level``; at least one degree of freedom.

    Newton's steps from the normal quantile, which is never larger. Above 0 the tail is convex: no step overshoots.
    """
    half = degrees / 2
    peak = math.exp(math.lgamma(half + 0.5) - math.lgamma(half)) / math.sqrt(degrees * math.pi)
    t = NormalDist().inv_cdf((1 + level) / 2)
    for _ in range(MOST_STEPS):
        slope = 2 * peak * (1 + t * t / degrees) ** -(half + 0.5)
        step = (two_sided_p(t, degrees) - (1 - level)) / slope
        t += step
        if abs(step) <= 1e-13 * t:
            break
    return t


def two_sided_p(t: float, degrees: int) -> float:
    """P(|T| >= t): the regularised incomplete beta function at ``degrees / (degrees + t**2)``."""
    return incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function by its continued fraction (Lentz; Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    fraction = d
    for m in range(1, 300):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            below = 1 + numerator * d
            d = 1 / (below if abs(below) > tiny else tiny)
            c = 1 + numerator / c
            if abs(c) <= tiny:
                c = tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction
