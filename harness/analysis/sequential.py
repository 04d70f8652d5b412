"""Articles in looks, until it is known which system is best: the plan of the looks, and what follows from each.

A look is the ordinary test on the articles that are there, at a level of its own
(:mod:`harness.analysis.stats.spending`). A system that a look confirms to be worse than one that may win is out: no
more of it is bought. The question is answered when one system is left, or when the best of those that are left will
hardly be confirmed over the others by the articles that there are (:mod:`harness.analysis.stats.stopping`), or is shown
to be as good as they are.

Nothing here moves the levels, so who is out and when the looks end changes power, never the error.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.stats.compare import Interval
from harness.analysis.stats.design import EXACT_UNITS, SHUFFLES
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.stats.spending import SHARED, look_levels, spent
from harness.analysis.stats.stopping import is_futile, stays_below
from harness.types import Missing, SystemName

if TYPE_CHECKING:
    from harness.analysis.comparison import Comparison
    from harness.analysis.decision.lead import Lead
    from harness.analysis.pair import PairAnalysis

LOOKS = 8
"""Into so many equal parts articles are cut where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class LookPlan:
    """When to look, and what each look is tested at. Made before anything is bought."""

    counts: tuple[int, ...]
    """Articles at each look, rising; all there are at the last."""
    levels: tuple[float, ...]
    """What the adjusted p of each look is compared with."""
    systems: int
    """How many are compared with each other."""

    def fraction(self, look: int) -> float:
        """Share of the articles that are there at a look, counted from 0."""
        return self.counts[look] / self.counts[-1]


def plan_looks(articles: int, systems: int, *, every: int = 0, shared: float = SHARED) -> LookPlan:
    """The looks at so many articles.

    Looks at which no p can be as small as what they may spend are left out. A last part that is smaller than half of
    the others goes with the one before.

    Args:
        articles: all there are, at least 1.
        systems: how many are compared, floors aside.
        every: articles between two looks; 0 for an eighth of all, and at least 6.
        shared: what all looks together may use up.
    """
    step = every or max(FEWEST_UNITS, math.ceil(articles / LOOKS))
    counts = [count for count in range(step, articles, step) if articles - count >= step / 2]
    looks = tuple(count for count in counts if _can_confirm(count, articles, shared))
    counts_with_all = (*looks, articles)
    fractions = [count / articles for count in counts_with_all]
    return LookPlan(counts_with_all, look_levels(fractions, max(2, systems), shared), systems)


def _can_confirm(count: int, articles: int, shared: float) -> bool:
    smallest = 2.0 ** (1 - count) if count <= EXACT_UNITS else 1 / (SHUFFLES + 1)
    return count >= FEWEST_UNITS and spent(count / articles, shared) >= smallest


@dataclass(frozen=True, slots=True)
class AfterLook:
    """What follows from a look."""

    out: Mapping[SystemName, SystemName]
    """Systems that are out now, and the best of those that they are confirmed to be worse than."""
    left: tuple[SystemName, ...]
    """The others, best first."""
    answered: bool
    """Whether it is known which of them is best, or will hardly become known."""


def after_look(
    ranking: Sequence[SystemName],
    may_win: Collection[SystemName],
    confirmed: Collection[tuple[SystemName, SystemName]],
    settled: Collection[frozenset[SystemName]],
) -> AfterLook:
    """Who is out, and whether the question is answered.

    Args:
        ranking: the systems that were compared, best first, floors aside.
        may_win: those that keep the limits of the policy; others put nobody out.
        confirmed: (better, worse) for every two that the look separates.
        settled: pairs that no further article will separate.
    """
    out: dict[SystemName, SystemName] = {}
    for better in ranking:
        for worse in ranking:
            if better in may_win and (better, worse) in confirmed:
                out.setdefault(worse, better)
    left = tuple(name for name in ranking if name not in out)
    able = [name for name in left if name in may_win]
    answered = len(left) == 1 or (bool(able) and all(frozenset((able[0], other)) in settled for other in able[1:]))
    return AfterLook(out, left, answered)


def look_at(pair: PairAnalysis, fraction: float, margin: float = 0.0) -> AfterLook | Missing:
    """What follows from a look at one pair.

    Args:
        pair: the articles so far, tested at the level of the look.
        fraction: share of the articles that they are.
        margin: systems whose repeated confidence interval shows a difference of less on every metric that decides are
            as good as each other; 0: none are.

    Returns:
        Missing where nothing can be compared.
    """
    lead = pair.lead
    if isinstance(lead, Missing):
        return lead
    floors = pair.evidence.floors
    ranking = [name for name in lead.evidence.ranking if name not in floors]
    broken = breaking_limits(pair)
    items = [item for item in lead.evidence.comparisons if floors.isdisjoint((item.a, item.b))]
    settled = {frozenset((item.a, item.b)) for item in items if _is_settled(item, lead, fraction, margin, len(items))}
    return after_look(ranking, [name for name in ranking if name not in broken], lead.evidence.better, settled)


def breaking_limits(pair: PairAnalysis) -> frozenset[SystemName]:
    """Systems that cannot be recommended however good they are, and put nobody out."""
    return frozenset(
        item.system for item in pair.one_for_all.violations if item.constraint not in ("comparable", "worse", "floor")
    )


def _is_settled(item: Comparison, lead: Lead, fraction: float, margin: float, comparisons: int) -> bool:
    """Whether further articles will hardly separate two systems, or need not."""
    if isinstance(item.p, Missing) or isinstance(item.p_adjusted, Missing):
        return False
    parts = [judge.between(item.a, item.b) for judge in lead.judges]
    if margin and all(isinstance(part.interval, Interval) and _within(part.interval, margin) for part in parts):
        return True
    if lead.least and any(stays_below(abs(part.delta), part.standard_error, lead.least, fraction) for part in parts):
        return True
    return not item.significant and is_futile(item.p, item.p_adjusted, fraction, comparisons)


def _within(interval: Interval, margin: float) -> bool:
    return -margin < interval.low and interval.high < margin
