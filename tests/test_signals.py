"""Signals to a real run: its exit code, what is kept, and that no program goes on translating for nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.store.cache.answers import Cache
from tests.workspace import asked, counting_system, settled, small_workspace

COMMAND = [sys.executable, "-m", "harness", "run", "--metric", "chrf", "--quiet", "--workspace"]
DELAY = 0.2
SEGMENTS = 40


def _until(condition: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def _started(root: Path) -> tuple[subprocess.Popen[str], Path]:
    small_workspace(root, articles=1, segments=SEGMENTS)
    ledger = counting_system(root, delay=DELAY, max_segments=10, concurrency=2)
    process = subprocess.Popen(
        [*COMMAND, str(root)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    _until(lambda: len(asked(ledger)) > 2)
    return process, ledger


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        (signal.SIGTERM, 143),
        (signal.SIGHUP, 129),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
def test_programs_end_with_the_harness(tmp_path: Path, number: signal.Signals, code: int, group: bool) -> None:
    process, ledger = _started(tmp_path)
    os.killpg(process.pid, number) if group else process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    # One line may have been under way; programs that went on would ask for all of them.
    assert len(settled(ledger, 4 * DELAY)) < SEGMENTS
    if number != signal.SIGKILL:
        assert stderr.startswith("interrupted: every answer received so far is kept")


def test_an_answer_that_arrived_is_kept(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=SEGMENTS)
    ledger = counting_system(tmp_path, delay=0.05, max_segments=2, concurrency=2)
    process = subprocess.Popen([*COMMAND, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _until(lambda: len(asked(ledger)) > 10)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    with Cache.open(tmp_path / "reports" / ".cache" / "harness.sqlite3") as cache:
        assert cache.stats().translations >= len(asked(ledger)) - 4


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=6)
    ledger = counting_system(tmp_path, delay=DELAY, max_segments=3, concurrency=1)
    process = subprocess.Popen(["nohup", *COMMAND, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _until(lambda: len(asked(ledger)) > 1)
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 0
    assert len(asked(ledger)) == 6
