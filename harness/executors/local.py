"""The default: tasks run here, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harness.executors.interface import Loss, Make, Result, Task


class LocalExecutor:
    """Runs tasks in this process and keeps what it loaded."""

    name = "local"
    concurrency = 1
    grain = sys.maxsize

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._workers: dict[object, Callable[[Any], Any]] = {}

    def map(self, make: Make[Task, Result], tasks: Sequence[Task], *, cards: int = 0) -> Iterator[Result]:  # noqa: ARG002 - the protocol's
        """See :class:`harness.executors.interface.Executor`; results come in the order of the tasks."""
        if make not in self._workers:
            self._workers[make] = make()
        for task in tasks:
            yield from self._workers[make](task)

    def apart(self, *, cards: int) -> Sequence[LocalExecutor]:  # noqa: ARG002 - the protocol's
        """This one: tasks run one after the other."""
        return [self]

    def close(self) -> None:
        """Let the workers go."""
        self._workers.clear()
