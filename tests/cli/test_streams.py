"""What is printed: harmless for terminals and CI logs, in any encoding, for readers that leave."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.app import main
from harness.cli.streams import Guarded, guarded_streams
from harness.workspace.printable import shown
from harness.workspace.redaction import REDACTOR
from tests.cli.conftest import Shell, harness
from tests.forked import Forked, Output
from tests.workspace import small_workspace, write_system

__all__ = ["harness"]

HARNESS = [sys.executable, "-m", "harness"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("::add-mask::pass", "\\u003a:add-mask::pass"),
        ("a\n  ::set-output name=x::y", "a\n  \\u003a:set-output name=x::y"),
        ("std::vector stays", "std::vector stays"),
        ("x ##[error]y", "x #\\u0023[error]y"),
        ("##vso[task.setvariable]y", "#\\u0023vso[task.setvariable]y"),
        ("## [a link](b)", "## [a link](b)"),
        ("\x1b[31mred\x1b]0;title\x07", "\\u001b[31mred\\u001b]0;title\\u0007"),
        ("a\rb\x9b2J", "a\\u000db\\u009b2J"),
        ("\u202eabc\u2066d\u200f", "\\u202eabc\\u2066d\\u200f"),
        ("line\u2028break", "line\\u2028break"),
        ("می\u200cخواهم 👩\u200d👧 ok\tэто", "می\u200cخواهم 👩\u200d👧 ok\tэто"),
    ],
)
def test_what_would_be_obeyed_is_shown(text: str, printed: str) -> None:
    assert shown(text) == printed


def test_json_stays_json() -> None:
    data = {"text": "##[x] \u202e \x9b \u2028 ::y", "::z": 1}
    assert json.loads(shown(json.dumps(data, ensure_ascii=False))) == data


def test_a_command_in_two_writes() -> None:
    stream = io.StringIO()
    guarded = Guarded(stream, redact=False)
    for piece in ("a", "::b\n", "::c"):
        guarded.write(piece)
    assert stream.getvalue() == "a::b\n\\u003a:c"


def test_a_stream_that_was_closed_beneath_is_forgotten_silently() -> None:
    """Python 3.13 reports what fails when a stream is collected, and a command's streams often outlive it."""
    stream = io.StringIO()
    guarded = Guarded(stream, redact=False)
    guarded.write("a")
    stream.close()
    guarded.close()
    assert guarded.closed


def test_keys_are_cut_out_of_tracebacks(capfd: pytest.CaptureFixture[str]) -> None:
    REDACTOR.learn("a-key-in-a-traceback-1234")
    with guarded_streams():
        print("KeyError: a-key-in-a-traceback-1234", file=sys.stderr)
    assert capfd.readouterr().err == "KeyError: ***\n"


def lay_out(root: Path) -> Path:
    small_workspace(root, articles=6, segments=2)
    write_system(root, "x", 'engine = "copy"\nlabel = "::add-mask::y\\u001b[31m\\n::error::z"\n')
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


PAGE = os.sysconf("SC_PAGESIZE")
"""Bytes: the least that a pipe holds."""

NAME = "größer"
"""Of the run: letters that ASCII does not have."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run, which nobody changes."""
    root = lay_out(tmp_path_factory.mktemp("ran"))
    assert main(["run", "-C", str(root), "--metric", "chrf", "--name", NAME, "-q"]) == 0
    return root


def test_labels_names_and_messages(root: Path, harness: Shell) -> None:
    (root / "references" / "de-en" / "a\n::error::x\x1b[2J.txt").touch()
    done = harness("run", "-C", root, "--metric", "chrf")
    assert done.code == 2
    (root / "references" / "de-en" / "a\n::error::x\x1b[2J.txt").unlink()
    both = done.out + done.err
    for arguments in (("run", "--metric", "chrf"), ("list", "systems"), ("report", "--format", "md"), ("doctor",)):
        done = harness(*arguments, "-C", root)
        assert done.code == 0, done.err
        both += done.out + done.err
    assert "\x1b" not in both
    assert not [line for line in both.splitlines() if line.lstrip().startswith("::")]
    assert not [line for line in both.splitlines() if line.startswith("::error")]


def shell(line: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **variables, "H": " ".join(HARNESS)}
    return subprocess.run(["bash", "-c", line], cwd=cwd, env=environment, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "latin-1", "shift-jis"])
def test_redirected_output_is_utf_8(ran: Path, encoding: str) -> None:
    done = shell("$H report; echo rc=$?", ran, PYTHONIOENCODING=encoding)
    assert done.stdout.endswith(b"rc=0\n"), done.stderr
    assert NAME in done.stdout.decode("utf-8")


def test_a_terminal_gets_its_own_encoding(ran: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "COLUMNS": "120"}
    command = [*HARNESS, "report"]
    done = subprocess.run(command, cwd=ran, env=environment, stdout=theirs, stderr=theirs, timeout=120, check=False)
    os.close(theirs)
    written = os.read(ours, 1_000_000)
    os.close(ours)
    assert done.returncode == 0
    assert NAME.encode("latin-1") in written


@pytest.fixture(scope="module")
def regressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose latest run is worse than its baseline; nobody changes it."""
    root = lay_out(tmp_path_factory.mktemp("regressed"))
    write_system(root, "x", 'engine = "recorded"\n')
    outputs = root / "systems" / "x" / "de-en"
    outputs.mkdir(parents=True)
    for text in ("Sentence {} of article {}.", "Quite wrong."):
        for article in range(6):
            lines = "".join(f"{text.format(number, article)}\n" for number in range(2))
            (outputs / f"article-{article}.txt").write_text(lines, encoding="utf-8")
        assert main(["run", "-C", str(root), "--metric", "chrf", "-q"]) == 0
        if "{}" in text:
            assert main(["baseline", "accept", "latest", "-C", str(root)]) == 0
    return root


@pytest.mark.parametrize(
    ("kind", "read"), [("terminal", 0), ("json", 0), ("github", 0), ("junit", 0), ("md", 0), ("json", 1)]
)
def test_a_reader_that_leaves_changes_no_verdict(regressed: Path, tmp_path: Path, kind: str, read: int) -> None:
    """It leaves at once, or when it has so many bytes and more than the pipe holds is on its way."""
    ours, theirs = os.pipe()
    assert fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, PAGE) == PAGE
    with (tmp_path / "err").open("wb") as err:
        process = Forked("gate", "--format", kind, output=Output(theirs, err.fileno()), cwd=regressed)
        os.close(theirs)
        assert len(os.read(ours, read)) == read
        os.close(ours)
        assert process.wait(120) == 1
    assert (tmp_path / "err").read_bytes() == b""
    if read:
        whole = Output(os.open(tmp_path / "whole", os.O_WRONLY | os.O_CREAT))
        assert Forked("gate", "--format", kind, output=whole, cwd=regressed).wait(120) == 1
        os.close(*whole.descriptors)
        assert (tmp_path / "whole").stat().st_size > read + PAGE


@pytest.mark.parametrize(("where", "code"), [(">&-", 1), ("2>&-", 1), (">&- 2>&- <&-", 1), ("> /dev/full", 2)])
def test_streams_that_cannot_be_written(regressed: Path, tmp_path: Path, where: str, code: int) -> None:
    done = shell(f"$H gate {where}; echo $? > '{tmp_path}/code'", regressed)
    assert (tmp_path / "code").read_text() == f"{code}\n", done.stderr
    assert b"Traceback" not in done.stderr
