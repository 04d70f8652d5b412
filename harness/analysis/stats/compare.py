"""Paired tests and intervals with the article as the unit. Pure numpy; knows no metric's name.

**p** comes from swapping whole articles between the two systems (approximate randomisation, Riezler and Maxwell 2005,
with documents as units): under the null hypothesis the two outputs of an article are exchangeable, so the test is exact
with any article lengths and any correlation inside articles. All swaps are tried where there are few articles.

**Intervals** invert that test: the interval holds every true difference that the test, asked about it, does not reject.
A difference of d is taken out of the data by giving each unit its share of it: its share of the segments, or of the
words or characters that BLEU, TER and chrF divide by. Swap s then shows ``delta_s - d z_s``, where ``z_s`` is the share
of the units that stay minus that of those that move, and d is kept while more than ``1 - level`` of the swaps show a
difference at least as large as the observed ``delta - d``. Each swap keeps a range of d around the observed difference,
so the interval is read off from the sorted ends of these ranges. At d = 0 this is the test itself: interval and p never
disagree. ``docs/statistics.md`` has the coverage.

The interval of one system's score inverts the same test of its units' contributions,
``v_u = g . r_u + (f - g . T) w_u`` for score f of summed rows T with gradient g, unit rows ``r_u`` and shares ``w_u``.

Differences are oriented: positive means the first system is better, whatever the metric's direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np

from harness.analysis.stats.columns import Exchange, Moved
from harness.analysis.stats.design import Design
from harness.analysis.stats.inversion import TINY, inverted
from harness.analysis.stats.skew import leans_against
from harness.metrics.interface import Rows
from harness.workspace.linear_algebra import one_thread

ScoreFunction = Callable[[Rows], Rows]
"""(..., k) sums to (...) scores."""

FormulaOf = Callable[[str], ScoreFunction]
"""Column name to the formula that turns sums of its rows into scores."""


@runtime_checkable
class SizedScore(Protocol):
    """A score that weighs units by something else than their segments: the words or characters it divides by."""

    def __call__(self, totals: Rows) -> Rows:
        """(..., k) sums to (...) scores."""

    def sizes(self, rows: Rows) -> Rows:
        """(n, k) rows of units to (n,) how much each weighs in a sum."""


LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One system under one metric, swapped: all that comparing it with others needs."""

    units: Rows
    """(n, k) rows of the units; zero for units that do not count."""
    total: Rows
    """(k,) their sum,"""
    value: float
    """and the score of that."""
    shares: Rows
    """(n,) share of each unit in the whole; adds up to 1."""
    contributions: Rows
    """(n,) what each unit adds to the score, to first order; adds up to the score."""
    moved: Moved
    """(R, k) sums of the units that change sides in each swap."""
    moved_shares: Rows
    """(R,) the same of the shares,"""
    moved_contributions: Rows
    """(R,) and of the contributions."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired comparison of two systems, positive when the first is better."""

    delta: float
    interval: Interval
    p: float
    standard_error: float
    """By linearisation: ``sqrt(n/(n-1) sum (v_u - delta w_u)**2)``, v the difference of the contributions."""
    units: int
    """Units that count."""
    lopsided: bool = False
    """Whether a few units are far on the other side (:mod:`harness.analysis.stats.skew`)."""
    size: float = field(compare=False, default=0.0)
    """``|delta|``, less what rounding may have added: what a swap must reach to count."""
    swapped: Rows = field(compare=False, repr=False, default_factory=lambda: np.zeros(0))
    """(R,) ``|delta|`` in every swap."""


@dataclass(frozen=True, slots=True, eq=False)
class SwapTest:
    """A difference and what the swaps say about it, as in :class:`Difference`, without anything else."""

    delta: float
    p: float
    size: float
    swapped: Rows


