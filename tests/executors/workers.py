"""Workers for the tests of executors: they leave a file for everything they do, and fail where they are told to."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import MetricUnavailable, ModelElsewhere, UsageError
from harness.executors.parcel import FOLDER, Parcel
from harness.workspace.model_folders import sent_models


@dataclass(frozen=True)
class Squares:
    """Makes a worker that gives the square of every number of its task."""

    folder: Path
    dies_at: int = -1
    """The task with this first number takes its worker down."""
    deaths: int = 1
    """How often it does."""
    seconds: float = 0.0
    """A task takes."""

    def __call__(self) -> Callable[[list[int]], Iterator[tuple[int, int]]]:
        leave(self.folder, f"made-{os.getpid()}")
        return self.work

    def work(self, task: list[int]) -> Iterator[tuple[int, int]]:
        leave(self.folder, f"began-{task[0]}")
        time.sleep(self.seconds)  # before it may die: by then the results of the task before are on their way
        if task[0] == self.dies_at and count(self.folder, f"began-{task[0]}") <= self.deaths:
            os._exit(1)
        for number in task:
            yield number, number**2
        leave(self.folder, f"ended-{task[0]}")


@dataclass(frozen=True)
class Unmakeable:
    """Cannot be made."""

    def __call__(self) -> Callable[[list[int]], list[int]]:
        raise MetricUnavailable("the model is not here", fix="fetch it")


@dataclass(frozen=True)
class Faulty:
    """Makes a worker that cannot do anything."""

    error: type[Exception]

    def __call__(self) -> Callable[[list[int]], list[int]]:
        return self.work

    def work(self, task: list[int]) -> list[int]:
        if issubclass(self.error, UsageError):
            raise self.error("no such thing", hint="another")
        raise self.error("a bug\nof two lines")


@dataclass(frozen=True)
class Carried:
    """Makes a worker that needs files, and reads them where they were sent to."""

    name: str
    source: Path
    """A file on the machine that gives the tasks; no worker looks at it."""

    def parcel(self) -> Parcel:
        """The file, and a text that says where it has arrived."""
        return Parcel(self.name, (("deep/file.bin", self.source),), (("where.txt", f"in {FOLDER}"),))

    def __call__(self) -> Callable[[int], list[tuple[int, str, int, str]]]:
        if not (sent_models() / self.name).is_dir():
            raise ModelElsewhere("it is not here", fix="send it")
        return self.work

    def work(self, task: int) -> list[tuple[int, str, int, str]]:
        folder = sent_models() / self.name
        content = (folder / "deep" / "file.bin").read_bytes()
        text = (folder / "where.txt").read_text(encoding="utf-8")
        return [(task, hashlib.sha256(content).hexdigest(), len(content), text)]


@dataclass(frozen=True)
class Insatiable(Carried):
    """Lacks its files even when they have arrived."""

    def __call__(self) -> Callable[[int], list[tuple[int, str, int, str]]]:
        raise ModelElsewhere("never here", fix="none")


def leave(folder: Path, name: str) -> None:
    """A file that nobody else makes."""
    (folder / f"{name}-{time.time_ns()}-{os.getpid()}").touch()


def count(folder: Path, name: str) -> int:
    return sum(file.name.startswith(f"{name}-") for file in folder.iterdir())
