"""Engines that run a model, on the workers of an executor instead of in this process."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from harness.engines.interface import Batch, EngineContext, Reply
from harness.engines.local.engine import LocalEngine
from harness.errors import EngineUnavailable, WorkersLost
from harness.executors.interface import Executor
from harness.executors.local import LocalExecutor
from harness.translation.job import Job
from harness.types import EngineIdentity, LangPair
from harness.workspace.model_folders import options_here

CLOSE_SECONDS = 1.0

Asked = tuple[Batch, EngineIdentity]
"""A batch, and what the engine is where the run was started: another model must not answer."""


@dataclass(frozen=True)
class EngineSpec:
    """Everything a process needs to make an engine, here or on another machine."""

    kind: type[LocalEngine[Any]]
    options: str
    """As JSON, because workers are kept by what they were made from."""
    context: EngineContext

    def __call__(self) -> Callable[[Asked], list[Reply]]:
        """Make it; the first batch loads the model."""
        # The identity is compared before a batch is translated, so another model at this path cannot answer.
        options: Any = self.kind.Options.model_validate_json(json.dumps(options_here(json.loads(self.options))))
        return _Worker(self.kind(options, self.context))


@dataclass(slots=True)
class _Worker:
    engine: LocalEngine[Any]
    checked: set[LangPair] = field(default_factory=set)

    def __call__(self, asked: Asked) -> list[Reply]:
        batch, identity = asked
        if batch.pair not in self.checked:
            self.engine.supports(batch.pair)
            here = self.engine.identity(batch.pair)
            if here != identity:
                raise EngineUnavailable(
                    f"the model or its libraries differ: found {here.version}, expected {identity.version}",
                    hint="every node needs the same files and packages",
                )
            self.checked.add(batch.pair)
        return [self.engine.work(batch, threading.Event())]


class Workers:
    """Workers that batches borrow, one each; shared by all engines of a run."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._all: dict[int, Sequence[Executor]] = {}
        """By the number of graphics cards that each has."""
        self._free: dict[int, queue.SimpleQueue[Executor]] = {}
        self._closed = False

    def translate(self, engine: LocalEngine[Any], batch: Batch) -> Reply:
        """Translate a batch as ``engine`` would; called from many threads.

        Raises:
            EngineError: as the engine's own ``translate``; ``EngineUnavailable`` when workers are lost again and again.
        """
        cards = int(engine.device == "cuda")
        context = replace(engine.context, folder=engine.context.folder.resolve())
        spec = EngineSpec(type(engine), engine.options.model_dump_json(), context)
        try:
            free = self._queue(cards)
            worker = free.get()
            try:
                if self._closed:
                    raise WorkersLost("the run is over")
                (reply,) = worker.map(spec, [(batch, engine.identity(batch.pair))], cards=cards)
            finally:
                free.put(worker)
        except WorkersLost as error:
            raise EngineUnavailable(str(error), hint=error.hint) from error
        return reply

    def close(self) -> None:
        """Let the workers go, so that others have their cores; a batch that was given up ends with its worker."""
        self._closed = True
        for cards, workers in self._all.items():
            for worker in workers:
                worker.close()
            # Threads that still wait for a worker must not meet an executor that is gone.
            for _ in workers:
                with suppress(queue.Empty):
                    self._free[cards].get(timeout=CLOSE_SECONDS)

    def _queue(self, cards: int) -> queue.SimpleQueue[Executor]:
        with self._lock:
            if cards not in self._free:
                self._all[cards] = self._executor.apart(cards=cards)
                self._free[cards] = queue.SimpleQueue()
                for worker in self._all[cards]:
                    self._free[cards].put(worker)
            return self._free[cards]


@contextmanager
def elsewhere(jobs: Sequence[Job], executor: Executor) -> Iterator[list[Job]]:
    """The same jobs, with their models on the executor's workers where they are not this process."""
    if isinstance(executor, LocalExecutor):
        yield list(jobs)
        return
    workers = Workers(executor)
    moved = []
    for job in jobs:
        if isinstance(job.engine, LocalEngine):
            job.engine.workers = workers
            moved.append(replace(job, limits=replace(job.limits, concurrency=executor.concurrency)))
        else:
            moved.append(job)
    try:
        yield moved
    finally:
        workers.close()
