"""Whatever Ray calls it, a worker that is lost is replaced, and one that cannot start is a failed start; no cluster."""

from __future__ import annotations

from collections import deque

import pytest

from harness.errors import WorkersLost
from harness.executors.interface import Loss, loss_notes
from harness.reports.words.reasons import noted
from harness.workspace.executor_table import ExecutorFile

pytest.importorskip("ray")
from ray import exceptions

from harness.executors import ray_actors
from harness.executors.ray_actors import LOSSES, Actors, Node, _Actor, _Job

NODE = Node("key", "node-1 (10.0.0.7)", "1.0")

LOST = (
    exceptions.ActorDiedError(),
    exceptions.NodeDiedError("the node died"),
    exceptions.ActorUnschedulableError("no room"),
    exceptions.WorkerCrashedError(),
    exceptions.RuntimeEnvSetupError("no environment"),
    exceptions.RaySystemError("broken"),
    exceptions.OutOfMemoryError("memory"),
)


@pytest.fixture(params=LOST, ids=lambda error: type(error).__name__)
def error(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> exceptions.RayError:
    def get(_: object) -> object:
        raise request.param

    monkeypatch.setattr(ray_actors.ray, "get", get)
    monkeypatch.setattr(ray_actors.ray, "kill", lambda _: None)
    found: exceptions.RayError = request.param
    return found


def test_a_loss_is_done_again_until_there_are_enough_of_them(error: exceptions.RayError) -> None:
    losses: list[Loss] = []
    actors, job, after = Actors(1, 0, ExecutorFile(), losses), _Job("task"), _Job("next")
    for loss in range(1, LOSSES):
        waiting: deque[_Job] = deque()
        lost = _Actor(object(), None, NODE, deque([(object(), job), (object(), after)]))
        assert list(actors._take(lost, object, waiting)) == []
        assert (list(waiting), job.losses, after.losses) == ([job, after], loss, 0)
        assert [(one.node, one.tasks) for one in losses] == [("node-1 (10.0.0.7)", 2)] * loss
    with pytest.raises(
        WorkersLost, match=r"3 workers were lost on the same batch, the last on node-1 \(10.0.0.7\)"
    ) as caught:
        list(actors._take(_Actor(object(), None, NODE, deque([(object(), job)])), object, deque()))
    assert caught.value.__cause__ is error
    (note,) = loss_notes(losses)
    assert noted(note).startswith("node-1 (10.0.0.7): a worker on this node was lost, and 4 batches were run again: ")


def test_a_worker_that_cannot_start_is_a_failed_start(error: exceptions.RayError) -> None:
    actors = Actors(1, 0, ExecutorFile(), [])
    for _ in range(LOSSES - 1):
        actors._welcome(_Actor(object(), object()))
    with pytest.raises(WorkersLost, match="no worker could be started") as caught:
        actors._welcome(_Actor(object(), object()))
    assert caught.value.__cause__ is error


def test_a_bug_in_a_task_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    bug = exceptions.RayTaskError("run", "traceback", KeyError("bug"))

    def get(_: object) -> object:
        raise bug.as_instanceof_cause()

    monkeypatch.setattr(ray_actors.ray, "get", get)
    actor = _Actor(object(), None, NODE, deque([(object(), _Job("task"))]))
    with pytest.raises(KeyError, match="bug"):
        list(Actors(1, 0, ExecutorFile(), [])._take(actor, object, deque()))
