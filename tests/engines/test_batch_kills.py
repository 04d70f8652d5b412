"""Runs through batch APIs that are killed: before and after the call that buys, while waiting, while collecting.

The server kills the run itself, at the very request in question, and its ledger says what was bought.
"""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.store.cache.answers import Cache
from tests.cli.conftest import harness
from tests.engines.batch_scene import SOURCES, UNDER_WAY, Scene, scene
from tests.engines.batch_servers import Job
from tests.forked import Forked
from tests.loopback import Response, Seen
from tests.vendors.base import shout

__all__ = ["harness", "scene"]

pytestmark = [pytest.mark.slow, pytest.mark.every_change]


def start(scene: Scene, *arguments: str) -> Forked:
    return Forked("run", "-C", scene.root, "--metric", "chrf", *arguments)


def killed_when(scene: Scene, arrange: Callable[[Callable[[], None]], None], *arguments: str) -> None:
    """Run, and be killed where ``arrange`` has put the killer; the request under way gets no answer."""
    started: list[Forked] = []

    ready = threading.Event()

    def kill() -> None:
        assert ready.wait(30)
        started[0].send_signal(signal.SIGKILL)
        started[0].wait(30)

    arrange(kill)
    started.append(start(scene, *arguments))
    ready.set()
    started[0].wait(120)
    assert started[0].returncode == -signal.SIGKILL


def finish(scene: Scene) -> None:
    """Go on until all is there, and look at the ledger."""
    scene.server.end()
    for _ in range(3):
        finished = scene.run("--wait")
        if finished.code == 0:
            break
    assert finished.code == 0, finished.err
    assert scene.texts == [shout(source) for source in SOURCES]
    assert scene.server.bought == dict.fromkeys(SOURCES, 1)
    with Cache.open(scene.cache) as cache:
        assert list(cache.verify()) == []
        assert (cache.stats().open_jobs, cache.stats().requests) == (0, 3)


def test_after_the_job_was_created_and_before_that_was_noted(scene: Scene) -> None:
    def arrange(kill: Callable[[], None]) -> None:
        def created(job: Job) -> Response | None:
            kill()
            return None

        scene.server.on_create = created

    killed_when(scene, arrange)
    assert len(scene.server.jobs) == 1
    scene.server.on_create = lambda job: None
    finish(scene)
    assert len(scene.server.jobs) == 1


def test_before_the_job_was_created(scene: Scene) -> None:
    def arrange(kill: Callable[[], None]) -> None:
        def before() -> Response | None:
            kill()
            return Response(500)

        scene.server.before_create = before

    killed_when(scene, arrange)
    assert scene.server.jobs == []
    scene.server.before_create = lambda: None
    scene.server.ends = True
    finish(scene)
    assert len(scene.server.jobs) == 1


def test_right_after_the_job_was_created_a_run_that_leaves_does_not_submit(scene: Scene) -> None:
    """Even where the service cannot say yet whose job it is."""

    def arrange(kill: Callable[[], None]) -> None:
        def created(job: Job) -> Response | None:
            kill()
            return None

        scene.server.on_create = created

    killed_when(scene, arrange)
    assert scene.run().code == UNDER_WAY
    assert len(scene.server.jobs) == 1
    finish(scene)


def test_while_waiting(scene: Scene) -> None:
    looked: list[float] = []

    def arrange(kill: Callable[[], None]) -> None:
        handle = scene.server.handle

        def watched(seen: Seen) -> Response:
            answer = handle(seen)
            if scene.server.jobs and seen.method == "GET":
                looked.append(time.monotonic())
                if len(looked) == 2:
                    kill()
            return answer

        scene.web.handler = watched

    killed_when(scene, arrange, "--wait")
    finish(scene)
    assert len(scene.server.jobs) == 1


def test_while_collecting(scene: Scene) -> None:
    assert scene.run().code == UNDER_WAY
    scene.server.end()

    def arrange(kill: Callable[[], None]) -> None:
        scene.server.on_results = kill

    killed_when(scene, arrange)
    scene.server.on_results = lambda: None
    finish(scene)


@pytest.mark.parametrize("milliseconds", range(0, 240, 48))
def test_a_moment_after_the_results_were_sent(scene: Scene, milliseconds: int) -> None:
    assert scene.run().code == UNDER_WAY
    scene.server.end()
    process = start(scene)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        paths = [seen.path for seen, _ in list(scene.web.answered)]
        if any(path.endswith(("/content", "/results", "/batches/1")) for path in paths):
            time.sleep(milliseconds / 1000)
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.005)
    process.wait(60)
    finish(scene)


def test_two_runs_at_once_submit_once(scene: Scene) -> None:
    both = [start(scene), start(scene)]
    for process in both:
        process.wait(120)
    assert [process.returncode for process in both] == [UNDER_WAY, UNDER_WAY]
    assert len(scene.server.jobs) == 1
    scene.server.end()
    both = [start(scene, "--wait"), start(scene, "--wait")]
    for process in both:
        process.wait(120)
    assert [process.returncode for process in both] == [0, 0]
    finish(scene)


def test_two_workspaces_on_one_cache_submit_once(scene: Scene, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for folder in ("references", "systems"):
        shutil.copytree(scene.root / folder, other / folder)
    both = [
        Forked("run", "--metric", "chrf", "-q", "-C", root, HARNESS_CACHE=str(scene.cache))
        for root in (scene.root, other)
    ]
    assert [process.wait(120) for process in both] == [UNDER_WAY, UNDER_WAY]
    assert scene.server.bought == dict.fromkeys(SOURCES, 1)
