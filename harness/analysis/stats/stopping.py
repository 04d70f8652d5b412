"""When more articles will hardly change what a look shows: conditional power (Lan and Wittes 1988, the B-value).

A share t of the articles on which a difference is z standard errors adds ``z sqrt(t)`` to the z at the end; the rest
adds its drift times ``1 - t``, with a variance of ``1 - t``. The drift is not what was seen, ``z / sqrt(t)``, but the
upper end of its 80 % interval: few articles show little, and who gives up too early loses what the rest would have
confirmed. The rule is not binding: the levels of the looks are made as if nobody stopped for it, so that the error can
only become smaller.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from harness.analysis.stats.compare import LEVEL
from harness.analysis.stats.components import family_level

LEAST_POWER = 0.05
"""With less a pair is given up."""

OPTIMISM = 0.8
"""Level of the interval whose upper end the drift is taken from."""

SMALLEST_P = 1e-12
"""What smaller p count as, so that z is finite."""

NORMAL = NormalDist()


def conditional_power(z: float, fraction: float, needed: float) -> float:
    """How likely a difference ends at ``needed`` standard errors or more, by an optimistic view of what was seen.

    Args:
        z: the difference so far, in its standard errors.
        fraction: share of the articles that it is of, above 0 and below 1.
        needed: z at the end.
    """
    drift = (z + NORMAL.inv_cdf((1 + OPTIMISM) / 2)) / math.sqrt(fraction)
    ahead = z * math.sqrt(fraction) + drift * (1 - fraction) - needed
    return NORMAL.cdf(ahead / math.sqrt(1 - fraction))


def is_futile(p: float, p_adjusted: float, fraction: float, comparisons: int) -> bool:
    """Whether the joint test will hardly confirm a pair at the end.

    What the pair needs there is the z of the first of so many equal pairs, or less: beside pairs that clearly differ it
    needs as much more than it has as its adjusted p lacks.

    Args:
        p: two-sided, of this pair alone.
        p_adjusted: corrected for all pairs.
        fraction: share of the articles that they are of.
        comparisons: pairs that are tested together, at least 1.
    """
    if fraction >= 1:
        return True
    z = _z(p)
    needed = min(_z(1 - family_level(comparisons, LEVEL)), z + _z(1 - LEVEL) - _z(p_adjusted))
    return conditional_power(z, fraction, needed) < LEAST_POWER


def stays_below(size: float, standard_error: float, points: float, fraction: float) -> bool:
    """Whether a difference will hardly reach ``points`` at the end.

    Args:
        size: the difference so far, at least 0.
        standard_error: of it; 0 where nothing differs.
        points: what it has to reach.
        fraction: share of the articles that it is of.
    """
    if fraction >= 1 or standard_error <= 0:
        return size < points
    return conditional_power((size - points) / standard_error, fraction, 0.0) < LEAST_POWER


def _z(p: float) -> float:
    return NORMAL.inv_cdf(1 - min(1.0, max(p, SMALLEST_P)) / 2)
