"""Kill -9 at any moment: the next run asks only for what is missing and ends in the same scores."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs, load_run
from harness.types import Score
from tests.cli.conftest import Shell, harness
from tests.forked import Forked
from tests.workspace import asked, counting_system, settled, small_workspace

__all__ = ["harness"]

BATCH, AT_ONCE, SEGMENTS = 3, 2, 60
FROM_THE_START = 3
"""So many are killed at any moment since the command was typed, the others at one since its modules were there."""

ARGUMENTS = ["run", "--metric", "bleu,chrf", "--quiet", "--workspace"]
COMMAND = [sys.executable, "-m", "harness", *ARGUMENTS]


def _scores(root: Path) -> dict[str, float]:
    (result,) = load_run(list_runs(root / "reports" / "runs")[-1]).pairs
    (system,) = result.systems
    found = {}
    for name, scores in system.scores.items():
        corpus = getattr(scores, "corpus", scores)
        assert isinstance(corpus, Score)
        found[name] = corpus.value
    return found


def _run(root: Path) -> None:
    subprocess.run([*COMMAND, str(root)], check=True, stdout=subprocess.DEVNULL, timeout=120)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    root = tmp_path_factory.mktemp("undisturbed")
    small_workspace(root)
    counting_system(root)
    _run(root)
    return _scores(root)


SLOW = [pytest.mark.slow, pytest.mark.every_change]


@pytest.mark.parametrize("seed", [pytest.param(n, marks=SLOW if n >= FROM_THE_START else []) for n in range(20)])
def test_kill_and_run_again(tmp_path: Path, harness: Shell, undisturbed: dict[str, float], seed: int) -> None:
    small_workspace(tmp_path)
    ledger = counting_system(tmp_path, delay=0.02, max_segments=BATCH, concurrency=AT_ONCE)
    rng = random.Random(seed)
    if seed < FROM_THE_START:
        command = [*COMMAND, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(rng.uniform(0.05, 2.2))
            os.killpg(process.pid, signal.SIGKILL)
    else:
        run = Forked(*ARGUMENTS, tmp_path)
        time.sleep(rng.uniform(0.02, 1.5))
        run.kill_group()
    # A program the killed run had started may still write its last lines into the ledger.
    before = len(settled(ledger, 0.3))
    path = tmp_path / "reports" / ".cache" / "harness.sqlite3"
    kept = 0
    if path.exists():
        with Cache.open(path) as cache:
            kept = cache.stats().translations
            assert list(cache.verify()) == []
    assert before - kept <= BATCH * AT_ONCE
    assert harness(*ARGUMENTS, tmp_path).code == 0
    assert len(asked(ledger)) - before == SEGMENTS - kept
    assert _scores(tmp_path) == undisturbed
    assert harness(*ARGUMENTS, tmp_path).code == 0
    assert len(asked(ledger)) - before == SEGMENTS - kept


def test_a_half_written_run_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    counting_system(tmp_path)
    _run(tmp_path)
    runs = tmp_path / "reports" / "runs"
    (whole,) = list_runs(runs)
    manifest = json.loads((whole / "run.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    (whole / "run.json").unlink()
    assert list_runs(runs) == []
