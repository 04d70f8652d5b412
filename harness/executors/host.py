"""What an executor keeps on another machine: a process that loads workers and runs tasks on them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import Any

from harness.errors import HarnessError
from harness.executors.interface import Make
from harness.executors.local import LocalExecutor
from harness.executors.parcel import Inbox, has_arrived
from harness.workspace.model_folders import VARIABLE


class Host:
    """A local executor that answers from afar, and returns errors instead of raising them."""

    def __init__(self, threads: int, home: str, models: Sequence[str] = ()) -> None:
        """Prepare for work.

        Args:
            threads: that a worker may use; read by the libraries when the first worker imports them.
            home: name of the machine that gives the tasks.
            models: folders on this machine to search for models, after those that it names itself.
        """
        for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[variable] = str(threads)
        os.environ[VARIABLE] = os.pathsep.join(filter(None, (os.environ.get(VARIABLE, ""), *models)))
        self._away = "" if platform.node() == home else f" (on {platform.node()})"
        self._local = LocalExecutor()

    def begin(self, parcel: str) -> bool:
        """Prepare for the parcel of this name; False if it is here already."""
        if has_arrived(parcel):
            return False
        self._inbox = Inbox(parcel)
        return True

    def add(self, name: str, content: bytes) -> None:
        """Take the next bytes of a file."""
        self._inbox.add(name, content)

    def close(self, texts: tuple[tuple[str, str], ...]) -> None:
        """Take the texts; the parcel is complete."""
        self._inbox.close(texts)

    def run(self, make: Make[Any, Any], task: Any) -> list[Any] | HarnessError:
        """All results of a task, or the error that it, or loading its worker, ended in."""
        try:
            return list(self._local.map(make, [task]))
        except HarnessError as error:
            error.args = (f"{error}{self._away}",)
            return error
