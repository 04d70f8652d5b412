"""What ``[executor]`` gives the workers: packages, a folder and variables, on a cluster of its own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.executors.load import ExecutorChoice, make_executor
from harness.workspace.executor_table import ExecutorFile
from tests.metrics.isolation import write_wheel

ray = pytest.importorskip("ray")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray")]


@dataclass(frozen=True)
class Witness:
    """Makes a worker that says what it sees."""

    modules: tuple[str, ...]

    def __call__(self) -> Callable[[object], list[tuple[str | None, str, list[object]]]]:
        return self.look

    def look(self, _: object) -> list[tuple[str | None, str, list[object]]]:
        values = [import_module(module).FACTOR for module in self.modules]
        return [(os.environ.get("GREETING"), os.environ.get("HARNESS_MODELS", ""), values)]


def test_workers_get_packages_a_folder_and_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ray.is_initialized()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("HARNESS_MODELS", "/on/this/node")
    write_wheel(tmp_path, factor=7)
    (tmp_path / "copied").mkdir()
    (tmp_path / "copied" / "only_in_the_folder.py").write_text("FACTOR = 3\n", encoding="utf-8")
    pip = ("harness-tiny==1.0",) if find_spec("virtualenv") else ()
    modules = ("only_in_the_folder", *(("harness_tiny",) if pip else ()))
    settings = ExecutorFile(pip=pip, working_dir="copied", env_vars={"GREETING": "hello"}, models=("/for/all",))
    with contextlib.closing(make_executor(ExecutorChoice("ray", workers=1), settings, tmp_path)) as executor:
        (seen,) = executor.map(Witness(modules), [None])
    assert seen == ("hello", os.pathsep.join(("/on/this/node", "/for/all")), [3, 7][: len(modules)])
    assert not {"only_in_the_folder", "harness_tiny"} & set(sys.modules)
