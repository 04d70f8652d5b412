"""Actors of a Ray cluster: who has what to do, what comes back, and who replaces those that are lost."""

from __future__ import annotations

import contextlib
import platform
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from harness import __version__
from harness.errors import HarnessError, ModelElsewhere, WorkersLost
from harness.executors import host
from harness.executors.interface import Loss, Make, Result, Task
from harness.executors.parcel import Parcel, Sendable
from harness.workspace.executor_table import ExecutorFile

IN_FLIGHT = 2
"""Tasks an actor has at once: one at work, and the next, so that it need not wait for this process."""

LOSSES = 3
"""A task that takes its worker down so often will do so again."""

START_SECONDS = 120.0
"""How long to wait for the first worker; a busy cluster, or one that grows, may need a while."""


_PREAMBLE = re.compile(r".*The actor (is dead|died) because ")
_NODE_ID = re.compile(r"Node Id: \w+ ")


@dataclass(frozen=True, slots=True)
class Node:
    """Where an actor runs."""

    key: str
    """What the cluster calls it."""
    name: str
    """What people call it: the machine's name and address."""
    version: str
    """Of the harness there."""


class Host(host.Host):
    """One that knows its node."""

    def node(self) -> Node:
        """Where this is, and which harness is installed here."""
        address = ray.util.get_node_ip_address()
        return Node(ray.get_runtime_context().get_node_id(), f"{platform.node()} ({address})", __version__)


@dataclass(slots=True)
class _Job:
    """A task and what has become of it so far."""

    task: Any
    losses: int = 0
    """How often its worker was lost."""
    lacking: set[str] = field(default_factory=set)
    """Nodes that did not have its model."""


@dataclass(slots=True, eq=False)
class _Actor:
    """One worker's process, somewhere."""

    handle: Any
    started: Any
    """Its first answer; None once that is here. Until then it gets no tasks: its node may have no room for it."""
    node: Node | None = None
    """Where it is, once it has started."""
    under_way: deque[tuple[Any, _Job]] = field(default_factory=deque)
    """Answers that will come, in this order, and to what."""


