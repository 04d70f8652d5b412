"""Engines that run a model, on a cluster: the translations of this machine, whatever becomes of the workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import harness
from harness.engines.local.ctranslate2 import CTranslate2Engine
from harness.engines.local.transformers import TransformersEngine
from harness.store.runs.result import Run
from harness.types import EngineIdentity, Failed, Outcome, Translated
from harness.workspace.progress import Silent
from tests.engines.conftest import converted, tiny, workspace_of_models
from tests.engines.processes import still
from tests.engines.tiny_models import SOURCES
from tests.loopback import Loopback
from tests.test_until_decided import Vendor
from tests.workspace import write_article, write_system

pytest.importorskip("ray")

__all__ = ["converted", "tiny", "workspace_of_models"]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray"), pytest.mark.usefixtures("cluster")]

Given = Callable[[str], str]


@pytest.fixture
def workspace(tiny: Given, converted: Given, workspace_of_models: Path, tmp_path: Path) -> Path:
    """Two systems that run a model and one that does not, and an article of a few batches."""
    write_article(tmp_path, "a", [(source, source) for source in SOURCES], "en-es")
    for name, engine, model in (("torch", "transformers", tiny("marian")), ("ct2", "ctranslate2", converted("marian"))):
        options = f'model = "{workspace_of_models / model}"\nmax_length = 60\nbeam_size = 1\nthreads = 1\n'
        write_system(tmp_path, name, f'engine = "{engine}"\n[limits]\nmax_segments = 4\n[options]\n{options}')
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    return tmp_path


def outcomes(run: Run) -> dict[str, list[Outcome]]:
    return {system.name: list(system.outcomes) for system in run.pairs[0].systems}


def translated(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, progress: Silent | None = None) -> Run:
    """A run whose answers nobody has yet."""
    monkeypatch.setenv("HARNESS_CACHE", str(folder / f"cache-{name}-{progress is not None}"))
    workers = {} if name == "local" else {"workers": 2}
    return harness.run(folder, metrics=["chrf"], executor=name, progress=progress, **workers)


class Killer(Silent):
    """Kills a worker when the first translations have come."""

    def __init__(self, spared: list[int]) -> None:
        self.spared = spared
        self.killed = 0

    def update(self, task: str, done: int, total: int) -> None:
        if done and not self.killed and not task.startswith("copy"):
            self.killed = next(process for process in workers_here() if process not in self.spared)
            os.kill(self.killed, signal.SIGKILL)


def workers_here() -> list[int]:
    """Processes with an actor, of the cluster that this process has started."""
    raylets = [process for process in children(os.getpid()) if program(process).endswith("raylet")]
    return [process for raylet in raylets for process in children(raylet) if program(process).startswith("ray::Host")]


def children(process: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{process}/task").glob("*/children") for child in still(task).split()]


def program(process: int) -> str:
    return still(Path(f"/proc/{process}/cmdline")).split(b"\0")[0].decode()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_the_same_translations(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = workers_here()
    expected = translated(workspace, monkeypatch, "local")
    assert {type(outcome) for outcome in expected.pairs[0].systems[1].outcomes} == {Translated, Failed}
    for engine in (TransformersEngine, CTranslate2Engine):
        monkeypatch.setattr(engine, "load", lambda _: pytest.fail("no model is needed here"))
    found = translated(workspace, monkeypatch, "ray")
    assert outcomes(found) == outcomes(expected)
    assert [system.engine for system in found.pairs[0].systems] == [
        system.engine for system in expected.pairs[0].systems
    ]
    patience = time.monotonic() + 20
    while workers_here() != before:  # a process takes a moment to end
        assert time.monotonic() < patience
        time.sleep(0.1)
    killer = Killer(before)
    assert outcomes(translated(workspace, monkeypatch, "ray", killer)) == outcomes(expected)
    assert killer.killed


def test_another_model_on_a_node_does_not_answer(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = CTranslate2Engine.identity
    monkeypatch.setattr(
        CTranslate2Engine,
        "identity",
        lambda self, pair: EngineIdentity("ctranslate2", "sha256:0", original(self, pair).options),
    )
    run = translated(workspace, monkeypatch, "ray")
    (system,) = (system for system in run.pairs[0].systems if system.name == "ct2")
    (why,) = {outcome.error for outcome in system.outcomes if isinstance(outcome, Failed)}
    assert "the model or its libraries differ:" in why
    assert "expected sha256:0 (hint: every node needs the same files and packages)" in why


def test_looks_are_the_same(tmp_path: Path) -> None:
    """Every look opens an executor of its own; the cluster stays."""
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=18)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        runs = [
            harness.run(tmp_path, metrics=["chrf"], until_decided=True, executor=name, workers=workers)
            for name, workers in (("local", 0), ("ray", 2))
        ]
    here, there = (run.pairs[0].looks for run in runs)
    assert here == there
    assert here is not None
    assert len(here.made) > 1
