"""Numpy's products have the same last digits on any number of cores, and other programs their threads."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from harness.workspace import linear_algebra
from harness.workspace.linear_algebra import one_thread

INTERVALS = """
import hashlib, numpy as np
from harness.analysis.stats.compare import make_profiles, score_interval
from harness.analysis.stats.design import make_design
from harness.metrics.segment import SegmentMean

rng = np.random.default_rng(1)
tables = [np.stack([rng.normal(size=997), np.ones(997)], axis=1) for _ in range(3)]
design = make_design(997, 1)
profiles = make_profiles(tables, np.ones(997), SegmentMean().score, design)
parts = [part.tobytes() for one in profiles for part in (one.moved.rows, one.moved_shares, one.moved_contributions)]
print(hashlib.sha256(b"".join(parts)).hexdigest(), [score_interval(one, design) for one in profiles])
"""


def test_a_run_has_the_same_bytes_on_any_number_of_cores() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", INTERVALS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "3")
    }
    assert len(found) == 1
    assert b"Interval" in found.pop()


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stands for a library with four threads; keeps what it is told."""
    told = [4]
    monkeypatch.setattr(linear_algebra, "_functions", lambda: (lambda: told[-1], told.append))
    return told


def test_the_threads_come_back_whatever_happens(threads: list[int]) -> None:
    @one_thread()
    def fail() -> None:
        assert threads[-1] == 1
        with one_thread():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert threads[-1] == 4


def test_the_threads_come_back_after_the_last_of_several_at_once(threads: list[int]) -> None:
    inside, first_has_left = Barrier(2), Barrier(2)

    @one_thread()
    def first() -> None:
        inside.wait(5)

    @one_thread()
    def second() -> int:
        inside.wait(5)
        first_has_left.wait(5)
        return threads[-1]

    with ThreadPoolExecutor() as pool:
        one, other = pool.submit(first), pool.submit(second)
        one.result()
        first_has_left.wait(5)
        assert other.result() == 1
    assert threads[-1] == 4


def test_numpy_without_openblas_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_algebra, "_functions", lambda: None)
    with one_thread():
        pass
