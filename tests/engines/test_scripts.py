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
        (["sh", "-c", "an 'unfinished quotation python3 mt.py"], []),
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
    ],
)
def test_files(place: Path, argv: list[str], expected: list[str]) -> None:
    found = [path for path in files_run(argv, place) if path.is_relative_to(place)]
    assert [str(path.relative_to(place)) for path in found] == expected


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
