"""``python -m tests.bench plan``: the table of the promise, small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.plan import Promise, chosen_systems, measure, to_markdown
from tests.cli.conftest import Shell


def test_a_line_for_each_set_and_number_of_systems() -> None:
    shares = (0.78, 0.84)
    lines = to_markdown([Promise("set", "chrf", 5, "a", "b", 2.0, 30, share) for share in shares]).splitlines()
    assert lines[2] == "| set, chrf | 5 | 2 | 81 | 78 | 84 |"


@pytest.mark.slow
def test_two_systems_of_a_real_set_keep_the_promise(wmt_data: Path, bench: Shell) -> None:
    """60 corpora: a share of 80 % has a standard error of 5 points."""
    folder = wmt_data / "wmt22.de-en"
    assert len(chosen_systems(folder, 5, 3)) == 5
    (promise,) = measure(folder, "chrf", ("Online-A", "PROMT"), pairs=1, corpora=60)
    assert 0.65 <= promise.confirmed <= 0.95
    options = ("--set", folder.name, "--systems", 2, "--pairs", 1, "--corpora", 2)
    assert bench("plan", "--data", wmt_data, *options).out.startswith("| set | systems | pairs |")
