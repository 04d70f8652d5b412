"""Choosing an executor: what is refused before anything is done, and what the default does not import."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from harness.errors import HarnessError, MetricUnavailable, Transient, UsageError
from harness.executors import load
from harness.executors.load import LOCAL, ExecutorChoice, make_executor
from harness.executors.local import LocalExecutor
from harness.translation.request import RunRequest
from harness.workspace.executor_table import ExecutorFile
from tests.cli.conftest import Shell, harness
from tests.workspace import small_workspace, write_system

__all__ = ["harness"]


def test_the_default_is_local() -> None:
    assert isinstance(make_executor(LOCAL, ExecutorFile(), Path()), LocalExecutor)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--executor", "rai"), "unknown executor 'rai'", "did you mean 'ray'?"),
        (("--ray-address", "auto"), "--ray-address needs a cluster", "add --executor ray"),
        (("--workers", "2"), "--workers needs a cluster", "add --executor ray"),
        (("--executor", "ray", "--ray-address", "here"), "'here' is not the address of a Ray cluster", "HOST:PORT"),
        (
            ("--executor", "ray", "--ray-address", "127.0.0.1:1"),
            "no Ray cluster answers at '127.0.0.1:1': Connection refused",
            "to start one: ray start --head",
        ),
    ],
)
def test_refusals(options: tuple[str, ...], message: str, hint: str, tmp_path: Path, harness: Shell) -> None:
    if "ray" in options:
        pytest.importorskip("ray")
    small_workspace(tmp_path, articles=1, segments=1)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    (tmp_path / "text.txt").write_text("Ja.\n", encoding="utf-8")
    text = tmp_path / "text.txt"
    for command in (("run", "-C", tmp_path), ("score", "-s", text, "-r", text, "-t", f"a={text}", "--pair", "de-en")):
        done = harness(*command, *options)
        assert done.code == 2
        assert f"error: {message}" in done.err
        assert hint in done.err
    assert not list(tmp_path.glob("reports/runs/*"))


def test_ray_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> ModuleSpec | None:
        assert name == "ray"
        return None

    monkeypatch.setattr(load, "find_spec", nothing)
    with pytest.raises(UsageError, match="the package 'ray' is not installed") as error:
        make_executor(ExecutorChoice("ray"), ExecutorFile(), Path())
    assert error.value.hint == "pip install 'translation-harness[ray]'"


def test_the_command_of_a_run_says_where() -> None:
    assert RunRequest().command() == "harness run"
    choice = ExecutorChoice("ray", "10.0.0.7:6379", 8)
    assert RunRequest(executor=choice).command() == "harness run --executor ray --ray-address 10.0.0.7:6379 --workers 8"


@pytest.mark.parametrize(
    "make",
    [
        lambda: MetricUnavailable("why", fix="how"),
        lambda: UsageError("what", hint="next"),
        lambda: Transient("later", retry_after=2.0, charged=False),
    ],
)
def test_errors_travel_between_processes(make: Callable[[], HarnessError]) -> None:
    error, there = make(), pickle.loads(pickle.dumps(make()))
    assert type(there) is type(error)
    assert str(there) == str(error)
    assert vars(there) == vars(error)


LOCAL_RUN = """
import sys
from harness.cli.app import main
code = main(sys.argv[1:])
assert code == 0, code
assert "ray" not in sys.modules
"""


@pytest.mark.slow
def test_local_runs_do_not_import_ray(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    (tmp_path / "text.txt").write_text("Ja.\n", encoding="utf-8")
    text = str(tmp_path / "text.txt")
    for command in (
        ["run", "-C", str(tmp_path), "--metric", "bleu", "-q"],
        ["score", "-s", text, "-r", text, "-t", f"a={text}", "--pair", "de-en", "-q"],
    ):
        subprocess.run([sys.executable, "-c", LOCAL_RUN, *command], check=True, stdout=subprocess.DEVNULL, timeout=60)
