"""Which executor: the one place that knows them all. The default imports nothing."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.executors.interface import Executor
from harness.executors.local import LocalExecutor
from harness.workspace.registry import suggestion

if TYPE_CHECKING:
    from harness.workspace.executor_table import ExecutorFile

NAMES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class ExecutorChoice:
    """Where the user wants the heavy work done."""

    name: str = "local"
    ray_address: str = ""
    """Of a running cluster: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``; empty starts one on this machine."""
    workers: int = 0
    """0: one for each core of the cluster, or for each graphics card where the work needs one."""

    def words(self) -> list[str]:
        """The options of the command line that say the same."""
        if self.name == "local":
            return []
        address = ["--ray-address", self.ray_address] if self.ray_address else []
        workers = ["--workers", str(self.workers)] if self.workers else []
        return ["--executor", self.name, *address, *workers]


LOCAL = ExecutorChoice()


def check_choice(choice: ExecutorChoice) -> None:
    """Make sure that a choice can be had.

    Raises:
        UsageError: there is no such executor, its package is not installed, or an option belongs to another.
    """
    if choice.name not in NAMES:
        raise UsageError(f"unknown executor '{choice.name}'", hint=suggestion(choice.name, list(NAMES)))
    if choice.workers < 0:
        raise UsageError(f"--workers {choice.workers} is less than 0", hint="0 starts one for each core")
    if choice.name == "local":
        for flag, given in (("--ray-address", choice.ray_address), ("--workers", choice.workers)):
            if given:
                raise UsageError(f"{flag} needs a cluster", hint="add --executor ray")
    elif find_spec("ray") is None:
        raise UsageError(
            "--executor ray: the package 'ray' is not installed", hint="pip install 'translation-harness[ray]'"
        )


def make_executor(choice: ExecutorChoice, settings: ExecutorFile | None, root: Path) -> Executor:
    """The executor of a choice; the caller closes it.

    Args:
        choice: which.
        settings: what a cluster is asked for; None asks for nothing.
        root: the folder that relative paths in ``settings`` start from.

    Raises:
        UsageError: it cannot be had, no cluster answers at its address, or there is no folder to copy to the nodes.
    """
    check_choice(choice)
    if choice.name == "local":
        return LocalExecutor()
    from harness.executors.ray_cluster import RayExecutor

    if settings is None:
        return RayExecutor(choice.ray_address, choice.workers)
    if settings.working_dir:
        folder = root / Path(settings.working_dir).expanduser()
        if not folder.is_dir():
            raise UsageError(f"[executor] working_dir: no folder {folder}", hint="correct it in harness.toml")
        settings = settings.model_copy(update={"working_dir": str(folder.resolve())})
    return RayExecutor(choice.ray_address, choice.workers, settings)
