"""Nothing in the harness needs one operating system: calls that only some have are made in one module."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.cli.app import main
from harness.workspace import operating_system
from harness.workspace.operating_system import end_group, names_a_path, own_group, replace_file
from tests.workspace import write_article, write_system

ROOT = Path(harness.__file__).parent
ALLOWED = {
    "workspace/operating_system.py",
    "workspace/watch.py",  # runs without the harness on its path
}


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CALLS = {
    "os": words("""
        chown chroot ctermid fchdir fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid
        getpgrp getpriority getsid getuid initgroups killpg lchown mkfifo mknod nice openpty posix_spawn pread pwrite
        sched_getaffinity sendfile setegid seteuid setgid setpgid setpriority setsid setuid statvfs sync tcgetpgrp
        tcsetpgrp ttyname uname wait wait3 wait4 waitid waitpid kill chmod symlink link readlink rename WIFEXITED
        WEXITSTATUS O_CLOEXEC O_NOFOLLOW O_DIRECTORY O_NONBLOCK O_SYNC O_NOCTTY"""),
    "signal": words("""
        SIGKILL SIGHUP SIGALRM SIGCHLD SIGPIPE SIGUSR1 SIGUSR2 SIGQUIT SIGSTOP SIGCONT SIGWINCH SIGTSTP alarm setitimer
        pause sigwait pthread_sigmask pthread_kill siginterrupt"""),
    "socket": words("AF_UNIX SO_REUSEPORT socketpair"),
    "time": words("tzset"),
    "loop": words("add_signal_handler remove_signal_handler add_reader add_writer"),
}
"""Names that some system lacks or takes otherwise: ``rename`` over a file that is there, ``kill`` with a signal."""

MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "msvcrt", "winreg", "_winapi"}
ARGUMENTS = {"start_new_session", "preexec_fn", "process_group", "creationflags", "umask", "pass_fds", "close_fds"}
METHODS = {"symlink_to", "hardlink_to", "owner", "lchmod", "chmod", "rename"}
PLACES = ("/dev/", "/proc/", "/sys/", "/tmp", "/etc/", "/usr/", "/var/", "C:\\")


def naked(tree: ast.Module) -> Iterator[str]:
    """What in a module only some systems have."""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if name in CALLS.get(owner, ()):
                yield f"{owner}.{name}"
            case ast.Attribute(attr=name) if name in CALLS["loop"]:
                yield name
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{each.name}" for each in names if each.name in CALLS.get(module, ()))
                if module in MODULES:
                    yield module
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name in MODULES)
            case ast.Call(func=ast.Attribute(attr=name), keywords=keywords):
                if name in METHODS:
                    yield f".{name}()"
                yield from (each.arg for each in keywords if each.arg in ARGUMENTS)
            case ast.Call(keywords=keywords):
                yield from (each.arg for each in keywords if each.arg in ARGUMENTS)
            case ast.Constant(value=str(text)) if text.startswith(PLACES) and id(node) not in documentation:
                yield text


def test_calls_that_some_systems_lack_are_made_in_one_place() -> None:
    found = {
        str(path.relative_to(ROOT).as_posix()): sorted(set(naked(ast.parse(path.read_text("utf-8")))))
        for path in ROOT.rglob("*.py")
    }
    assert {"os.killpg", "signal.SIGKILL", "start_new_session", "/proc/cpuinfo"} <= {
        *found["workspace/operating_system.py"],
        *own_group(),
    }
    assert all(found[name] for name in ALLOWED)
    assert not {name: names for name, names in found.items() if names and name not in ALLOWED}


def test_what_the_reader_of_code_sees() -> None:
    code = (
        "import fcntl, os, signal\nfrom signal import SIGKILL\nos.fork()\nsignal.alarm(1)\nPath('a').symlink_to('b')\n"
        "Popen(['a'], start_new_session=True)\nopen('/dev/shm/x')\nloop.add_reader(1, f)\nf('/proc/ here')\n"
    )
    assert set(naked(ast.parse(code))) == {
        *(".symlink_to()", "/dev/shm/x", "loop.add_reader", "fcntl", "os.fork", "signal.SIGKILL", "signal.alarm"),
        *("start_new_session", "/proc/ here"),
    }


def test_text_is_read_and_written_as_utf_8() -> None:
    """Without ``encoding=``, Windows takes the code page of the country."""
    missing = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            keywords = {each.arg for each in node.keywords}
            text = node.func.attr == "write_text" or (node.func.attr == "read_text" and not node.args)
            run = node.func.attr in {"run", "Popen", "check_output"} and "text" in keywords
            if (text or run) and "encoding" not in keywords:
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert missing == []


def test_a_group_ends_with_all_it_started(tmp_path: Path) -> None:
    child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    child += f"open({str(tmp_path / 'up')!r}, 'w').close(); time.sleep(60)"
    for how in ("politely", "at once"):
        process = subprocess.Popen([sys.executable, "-c", child], **own_group())
        while not (tmp_path / "up").exists():
            time.sleep(0.02)
        end_group(process.pid, how)
        assert process.wait(60) == -(signal.SIGTERM if how == "politely" else signal.SIGKILL)
        end_group(process.pid, how)  # gone already
        (tmp_path / "up").unlink()


@pytest.mark.parametrize(
    ("own", "file", "text", "kills"),
    [
        ("0::/a/b\n", "a/b/memory.events", "low 0\noom 3\noom_kill 2\n", 2),
        ("0::/not/seen/from/here\n", "memory.events", "oom_kill 1\n", 1),
        ("5:cpu:/\n4:memory:/a\n0::/\n", "memory/a/memory.oom_control", "under_oom 0\noom_kill 7\n", 7),
        ("4:cpu,memory:/elsewhere\n", "memory/memory.oom_control", "oom_kill 4\n", 4),
        ("0::/a\n", "memory.events", "unreadable\n", 0),
        ("", "memory.events", "oom_kill 4\n", 0),
    ],
)
def test_how_often_linux_ended_a_process_for_want_of_memory(
    tmp_path: Path, own: str, file: str, text: str, kills: int
) -> None:
    (tmp_path / "own").write_text(own, encoding="utf-8")
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert operating_system.memory_kills(tmp_path, tmp_path / "own") == kills
    assert operating_system.memory_kills(tmp_path, tmp_path / "absent") == 0


def test_separators_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [names_a_path(text) for text in ("a", "a/b", "a\\b")] == [False, True, os.sep == "\\"]
    monkeypatch.setattr(operating_system.os, "sep", "\\")
    monkeypatch.setattr(operating_system.os, "altsep", "/")
    assert [names_a_path(text) for text in ("a", "a/b", "a\\b")] == [False, True, True]


class Held(type(Path())):  # type: ignore[misc]
    """A file whose target a virus scanner holds open for a moment, as only Windows knows it."""

    refusals = 0

    def replace(self, target: Path) -> Path:
        if type(self).refusals:
            type(self).refusals -= 1
            raise PermissionError(13, "Access is denied", str(target))
        return Path(super().replace(target))


def test_a_file_held_by_another_program_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").write_text("new", encoding="utf-8")
    (tmp_path / "old").write_text("old", encoding="utf-8")
    monkeypatch.setattr(Held, "refusals", 2)
    with pytest.raises(PermissionError):
        replace_file(Held(tmp_path / "new"), tmp_path / "old")  # here nobody holds files: the folder refuses
    monkeypatch.setattr(operating_system, "WINDOWS", True)
    replace_file(Held(tmp_path / "new"), tmp_path / "old")
    assert (tmp_path / "old").read_text(encoding="utf-8") == "new"
    (tmp_path / "new").write_text("newer", encoding="utf-8")
    monkeypatch.setattr(operating_system, "PATIENCE", 0.1)
    monkeypatch.setattr(Held, "refusals", 1000)
    with pytest.raises(PermissionError):
        replace_file(Held(tmp_path / "new"), tmp_path / "old")
    assert (tmp_path / "old").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_with_an_old_code_page(encoding: str, tmp_path: Path) -> None:
    """What is redirected there is UTF-8, and never a crash: arrows, ü and 日 are in every report."""
    folder = tmp_path / ("a folder with spaces " * 4).strip() / ("and a long name " * 6).strip()
    folder.mkdir(parents=True)
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for number in range(4):
        write_article(folder, f"{number}", [(f"Tür {number} → 日本", f"Door {number} → Japan"), ("Ja.", "Yes.")])
    for name in "ab":
        write_system(folder, name, 'engine = "copy"\n')
    for arguments in (["run", "--metric", "chrf"], ["compare"]):
        done = subprocess.run(
            [sys.executable, "-m", "harness", *arguments], cwd=folder, env=environment, capture_output=True, check=False
        )
        assert b"Traceback" not in done.stderr
        done.stdout.decode("utf-8")
        assert done.returncode in {0, 3}, done.stderr
    assert "日本" in (next(folder.glob("reports/runs/*")) / "segments.jsonl").read_text(encoding="utf-8")
    assert list(folder.glob("reports/runs/*/report.html"))


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
@pytest.mark.parametrize("kind", ["this project", "a workspace of init"])
def test_git_of_windows_keeps_line_ends(kind: str, tmp_path: Path) -> None:
    """``core.autocrlf = true`` is what its installer proposes; a file from there must still be an article."""
    if kind == "this project":
        shutil.copy(ROOT.parent / ".gitattributes", tmp_path)
    else:
        assert main(["init", str(tmp_path)]) == 0
    write_article(tmp_path, "a", [("Ja.", "Yes."), ("Nein.", "No.")])
    file = tmp_path / "references" / "de-en" / "a.de.txt"
    (tmp_path / "notes.md").write_text("one\ntwo\n", encoding="utf-8")
    config = ("-c", "core.autocrlf=true", "-c", "user.name=a", "-c", "user.email=a@localhost")
    for step in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "new"],
        ["rm", "-rqf", "."],
        ["checkout", "HEAD", "."],
    ):
        subprocess.run(["git", *config, *step], cwd=tmp_path, check=True, capture_output=True)
    assert file.read_bytes() == b"Ja.\nNein.\n"
    assert ((tmp_path / "notes.md").read_bytes() == b"one\ntwo\n") == (kind == "this project")
