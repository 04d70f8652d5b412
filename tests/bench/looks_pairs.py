"""Two systems in looks, many runs in one matrix product: rates to a tenth of a point in minutes.

The swap test of each look is the one of :mod:`tests.bench.looks`, where scores are means of segments; others are taken
to first order. Interval and p never disagree, so an interval holds a difference of none where no look confirms one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from harness.analysis.sequential import plan_looks
from harness.analysis.stats.compare import ScoreFunction, linearised
from harness.analysis.stats.design import make_design
from harness.analysis.stats.stopping import is_futile
from harness.metrics.interface import Rows
from tests.bench.looks import ALPHA, FEWEST_SEGMENTS, MOST_ARTICLES, Counts
from tests.bench.scenarios import Scenario, draw, findable

AT_ONCE = 500
"""Runs that share their swaps: so many products in one."""

TIE = 1e-9
"""Sums of swapped articles that differ by less, relative to all, are equal."""

Gaps = Callable[[], Rows]
"""Draws what one system's sum is ahead of the other's, (n,), on each article in the order in which they are bought."""


def simulate_two(scenario: Scenario, articles: int, *, runs: int, seed: int, every: int = 0) -> Counts:
    """Two equal systems of a scenario; the same seed gives the same counts."""
    rng = np.random.default_rng([seed, articles, *scenario.name.encode()])

    def gaps() -> Rows:
        _, (one, other) = draw(scenario, articles, 2, rng)
        drawn: Rows = rng.permutation(one - other)
        return drawn

    return _count(gaps, articles, runs, seed, every, equal=True)


def equate_two(
    scenario: Scenario, articles: int, *, runs: int, seed: int, every: int = 0, margin: float = 1.0
) -> Counts:
    """One system better than the other by just the margin, in differences that are found four times in five.

    ``equal`` and ``unlike`` count runs that end because an interval lies within the margin, all of them wrongly;
    ``wrong`` those in which one was confirmed the other way round. The interval holds what the swap test of the
    difference without it does not reject.
    """
    rng = np.random.default_rng([seed, articles, *scenario.name.encode()])
    shift = margin * findable(scenario, articles, rng)
    plan = plan_looks(articles, 2, every=every)
    counts = Counts(runs, pairs=runs)
    for start in range(0, runs, AT_ONCE):
        gaps, lengths = [], []
        for _ in range(min(AT_ONCE, runs - start)):
            drawn, (one, other) = draw(scenario, articles, 2, rng)
            order = rng.permutation(articles)
            lengths.append(drawn[order])
            gaps.append((one - other)[order] + shift * drawn[order])
        gap, share = np.stack(gaps, axis=1), shift * np.stack(lengths, axis=1)
        open_yet = np.ones(gap.shape[1], dtype=np.bool_)
        for look, (count, level) in enumerate(zip(plan.counts, plan.levels, strict=True)):
            counts.articles += float(open_yet.sum()) * (count - (plan.counts[look - 1] if look else 0)) / articles
            below, at, above = (gap[:count] + side * share[:count] for side in (-1, 0, 1))
            p_below, p, p_above = (_p_values(each, seed + start) for each in (below, at, above))
            within = (p_below <= level) & (below.sum(axis=0) < 0) & (p_above <= level) & (above.sum(axis=0) > 0)
            found = open_yet & (p <= level)
            counts.out += int(found.sum())
            counts.wrong += int((found & (at.sum(axis=0) < 0)).sum())
            alike = open_yet & within & ~found
            counts.equal += int(alike.sum())
            open_yet &= ~found & ~alike
            if count < articles:
                open_yet &= [not is_futile(each, each, plan.fraction(look), 1) for each in p.tolist()]
    counts.unlike, counts.bought = counts.equal, counts.articles
    return counts


def resample_two(
    tables: Mapping[str, Rows],
    sizes: Rows,
    score: ScoreFunction,
    *,
    runs: int,
    seed: int,
    every: int = 0,
    shuffled: bool = False,
) -> Counts:
    """Two systems of a test set; arguments as for :func:`tests.bench.looks.resample`, with a true difference or none.

    ``wrong`` counts differences that are confirmed the other way round than all articles of the set have them.
    """
    rng = np.random.default_rng(seed)
    parts = [linearised(rows, sizes, score)[0] for rows in tables.values()]
    long_enough = np.flatnonzero(sizes >= FEWEST_SEGMENTS)
    articles = min(MOST_ARTICLES, len(long_enough))

    def gaps() -> Rows:
        one, other = rng.permutation(len(parts))[:2]
        order = rng.permutation(long_enough)[:articles]
        ahead = parts[one] - parts[other]
        drawn: Rows = ahead[order] * (rng.choice([-1.0, 1.0], size=articles) if shuffled else np.sign(ahead.sum()))
        return drawn

    return _count(gaps, articles, runs, seed, every, equal=shuffled)


def _count(gaps: Gaps, articles: int, runs: int, seed: int, every: int, *, equal: bool) -> Counts:
    """Unless the systems are equal, the one that is ahead is the better one."""
    plan = plan_looks(articles, 2, every=every)
    counts = Counts(runs, pairs=runs)
    for start in range(0, runs, AT_ONCE):
        drawn = np.stack([gaps() for _ in range(min(AT_ONCE, runs - start))], axis=1)
        open_yet = np.ones(drawn.shape[1], dtype=np.bool_)
        out = np.zeros(drawn.shape[1], dtype=np.bool_)
        fixed = out
        for look, (count, level) in enumerate(zip(plan.counts, plan.levels, strict=True)):
            counts.articles += float(open_yet.sum()) * (count - (plan.counts[look - 1] if look else 0)) / articles
            p = _p_values(drawn[:count], seed + start)
            found = open_yet & (p <= level)
            backwards = drawn[:count].sum(axis=0) < 0
            counts.wrong += int((found if equal else found & backwards).sum())
            out |= found
            open_yet &= ~found
            if count == articles:
                fixed = p <= ALPHA
                counts.fixed_wrong += int((fixed if equal else fixed & backwards).sum())
            else:
                open_yet &= [not is_futile(each, each, plan.fraction(look), 1) for each in p.tolist()]
        counts.out += int(out.sum())
        counts.fixed_out += int(fixed.sum())
        before = counts.squares
        counts.squares = (before[0] + out.sum(), before[1] + (out & fixed).sum(), before[2] + fixed.sum())
    counts.bought = counts.articles
    counts.held = runs - counts.wrong
    return counts


def _p_values(gaps: Rows, seed: int) -> Rows:
    """(n, k) differences of n articles in k runs to (k,) two-sided p of the swap test."""
    design = make_design(len(gaps), seed)
    (moved,) = design.swapped([gaps])
    total = gaps.sum(axis=0)
    reached = np.abs(total - 2 * moved) >= np.abs(total) - TIE * np.abs(gaps).sum(axis=0)
    return np.array([design.p_value(int(count)) for count in reached.sum(axis=0)])
