"""How many articles people can rate, and who rates which."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle

from harness.analysis.stats.power import FEWEST_UNITS
from harness.errors import UsageError
from harness.types import ArticleId

QUARTER = 0.25
"""Of the segments are rated where nobody says how much: ``docs/rating.md`` has what that finds."""

USUAL_ARTICLES = 10
"""The fewest articles that are rated then, if there are so many."""

USUAL_SHARED = 0.25


@dataclass(frozen=True, slots=True)
class Budget:
    """What people have time for."""

    raters: tuple[str, ...]
    articles: int | None = None
    """All of them together; None: as many as the hours allow, or as usual."""
    hours: float | None = None
    """Of each person."""
    articles_per_hour: float | None = None
    """That one person rates."""
    shared: float = USUAL_SHARED
    """Share of the articles that everybody rates, so that their agreement is known."""

    @property
    def unlimited(self) -> bool:
        """Whether nobody said how much is rated."""
        return self.articles is None and self.hours is None and self.articles_per_hour is None


def count_articles(budget: Budget, sizes: Sequence[int]) -> int:
    """How many of the articles are rated, from the first one on.

    Args:
        budget: what people have time for.
        sizes: segments of each article, in the order in which articles are chosen.

    Raises:
        UsageError: hours without a pace, or the other way round, or with a number of articles; or time for none.
    """
    if budget.articles is not None:
        if budget.hours is not None or budget.articles_per_hour is not None:
            raise UsageError("--articles says how many, and so does --hours", hint="give one of them")
        return min(budget.articles, len(sizes))
    if budget.unlimited:
        return min(len(sizes), max(USUAL_ARTICLES, count_holding(QUARTER, sizes)))
    if budget.hours is None or budget.articles_per_hour is None:
        raise UsageError(
            "--hours and --articles-per-hour go together",
            hint="rate one article to see how long it takes: harness rate --articles 1",
        )
    each = math.floor(budget.hours * budget.articles_per_hour + 1e-9)
    fitting = [count for count in range(1, len(sizes) + 1) if _most(budget, count) <= each]
    if not fitting:
        raise UsageError("not even one article fits into the hours", hint="give more --hours")
    return max(fitting)


def count_holding(share: float, sizes: Sequence[int]) -> int:
    """How many of the articles, from the first one on, hold at most this share of all segments."""
    held = accumulate(sizes)
    return sum(segments <= share * sum(sizes) for segments in held)


def count_shared(budget: Budget, articles: int) -> int:
    """How many articles everybody rates: the share, and no fewer than an interval from articles takes."""
    if len(budget.raters) == 1 or budget.shared == 0:
        return 0
    return min(articles, max(math.ceil(budget.shared * articles), FEWEST_UNITS))


def _most(budget: Budget, articles: int) -> int:
    """Articles of the person with the most."""
    shared = count_shared(budget, articles)
    return shared + math.ceil((articles - shared) / len(budget.raters))


def share_out(budget: Budget, articles: Sequence[ArticleId], seed: int) -> dict[str, tuple[ArticleId, ...]]:
    """The articles of each person, in an order of their own; drawn by the seed."""
    draw = random.Random(seed)  # noqa: S311 - an order, no secret
    drawn = draw.sample(list(articles), len(articles))
    shared = count_shared(budget, len(articles))
    parts = _dealt(budget, drawn, frozenset(drawn[:shared]))
    return {rater: tuple(draw.sample(part, len(part))) for rater, part in parts.items()}


def share_in_looks(
    budget: Budget, order: Sequence[ArticleId], counts: Sequence[int], seed: int
) -> dict[str, tuple[ArticleId, ...]]:
    """The articles of each person, those of earlier looks first; what all rate is spread evenly over the order.

    Args:
        budget: who rates.
        order: of the articles.
        counts: articles at each look, rising; the last one is of all.
        seed: of the order within a look.
    """
    draw = random.Random(seed)  # noqa: S311 - an order, no secret
    shared = count_shared(budget, len(order))
    spread = frozenset(order[number * len(order) // shared] for number in range(shared))
    look_of = {article: bisect_right(counts, place) for place, article in enumerate(order)}
    parts = _dealt(budget, order, spread)
    return {
        rater: tuple(sorted(draw.sample(part, len(part)), key=lambda article: look_of[article]))
        for rater, part in parts.items()
    }


def _dealt(budget: Budget, articles: Sequence[ArticleId], shared: Collection[ArticleId]) -> dict[str, list[ArticleId]]:
    """What all rate, to everybody; the others in turn."""
    parts: dict[str, list[ArticleId]] = {rater: [] for rater in budget.raters}
    turn = cycle(budget.raters)
    for article in articles:
        for rater in budget.raters if article in shared else (next(turn),):
            parts[rater].append(article)
    return parts
