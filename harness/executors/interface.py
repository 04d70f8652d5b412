"""What an executor is: something that makes workers and gives them tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.types import Note, Reason

Task = TypeVar("Task")
Result = TypeVar("Result")

Worker = Callable[[Task], Iterable[Result]]
"""One loaded model: a task to its results."""

Make = Callable[[], Callable[[Task], Iterable[Result]]]
"""What loads it, wherever it will run: hashable, because a worker is kept for the next call, and picklable."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A worker that was lost, and whose tasks were run again."""

    node: str
    """Name of its machine."""
    tasks: int
    """How many it had."""
    why: str
    """In the words of the cluster."""


def loss_notes(losses: Sequence[Loss]) -> list[Note]:
    """What a run says of its lost workers: how many tasks each node cost, and why it was lost first."""
    tasks: Counter[str] = Counter()
    reasons: dict[str, str] = {}
    for loss in losses:
        tasks[loss.node] += loss.tasks
        reasons.setdefault(loss.node, loss.why)
    notes = {node: Reason("noted.worker_lost", {"n": count, "why": reasons[node]}) for node, count in tasks.items()}
    return [Note(node, what) for node, what in notes.items()]


class Executor(Protocol):
    """Runs tasks on workers."""

    name: str
    """For messages."""
    concurrency: int
    """Tasks under way at once."""
    grain: int
    """How many samples a task should have: few where a lost worker loses its task, all where nothing can be lost."""

    losses: list[Loss]
    """Of all workers so far, in order."""

    def map(self, make: Make[Task, Result], tasks: Sequence[Task], *, cards: int = 0) -> Iterator[Result]:
        """Run every task on some worker; results come when they are there, in no particular order.

        Args:
            make: loads a worker; called once for each worker, and not again in later calls.
            tasks: each is run to its end once; one whose worker is lost is run again on another.
            cards: how many graphics cards a worker needs.

        Raises:
            HarnessError: what ``make`` or a task raises.
            WorkersLost: no worker can be had, or one task took several down.
        """

    def apart(self, *, cards: int) -> Sequence[Executor]:
        """One executor for each worker there may be, to give tasks from several threads; the caller closes them.

        Raises:
            WorkersLost: no worker can be had.
        """

    def close(self) -> None:
        """Let the workers go."""
