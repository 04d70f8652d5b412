"""What is known of the people who rated: whether they paid attention, and how far they agree.

Attention. A check shows a damaged copy of a translation beside the original. Whoever reads scores the copy lower; by
chance that happens in half of the checks. So the ratings of a person are left out where a one-sided sign test of their
checks does not reach 5 %: with n checks of which k came out right, ``P(K >= k)`` for K binomial with n and 1/2, ties
counted as wrong. It is the rule of the WMT campaigns (Graham et al. 2013: keep a person whose damaged items score
significantly lower), with a test that needs no scale. Fewer than five checks cannot reach 5 %: nothing is known then.

Agreement. Krippendorff's alpha for interval data, ``1 - D_observed / D_expected`` (Krippendorff 2004, chapter 11):

    D_observed = 1/n sum over u of [ 2 m_u / (m_u - 1) * sum over i of (x_ui - mean_u)^2 ]
    D_expected = 2/(n - 1) sum over all of (x - mean)^2

over the translations ``u`` with ``m_u >= 2`` ratings, ``n`` ratings in all. 1 is perfect agreement, 0 that of chance.
It asks for the same scores, not only for the same order. The interval is that of 2,000 resamples of the articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb

import numpy as np

from harness.metrics.interface import Rows
from harness.metrics.scores.rows import AttentionCheck, Spot
from harness.types import Missing, Reason
from harness.workspace.linear_algebra import one_thread

LEVEL = 0.05

FEWEST_CHECKS = 5
"""The fewest with which 5 % can be reached: 1/32."""

FEWEST_ARTICLES = 6
"""As for any other interval from articles."""

RESAMPLES = 2_000
SEED = 12345


@dataclass(frozen=True, slots=True)
class Attention:
    """The checks of one person."""

    rater: str
    passed: int
    checks: int

    @property
    def p(self) -> float:
        """How often chance alone passes so many."""
        return float(sum(comb(self.checks, k) for k in range(self.passed, self.checks + 1)) / 2**self.checks)

    @property
    def judged(self) -> bool:
        """Whether there were enough checks to say anything."""
        return self.checks >= FEWEST_CHECKS

    @property
    def excluded(self) -> bool:
        """Whether the ratings of this person do not count."""
        return self.judged and self.p > LEVEL


def judge_attention(checks: Sequence[AttentionCheck]) -> tuple[Attention, ...]:
    """One entry for each person who answered a check, by name."""
    by_name = sorted(checks, key=lambda check: check.rater)
    groups = [(rater, list(answers)) for rater, answers in groupby(by_name, key=lambda check: check.rater)]
    return tuple(
        Attention(rater, sum(answer.damaged < answer.original for answer in answers), len(answers))
        for rater, answers in groups
    )


@dataclass(frozen=True, slots=True)
class RaterAgreement:
    """Krippendorff's alpha."""

    alpha: float
    interval: tuple[float, float] | Missing
    """95 %, from resampled articles; missing with too few of them."""
    shared: int
    """Translations with two or more ratings."""
    articles: int
    """That they are in; 0 where ratings name lines and no articles."""


@one_thread()
def rater_agreement(ratings: Mapping[Spot, Sequence[float]]) -> RaterAgreement | Missing:
    """How far several ratings of the same translations agree.

    Args:
        ratings: all ratings of each translation; those with only one are passed over.
    """
    shared = {spot: values for spot, values in ratings.items() if len(values) > 1}
    if not shared:
        return Missing(Reason("noted.alpha_none"))
    articles = sorted({spot.article for spot in shared} - {""})
    sums = np.zeros((max(len(articles), 1), 4))
    index = {article: row for row, article in enumerate(articles)}
    # Less a constant, so that sums of squares lose no digits.
    centre = float(np.mean([value for values in shared.values() for value in values]))
    for spot, values in shared.items():
        x = np.array(values, dtype=np.float64) - centre
        within = 2 * len(x) / (len(x) - 1) * float(((x - x.mean()) ** 2).sum())
        sums[index.get(spot.article, 0)] += (len(x), x.sum(), (x**2).sum(), within)
    alpha = float(_alpha(sums.sum(axis=0)))
    if np.isnan(alpha):
        return Missing(Reason("noted.alpha_flat"))
    interval: tuple[float, float] | Missing = Missing(
        Reason("unscored.few.article", {"n": len(articles), "least": FEWEST_ARTICLES})
    )
    if len(articles) >= FEWEST_ARTICLES:
        drawn = np.random.default_rng(SEED).multinomial(
            len(articles), np.full(len(articles), 1 / len(articles)), size=RESAMPLES
        )
        resampled = _alpha(drawn.astype(np.float64) @ sums)
        low, high = np.quantile(resampled[~np.isnan(resampled)], (0.025, 0.975)).tolist()
        interval = (min(low, alpha), max(high, alpha))
    return RaterAgreement(alpha, interval, len(shared), len(articles))


def _alpha(sums: Rows) -> Rows:
    """Of (..., 4) sums of ``1, x, x^2`` over ratings, and of the disagreement within translations; NaN if all equal."""
    n, total, squares, within = np.moveaxis(sums, -1, 0)
    expected = 2 * (n * squares - total**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha: Rows = np.where(expected > 1e-9, 1 - within * (n - 1) / expected, np.nan)
    return alpha
