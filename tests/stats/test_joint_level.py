"""The level of one comparison among those that a joint test makes: beside what is known of equal systems."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from harness.analysis.stats.components import family_level
from harness.analysis.stats.joint_level import joint_level
from harness.analysis.stats.resampled_power import Pilot

ARTICLES = 60


def pilots_of(systems: int, seed: int = 1) -> list[Pilot]:
    """Every pair of systems that vary alike, on articles of equal size; none is better."""
    values = np.random.default_rng(seed).normal(0, 3, (systems, ARTICLES))
    values -= values.mean(axis=1, keepdims=True)
    shares = np.full(ARTICLES, 1 / ARTICLES)
    return [Pilot((values[a] - values[b]) / ARTICLES, shares) for a, b in combinations(range(systems), 2)]


def test_one_comparison_has_the_whole_level() -> None:
    assert 1 - joint_level(pilots_of(2), [1.2], 1.2, 30, 1, otherwise=0.5) == pytest.approx(0.05, abs=0.01)


def test_of_equally_distant_pairs_each_has_about_what_the_range_leaves() -> None:
    systems = 4
    pairs = len(pilots_of(systems))
    # One system that is as far from the others as is wanted; those are equal.
    deltas = [1.6 if 0 in pair else 0.0 for pair in combinations(range(systems), 2)]
    level = 1 - joint_level(pilots_of(systems), deltas, 1.6, 30, 1, otherwise=0.5)
    assert 1 - family_level(pairs, 0.95) < level < 0.05


def test_pairs_that_clearly_differ_leave_more_to_the_others() -> None:
    systems = 6
    close = [1.6 if {0, 1} == set(pair) else 0.0 for pair in combinations(range(systems), 2)]
    far = [delta if delta or not set(pair) & {0, 1} else 40.0
           for delta, pair in zip(close, combinations(range(systems), 2), strict=True)]  # fmt: skip
    beside_equals, beside_others = (
        1 - joint_level(pilots_of(systems), deltas, 1.6, 30, 1, otherwise=0.5) for deltas in (close, far)
    )
    assert beside_others > beside_equals


def test_without_a_pair_about_as_far_apart_nothing_is_learnt() -> None:
    assert joint_level(pilots_of(3), [9.0, 9.0, 9.0], 1.0, 30, 1, otherwise=0.98) == 0.98
    assert joint_level(pilots_of(3), [0.01, 0.01, 0.01], 0.01, 8, 1, otherwise=0.98) >= 0.95
