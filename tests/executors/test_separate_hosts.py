"""Scoring on separate hosts, one of which loses its network in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness.metrics.isolated import install
from tests.executors import hosts
from tests.executors.separate_hosts import LAST, SEGMENTS
from tests.metrics.isolation import TINY, write_wheel

pytest.importorskip("ray")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray")]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the metric, which all hosts share."""
    write_wheel(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path / "environments"))
    install.add(TINY, quiet=True)


@pytest.mark.usefixtures("environment")
def test_a_host_cut_off_in_the_middle(tmp_path: Path) -> None:
    if why := hosts.why_not():
        pytest.skip(why)
    lines = [f"{number} {'x' * (number % 50)}" for number in range(SEGMENTS)]
    for name in ("source", "output"):
        (tmp_path / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    done = subprocess.run(
        ["unshare", *hosts.NAMESPACES, sys.executable, "-m", "tests.executors.separate_hosts", "stage", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert answer["rows"] == [2.0 * len(line) for line in lines]
    (note,) = [note for note in answer["notes"] if " was lost, and " in note]
    assert note.startswith(f"{LAST} (10.77.0.3): "), note
    begun, ended = (
        [line.split(" ", 1) for line in (tmp_path / what).read_text(encoding="utf-8").splitlines()]
        for what in ("begun", "ended")
    )
    again = {batch for batch, count in Counter(batch for _, batch in begun).items() if count > 1}
    assert again
    assert again <= {batch for host, batch in begun if host == LAST}
    assert {batch for _, batch in ended} == {batch for _, batch in begun}
    assert len(ended) < SEGMENTS / 64 + 3
