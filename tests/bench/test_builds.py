"""``python -m tests.bench builds``: small versions of the published table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.bench.builds import MARTINGALE, PLANNED, RULES, Chart, Versions, follow
from tests.bench.test_gate import SETS, _noisy
from tests.cli.conftest import Shell

HALVES = f"halves of {PLANNED}"
EACH = "each build at 5 %"


def made_up() -> Versions:
    """Eight systems on forty unequal articles, as far apart in each as two good systems are."""
    rng = np.random.default_rng(3)
    shares = rng.lognormal(0, 0.6, 40)
    shares /= shares.sum()
    gaps = 3.0 * rng.standard_t(5, (8, 40)) * shares
    return Versions(gaps - gaps.sum(axis=1, keepdims=True) * shares, shares)


@pytest.fixture(scope="module")
def charts() -> dict[str, Chart]:
    """Of 100 series, whose rates have a standard error of at most 5 points."""
    found = follow([made_up()], 30, runs=100, seed=1)
    return {chart.rule: chart for chart in found if chart.margin == 0}


@pytest.mark.slow
def test_two_hundred_equal_builds_keep_the_level_by_the_rule_in_use_alone(charts: dict[str, Chart]) -> None:
    assert set(charts) == {*RULES, MARTINGALE}
    assert charts[HALVES].false_alarms[200] <= 0.05 + 3 * 0.022
    assert charts[EACH].false_alarms[50] > 0.25
    assert charts[EACH].false_alarms[200] > charts[EACH].false_alarms[50]


@pytest.mark.slow
def test_late_losses_are_found_as_well_as_early_ones(charts: dict[str, Chart]) -> None:
    halves, falling = charts[HALVES], charts["1/j²"]
    assert halves.found[2.0, 5] > 0.35
    assert halves.found[2.0, 25] > halves.found[2.0, 5] - 0.15
    assert halves.found[2.0, 100] > falling.found[2.0, 100] + 0.15
    assert halves.delay[2.0, 5] <= 20


def test_the_command_prints_both_formats(tmp_path: Path, bench: Shell) -> None:
    _noisy(tmp_path / "made.de-en")
    given = ("builds", "--data", tmp_path, "--runs", "2", "--articles", "14")
    rows = json.loads(bench(*given, "--format", "json", "-q").out)
    assert len(rows) == 2 * (len(RULES) + 1)
    shown = bench(*given)
    assert f"| 14 | 1 | {HALVES} |" in shown.out
    assert "14 articles: done" in shown.err


@pytest.mark.slow
def test_real_sets_say_what_the_documentation_says(tmp_path: Path, wmt_data: Path, bench: Shell) -> None:
    options = ("--set", SETS[1], "--runs", "100", "--articles", "24", "--format", "json", "-q")
    rows = json.loads(bench("builds", "--data", wmt_data, *options).out)
    false = {row["rule"]: row["false_alarms"] for row in rows if row["margin"] == 0}
    assert false[HALVES]["200"] <= 0.05
    assert 0.35 < false[EACH]["50"] < 0.65
    assert false[MARTINGALE]["200"] > 0.05
