"""What the operating system refuses: said with its place, exit code 2, before anything is paid for."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from harness.cli.app import guarded
from harness.store.runs.directory import list_runs, write_atomically
from tests.cli.conftest import Shell
from tests.workspace import asked, counting_system, small_workspace, write_system

FULL = Path("/dev/full")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    small_workspace(tmp_path, articles=1, segments=2)
    return tmp_path


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["list", "metrics"], ["--help"]])
def test_a_full_disk_behind_stdout(arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "error: output: No space left on device\nhint: make room, and run it again\n"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_behind_a_report(root: Path, harness: Shell) -> None:
    counting_system(root)
    assert harness("run", "-C", root, "--metric", "bleu", "-q").code == 0
    command = [sys.executable, "-m", "harness", "report", "-C", str(root), "--format", "html"]
    with FULL.open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.split("\n")[0]) == (2, "error: output: No space left on device")


def test_a_full_disk_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("harness.store.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(tmp_path / "run.json", b"{}")
    assert caught.value.filename == str(tmp_path / "run.json")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_could_not_be_kept_asks_nothing(root: Path, harness: Shell) -> None:
    ledger = counting_system(root)
    (root / "reports").mkdir()
    (root / "reports" / "runs").write_text("in the way", encoding="utf-8")
    done = harness("run", "-C", root, "--metric", "bleu")
    assert (done.code, done.out) == (2, "")
    assert f"cannot write a run to {root / 'reports' / 'runs'}: " in done.err
    assert asked(ledger) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path, harness: Shell) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = harness("init", tmp_path / "file" / "new")
    assert done.code == 2
    assert done.err.startswith(f"error: {tmp_path / 'file' / 'new'}")
    assert "Not a directory" in done.err


def test_a_cache_that_is_a_folder(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    counting_system(root)
    monkeypatch.setenv("HARNESS_CACHE", str(root))
    done = harness("run", "-C", root, "--metric", "bleu")
    assert done.code == 2
    assert f"HARNESS_CACHE: {root} is a folder" in done.err


def test_only_what_the_system_refuses_is_the_user_s_affair(capfd: pytest.CaptureFixture[str]) -> None:
    def late() -> None:
        raise TimeoutError

    with pytest.raises(typer.Exit) as caught:
        guarded(late)()
    assert caught.value.exit_code == 4
    assert "this is a bug in the harness" in capfd.readouterr().err


def _runs(root: Path, harness: Shell) -> list[Path]:
    counting_system(root)
    for _ in range(2):
        assert harness("run", "-C", root, "--metric", "bleu", "-q").code == 0
    return list_runs(root / "reports" / "runs")


def test_an_unreadable_run_does_not_hide_the_others(root: Path, harness: Shell) -> None:
    first, second = _runs(root, harness)
    (first / "run.json").write_text("{", encoding="utf-8")
    done = harness("list", "runs", "-C", root)
    assert done.code == 2
    assert [line.split("\t")[0] for line in done.out.splitlines()] == [second.name]
    assert first.name in done.err


def test_a_run_that_may_not_be_read(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    _, latest = _runs(root, harness)
    is_file = Path.is_file

    def forbidden(path: Path) -> bool:
        if path.parent == latest:
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    def opened(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    monkeypatch.setattr("harness.store.runs.directory.open_regular", opened)
    for command in ("report", "list runs"):
        done = harness(*command.split(), "-C", root)
        assert (done.code, done.out) == (2, "")
        assert f"{latest / 'run.json'}: Permission denied" in done.err


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(("make", "reason"), [(_fifo, "not a regular file"), (_loop, "symbolic links")])
class TestWhatIsNoFile:
    """It would keep a reader waiting for ever, or cannot be opened."""

    def test_recorded(self, root: Path, harness: Shell, make: Callable[[Path], None], reason: str) -> None:
        write_system(root, "vendor", 'engine = "recorded"')
        folder = root / "systems" / "vendor" / "de-en"
        folder.mkdir(parents=True)
        make(folder / "article-0.txt")
        done = harness("run", "-C", root, "--metric", "bleu")
        assert (done.code, done.out) == (2, "")
        assert "systems/vendor/de-en/article-0.txt: " in done.err
        assert reason in done.err

    def test_bare(self, tmp_path: Path, harness: Shell, make: Callable[[Path], None], reason: str) -> None:
        make(tmp_path / "src")
        (tmp_path / "out").write_text("x\n", encoding="utf-8")
        done = harness("score", "-s", tmp_path / "src", "-t", f"a={tmp_path / 'out'}", "--pair", "de-en")
        assert (done.code, done.out) == (2, "")
        assert f"{tmp_path / 'src'}: " in done.err
        assert reason in done.err

    def test_settings(self, root: Path, harness: Shell, make: Callable[[Path], None], reason: str) -> None:
        write_system(root, "copy", 'engine = "copy"')
        make(root / "systems" / "odd.toml")
        done = harness("run", "-C", root)
        assert done.code == 2
        assert f"{root / 'systems' / 'odd.toml'}: " in done.err
        assert reason in done.err

    def test_scores(self, tmp_path: Path, harness: Shell, make: Callable[[Path], None], reason: str) -> None:
        make(tmp_path / "scores.tsv")
        (tmp_path / "out").write_text("x\n", encoding="utf-8")
        done = harness(
            "score", "-s", tmp_path / "out", "-t", f"a={tmp_path / 'out'}", "--pair", "de-en",
            "--scores", f"human={tmp_path / 'scores.tsv'}",
        )  # fmt: skip
        assert done.code == 2
        assert f"{tmp_path / 'scores.tsv'}: " in done.err
        assert reason in done.err
