"""Actors of a Ray cluster: who has what to do, what comes back, and who replaces those that are lost."""

from __future__ import annotations

import contextlib
import platform
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from harness import __version__
from harness.errors import HarnessError, WorkersLost
from harness.executors.host import Host
from harness.executors.interface import Make, Result, Task

IN_FLIGHT = 2
"""Tasks an actor has at once: one at work, and the next, so that it need not wait for this process."""

LOSSES = 3
"""A task that takes its worker down so often will do so again."""

START_SECONDS = 120.0
"""How long to wait for the first worker; a busy cluster, or one that grows, may need a while."""


@dataclass(slots=True)
class _Job:
    """A task and how often its worker was lost."""

    task: Any
    losses: int = 0


@dataclass(slots=True, eq=False)
class _Actor:
    """One worker's process, somewhere."""

    handle: Any
    started: Any
    """Its first answer; None once that is here. Until then it gets no tasks: its node may have no room for it."""
    under_way: deque[tuple[Any, _Job]] = field(default_factory=deque)
    """Answers that will come, in this order, and to what."""


class Actors:
    """Actors, what they have to do, and who replaces them."""

    def __init__(self, size: int, *, gpu: bool) -> None:
        self._size = size
        self._gpu = gpu
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
                yield from self._next_results(waiting)
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
            remote = ray.remote(num_cpus=1, num_gpus=int(self._gpu), max_restarts=0, max_task_retries=0)(Host)
            handle = remote.remote(1, platform.node())
            self._actors.append(_Actor(handle, handle.version.remote()))

    def _hand_out(self, make: Make[Any, Any], waiting: deque[_Job]) -> None:
        """One task for every actor that is there; a second only when enough are left for those that have none."""
        for depth in range(IN_FLIGHT):
            for actor in self._actors:
                idle = sum(not other.under_way for other in self._actors)
                if actor.started is None and len(actor.under_way) == depth and len(waiting) > (idle if depth else 0):
                    job = waiting.popleft()
                    actor.under_way.append((actor.handle.run.remote(make, job.task), job))

    def _next_results(self, waiting: deque[_Job]) -> Iterator[Any]:
        """Wait for something to happen, and give the results it brought."""
        answers = {ref: actor for actor in self._actors for ref in self._awaited(actor)}
        nobody = all(actor.started is not None for actor in self._actors)
        done, _ = ray.wait(list(answers), num_returns=1, timeout=START_SECONDS if nobody else None)
        if not done:
            free = {name: ray.available_resources().get(name, 0.0) for name in ("CPU", "GPU")}
            raise WorkersLost(
                f"the cluster had no room for a worker for {START_SECONDS:.0f} s: {free['CPU']:.0f} cores and "
                f"{free['GPU']:.0f} graphics cards are free",
                hint="to see what uses it: ray status",
            )
        actor = answers[done[0]]
        if actor.started is not None:
            self._welcome(actor)
        else:
            yield from self._take(actor, waiting)

    @staticmethod
    def _awaited(actor: _Actor) -> list[Any]:
        return [actor.started] if actor.started is not None else [actor.under_way[0][0]] if actor.under_way else []

    def _welcome(self, actor: _Actor) -> None:
        try:
            version = ray.get(actor.started)
        except RayError as error:
            self._let_go(actor)
            self._failed_starts += 1
            if self._failed_starts == LOSSES:
                raise WorkersLost(
                    f"no worker could be started: {_last_line(error)}",
                    hint="every node needs the same Python and pip install 'translation-harness[comet,ray]'",
                ) from error
            return
        if version != __version__:
            raise WorkersLost(
                f"a node of the cluster has version {version} of the harness, but this machine has {__version__}",
                hint="install the same version on every node",
            )
        self._failed_starts = 0
        actor.started = None

    def _take(self, actor: _Actor, waiting: deque[_Job]) -> Iterator[Any]:
        ref, job = actor.under_way[0]
        try:
            results = ray.get(ref)
        except RayTaskError as error:
            raise error.cause from error  # a bug, and the same exception as in this process
        except RayError as error:  # its process, its node, or what it needs there: Ray has many names for it
            job.losses += 1
            if job.losses == LOSSES:
                raise WorkersLost(
                    f"{LOSSES} workers were lost on the same batch: {_reason(error)}",
                    hint="lower --workers to leave more memory for each; for details, see the logs of Ray",
                ) from error
            waiting.extendleft(job for _, job in reversed(actor.under_way))
            actor.under_way.clear()
            self._let_go(actor)
            return
        actor.under_way.popleft()
        if isinstance(results, HarnessError):
            raise results
        yield from results

    def _let_go(self, actor: _Actor) -> None:
        if actor in self._actors:
            self._actors.remove(actor)
        with contextlib.suppress(Exception):  # it is dead already, or the cluster is
            ray.kill(actor.handle)


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2].strip()


def _reason(error: Exception) -> str:
    """The part of Ray's long message that says how the worker ended."""
    text = " ".join(str(error).split())
    _, marker, rest = text.partition("The actor is dead because ")
    return (rest if marker else text).partition(" Some common causes")[0]
