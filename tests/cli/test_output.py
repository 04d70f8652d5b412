"""Work that is done is not lost on its way out: formats that are no text, damaged runs, recordings, wrong names."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import harness as package
from harness.errors import UsageError
from harness.store.runs.directory import list_runs
from tests.cli.conftest import Shell, harness
from tests.workspace import asked, counting_system, small_workspace, write_article, write_system

__all__ = ["harness"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    small_workspace(tmp_path, articles=2, segments=2)
    write_system(tmp_path, "x", 'engine = "copy"\n')
    return tmp_path


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("parquet", b"PAR1")])
@pytest.mark.parametrize("command", ["run --metric chrf -q", "report"])
def test_formats_that_are_no_text(root: Path, harness: Shell, kind: str, begins: bytes, command: str) -> None:
    pytest.importorskip({"xlsx": "openpyxl", "parquet": "pyarrow"}[kind])
    if command == "report":
        assert harness("run", "-C", root, "--metric", "chrf", "-q").code == 0
    words = [sys.executable, "-m", "harness", *command.split(), "-C", str(root), "--format", kind]
    piped = subprocess.run(words, capture_output=True, timeout=120, check=False)
    assert piped.returncode == 0, piped.stderr
    assert piped.stdout.startswith(begins)
    if kind == "xlsx":
        assert zipfile.ZipFile(io.BytesIO(piped.stdout)).testzip() is None
    before = len(list_runs(root / "reports" / "runs"))
    ours, theirs = pty.openpty()
    shown = subprocess.run(words, stdout=theirs, stderr=subprocess.PIPE, timeout=120, check=False)
    os.close(theirs)
    os.close(ours)
    assert shown.returncode == 2
    assert b"-o report." in shown.stderr
    assert len(list_runs(root / "reports" / "runs")) == before  # said before any work was done


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_text("{", encoding="utf-8"),
    "another value": lambda path: path.write_text("[]", encoding="utf-8"),
    "nested": lambda path: path.write_text("[" * 100_000, encoding="utf-8"),
    "no schema": lambda path: path.write_text('{"schema_version": -5}', encoding="utf-8"),
    "bytes": lambda path: path.write_bytes(b"\xff\x00" * 50),
    "a loop": lambda path: (path.unlink(), path.symlink_to(path)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_one_damaged_run_hides_no_other(root: Path, harness: Shell, kind: str) -> None:
    for _ in range(3):
        assert harness("run", "--metric", "chrf", "-q", "-C", root).code == 0
    first, middle, last = list_runs(root / "reports" / "runs")
    DAMAGE[kind](middle / "run.json")
    done = harness("list", "runs", "-C", root)
    assert (first.name in done.out, last.name in done.out, "internal error" in done.err) == (True, True, False)
    done = harness("report", "--history", "--format", "json", "-C", root)
    assert done.code == 0, done.err
    assert first.name in done.out
    assert last.name in done.out


def test_a_metric_that_no_run_has(root: Path, harness: Shell) -> None:
    assert harness("run", "--metric", "chrf,bleu", "-q", "-C", root).code == 0
    done = harness("compare", "--metric", "chrff", "-C", root)
    assert (done.code, done.out) == (2, "")
    assert "no run has a metric 'chrff'" in done.err
    assert "did you mean 'chrf'?" in done.err
    assert harness("compare", "--metric", "chrf", "-C", root).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chrf": {"word_order": Path("x")}}, "cannot be stored with the run"),
        ({"chrf": {"word_order": float("nan")}}, "cannot be stored with the run"),
        ({"chrff": {}}, "unknown metric 'chrff'"),
        ({"chrf": 5}, "not a mapping"),
        ({"chrf": {"nope": 1}}, "unknown key 'nope'"),
    ],
)
def test_options_from_python_are_checked_before_anything_is_asked(
    root: Path, options: dict[str, object], said: str
) -> None:
    ledger = counting_system(root)
    with pytest.raises(UsageError, match=said):
        package.run(root, metrics=["chrf"], metric_options=options)  # type: ignore[arg-type]
    assert asked(ledger) == []


def test_options_from_python_may_leave_the_model_out(root: Path) -> None:
    kept = package.run(root, metrics=["chrf"], metric_options={"comet": {}, "chrf": {"word_order": 2}})
    assert "--comet-model" not in kept.command


def test_each_article_is_recorded_for_itself(root: Path, harness: Shell) -> None:
    write_article(root, "nasty", [("Trenner hier.", "Separator here.")])
    code = (
        "import sys\nfor line in sys.stdin.buffer.read().decode().split('\\n')[:-1]:\n"
        "    sys.stdout.buffer.write((line.upper() + ('\\u2028x' if 'Trenner' in line else '') + '\\n').encode())\n"
    )
    for name in ("aaa", "zzz"):
        argv = json.dumps([sys.executable, "-c", code if name == "aaa" else code.replace("Trenner", "None")])
        write_system(root, name, f'engine = "command"\n[options]\nargv = {argv}\n')
    done = harness("run", "--metric", "chrf", "--record", "-C", root)
    written = sorted(str(path.relative_to(root / "systems")) for path in (root / "systems").rglob("*.txt"))
    assert {f"zzz/de-en/{name}.txt" for name in ("article-0", "article-1", "nasty")} <= set(written)
    assert {f"aaa/de-en/{name}.txt" for name in ("article-0", "article-1")} <= set(written)
    assert "aaa/de-en/nasty.txt" not in written
    assert f"not recorded: {root / 'systems' / 'aaa' / 'de-en' / 'nasty.txt'}: the answer to nasty:1 cannot" in done.err
    assert (done.code, "chrf" in done.out.lower()) == (0, True)
