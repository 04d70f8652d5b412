"""``python -m tests.bench judge-sample``: a small version of the published table, and the sample of a real judge."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats.skew import corrected_ends
from tests.bench.conftest import bench
from tests.bench.judge_sample import POPULATIONS, measure, true_score
from tests.cli.conftest import Shell

__all__ = ["bench"]

USUAL, SHORT = POPULATIONS[:2]


@pytest.mark.slow
def test_intervals_hold_with_a_sample() -> None:
    """150 runs of short articles: a coverage of 95 % has a standard error of 1.8 points, 1.3 for two systems."""
    (row,) = measure(populations=[SHORT], articles=[24], shares=[0.2], runs=150)
    assert 0.25 < row.judged < 0.4
    assert row.scores >= 0.95 - 3 * 0.013
    assert row.differences >= 0.95 - 3 * 0.018


def test_a_population_has_the_score_of_its_segments() -> None:
    assert true_score(USUAL) == pytest.approx(1.1)
    assert true_score(POPULATIONS[3]) > 1.15


def test_ends_move_to_the_long_side() -> None:
    residuals = np.array([-1.0, -1, -1, -1, -1, 5])
    low, high = corrected_ends(2.0, (1.0, 3.0), residuals / 10)
    assert high - 2 > 1 > 2 - low
    mirrored = corrected_ends(2.0, (1.0, 3.0), -residuals / 10)
    assert mirrored == pytest.approx((4 - high, 4 - low))
    even = np.array([-1.0, 1, -1, 1, -2, 2])
    assert corrected_ends(2.0, (1.0, 3.0), even) == (1.0, 3.0)
    assert corrected_ends(2.0, (-np.inf, np.inf), residuals) == (-np.inf, np.inf)


def test_the_command_prints_the_table(bench: Shell) -> None:
    asked = ("judge-sample", "--runs", 2, "--articles", 8, "--sample", 0.5, "-q")
    first = bench(*asked)
    assert first.code == 0, first.err
    assert first.out.count(" | 8 | 0.5 | ") == len(POPULATIONS)
    assert bench(*asked).out == first.out
