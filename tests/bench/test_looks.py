"""``python -m tests.bench looks``: small versions of the published tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.looks import TRUTHS, Truth, load_tables, resample, simulate
from tests.bench.scenarios import SCENARIOS, Scenario
from tests.bench.test_gate import _noisy
from tests.cli.conftest import Shell

EQUAL, UNEQUAL = SCENARIOS[:2]


def test_looks_keep_the_level_and_find_what_all_articles_find() -> None:
    """200 runs: a rate of 5 % has a standard error of 1.5 points."""
    equal = simulate(UNEQUAL, 24, 2, "all equal", runs=200, seed=1)
    assert equal.wrong / equal.runs <= 0.05 + 3 * 0.0155
    assert equal.held / equal.pairs >= 0.95 - 3 * 0.0155
    assert equal.articles < 0.9 * equal.runs
    better = simulate(UNEQUAL, 24, 2, "one better", runs=200, seed=1)
    assert better.out >= 0.97 * better.fixed_out
    assert better.articles < 0.9 * better.runs


def test_systems_that_are_out_are_not_bought() -> None:
    counts = simulate(EQUAL, 24, 4, "two at the top", runs=25, seed=1)
    assert counts.bought < counts.articles
    assert counts.out > 0


@pytest.mark.slow
@pytest.mark.parametrize("systems", [2, 5])
@pytest.mark.parametrize("every", [6, 12, 18])
@pytest.mark.parametrize("scenario", SCENARIOS[:6], ids=lambda scenario: scenario.name)
def test_no_distance_between_looks_breaks_the_promise(scenario: Scenario, every: int, systems: int) -> None:
    """300 runs: a rate of 5 % has a standard error of 1.3 points."""
    counts = simulate(scenario, 36, systems, "all equal", runs=300, seed=2, every=every)
    assert counts.wrong / counts.runs <= 0.05 + 3 * 0.0126
    assert counts.held / counts.pairs >= 0.95 - 3 * 0.0126


@pytest.mark.slow
@pytest.mark.parametrize("truth", TRUTHS[1:])
def test_systems_that_leave_do_not_make_the_others_differ(truth: Truth) -> None:
    """60 runs of fifteen systems: a rate of 5 % has a standard error of 2.8 points."""
    counts = simulate(UNEQUAL, 30, 15, truth, runs=60, seed=2)
    assert counts.wrong / counts.runs <= 0.05 + 3 * 0.028
    assert counts.out >= 0.95 * counts.fixed_out


@pytest.mark.slow
def test_resampled_sets_confirm_what_all_articles_confirm(wmt_data: Path) -> None:
    sets = load_tables(wmt_data, ["wmt23.zh-en"])
    assert len(sets) == 2
    for (_, metric), (tables, sizes, score) in sets.items():
        counts = resample(tables, sizes, score, 2, runs=200, seed=1)
        assert counts.out >= 0.98 * counts.fixed_out, metric
        assert counts.articles < 0.7 * counts.runs, metric


def test_the_command_prints_the_tables(tmp_path: Path, bench: Shell) -> None:
    asked = ("looks", "--runs", 2, "--articles", 12, "--every", 6, "--systems", 2, "--systems", 3, "-q")
    first = bench(*asked)
    assert first.code == 0, first.err
    assert first.out.count("| equal articles | 12 | ") == len(TRUTHS)
    assert bench(*asked).out == first.out
    _noisy(tmp_path / "made.de-en")
    table = bench("looks", "--data", tmp_path, "--runs", 2, "--systems", 2, "-q")
    assert table.code == 0, table.err
    assert "| made.de-en | comet | " in table.out