def make_profiles(tables: Sequence[Rows], sizes: Rows, score: ScoreFunction, design: Design) -> list[Profile]:
    """Swap the units of some systems.

    Args:
        tables: (n, k) rows of the design's units, for each system.
        sizes: (n,) segments of each unit that count, the same for all systems; units of 0 have rows of zeros. They are
            the units' shares, unless the score has sizes of its own.
        score: the metric's formula.
        design: the swaps.
    """
    if not tables:
        return []
    shares = [_shares(units, sizes, score) for units in tables]
    totals = [units.sum(axis=0) for units in tables]
    values = [float(score(total)) for total in totals]
    parts = [_contributions(*of, score) for of in zip(tables, values, shares, strict=True)]
    moved, moved_shares, moved_parts = _moved(tables, shares, parts, design)
    every = zip(tables, totals, values, shares, parts, moved, moved_shares, moved_parts, strict=True)
    return [
        Profile(units, total, value, share, part, Moved(units, rows), moved_share, moved_part)
        for units, total, value, share, part, rows, moved_share, moved_part in every
    ]


def _moved(
    tables: Sequence[Rows], shares: Sequence[Rows], parts: Sequence[Rows], design: Design
) -> tuple[list[Rows], list[Rows], list[Rows]]:
    """What is swapped of each system: of its rows, (R, k), its shares and its contributions, (R,)."""
    # Systems with the same references have the same shares.
    distinct = {share.tobytes(): share for share in shares}
    columns = [*distinct.values(), *parts]
    # A column by itself is multiplied in another way than beside others, and rounded otherwise.
    beside = [np.stack(columns, axis=1)] if len(tables) > 1 else [column[:, None] for column in columns]
    swapped = design.swapped([*tables, *beside])
    sums = [column for table in swapped[len(tables) :] for column in table.T]
    share_of = dict(zip(distinct, sums, strict=False))
    return swapped[: len(tables)], [share_of[share.tobytes()] for share in shares], sums[len(distinct) :]


def score_interval(profile: Profile, design: Design, *, level: float = LEVEL) -> Interval:
    """The interval of one system's score."""
    shown = profile.value - 2 * profile.moved_contributions
    tie = TINY * max(abs(profile.value), 1.0)
    return Interval(*inverted(profile.value, shown, 1 - 2 * profile.moved_shares, design, level=level, tie=tie))


def compare(
    a: Profile, b: Profile, score: ScoreFunction, design: Design, *, higher_is_better: bool, level: float = LEVEL
) -> Difference:
    """Compare two systems on the same units.

    Args:
        a: the system whose gains are positive.
        b: the other one, on the same segments.
        score: the metric's formula.
        design: the swaps of both profiles.
        higher_is_better: the metric's direction.
        level: of the interval, two-sided.
    """
    exchange = exchange_of(a, b)
    if exchange.is_void:
        count = int(((a.shares + b.shares) > 0).sum())
        return Difference(0.0, Interval(0.0, 0.0), 1.0, 0.0, count, swapped=np.zeros(design.swaps))
    sign = 1.0 if higher_is_better else -1.0
    shown = _shown(exchange, score, sign=sign)
    result = difference_of(a, b, _swap_test(a, b, np.abs(shown), design, sign=sign), sign=sign)
    stayed = 1 - a.moved_shares - b.moved_shares
    ends = inverted(result.delta, shown, stayed, design, level=level, tie=tie_of(a, b))
    return replace(result, interval=Interval(*ends))


def p_of_loss(
    a: Profile, b: Profile, score: ScoreFunction, design: Design, *, higher_is_better: bool, loss: float
) -> float:
    """The one-sided p of ``a`` being worse than ``b`` by no more than ``loss``: small where it is worse by more.

    The interval of :func:`compare` at a level of ``1 - 2 p`` ends at minus the loss.
    """
    exchange = exchange_of(a, b)
    if exchange.is_void:
        return 1.0
    sign = 1.0 if higher_is_better else -1.0
    shown = _shown(exchange, score, sign=sign)
    beyond = sign * (a.value - b.value) + loss
    asked = np.abs(shown + loss * (1 - a.moved_shares - b.moved_shares))
    p = design.p_value(int((asked >= abs(beyond) - tie_of(a, b)).sum()))
    return p / 2 if beyond < 0 else 1 - p / 2


