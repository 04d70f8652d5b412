"""What an executor keeps on another machine: a process that loads workers and runs tasks on them."""

from __future__ import annotations

import os
import platform
from typing import Any

from harness import __version__
from harness.errors import HarnessError
from harness.executors.interface import Make
from harness.executors.local import LocalExecutor


class Host:
    """A local executor that answers from afar, and returns errors instead of raising them."""

    def __init__(self, threads: int, home: str) -> None:
        """Prepare for work.

        Args:
            threads: that a worker may use; read by the libraries when the first worker imports them.
            home: name of the machine that gives the tasks.
        """
        for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[variable] = str(threads)
        self._away = "" if platform.node() == home else f" (on {platform.node()})"
        self._local = LocalExecutor()

    def version(self) -> str:
        """Which harness is installed here."""
        return __version__

    def run(self, make: Make[Any, Any], task: Any) -> list[Any] | HarnessError:
        """All results of a task, or the error that it, or loading its worker, ended in."""
        try:
            return list(self._local.map(make, [task]))
        except HarnessError as error:
            error.args = (f"{error}{self._away}",)
            return error
