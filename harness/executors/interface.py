"""What an executor is: something that makes workers and gives them tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

Worker = Callable[[Task], Iterable[Result]]
"""One loaded model: a task to its results."""

Make = Callable[[], Callable[[Task], Iterable[Result]]]
"""What loads it, wherever it will run: hashable, because a worker is kept for the next call, and picklable."""


class Executor(Protocol):
    """Runs tasks on workers."""

    name: str
    """For messages."""
    concurrency: int
    """Tasks under way at once."""
    grain: int
    """How many samples a task should have: few where a lost worker loses its task, all where nothing can be lost."""

    def map(self, make: Make[Task, Result], tasks: Sequence[Task], *, gpu: bool = False) -> Iterator[Result]:
        """Run every task on some worker; results come when they are there, in no particular order.

        Args:
            make: loads a worker; called once for each worker, and not again in later calls.
            tasks: each is run to its end once; one whose worker is lost is run again on another.
            gpu: a worker needs a graphics card.

        Raises:
            HarnessError: what ``make`` or a task raises.
            WorkersLost: no worker can be had, or one task took several down.
        """

    def apart(self, *, gpu: bool) -> Sequence[Executor]:
        """One executor for each worker there may be, to give tasks from several threads; the caller closes them.

        Raises:
            WorkersLost: no worker can be had.
        """

    def close(self) -> None:
        """Let the workers go."""
