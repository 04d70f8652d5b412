"""Whether a language model recites the references of a run: counted in articles, which are independent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.analysis.stats.quantiles import incomplete_beta
from harness.types import Memorisation

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Recital:
    """What the answers of one model show."""

    articles: int
    """Of which references were to be continued."""
    recited: int
    """Of these, with at least one reference recited."""
    control: int
    """Of these, with a continuation of another article in the answer: what chance does."""
    low: float
    """Share of articles recited, 95 % interval of Clopper and Pearson (1934)."""
    high: float
    p: float
    """One-sided sign test of the articles that are recited against those that only the control has."""
    numbers: int
    """Changed numbers that were translated."""
    reverted: int
    """Of these, turned back into those of the original text."""

    @property
    def significant(self) -> bool:
        """Whether more articles are recited than chance explains."""
        return self.p <= LEVEL


def recital_of(item: Memorisation) -> Recital:
    """Count the articles in which a model recites."""
    known: dict[str, list[bool]] = {}
    for one in item.recited:
        found = known.setdefault(one.article, [False, False])
        found[0] |= one.run >= item.verbatim
        found[1] |= one.control >= item.verbatim
    recited = sum(true for true, _ in known.values())
    only = sum(true and not other for true, other in known.values())
    against = sum(other and not true for true, other in known.values())
    low, high = clopper_pearson(recited, len(known)) if known else (0.0, 1.0)
    endings = [one.ending for one in item.changed]
    return Recital(
        articles=len(known),
        recited=recited,
        control=sum(other for _, other in known.values()),
        low=low,
        high=high,
        p=_sign_test(only, against),
        numbers=len(endings),
        reverted=endings.count("reverted"),
    )


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """The exact 95 % interval of a share.

    Args:
        successes: at most as many as trials.
        trials: at least one.
    """
    low = 0.0 if not successes else _quantile(LEVEL / 2, successes, trials - successes + 1)
    high = 1.0 if successes == trials else _quantile(1 - LEVEL / 2, successes + 1, trials - successes)
    return low, high


def _quantile(share: float, a: float, b: float) -> float:
    """Where the distribution function of Beta(a, b) reaches ``share``, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if incomplete_beta(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def _sign_test(more: int, fewer: int) -> float:
    """P(at least ``more`` of all), where both are equally likely; 1 where there are none."""
    total = more + fewer
    return float(sum(math.comb(total, k) for k in range(more, total + 1)) / 2**total)
