"""What long work tells the outside: an observer handed in, so the core never prints."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO, runtime_checkable

from harness.workspace.printable import shown

if TYPE_CHECKING:
    from rich.progress import TaskID

PATIENCE = 0.5
"""Seconds that a person waits without being told what for."""

PLAIN_INTERVAL = 5.0
"""Seconds between two lines about the same task when the output is not a terminal."""


class Progress(Protocol):
    """An observer of long work. ``task`` is a short name such as ``apertium en-es`` or ``comet en-es``."""

    def update(self, task: str, done: int, total: int) -> None:
        """``done`` of ``total`` steps are finished; the first call for a task begins it."""

    def say(self, message: str) -> None:
        """One line the user should see now."""


@runtime_checkable
class MoneyProgress(Protocol):
    """An observer that also wants to know what has been spent; one without it is told nothing."""

    def spend(self, task: str, amount: float, currency: str) -> None:
        """So much more was billed for a task."""


class Silent:
    """Tells nobody anything."""

    def update(self, task: str, done: int, total: int) -> None:
        """Nothing."""

    def say(self, message: str) -> None:
        """Nothing."""


class Purse:
    """What each task has cost so far."""

    def __init__(self) -> None:
        self._spent: dict[str, dict[str, float]] = {}

    def add(self, task: str, amount: float, currency: str) -> None:
        """So much more."""
        sums = self._spent.setdefault(task, {})
        sums[currency] = sums.get(currency, 0.0) + amount

    def text(self, task: str) -> str:
        """``0.42 USD``; empty where nothing was billed."""
        sums = self._spent.get(task, {})
        return ", ".join(f"{amount:.2f} {currency}".rstrip() for currency, amount in sums.items() if amount)


class Plain:
    """Lines on a stream that is not a terminal: at the start, every few seconds, and at the end of each task."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started: dict[str, float] = {}
        self._printed: dict[str, float] = {}
        self._purse = Purse()

    def update(self, task: str, done: int, total: int) -> None:
        """Print when the task begins, ends, or has been quiet for a while."""
        now = time.monotonic()
        started = self._started.setdefault(task, now)
        if done < total and now - self._printed.get(task, -PLAIN_INTERVAL) < PLAIN_INTERVAL:
            return
        self._printed[task] = now
        rate = f", {done / (now - started):.0f}/s" if done and now > started else ""
        spent = self._purse.text(task)
        self.say(f"{task}: {done}/{total}{rate}{f', {spent}' if spent else ''}")

    def spend(self, task: str, amount: float, currency: str) -> None:
        """Add it up; the next line of the task says it."""
        self._purse.add(task, amount, currency)

    def say(self, message: str) -> None:
        """Print one line."""
        print(message, file=self._stream, flush=True)


class Bars:
    """A bar per task, on a terminal."""

    def __init__(self, *, transient: bool = False) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TextColumn("{task.fields[spent]}", markup=False),
            TimeRemainingColumn(elapsed_when_finished=True),
            # A bar is drawn with escape sequences, which the guarded stream would show; what is said goes through it.
            console=Console(file=getattr(sys.stderr, "unguarded", sys.stderr)),
            transient=transient,
        )
        self._tasks: dict[str, TaskID] = {}
        self._purse = Purse()

    def update(self, task: str, done: int, total: int) -> None:
        """Move the bar."""
        if task not in self._tasks:
            self._tasks[task] = self.bars.add_task(task, total=total, rate="", spent="")
        bar = self._tasks[task]
        speed = self.bars.tasks[self.bars.task_ids.index(bar)].speed
        self.bars.update(bar, completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

    def spend(self, task: str, amount: float, currency: str) -> None:
        """Show beside the bar what it has cost so far."""
        self._purse.add(task, amount, currency)
        if task in self._tasks:
            self.bars.update(self._tasks[task], spent=self._purse.text(task))

    def say(self, message: str) -> None:
        """Print above the bars."""
        self.bars.console.print(shown(message), markup=False, highlight=False)


class _Late:
    """Bars that appear when the work has taken a while, and vanish when it ends."""

    def __init__(self) -> None:
        self._updates: dict[str, tuple[int, int]] = {}
        self._bars: Bars | None = None
        self._lock = threading.Lock()

    def update(self, task: str, done: int, total: int) -> None:
        """Move the bar, or remember where it will stand."""
        with self._lock:
            self._updates[task] = (done, total)
            if self._bars is not None:
                self._bars.update(task, done, total)

    def say(self, message: str) -> None:
        """Print above the bars."""
        sys.stderr.write(f"{shown(message)}\n")

    def appear(self) -> None:
        """Show the bars; another thread calls this."""
        with self._lock:
            self._bars = Bars(transient=True)
            for task, (done, total) in self._updates.items():
                self._bars.update(task, done, total)
            self._bars.bars.start()

    def vanish(self) -> None:
        """Take them away."""
        with self._lock:
            if self._bars is not None:
                self._bars.bars.stop()


@contextmanager
def bars_on_stderr(*, quiet: bool = False) -> Iterator[Progress]:
    """Bars on a terminal while something takes longer than :data:`PATIENCE`; nothing elsewhere, or with ``quiet``."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    late = _Late()
    timer = threading.Timer(PATIENCE, late.appear)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        late.vanish()


@contextmanager
def progress_on_stderr(*, quiet: bool) -> Iterator[Progress]:
    """Bars on a terminal, lines elsewhere, nothing with ``quiet``."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        bars = Bars()
        with bars.bars:
            yield bars
    else:
        yield Plain(sys.stderr)
