"""The Ray executor by itself: every task once, whatever becomes of the workers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import MetricUnavailable, ModelElsewhere, UsageError, WorkersLost
from harness.workspace.executor_table import ExecutorFile
from harness.workspace.model_folders import sent_models
from tests.executors.workers import Carried, Faulty, Insatiable, Squares, Unmakeable, count

pytest.importorskip("ray")
from harness.executors import ray_actors
from harness.executors.ray_actors import cards_of
from harness.executors.ray_cluster import RayExecutor, room_on

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray"), pytest.mark.usefixtures("cluster")]

TASKS = [[first, first + 1] for first in range(0, 24, 2)]
EXPECTED = [(number, number**2) for task in TASKS for number in task]


@pytest.fixture(scope="module")
def executor(cluster: None) -> Iterator[RayExecutor]:
    """Two workers that stay from test to test."""
    with contextlib.closing(RayExecutor(workers=2)) as made:
        yield made


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_results_on_any_number_of_workers(workers: int, left: Path) -> None:
    with contextlib.closing(RayExecutor(workers=workers)) as executor:
        assert sorted(executor.map(Squares(left, seconds=0.1), TASKS)) == EXPECTED
        assert list(executor.map(Squares(left), [])) == []
    made = count(left, "made")
    assert 1 <= made <= workers
    assert all(count(left, f"began-{task[0]}") == 1 for task in TASKS)


def test_workers_are_kept_for_the_next_call(executor: RayExecutor, left: Path) -> None:
    make = Squares(left, seconds=0.05)
    for _ in range(2):
        assert sorted(executor.map(make, TASKS)) == EXPECTED
    assert count(left, "made") <= 2


@pytest.mark.every_change
def test_a_lost_worker_costs_only_its_batch(executor: RayExecutor, left: Path) -> None:
    assert sorted(executor.map(Squares(left, dies_at=8, seconds=0.1), TASKS)) == EXPECTED
    assert {task[0]: count(left, f"began-{task[0]}") for task in TASKS} == {
        task[0]: 2 if task[0] == 8 else 1 for task in TASKS
    }
    assert all(count(left, f"ended-{task[0]}") == 1 for task in TASKS)


def test_a_batch_that_takes_every_worker_down_is_given_up(executor: RayExecutor, left: Path) -> None:
    with pytest.raises(
        WorkersLost,
        match=r"3 workers were lost on the same batch, the last on \S+ \(\S+\): its worker process has died",
    ) as error:
        list(executor.map(Squares(left, dies_at=8, deaths=9, seconds=0.1), TASKS))
    assert "\n" not in str(error.value)
    assert count(left, "began-8") == 3


def test_errors_come_back_as_themselves(executor: RayExecutor, left: Path) -> None:
    with pytest.raises(MetricUnavailable, match=r"^the model is not here$") as unavailable:
        list(executor.map(Unmakeable(), TASKS))
    assert unavailable.value.hint == "fetch it"
    with pytest.raises(UsageError, match=r"^no such thing$") as usage:
        list(executor.map(Faulty(UsageError), TASKS))
    assert usage.value.hint == "another"
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(executor.map(Faulty(ZeroDivisionError), TASKS))
    assert sorted(executor.map(Squares(left), TASKS)) == EXPECTED


def test_results_that_nobody_wants(executor: RayExecutor, left: Path) -> None:
    results = executor.map(Squares(left, seconds=0.1), TASKS)
    assert next(results) in EXPECTED
    results.close()  # type: ignore[attr-defined]
    assert sorted(executor.map(Squares(left), TASKS)) == EXPECTED
    assert count(left, "ended") < 2 * len(TASKS)


def test_files_that_a_node_lacks_are_sent_once(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2**11  # in several parts
    file = tmp_path / "file.bin"
    file.write_bytes(content)
    make = Carried(f"test-{tmp_path.name}-{os.getpid()}", file)
    with contextlib.closing(RayExecutor(workers=2)) as executor:
        answers = sorted(executor.map(make, range(6)))
    arrived = sent_models() / make.name
    assert answers == [
        (number, hashlib.sha256(content).hexdigest(), len(content), f"in {arrived}") for number in range(6)
    ]
    assert not list(sent_models().glob(".arriving-*"))
    shutil.rmtree(arrived)
    keep = ExecutorFile(ship=False)
    with contextlib.closing(RayExecutor(workers=1, settings=keep)) as executor, pytest.raises(ModelElsewhere):
        list(executor.map(make, range(6)))
    assert not arrived.exists()


def test_files_that_do_not_help_are_not_sent_forever(tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(b"x")
    with contextlib.closing(RayExecutor(workers=1)) as executor, pytest.raises(ModelElsewhere, match="never here"):
        list(executor.map(Insatiable(f"test-{tmp_path.name}-{os.getpid()}", file), range(3)))


def test_room_on_a_node() -> None:
    node = {"CPU": 8.0, "GPU": 2.0}
    assert room_on(node, 0) == 8
    assert [room_on(node, cards_of(cards, ExecutorFile())) for cards in (1, 2, 4)] == [2, 1, 0]
    shares = {share: room_on(node, cards_of(1, ExecutorFile(gpu_share=share))) for share in (0.1, 0.3, 0.5)}
    assert shares == {0.1: 8, 0.3: 6, 0.5: 4}
    assert room_on({"CPU": 64.0, "GPU": 1.0}, 0.1) == 10
    assert cards_of(2, ExecutorFile(gpu_share=0.5)) == 2.0  # a model over two cards has both of them to itself


def test_a_cluster_without_room(monkeypatch: pytest.MonkeyPatch, left: Path) -> None:
    monkeypatch.setattr(ray_actors, "START_SECONDS", 0.5)
    with (
        contextlib.closing(RayExecutor(workers=1)) as executor,
        pytest.raises(WorkersLost, match=r"no room for a worker for 0 s: \d cores and 0 graphics cards are free"),
    ):
        list(executor.map(Squares(left), TASKS, cards=1))


def test_another_version_on_a_node(monkeypatch: pytest.MonkeyPatch, left: Path) -> None:
    monkeypatch.setattr(ray_actors, "__version__", "9.9")
    with (
        contextlib.closing(RayExecutor(workers=1)) as executor,
        pytest.raises(
            WorkersLost, match=r"the node \S+ \(\S+\) has version \S+ of the harness, but this machine has 9\.9"
        ),
    ):
        list(executor.map(Squares(left), TASKS))


def test_a_node_without_the_harness(monkeypatch: pytest.MonkeyPatch, left: Path) -> None:
    class Host(ray_actors.Host):
        def __init__(self, *_: object) -> None:
            raise ModuleNotFoundError("No module named 'harness'")

    monkeypatch.setattr(ray_actors, "Host", Host)
    with (
        contextlib.closing(RayExecutor(workers=1)) as executor,
        pytest.raises(WorkersLost, match="no worker could be started: ModuleNotFoundError: No module named 'harness'"),
    ):
        list(executor.map(Squares(left), TASKS))