def compare_roughly(a: Profile, b: Profile, design: Design, *, higher_is_better: bool) -> Difference:
    """:func:`compare` to first order, from the contributions alone.

    Without an interval of its own (it is everything); p is exact for scores that are means.
    """
    test = swap_roughly(a, b, design, higher_is_better=higher_is_better)
    return difference_of(a, b, test, sign=1.0 if higher_is_better else -1.0)


def swap_roughly(a: Profile, b: Profile, design: Design, *, higher_is_better: bool) -> SwapTest:
    """The test of :func:`compare_roughly` alone: for tables of many parts of a corpus."""
    sign = 1.0 if higher_is_better else -1.0
    return _swap_test(a, b, np.abs(_shown_roughly(a, b, sign=sign)), design, sign=sign)


def exchange_of(a: Profile, b: Profile) -> Exchange:
    """What two systems exchange: what ``a`` gives in a swap, ``b`` gains."""
    return Exchange(a.total, b.total, gained=b.moved, lost=a.moved)


def _shown(exchange: Exchange, score: ScoreFunction, *, sign: float) -> Rows:
    """(R,) the difference in every swap."""
    one, other = exchange.scores(score)
    shown: Rows = sign * (one - other)
    return shown


def _shown_roughly(a: Profile, b: Profile, *, sign: float) -> Rows:
    shown: Rows = sign * (a.value - b.value) - 2 * sign * (a.moved_contributions - b.moved_contributions)
    return shown


def _swap_test(a: Profile, b: Profile, swapped: Rows, design: Design, *, sign: float) -> SwapTest:
    delta, tie = sign * (a.value - b.value), tie_of(a, b)
    p = design.p_value(int(np.count_nonzero(swapped >= abs(delta) - tie)))
    return SwapTest(delta, p, max(abs(delta) - tie, 0.0), swapped)


def difference_of(a: Profile, b: Profile, test: SwapTest, *, sign: float) -> Difference:
    """What is known of a difference beside its test; the interval is left open."""
    shares = (a.shares + b.shares) / 2
    count = int((shares > 0).sum())
    parts = sign * (a.contributions - b.contributions)
    return Difference(
        test.delta,
        Interval(-np.inf, np.inf),
        test.p,
        _standard_error(parts - test.delta * shares, count),
        count,
        leans_against(parts, shares),
        test.size,
        test.swapped,
    )


def tie_of(a: Profile, b: Profile) -> float:
    """Differences closer than this are equal."""
    return TINY * max(abs(a.value), abs(b.value), 1.0)


def _shares(units: Rows, sizes: Rows, score: ScoreFunction) -> Rows:
    weights = score.sizes(units) if isinstance(score, SizedScore) else sizes
    if not weights.sum() > 0:
        weights = sizes
    shares: Rows = weights / max(float(weights.sum()), 1.0)
    return shares


def linearised(rows: Rows, sizes: Rows, score: ScoreFunction) -> tuple[Rows, Rows]:
    """What each row adds to the score, to first order, and its share in the whole: (n,) each.

    Args:
        rows: (n, k) rows of units or segments.
        sizes: (n,) their shares, for scores without sizes of their own.
        score: the metric's formula.
    """
    shares = _shares(rows, sizes, score)
    return _contributions(rows, float(score(rows.sum(axis=0))), shares, score), shares


@one_thread()
def _contributions(units: Rows, value: float, shares: Rows, score: ScoreFunction) -> Rows:
    """What every unit adds to the score, (n,), by central differences of the score at the sum of all units."""
    total = units.sum(axis=0)
    step = 1e-4 * np.maximum(1.0, np.abs(total))
    moves = np.diag(step)
    gradient = (score(total + moves) - score(total - moves)) / (2 * step)
    parts = units @ gradient
    contributions: Rows = parts + (value - parts.sum()) * shares
    return contributions


def _standard_error(influence: Rows, n: int) -> float:
    return float(np.sqrt(n / (n - 1) * (influence**2).sum())) if n > 1 else 0.0
