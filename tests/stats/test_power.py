"""Power and numbers of articles: textbook values, promises kept in simulation, and no digits that nobody knows."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats.compare import compare, make_profiles
from harness.analysis.stats.design import make_design
from harness.analysis.stats.family import adjusted_p, judge_together
from harness.analysis.stats.power import (
    MOST_ARTICLES,
    articles_needed,
    detectable_difference,
    needed_range,
    noncentrality,
    rounded_articles,
)
from tests.stats.test_compare import mean


def test_textbook_values_of_the_noncentral_t() -> None:
    # G*Power 3: paired t-test, alpha .05 two-sided, power .80: n = 34 for dz = .5, n = 15 for .8, n = 199 for .2.
    assert noncentrality(0.95, 33) == pytest.approx(0.5 * np.sqrt(34), rel=0.02)
    assert noncentrality(0.95, 14) == pytest.approx(0.8 * np.sqrt(15), rel=0.03)
    assert noncentrality(0.95, 198) == pytest.approx(0.2 * np.sqrt(199), rel=0.01)
    assert noncentrality(0.95, 399) == pytest.approx(noncentrality(0.95, 400), rel=1e-3)


def test_a_difference_of_twelve_articles_has_eleven_degrees_of_freedom() -> None:
    assert detectable_difference(0.5, 12) == 0.5 * noncentrality(0.95, 11)
    assert detectable_difference(0.5, 12, 0.99) == 0.5 * noncentrality(0.99, 11)


def test_a_level_that_rounds_to_one_has_a_detectable_difference() -> None:
    almost = detectable_difference(0.5, 100, 1 - 1e-9)
    assert detectable_difference(0.5, 100, 0.999) < almost < float("inf")
    assert detectable_difference(0.5, 100, 1.0) == almost


def test_detectable_difference_and_articles_needed_agree() -> None:
    needed = articles_needed(0.5, 12, 0.8)
    per_article = 0.5 * np.sqrt(12)
    assert detectable_difference(per_article / np.sqrt(needed), needed) <= 0.8
    assert detectable_difference(per_article / np.sqrt(needed - 1), needed - 1) > 0.8
    assert articles_needed(0.0, 12, 0.1) == 6
    assert articles_needed(0.5, 12, 0.8, level=0.999) > needed
    assert articles_needed(1.0, 12, 0.001) == MOST_ARTICLES


def test_a_range_and_an_open_sign() -> None:
    clear = needed_range(0.5, 12, 1.0)
    assert clear.least < articles_needed(0.5, 12, 1.0) < clear.most
    assert not clear.sign_open
    assert needed_range(0.5, 12, -1.0) == clear
    unclear = needed_range(0.5, 12, 0.1)
    assert unclear.sign_open
    assert unclear.most == MOST_ARTICLES


@pytest.mark.parametrize(("count", "shown"), [(7, 7), (99, 99), (104, 100), (105, 100), (455, 460), (999, 1000)])
def test_two_significant_digits(count: int, shown: int) -> None:
    assert rounded_articles(count) == shown
    assert rounded_articles(11_123) == MOST_ARTICLES


@pytest.mark.slow
@pytest.mark.parametrize(("systems", "articles"), [(2, 8), (2, 20), (5, 12), (5, 30), (10, 20)])
def test_a_detectable_difference_is_found_80_percent_of_the_time(systems: int, articles: int) -> None:
    """One system is better than another by what the test says it detects; all pairs are tested together."""
    rng = np.random.default_rng(systems * 100 + articles)
    # Every difference of two systems has a standard deviation of 1 over articles of equal length.
    error = 1 / np.sqrt(articles)
    found, promised, runs = 0, [], 300
    for run in range(runs):
        values = rng.normal(scale=np.sqrt(0.5), size=(systems, articles))
        design = make_design(articles, run, shuffles=1000)
        sizes = np.ones(articles)
        pairs = [(one, other) for one in range(systems) for other in range(one + 1, systems)]

        def tested(scores: np.ndarray, design=design, sizes=sizes, pairs=pairs):  # type: ignore[no-untyped-def]
            profiles = make_profiles([np.stack([row, sizes], axis=1) for row in scores], sizes, mean, design)
            return [compare(profiles[a], profiles[b], mean, design, higher_is_better=True) for a, b in pairs]

        level = judge_together(tested(values), design).levels[0]
        promised.append(detectable_difference(error, articles, level))
        values[0] += promised[-1]
        found += adjusted_p(tested(values), design)[0] <= 0.05
    # More than promised, never less: a pair may also pass by the other measure, or after others have left.
    assert 0.74 <= found / runs <= 0.94, (found / runs, np.mean(promised))
