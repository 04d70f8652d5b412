"""The joint test of all pairs: by hand, by property, and by its error rate."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.stats.compare import Difference, compare, make_profiles
from harness.analysis.stats.design import Design, make_design
from harness.analysis.stats.distances import as_t
from harness.analysis.stats.family import adjusted_p, judge_all, judge_together, leader
from harness.metrics.interface import Rows
from tests.stats.test_compare import mean


def differences(values: Rows, sizes: Rows, design: Design) -> list[Difference]:
    """All pairs of systems, (systems, articles) sums each."""
    profiles = make_profiles([np.stack([row, sizes], axis=1) for row in values], sizes, mean, design)
    return [compare(one, other, mean, design, higher_is_better=True) for one, other in combinations(profiles, 2)]


def step_down_by_hand(values: Rows) -> list[float]:
    """Westfall and Young's algorithm over all sign flips, without any of the code it is compared with."""
    gaps = np.array([one - other for one, other in combinations(values, 2)])
    count = values.shape[1]
    signs = np.array([[1 - 2 * (code >> place & 1) for place in range(count)] for code in range(2**count)])
    reached = np.abs(gaps @ signs.T)
    observed = np.abs(gaps.sum(axis=1))
    order = np.argsort(-observed)
    adjusted, highest = [0.0] * len(gaps), 0.0
    for step, index in enumerate(order):
        largest = reached[order[step:]].max(axis=0)
        highest = max(highest, float((largest >= observed[index] - 1e-9).mean()))
        adjusted[index] = highest
    return adjusted


@pytest.mark.parametrize("articles", [2, 3, 7, 9])
@pytest.mark.parametrize("seed", range(5))
def test_step_down_by_hand(articles: int, seed: int) -> None:
    """Up to 7 articles, differences have all of the level, with 9 four fifths: ranks can only add to what they find."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, articles)) + np.array([0, 0, 1, 3])[:, None]
    design = make_design(articles, 1)
    items = differences(values, np.ones(articles), design)
    by_hand = [max(p, item.p) for p, item in zip(step_down_by_hand(values), items, strict=True)]
    if articles <= 7:
        assert adjusted_p(items, design) == pytest.approx(by_hand)
    else:
        bounds = [min(1.0, p / 0.8) + 1e-12 for p in by_hand]
        assert all(p <= bound for p, bound in zip(adjusted_p(items, design), bounds, strict=True))


def test_few_articles_of_many_systems_confirm_what_is_large() -> None:
    """Levels 2 apart, noise of 4: studentised differences confirmed none of these pairs, ranks none either."""
    rng = np.random.default_rng(3)
    values = rng.normal(scale=4, size=(20, 8)) + 2 * np.arange(20)[:, None]
    design = make_design(8, 1)
    adjusted = adjusted_p(differences(values, np.ones(8), design), design)
    apart = [other - one for one, other in combinations(range(20), 2)]
    assert all(p <= 0.05 for p, steps in zip(adjusted, apart, strict=True) if steps >= 10)
    assert all(p > 0.05 for p, steps in zip(adjusted, apart, strict=True) if steps == 1)


def test_a_wild_system_does_not_hide_that_two_others_differ() -> None:
    """It sets the bar for differences; ranks have a bar of their own."""
    rng = np.random.default_rng(5)
    values = rng.normal(scale=0.1, size=(3, 14))
    values[0] += 0.5
    values[2] = 40 * rng.normal(size=14)
    design = make_design(14, 1, shuffles=2000)
    wild, *_ = items = differences(values, np.ones(14), design)
    assert max(item.size for item in items[1:]) > wild.size
    assert adjusted_p(items, design)[0] <= 0.05


@pytest.mark.parametrize("seed", range(3))
def test_as_sharp_as_holm_where_ranks_are_fine(seed: int) -> None:
    """Articles of 1 and of 60 segments: a pair's differences lie in clusters, and their size says little."""
    rng = np.random.default_rng(seed)
    sizes = np.where(rng.random(30) < 0.7, 1.0, rng.integers(5, 60, 30))
    values = rng.normal(size=(5, 30)) * sizes
    values[0] += 1.2 * sizes
    design = make_design(30, 1)
    items = differences(values, sizes, design)
    raw = sorted(item.p for item in items)
    holm = max(min(1.0, (len(raw) - rank) * p) for rank, p in enumerate(raw[:4]))
    assert sorted(adjusted_p(items, design))[3] <= holm * 1.05


@given(st.integers(2, 5), st.integers(6, 15), st.integers(0, 100))
def test_never_below_the_raw_p_and_in_its_order(systems: int, articles: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-3, 4, size=(systems, articles)).astype(float)
    design = make_design(articles, 1, shuffles=200)
    items = differences(values, np.ones(articles), design)
    adjusted = adjusted_p(items, design)
    assert all(item.p <= p <= 1 for item, p in zip(items, adjusted, strict=True))
    if systems == 2:
        assert adjusted == [items[0].p]


