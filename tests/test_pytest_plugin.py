"""The fixture ``harness_gate`` in somebody else's suite, run as they would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from harness.store.baseline import BASELINE, Baseline
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_baseline, write_run

CORPUS = a_corpus()
BEFORE = np.linspace(20, 60, len(CORPUS.segments))
WOBBLE = np.random.default_rng(5).normal(0, 1, len(BEFORE))

SUITE = """
import sys

HEAVY = ("numpy", "pandas", "pydantic", "sacrebleu", "torch", "typer", "httpx")


def test_nothing_heavy_is_loaded_by_being_installed():
    assert not [name for name in HEAVY if name in sys.modules]


def test_usual(harness_gate):
    assert harness_gate().status == "pass"


def test_accepting(harness_gate):
    verdict = harness_gate(accept=("inconclusive",))
    assert "s" in set(verdict.to_frame()["system"])


def test_margins(harness_gate):
    harness_gate(margins={"chrf": 20.0})


def test_a_verdict_that_there_is_not(harness_gate):
    harness_gate(accept=("passed",))
"""


def _workspace(folder: Path, shift: float, noise: float) -> None:
    accepted = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE})), run="20260101T0000-aaaaaa")
    write_baseline(Baseline(accepted, datetime.now(UTC), ""), folder / BASELINE)
    now = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE + shift + noise * WOBBLE}))
    write_run(a_run(now, run="20260102T0000-bbbbbb"), folder / "reports" / "runs")


def _pytest(folder: Path, *arguments: str) -> dict[str, str]:
    """Outcome of each test by name, and everything printed under ``output``."""
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nharness_workspace = texts\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-rA", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = {"output": done.stdout}
    for line in done.stdout.splitlines():
        outcome, _, rest = line.partition(" ")
        if outcome in ("PASSED", "FAILED") and "::" in rest:
            found[rest.split("::")[1].split()[0]] = outcome
    return found


@pytest.mark.parametrize(
    ("shift", "noise", "usual", "accepting"),
    [(3.0, 1.0, "PASSED", "PASSED"), (0.0, 3.0, "FAILED", "PASSED"), (-9.0, 1.0, "FAILED", "FAILED")],
    ids=["better", "cannot tell", "worse"],
)
def test_a_suite_fails_unless_the_gate_passes(
    tmp_path: Path, shift: float, noise: float, usual: str, accepting: str
) -> None:
    _workspace(tmp_path / "texts", shift, noise)
    found = _pytest(tmp_path)
    assert found["test_nothing_heavy_is_loaded_by_being_installed"] == "PASSED", found["output"]
    assert (found["test_usual"], found["test_accepting"], found["test_margins"]) == (usual, accepting, "PASSED")
    assert found["test_a_verdict_that_there_is_not"] == "FAILED"
    assert "no verdict is called passed" in found["output"]
    if usual == "FAILED":
        word = "regressed" if shift < 0 else "inconclusive"
        assert f"\n{word.upper()}\n" in found["output"]
        assert re.search(rf"FAILED \S+ - Failed: {word}: s chrF \d+\.\d → \d+\.\d", found["output"])


def test_without_a_baseline_it_says_what_to_do(tmp_path: Path) -> None:
    found = _pytest(tmp_path, "--harness-workspace", str(tmp_path), "-k", "usual")
    assert found["test_usual"] == "FAILED"
    assert "no baseline at" in found["output"]
    assert "harness baseline accept RUN" in found["output"]
    assert "During handling" not in found["output"]


def test_the_tier_comes_from_the_command_line(tmp_path: Path) -> None:
    _workspace(tmp_path / "texts", 3.0, 1.0)
    assert "unknown tier 'chaep'" in _pytest(tmp_path, "--harness-tier", "chaep", "-k", "usual")["output"]


def test_what_a_ci_log_would_obey_is_shown(tmp_path: Path) -> None:
    name = "##[group]s\x1b[31m"
    accepted = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name=name)), run="20260101T0000-aaaaaa")
    write_baseline(Baseline(accepted, datetime.now(UTC), ""), tmp_path / BASELINE)
    worse = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE - 9}, name=name)), run="20260102T0000-bbbbbb")
    write_run(worse, tmp_path / "reports" / "runs")
    output = _pytest(tmp_path, "--harness-workspace", str(tmp_path), "-k", "usual")["output"]
    assert "\nREGRESSED\n" in output
    assert "##[" not in output
    assert "\x1b[31m" not in output
    assert "group]s" in output
