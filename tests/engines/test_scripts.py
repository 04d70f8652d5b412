"""Which files a command line runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.engines.interface import EngineContext
from harness.engines.programs.command import CommandEngine, CommandOptions
from harness.engines.programs.scripts import files_run
from harness.types import LangPair, SystemName

PAIR = LangPair("de", "en")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "mt.py").write_text("print(1)\n")
    (tmp_path / "other.py").write_text("print(2)\n")
    (tmp_path / "data.txt").write_text("x\n")
    (tmp_path / "run.sh").write_text("exec cat\n")
    package = tmp_path / "package"
    package.mkdir()
    for name in ("__init__", "__main__", "model"):
        (package / f"{name}.py").write_text(f"{name} = 1\n")
    return tmp_path


PACKAGE = ["package/__init__.py", "package/__main__.py", "package/model.py"]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["cat"], []),
        (["./run.sh", "data.txt"], []),
        (["python3", "-u", "mt.py", "data.txt"], ["mt.py"]),
        (["python3", "-X", "utf8", "-Wignore", "mt.py"], ["mt.py"]),
        (["python3", "package"], PACKAGE),
        (["python3", "-m", "mt"], ["mt.py"]),
        (["python3", "-um", "package.model", "data.txt"], PACKAGE),
        (["python3", "-mpackage"], PACKAGE),
        (["python3", "-c", "import mt, os\nfrom package.model import x"], ["mt.py", *PACKAGE]),
        (["python3", "-c", "not ( python"], []),
        (["python3", "-c", "x = 1 # " + "long " * 1000], []),
        (["perl", "-w", "mt.py"], ["mt.py"]),
        (["bash", "run.sh"], ["run.sh"]),
        (["bash", "-o", "pipefail", "-c", "python3 mt.py < data.txt | tee >(cat) 2> log.txt"], ["mt.py"]),
        (["sh", "-ec", "X=1 ./run.sh && exec python3 other.py > data.txt"], ["run.sh", "other.py"]),
        (["sh", "-c", "cd . ; env A=1 nice -n 5 python3 -m package"], PACKAGE),
        (["sh", "-c", "an 'unfinished quotation python3 mt.py"], ["mt.py"]),
        (["/usr/bin/env", "-i", "-u", "HOME", "A=b", "python3", "mt.py"], ["mt.py"]),
        (["env", "-S", "python3 -u mt.py"], ["mt.py"]),
        (["nice", "-n", "5", "timeout", "-k", "1", "20", "stdbuf", "-oL", "python3", "mt.py"], ["mt.py"]),
        (["env"], []),
        (["uv", "run", "--quiet", "mt.py"], ["mt.py"]),
        (["poetry", "run", "python3", "-m", "package"], PACKAGE),
        (["node", "--require", "./other.py", "mt.py", "data.txt"], ["other.py", "mt.py"]),
        (["bash", "--rcfile", "run.sh", "mt.py"], ["run.sh", "mt.py"]),
        (["python3", "-m", "cProfile", "-s", "time", "mt.py", "other.py"], ["mt.py"]),
        (["sh", "-c", ". ./run.sh; if true; then python3 mt.py; fi"], ["run.sh", "mt.py"]),
        (["sh", "-c", "for x in 1 2; do ! { python3 mt.py; }; done"], ["mt.py"]),
        (["sh", "-c", "cd package && python3 model.py"], ["package/model.py"]),
        (["sh", "-c", "python3 - < mt.py; cat < data.txt"], ["mt.py"]),
        (["env", "-C", "package", "python3", "model.py"], ["package/model.py"]),
        (["awk", "-f", "mt.py", "data.txt"], ["mt.py"]),
        (["jq", "-rf", "mt.py", "data.txt"], ["mt.py"]),
        (["awk", "{print}", "data.txt"], []),
        (["flock", "data.txt", "python3", "mt.py"], ["mt.py"]),
        (["npx", "tsx", "mt.py"], ["mt.py"]),
        (["script", "-qc", "python3 mt.py", "/dev/null"], ["mt.py"]),
        (["sh", "-e", "-c", 'echo "$(python3 mt.py)"'], ["mt.py"]),
        (["ash", "-c", "echo `python3 mt.py`"], ["mt.py"]),
        (["uv", "run", "--with", "x", "-m", "package"], PACKAGE),
        (["python3.11", "-I", "mt.py", "other.py"], ["mt.py"]),
        (["python3", "-m", "coverage", "run", "-m", "package"], PACKAGE),
        (["python3", "-c", "__import__('mt'); exec(open('other.py').read())"], ["mt.py", "other.py"]),
        (["docker", "run", "-i", "-v", "HERE:/w:ro", "image:1", "python3", "/w/mt.py"], ["mt.py"]),
        (["podman", "run", "-v", "./package:/w", "-w", "/w", "image", "sh", "-c", "python3 model.py"], PACKAGE[2:]),
        (["docker", "run", "--mount", "type=bind,src=HERE,dst=/w", "image", "/w/run.sh"], ["run.sh"]),
        (["docker", "run", "image", "data.txt"], []),
        (["ssh", "-o", "BatchMode=yes", "host", "python3 mt.py"], ["mt.py"]),
        (["torchrun", "--nproc-per-node", "1", "mt.py", "other.py"], ["mt.py"]),
        (["timeout", "--signal", "KILL", "5", "python3", "mt.py"], ["mt.py"]),
        (["nix-shell", "--run", "python3 mt.py"], ["mt.py"]),
        (["socat", "-", "EXEC:python3 mt.py"], ["mt.py"]),
        (["some-program", "data.txt", "a prompt of some words"], []),
    ],
)
def test_files(place: Path, argv: list[str], expected: list[str]) -> None:
    argv = [word.replace("HERE", str(place)) for word in argv]
    found = [path for path in files_run(argv, place) if path.is_relative_to(place)]
    assert [str(path.relative_to(place)) for path in found] == expected


def test_what_scripts_import_and_start(place: Path) -> None:
    (place / "mt.py").write_text("import os, sibling\nfrom package import model\nfrom . import other\n")
    (place / "sibling.py").write_text("import mt, importlib\nimportlib.import_module('late')\n")
    (place / "late.py").write_text("x = 'data.txt', 'missing.py', '\\0.py'\n")
    (place / "bin").mkdir()
    (place / "bin" / "start.sh").write_text('#!/bin/sh\nexec python3 "$(dirname "$0")/../mt.py" < data.txt # x.py\n')
    (place / "Makefile").write_text("all:\n\tbin/start.sh\n")
    found = [path.resolve() for path in files_run(["make", "-s", "all"], place)]
    names = {"Makefile", "bin/start.sh", "mt.py", "sibling.py", "late.py", "other.py", *PACKAGE}
    assert {str(path.relative_to(place)) for path in found} == names
    assert len(found) == len(names)
    assert files_run(["bin/start.sh"], place)[0].resolve() == place / "mt.py"


@pytest.mark.parametrize(
    "argv",
    [
        [sys.executable, "mt.py"],
        ["env", sys.executable, "mt.py"],
        ["bash", "-c", f"{sys.executable} mt.py"],
        ["env", "A=1", "bash", "-c", f"exec {sys.executable} -m mt"],
        [sys.executable, "-m", "mt"],
    ],
)
def test_a_changed_script_is_another_engine_and_another_file_is_not(place: Path, argv: list[str]) -> None:
    def version() -> str:
        engine = CommandEngine(
            CommandOptions.model_validate({"argv": argv}), EngineContext(SystemName("s"), place / "systems" / "s")
        )
        engine.supports(PAIR)
        return engine.identity(PAIR).version

    before = version()
    (place / "data.txt").write_text("changed\n")
    assert version() == before
    (place / "mt.py").write_text("print(3)\n")
    assert version() != before


@pytest.mark.parametrize("calls", [200, 20_000])
def test_a_line_that_calls_hundreds_of_methods_in_turn(tmp_path: Path, calls: int) -> None:
    script = tmp_path / "mt.py"
    script.write_text(f"import helper\nx{'.f()' * calls}\n", encoding="utf-8")
    (tmp_path / "helper.py").write_text("", encoding="utf-8")
    assert script in files_run(["python3", "mt.py"], tmp_path)
