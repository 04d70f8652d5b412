"""``python -m tests.bench comet``: it runs, and what it prints is what the processes said. No thresholds on time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.comet import Data, Side, SpeedComparison, invented, spread_out, table


@pytest.mark.slow
@pytest.mark.comet
def test_small() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "comet", "--small", "--against", "api"],
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    head, _, row, *lower = done.stdout.strip().split("\n")
    cells, *others = (
        dict(zip(*(line.strip("| ").split(" | ") for line in (head, each)), strict=True)) for each in (row, *lower)
    )
    against = [(each["precision"], each["against"]) for each in others]
    assert against == [("bf16", "harness"), ("bf16", "api"), ("int8", "harness"), ("int8", "api")]
    assert all(1e-6 < float(each["max segment difference"]) < 0.05 for each in others)
    assert (cells["systems"], cells["segments"], cells["against"]) == ("2", "4", "api")
    assert float(cells["max segment difference"]) <= 1e-5
    assert float(cells["CPU s, harness"]) > 0
    assert float(cells["sd of scores"]) > 0.01


def test_table() -> None:
    ours = Side("harness", 2.0, 3.0, 100.0, [[0.1, 0.3], [0.2, 0.4]])
    other = Side("api", 8.0, 6.0, 400.0, [[0.1, 0.3], [0.2, 0.5]])
    row = table([SpeedComparison(2, 2, ours, [other])]).split("\n")[2]
    assert row == "| 2 | 2 | fp32 | api | 2.0 | 8.0 | 4.0x | 2.0x | 100 | 400 | 25% | 1.0e-01 | 5.0e-02 | 0.11 |"


def test_invented_texts() -> None:
    data = invented(40, 3)
    assert data == invented(40, 3)
    first, second, _ = data.hypotheses.values()
    assert len(data.source) == len(data.reference) == len(first) == 40
    assert 0 < sum(a == b for a, b in zip(first, second, strict=True)) < 40


def test_segments_are_spread_over_the_text() -> None:
    lines = [str(number) for number in range(10)]
    assert spread_out(Data(lines, lines, {"a": lines}), 3) == Data(
        ["0", "3", "6"], ["0", "3", "6"], {"a": ["0", "3", "6"]}
    )
