"""Shell completion: the scripts in real shells where they are installed, the words they offer, and what they cost."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.reports.words.reasons import sentence
from harness.store.runs.directory import write_run
from tests.runs.test_directory import a_run
from tests.workspace import write_article, write_system

SCRIPT: list[str] = []
"""What bash reads at its start: the same in every workspace, so the command is asked for it once."""

OLD, NEW = "20260101T000000-aaaaaa", "20260201T000000-bbbbbb"

MOST_STARTS = 14
"""What an answer may cost, in starts of Python with two of its modules; 8 where it was measured."""

PROGRAM = f"{shlex.quote(sys.executable)} -m harness"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("deepl", "deepl-formal", "apertium"):
        write_system(tmp_path, name, 'engine = "copy"\n')
    write_article(tmp_path, "festival", [("a", "b")])
    write_article(tmp_path, "harbour", [("a", "b")], pair="en-pt_BR")
    (tmp_path / "harness.toml").write_text(
        'metrics = ["bleu", "mine"]\n[metric.mine]\nmetric = "chrf"\n[gate.tiers]\nnightly = ["bleu"]\n'
    )
    for name, called in ((OLD, ""), (NEW, "release 1.4")):
        write_run(replace(a_run(), id=name, name=called), tmp_path / "reports" / "runs", sentence)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "harness").write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
    (bin_folder / "harness").chmod(0o755)
    return tmp_path


def _environment(root: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}", **more}


def _script(root: Path, shell: str) -> str:
    return subprocess.run(
        ["harness"],
        env=_environment(root, _HARNESS_COMPLETE=f"source_{shell}"),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def _bash(root: Path, *line: str) -> list[str]:
    """What bash offers for the last word of a line, as it would put it into the line."""
    if not SCRIPT:
        SCRIPT.append(_script(root, "bash"))
    code = (
        f"{SCRIPT[0]}\n"
        f"COMP_WORDS=({' '.join(shlex.quote(word) for word in ('harness', *line))})\n"
        f"COMP_CWORD={len(line)}\n"
        "$(complete -p harness | sed 's/.*-F \\([^ ]*\\) .*/\\1/') harness\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        cwd=root,
        env=_environment(root),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return [word for word in done.stdout.splitlines() if word]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (("comp",), ["compare"]),
        (("cache", "pr"), ["prune"]),
        (("gate", "--max-f"), ["--max-flagged"]),
        (("run", "--system", "deepl"), ["deepl", "deepl-formal"]),
        (("run", "--system", "apertium,deepl-"), ["apertium,deepl-formal"]),
        (("run", "--pair", ""), ["de-en", "en-pt_BR"]),
        (("run", "--article", ""), ["festival", "harbour"]),
        (("run", "--pair", "en-pt_BR", "--article", ""), ["harbour"]),
        (("run", "--metric", "mi"), ["mine"]),
        (("run", "--metric", "ch"), ["chrf", "chrf++"]),
        (("run", "--tier", ""), ["cheap", "full", "nightly"]),
        (("run", "--format", "x"), ["xlsx"]),
        (("gate", "--format", "g"), ["github"]),
        (("compare", "--format", ""), ["terminal", "json", "csv"]),
        (("gate", ""), ["latest", r"release\ 1.4", NEW, OLD]),
        (("report", "rel"), [r"release\ 1.4"]),
        (("report", r"release\ 1"), [r"release\ 1.4"]),
        (("decide", "--run", "202601"), [OLD]),
        (("compare", OLD, "2026"), [NEW, OLD]),
        (("list", "me"), ["metrics"]),
        (("run", "--system", "nothing"), []),
        (("explain", "en"), ["engine"]),
        (("explain", "set"), ["settings"]),
        (("explain", "engine", "deep"), ["deepl"]),
        (("explain", "metric", "ch"), ["chrf", "chrf++"]),
        (("explain", "nothing", ""), []),
        (("docs", "reference/s"), ["reference/systems"]),
        (("gate", "--max-flagged", "num"), ["number="]),
        (("gate", "--margin", "ch"), ["chrf=", "chrf++="]),
        (("compare", "--slice", "p"), ["position"]),
    ],
)
def test_bash(root: Path, line: tuple[str, ...], offered: list[str]) -> None:
    assert _bash(root, *line) == offered


def test_another_workspace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(root / "bin", elsewhere / "bin")
    assert _bash(elsewhere, "run", "--system", "a") == []
    assert _bash(elsewhere, "run", "-C", str(root), "--system", "a") == ["apertium"]


def test_nothing_fails_loudly(root: Path) -> None:
    (root / "harness.toml").write_text("metrics = [")
    (root / "reports" / "runs" / OLD / "run.json").write_text("{")
    (root / "reports" / "runs" / NEW / "run.json").write_bytes(b"\xff\x00")
    shutil.rmtree(root / "references")
    assert _bash(root, "run", "--metric", "ch") == ["chrf", "chrf++"]
    assert _bash(root, "run", "--article", "") == []
    assert _bash(root, "gate", "2026") == [NEW, OLD]
    assert "compare" in _bash(root, "nothing", "--of", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_whole(root: Path, shell: str) -> None:
    script = _script(root, shell)
    assert f"complete_{shell}" in script
    assert "_HARNESS_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, check=True, text=True, timeout=60)
    else:
        shlex.split(script, comments=True)  # quotes are closed


@pytest.mark.parametrize(
    ("shell", "variables", "expected"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "harness report "}, "release 1.4"),
        (
            "fish",
            {"_TYPER_COMPLETE_ARGS": "harness report ", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
            "release 1.4",
        ),
    ],
)
def test_what_the_other_shells_are_told(root: Path, shell: str, variables: dict[str, str], expected: str) -> None:
    done = subprocess.run(
        ["harness"],
        cwd=root,
        env=_environment(root, _HARNESS_COMPLETE=f"complete_{shell}", **variables),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert expected in done.stdout
    assert NEW in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_installing(root: Path, shell: str) -> None:
    """As typed in that shell: the program that runs the command is the one whose completion is installed."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    home = root / "home"
    home.mkdir()
    done = subprocess.run(
        [shell, "-c", "harness --install-completion; exit $?"],
        env=_environment(root, HOME=str(home)),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "completion installed" in done.stdout
    assert [path for path in home.rglob("*") if path.is_file()]


HEAVY = ("numpy", "pandas", "pydantic", "rich", "jinja2", "sacrebleu", "httpx", "harness.api")


@pytest.mark.parametrize(
    ("shell", "words"), [("bash", "harness run --system "), ("zsh", "harness "), ("bash", "harness gate ")]
)
def test_nothing_heavy_is_loaded(root: Path, shell: str, words: str) -> None:
    code = (
        "import sys\nfrom harness.__main__ import main\nsys.argv[1:] = []\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('LOADED', [name for name in {HEAVY} if sys.modules.get(name)], file=sys.stderr)"
    )
    variables = {"_HARNESS_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": words, "COMP_WORDS": words}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=_environment(root, COMP_CWORD=str(len(words.split())), **variables),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip()
    assert done.stderr == "LOADED []\n"


def test_it_is_fast(root: Path) -> None:
    """Processor time, the least of five, in starts of Python: a slow or busy machine makes both longer."""
    variables = {"_HARNESS_COMPLETE": "complete_bash", "COMP_WORDS": "harness gate ", "COMP_CWORD": "2"}

    def once(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *arguments],
            cwd=root,
            env=_environment(root, **variables),
            check=True,
            capture_output=True,
            timeout=60,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    starts, answers = zip(*((once("-c", "import json, re"), once("-m", "harness")) for _ in range(5)), strict=True)
    assert min(answers) < MOST_STARTS * min(starts), (min(answers), min(starts))
