"""``python -m tests.bench routing``: small versions of the published table."""

from __future__ import annotations

import pytest

from tests.bench.routing import TRUTHS, simulate, to_markdown
from tests.cli.conftest import Shell


@pytest.mark.slow
def test_without_an_effect_it_is_rarely_recommended_and_with_one_it_is() -> None:
    """60 runs: a rate of 5 % has a standard error of 2.8 points."""
    rates = [simulate(truth, points, 5, 48, runs=60, seed=2) for truth, points in (*TRUTHS[:2], TRUTHS[-1])]
    for rate in rates[:2]:
        assert rate.share <= 0.05 + 2 * 0.028, rate
    assert rates[-1].share > 0.7
    assert "| two halves, 5 points |" in to_markdown(rates)


def test_the_benchmark_prints_its_table(bench: Shell) -> None:
    done = bench("routing", "--runs", "1", "--articles", "14", "--systems", "2")
    assert done.out.splitlines()[0] == "| truth | 2 systems, 14 articles |"
    assert len(done.out.splitlines()) == 2 + len(TRUTHS)
