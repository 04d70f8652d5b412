"""``python -m tests.bench looks``: small versions of the published tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.looks import FAMILIES, TRUTHS, Truth, resample, simulate
from tests.bench.looks_pairs import resample_two, simulate_two
from tests.bench.looks_tables import load_tables
from tests.bench.scenarios import SCENARIOS
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
@pytest.mark.parametrize("every", [0, 8, 12, 18])
def test_no_distance_between_looks_breaks_the_promise(every: int) -> None:
    """500 runs of each scenario, 4,000 together: a rate of 5 % has a standard error of 1.0 and .34 points."""
    counts = [simulate_two(scenario, 36, runs=500, seed=2, every=every) for scenario in FAMILIES]
    assert max(item.wrong for item in counts) <= 500 * (0.05 + 3 * 0.0097)
    assert sum(item.wrong for item in counts) <= 4000 * (0.05 + 2 * 0.0034)


def test_many_runs_at_once_are_the_same_runs() -> None:
    """The rates of the same scenario, one run after the other and at once."""
    once = simulate_two(UNEQUAL, 24, runs=400, seed=3)
    each = simulate(UNEQUAL, 24, 2, "all equal", runs=200, seed=3)
    assert once.rate(once.wrong)[0] == pytest.approx(each.rate(each.wrong)[0], abs=3 * 1.9)
    assert once.articles / once.runs == pytest.approx(each.articles / each.runs, abs=0.05)


def test_systems_at_the_margin_are_hardly_ever_called_equal() -> None:
    """60 runs: a rate of 5 % has a standard error of 2.8 points; equal ones are found to be equal."""
    edge = simulate(UNEQUAL, 24, 2, "one better", runs=60, seed=1, margin=1.5)
    assert edge.unlike == edge.equal <= 60 * (0.05 + 3 * 0.028)
    assert simulate(UNEQUAL, 24, 2, "all equal", runs=60, seed=1, margin=1.5).equal > 30


@pytest.mark.slow
@pytest.mark.parametrize("truth", TRUTHS[1:])
def test_systems_that_leave_do_not_make_the_others_differ(truth: Truth) -> None:
    """60 runs of fifteen systems: a rate of 5 % has a standard error of 2.8 points."""
    counts = simulate(UNEQUAL, 30, 15, truth, runs=60, seed=2)
    assert counts.wrong / counts.runs <= 0.05 + 3 * 0.028
    assert counts.out >= 0.95 * counts.fixed_out


@pytest.mark.slow
def test_resampled_sets_confirm_what_all_articles_confirm(wmt_data: Path) -> None:
    sets = load_tables(wmt_data, ["wmt23.zh-en"], ["chrf", "comet", "MQM"])
    assert len(sets) == 3
    for (_, metric), table in sets.items():
        counts = resample_two(*table, runs=500, seed=1)
        assert counts.out >= 0.97 * counts.fixed_out, metric
        assert counts.articles < 0.7 * counts.runs, metric
        equal = resample_two(*table, runs=500, seed=1, shuffled=True)
        assert equal.wrong <= 500 * (0.05 + 3 * 0.0097), metric
    (tables, sizes, score) = sets["wmt23.zh-en", "chrf"]
    assert resample(tables, sizes, score, 5, runs=10, seed=1).out > 0


def test_the_command_prints_the_tables(tmp_path: Path, bench: Shell) -> None:
    asked = ("looks", "--runs", 2, "--articles", 12, "--every", 6, "--systems", 2, "--systems", 3, "-q")
    first = bench(*asked)
    assert first.code == 0, first.err
    assert first.out.count("| equal articles | 12 | ") == len(TRUTHS)
    assert bench(*asked).out == first.out
    _noisy(tmp_path / "made.de-en")
    for option in ((), ("--shuffled",)):
        table = bench("looks", "--data", tmp_path, "--runs", 2, "--systems", 2, "-q", *option)
        assert table.code == 0, table.err
        assert "| made.de-en | comet | " in table.out
