"""What the requests of a run say about latency, and what they cannot say.

Seconds of a request grow with its text, so systems are compared by seconds per 1,000 source characters; seconds of a
request are for people and for hard limits. A quantile is quoted only from as many requests as can carry it:

- the median from 6: below, not even the smallest and the largest of all enclose the true median with 95 % confidence
  (1 - 2 * 0.5**n; Conover, *Practical Nonparametric Statistics*, 3.2);
- the 95th percentile from 20: below, it would be the largest value seen, whatever that was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.types import Part, Reason, Unknown

FEWEST_FOR_MEDIAN = 6
FEWEST_FOR_P95 = 20

MOST_TIMINGS = 1000
"""Requests whose times a run keeps; of more, every k-th in the order in which they were sent."""

PER_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Timing:
    """One request that was answered, without those that opened connections."""

    seconds: float
    characters: int
    """Code points of source text; positive."""

    @property
    def pace(self) -> float:
        """Seconds per 1,000 source characters."""
        return self.seconds / self.characters * PER_CHARACTERS


class TooFew(Unknown):
    """There are requests, and not enough of them; more would tell."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per 1,000 source characters, one value for each of enough requests."""

    paces: tuple[float, ...]
    measured: str
    """The day on which the last of them was sent, where that was before the run; empty where it was in it."""

    @property
    def median(self) -> float:
        """Their median."""
        middle = median(self.paces)
        return math.nan if isinstance(middle, Unknown) else middle


def quantile(values: Sequence[float], share: float, least: int, untimed: int = 0) -> float | Unknown:
    """The smallest value that at least ``share`` of all do not exceed: one that was really seen.

    Args:
        values: one for each request that was timed, in any order.
        share: 0.5 or 0.95.
        least: how many there must be.
        untimed: how many others there were, to be said where these are too few.
    """
    if len(values) < least:
        return too_few(len(values), share, least, untimed)
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Sequence[float], untimed: int = 0) -> float | Unknown:
    """See :func:`quantile`."""
    return quantile(values, 0.5, FEWEST_FOR_MEDIAN, untimed)


def p95(values: Sequence[float], untimed: int = 0) -> float | Unknown:
    """See :func:`quantile`."""
    return quantile(values, 0.95, FEWEST_FOR_P95, untimed)


def too_few(n: int, share: float, least: int, untimed: int = 0) -> TooFew:
    """What to say instead of a quantile.

    Args:
        n: requests that were timed.
        share: of the quantile.
        least: how many would be enough.
        untimed: requests beside these, which may include start-up or time in a queue.
    """
    name = Part("message", "latency.median" if share == 0.5 else "latency.p95")
    if untimed:
        requests = Part("count", n + untimed, "request")
        return TooFew(Reason("latency.untimed", {"n": untimed, "requests": requests, "quantile": name, "least": least}))
    return TooFew(Reason("latency.too_few", {"n": n, "quantile": name, "least": least}))


def kept(timings: Sequence[Timing]) -> tuple[Timing, ...]:
    """All of them, or an even choice of as many as a run keeps."""
    step = -(-len(timings) // MOST_TIMINGS) or 1
    return tuple(timings[::step])
