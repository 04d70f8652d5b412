"""``python -m tests.bench error-rates``: a small version of the published table, and what the simulation is made of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.bench.error_rates import measure, simulate, to_markdown, true_difference
from tests.bench.scenarios import SCENARIOS, Scenario, measure_family
from tests.cli.conftest import Shell


def test_small_version_of_the_published_table() -> None:
    """300 runs: a rate of 5 % has a standard error of 1.3 points, so four of them are allowed for."""
    rates = measure(articles=(6, 10), correlations=(0.0, 0.3), runs=300, shuffles=500)
    assert [(item.articles, item.correlation) for item in rates] == [(6, 0.0), (6, 0.3), (10, 0.0), (10, 0.3)]
    for item in rates:
        assert item.false_positives <= 0.05 + 4 * 0.0126
        assert item.coverage >= 0.95 - 4 * 0.0126
        assert abs(item.power - item.t_power_same_size) <= 0.1
        assert item.t_power_same_size <= item.t_power
    assert min(item.segment_false_positives for item in rates if item.correlation == 0.3) > 0.3
    assert max(item.segment_false_positives for item in rates if item.correlation == 0.0) < 0.12


def test_simulated_differences_have_the_correlation_they_say() -> None:
    rng = np.random.default_rng(3)
    gaps, products = [], []
    for _ in range(400):
        a, b, starts = simulate(rng, 10, 0.3, shift=0.2)
        gap = a[:, 0] - b[:, 0] - 0.2
        gaps.append(gap)
        products += [gap[start] * gap[start + 1] for start in starts]
        assert (len(starts), len(b)) == (10, len(a))
        assert starts[0] == 0
    together = np.concatenate(gaps)
    assert together.mean() == pytest.approx(0, abs=0.03)
    assert together.var() == pytest.approx(1, abs=0.05)
    assert np.mean(products) == pytest.approx(0.3, abs=0.06)
    assert true_difference(30, 0.1) < true_difference(10, 0.1) < true_difference(10, 0.3)


def test_the_command_prints_the_tables_and_the_seed_fixes_them(bench: Shell) -> None:
    asked = ("error-rates", "--runs", 3, "--articles", 6, "--systems", 2, "--systems", 4, "-q")
    first = bench(*asked)
    assert first.code == 0, first.err
    assert first.out.startswith("Intra-article correlation 0 / 0.1 / 0.3; 3 runs each")
    assert "2 / 4 systems" in first.out
    assert "| one giant article | 6 | " in first.out
    assert first.out.endswith("contradicted each other in 0 comparisons.\n")
    assert bench(*asked).out == first.out
    document = json.loads(bench(*asked, "--format", "json").out)
    assert [item["correlation"] for item in document["two_systems"]] == [0.0, 0.1, 0.3]
    assert len(document["families"]) == 2 * (len(SCENARIOS) - 2) + 2
    assert bench("error-rates", "--articles", 5).code == 2
    assert bench("error-rates", "--systems", 1).code == 2
    assert bench("error-rates", "--format", "xml").code == 2


@pytest.mark.parametrize("scenario", SCENARIOS[:-2], ids=lambda scenario: scenario.name)
def test_no_scenario_breaks_the_promise(scenario: Scenario) -> None:
    """200 runs of five systems: a rate of 5 % has a standard error of 1.5 points."""
    rates = measure_family(scenario, 8, 5, runs=200, seed=1, shuffles=300)
    assert rates.family_wise <= 0.05 + 3 * 0.0155
    assert rates.coverage >= 0.92
    # Where most articles show no difference, few swaps differ, and an exact test cannot use up its 5 %.
    assert rates.coverage <= (1 if scenario.name == "mostly no difference" else 0.985)
    assert rates.contradictions == 0
    assert rates.power >= rates.holm_power


def test_few_articles_mislead_about_rare_failures() -> None:
    rates = measure_family(SCENARIOS[-2], 6, 2, runs=200, seed=1)
    assert rates.family_wise > 0.1


@pytest.mark.parametrize("scenario", SCENARIOS[-2:], ids=lambda scenario: scenario.name)
def test_differences_that_rare_articles_turn_round_are_called_lopsided(scenario: Scenario) -> None:
    rates = measure_family(scenario, 50, 2, runs=150, seed=1, shuffles=300)
    assert rates.family_wise > 0.06
    assert rates.unwarned <= 0.05
    usual = measure_family(SCENARIOS[1], 50, 2, runs=150, seed=1, shuffles=300)
    assert usual.family_wise - usual.unwarned <= 0.02
    assert usual.warned <= 0.05


def test_the_table_has_a_figure_for_each_correlation() -> None:
    text = to_markdown(measure(articles=(6,), correlations=(0.0, 0.1), runs=2))
    assert text.splitlines()[-1].count(" / ") == 3