@pytest.mark.parametrize("systems", [4, 33, 40])
def test_many_systems_hide_no_clear_difference(systems: int) -> None:
    """One system of chrF 100 among others of 37: Holm's correction of 528 pairs confirmed nothing."""
    rng = np.random.default_rng(systems)
    values = rng.normal(37, 1, size=(systems, 20))
    values[0] = 100
    design = make_design(20, 1)
    adjusted = adjusted_p(differences(values, np.ones(20), design), design)
    assert max(adjusted[: systems - 1]) <= 0.001
    assert np.mean(np.array(adjusted[systems - 1 :]) > 0.05) > 0.9


def test_six_articles_separate_four_systems_where_the_difference_is_the_same_everywhere() -> None:
    values = np.array(
        [[25, 26, 24.5, 25.2, 25.9, 24.8], [0, 0.3, -0.2, 0.1, 0, 0.2], [0.2, 0, 0, 0.1, -0.1, 0], np.zeros(6)]
    )
    design = make_design(6, 1)
    assert max(adjusted_p(differences(values, np.ones(6), design), design)[:3]) == pytest.approx(1 / 32)


def test_six_articles_can_separate_forty_systems() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 6))
    values[0] += 60
    design = make_design(6, 1)
    assert max(adjusted_p(differences(values, np.ones(6), design), design)[:39]) == 1 / 32


@pytest.mark.parametrize(("articles", "share"), [(7, 1.0), (9, 0.8), (13, 0.8)])
def test_each_measure_has_no_more_than_its_share_of_the_level(articles: int, share: float) -> None:
    """However clear a difference is, its p is the smallest there is, divided by the larger share."""
    rng = np.random.default_rng(articles)
    design = make_design(articles, 1)
    for scale in (0.01, 1.0):  # one system far ahead; and one far ahead beside one that is wild
        values = rng.normal(scale=0.01, size=(3, articles))
        values[0] += 1
        values[2] *= scale / 0.01
        adjusted = adjusted_p(differences(values, np.ones(articles), design), design)
        assert adjusted[0] >= 1 / design.swaps / share - 1e-12
        assert adjusted[0] <= 0.05


def test_who_leads_is_better_than_every_other_one() -> None:
    rng = np.random.default_rng(1)
    design = make_design(12, 1)

    def who(*qualities: float, higher: bool = True) -> int | None:
        sizes = np.ones(12)
        tables = [np.stack([quality + rng.normal(scale=0.1, size=12), sizes], axis=1) for quality in qualities]
        profiles = make_profiles(tables, sizes, mean, design)
        return leader(judge_all(profiles, design, higher_is_better=higher), len(profiles))

    assert who(1, 3, 2) == 1
    assert who(1, 3, 2, higher=False) == 0
    assert who(3, 3, 1) is None  # two that are better than the third, and neither better than the other
    assert who(3, 3) is None
    assert who(3, 1) == 0


def test_the_level_of_one_comparison() -> None:
    rng = np.random.default_rng(1)
    design = make_design(40, 1, shuffles=2000)
    levels = [
        judge_together(differences(rng.normal(size=(systems, 40)), np.ones(40), design), design).levels
        for systems in (2, 5, 10)
    ]
    assert levels[0] == (0.95,)
    # Tukey's range test of 5 and 10 independent systems: |t| of 2.85 and 3.35 at 39 degrees: levels of .993 and .998.
    assert np.median(levels[1]) == pytest.approx(0.993, abs=0.002)
    assert np.median(levels[2]) == pytest.approx(0.998, abs=0.001)
    assert as_t(1.0, 10) == pytest.approx(1.0)
    assert as_t(np.sqrt(10), 10) == np.inf


@pytest.mark.parametrize("seed", range(5))
def test_comparisons_alone_at_their_levels_keep_that_of_all(seed: int) -> None:
    """9 articles, where the level is divided between differences and ranks: counted over all swaps."""
    design = make_design(9, 1)
    items = differences(np.random.default_rng(seed).normal(size=(4, 9)), np.ones(9), design)
    found = np.zeros(design.swaps, dtype=np.bool_)
    for item, level in zip(items, judge_together(items, design).levels, strict=True):
        sizes = np.abs(item.swapped)
        p = np.array([(sizes >= size - 1e-9).mean() for size in sizes])
        found |= p < 1 - level - 1e-12
    assert 0.03 < found.mean() <= 0.05


FAMILIES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "heavy tails": lambda rng, shape: rng.standard_t(3, size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape),
    "mostly zero": lambda rng, shape: np.where(rng.random(shape) < 0.7, 0, rng.normal(size=shape)),
}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("systems", "articles"), [(4, 6), (10, 8), (10, 30)])
def test_family_wise_error(family: str, systems: int, articles: int) -> None:
    """400 runs: the standard error of 5 % is 1.1 points."""
    rng = np.random.default_rng(articles)
    runs, false = 400, 0
    for run in range(runs):
        sizes = rng.integers(1, 61, articles).astype(float)
        values = FAMILIES[family](rng, (systems, articles)) * sizes + rng.normal(size=(systems, articles))
        design = make_design(articles, run, shuffles=500)
        false += min(adjusted_p(differences(values, sizes, design), design)) <= 0.05
    assert false / runs <= 0.05 + 3 * 0.011
