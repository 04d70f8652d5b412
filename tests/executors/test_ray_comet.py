"""COMET on a cluster: the scores of this machine, to the bit, whatever becomes of the workers."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.executors.local import LocalExecutor
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem, StatTable
from harness.workspace.languages import parse_pair
from tests.bench.conftest import bench
from tests.cli.conftest import Shell
from tests.executors.workers import Squares
from tests.metrics.build import MemoryCache
from tests.metrics.conftest import checkpoint
from tests.metrics.test_comet import Checkpoints
from tests.metrics.test_packed import invented

pytest.importorskip("ray")
from harness.executors.ray_cluster import RayExecutor

__all__ = ["bench", "checkpoint"]

pytestmark = [pytest.mark.slow, pytest.mark.comet, pytest.mark.xdist_group("ray")]

ROOT = Path(__file__).resolve().parents[2]


def items(systems: int) -> list[ScoringItem]:
    """Hostile texts, 180 a system: a few tasks, each with all systems of its segments."""
    return [
        ScoringItem(f"system-{system}", line, src, f"{mt} {system}", (ref,))
        for system in range(systems)
        for line, (src, mt, ref) in enumerate(spread(invented(180, 3)), start=1)
    ]


def spread(samples: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """With more distinct sources, because a source stays in one task."""
    return ((f"{src} {number // 9}", mt, ref) for number, (src, mt, ref) in enumerate(samples))


def table(
    folder: Path, executor: Any, cache: MemoryCache | None = None, *, systems: int = 3, engine: Any = "auto"
) -> StatTable:
    context = MetricContext(parse_pair("de-en"), cache or MemoryCache(), offline=True, executor=executor)
    return Comet(CometOptions(model=str(folder), engine=engine)).statistics(items(systems), context)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_scores_on_any_number_of_workers(checkpoint: Checkpoints, workers: int) -> None:
    expected = table(checkpoint("regression"), LocalExecutor())
    with contextlib.closing(RayExecutor(workers=workers)) as executor:
        found = table(checkpoint("regression"), executor)
    assert found.identity == expected.identity
    assert "|engine:packed1|" in found.identity.signature
    assert (found.rows == expected.rows).all()
    assert {name: mask.tolist() for name, mask in found.marks.items()} == {
        name: mask.tolist() for name, mask in expected.marks.items()
    }


class KillingCache(MemoryCache):
    """Kills a process when the first scores come."""

    def __init__(self, process: int) -> None:
        super().__init__()
        self.process = process

    def put_scores(self, metric: Mapping[str, str], scores: Any) -> None:
        if not self.commits:
            os.kill(self.process, signal.SIGKILL)
        super().put_scores(metric, scores)


@pytest.mark.usefixtures("cluster")
def test_a_worker_killed_in_the_middle(checkpoint: Checkpoints, left: Path) -> None:
    expected = table(checkpoint("regression"), LocalExecutor())
    with contextlib.closing(RayExecutor(workers=2)) as executor:
        list(executor.map(Squares(left, seconds=0.5), [[number] for number in range(8)]))
        processes = sorted({int(file.name.split("-")[1]) for file in left.glob("made-*")})
        assert len(processes) == 2
        cache = KillingCache(processes[0])
        found = table(checkpoint("regression"), executor, cache)
    assert (found.rows == expected.rows).all()
    assert sum(cache.commits) == len(cache.kept) == len({(i.source, i.hypothesis) for i in items(3)})


@pytest.mark.usefixtures("cluster")
def test_the_library_on_a_cluster(checkpoint: Checkpoints) -> None:
    """Its batches are the same; its sums depend on the number of threads in the last digits."""
    expected = table(checkpoint("regression"), LocalExecutor(), engine="library", systems=1)
    with contextlib.closing(RayExecutor(workers=2)) as executor:
        found = table(checkpoint("regression"), executor, engine="library", systems=1)
    assert found.identity == expected.identity
    np.testing.assert_allclose(found.rows, expected.rows, rtol=0, atol=1e-6)


@pytest.mark.usefixtures("cluster")
def test_what_a_node_refuses(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.metrics.comet import metric, settings

    monkeypatch.setattr(metric, "remembered", lambda *_, **__: None)
    for module in (metric, settings):
        monkeypatch.setattr(module, "version", lambda package: "0.1" if package == "tokenizers" else "1.0")
    with contextlib.closing(RayExecutor(workers=1)) as executor, pytest.raises(MetricUnavailable) as error:
        table(checkpoint("regression"), executor)
    assert re.match(r"required: unbabel-comet 1\.0, found \S+, transformers 1\.0, found \S+, torch 1", str(error.value))
    pins = ["unbabel-comet==1.0", "transformers==1.0", "torch==1.0", "tokenizers==0.1"]
    assert error.value.hint == (
        f"on the nodes: pip install {' '.join(pins)}; or in harness.toml under [executor]: pip = {json.dumps(pins)}"
    )


def test_the_command_line_ends_the_cluster_it_started(checkpoint: Checkpoints, tmp_path: Path) -> None:
    for name in ("source", "reference", "a", "b"):
        text = "".join(f"{name} {number} says something.\n" for number in range(40))
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "harness", "score", "-s", "source.txt", "-r", "reference.txt", "-t", "A=a.txt"]
    command += ["-t", "B=b.txt", "--pair", "de-en", "--metric", "comet", "--comet-model", str(checkpoint("regression"))]
    command += ["--segments", "--no-checks", "-q", "--format", "json"]
    mark = f"ONLY_IN_{tmp_path.name}"
    outputs = []
    for options in ([], ["--executor", "ray", "--workers", "2"]):
        done = subprocess.run(
            [*command, *options],
            cwd=tmp_path,
            env={**os.environ, mark: "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    # Ray's workers end when they see that their node is gone, which is a moment after the command itself.
    end = time.monotonic() + 30
    while left_behind(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert not left_behind(mark)


def left_behind(mark: str) -> list[str]:
    """Programs that still run and have a variable of that name."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "comm").read_text(encoding="utf-8"))
    return found


def test_the_benchmark_compares_scores(checkpoint: Checkpoints, bench: Shell) -> None:
    folder = checkpoint("regression")
    done = bench("cluster", "--small", "--workers", "1", "--model", folder / "checkpoints" / "model.ckpt")
    assert done.code == 0
    assert [(line.split("\t")[0], line.split("\t")[-1]) for line in done.out.splitlines()[1:]] == [
        ("none", "yes"),
        ("1", "yes"),
    ]