class Actors:
    """Actors, what they have to do, and who replaces them."""

    def __init__(self, size: int, cards: int, settings: ExecutorFile, losses: list[Loss]) -> None:
        """Prepare for work.

        Args:
            size: actors at most.
            cards: graphics cards of each.
            settings: what they are given.
            losses: where those that are lost are noted.
        """
        self._size = size
        self._cards = cards_of(cards, settings)
        self._settings = settings
        self._losses = losses
        self._actors: list[_Actor] = []
        self._failed_starts = 0
        self._closed = False

    def run(self, make: Make[Task, Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Run every task; results come task by task, each once."""
        waiting = deque(_Job(task) for task in tasks)
        try:
            while waiting or any(actor.under_way for actor in self._actors):
                if self._closed:  # by another thread, which wants no results any more
                    raise WorkersLost("the workers were released")
                self._staff(len(waiting) + sum(len(actor.under_way) for actor in self._actors))
                self._hand_out(make, waiting)
                yield from self._next_results(make, waiting)
        finally:
            # After an error, or when nobody wants the rest: an actor cannot be told to stop what it does.
            for actor in [actor for actor in self._actors if actor.under_way]:
                self._let_go(actor)

    def close(self) -> None:
        """End all actors, and whatever a thread still waits for."""
        self._closed = True
        for actor in list(self._actors):
            self._let_go(actor)

    def _staff(self, wanted: int) -> None:
        while len(self._actors) < min(self._size, wanted):
            remote = ray.remote(num_cpus=1, num_gpus=self._cards, max_restarts=0, max_task_retries=0)(Host)
            handle = remote.remote(1, platform.node(), self._settings.models)
            self._actors.append(_Actor(handle, handle.node.remote()))

    def _hand_out(self, make: Make[Any, Any], waiting: deque[_Job]) -> None:
        """One task for every actor that is there; a second only when enough are left for those that have none."""
        for depth in range(IN_FLIGHT):
            for actor in self._actors:
                idle = sum(not other.under_way for other in self._actors)
                if actor.started is None and len(actor.under_way) == depth and len(waiting) > (idle if depth else 0):
                    job = waiting.popleft()
                    actor.under_way.append((actor.handle.run.remote(make, job.task), job))

    def _next_results(self, make: Make[Any, Any], waiting: deque[_Job]) -> Iterator[Any]:
        """Wait for something to happen, and give the results it brought."""
        answers = {ref: actor for actor in self._actors for ref in self._awaited(actor)}
        nobody = all(actor.started is not None for actor in self._actors)
        done, _ = ray.wait(list(answers), num_returns=1, timeout=START_SECONDS if nobody else None)
        if not done:
            free = {name: ray.available_resources().get(name, 0.0) for name in ("CPU", "GPU")}
            raise WorkersLost(
                f"the cluster had no room for a worker for {START_SECONDS:.0f} s: {free['CPU']:.0f} cores and "
                f"{free['GPU']:g} graphics cards are free",
                hint="to see what uses it: ray status",
            )
        actor = answers[done[0]]
        if actor.started is not None:
            self._welcome(actor)
        else:
            yield from self._take(actor, make, waiting)

    @staticmethod
    def _awaited(actor: _Actor) -> list[Any]:
        return [actor.started] if actor.started is not None else [actor.under_way[0][0]] if actor.under_way else []

    def _welcome(self, actor: _Actor) -> None:
        try:
            node: Node = ray.get(actor.started)
        except RayError as error:
            self._let_go(actor)
            self._failed_starts += 1
            if self._failed_starts == LOSSES:
                wanted = f"translation-harness[comet,ray]=={__version__}"
                hint = f"with the same Python on every node: pip install '{wanted}', or {mend(wanted)}"
                if runtime_environment(self._settings):
                    hint = "check pip, working_dir and env_vars under [executor] in harness.toml"
                raise WorkersLost(f"no worker could be started: {_last_line(error)}", hint=hint) from error
            return
        if node.version != __version__:
            raise WorkersLost(
                f"the node {node.name} has version {node.version} of the harness, but this machine has {__version__}",
                hint=f"install the same version on every node, or {mend(f'translation-harness=={__version__}')}",
            )
        self._failed_starts = 0
        actor.node, actor.started = node, None

    def _take(self, actor: _Actor, make: Make[Any, Any], waiting: deque[_Job]) -> Iterator[Any]:
        ref, job = actor.under_way[0]
        try:
            results = ray.get(ref)
            if isinstance(results, ModelElsewhere) and self._sends(actor, make, job):
                waiting.appendleft(job)
                results = []
        except RayTaskError as error:
            raise error.cause from error  # a bug, and the same exception as in this process
        except RayError as error:  # its process, its node, or what it needs there: Ray has many names for it
            self._lose(actor, error, waiting)
            return
        actor.under_way.popleft()
        if isinstance(results, HarnessError):
            raise results
        yield from results

    def _lose(self, actor: _Actor, error: RayError, waiting: deque[_Job]) -> None:
        """Put its tasks back, and note who it was.

        Raises:
            WorkersLost: too many were lost on the same task.
        """
        _, job = actor.under_way[0]
        job.losses += 1
        where = actor.node.name if actor.node else ""
        if job.losses == LOSSES:
            raise WorkersLost(
                f"{LOSSES} workers were lost on the same batch, the last on {where}: {_reason(error)}",
                hint="lower --workers to leave more memory for each; for details, see the logs of Ray",
            ) from error
        self._losses.append(Loss(where, len(actor.under_way), _reason(error)))
        waiting.extendleft(job for _, job in reversed(actor.under_way))
        actor.under_way.clear()
        self._let_go(actor)

    def _sends(self, actor: _Actor, make: object, job: _Job) -> bool:
        """Send the model of a task to the node that lacks it; False if that cannot help.

        The other workers go on with what they have, and get nothing new meanwhile.
        """
        key = actor.node.key if actor.node else ""
        if not self._settings.ship or not isinstance(make, Sendable) or key in job.lacking:
            return False
        job.lacking.add(key)
        _send(actor.handle, make.parcel())
        return True

    def _let_go(self, actor: _Actor) -> None:
        if actor in self._actors:
            self._actors.remove(actor)
        with contextlib.suppress(Exception):  # it is dead already, or the cluster is
            ray.kill(actor.handle)


def cards_of(cards: int, settings: ExecutorFile) -> float:
    """Graphics cards that Ray sets aside for a worker which needs so many: only a single one can be shared."""
    return settings.gpu_share if cards == 1 else float(cards)


def runtime_environment(settings: ExecutorFile) -> dict[str, Any]:
    """What Ray makes for every worker, in the words of Ray; empty where nodes are used as they are."""
    parts = {"pip": list(settings.pip), "working_dir": settings.working_dir, "env_vars": dict(settings.env_vars)}
    return {name: value for name, value in parts.items() if value}


def mend(requirement: str) -> str:
    """How to have Ray install a package on the nodes, as the end of a hint."""
    return f'pip = ["{requirement}"] under [executor] in harness.toml'


def _send(handle: Any, parcel: Parcel) -> None:
    if not ray.get(handle.begin.remote(parcel.name)):
        return
    before = None
    for name, content in parcel.chunks():
        after = handle.add.remote(name, content)
        if before is not None:
            ray.get(before)  # at most two parts are in memory
        before = after
    ray.get([handle.close.remote(parcel.texts), *([] if before is None else [before])])


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2].strip()


def _reason(error: Exception) -> str:
    """The part of Ray's long message that says how the worker ended."""
    text = _NODE_ID.sub("", " ".join(str(error).split()))
    return _PREAMBLE.sub("", text).partition(" Some common causes")[0]
