"""Commands as a person sees them: under a real pseudo-terminal of a given size, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

STYLES = re.compile(r"\x1b\[[0-9;]*m")

SIZES = {"80x24": (80, 24), "100x35": (100, 35)}


def on_terminal(words: list[str], columns: int, rows: int, *, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run ``harness`` on a terminal of this size.

    Returns:
        The exit code, and what the terminal got on both streams, escape sequences included.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "harness", *words],
        cwd=cwd,
        env=environment(**{"TERM": "xterm-256color", **variables}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
        code = process.wait(timeout=120)
    os.close(ours)
    return code, written.decode("utf-8").replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # the other side is closed
        return b""


def in_pipe(words: list[str], *, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run ``harness`` with both streams in one pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=cwd,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8")


def environment(**variables: str) -> dict[str, str]:
    """This process's, without what says how wide or colourful a terminal is."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR", "TERM"}}
    return {**kept, **variables}


def steady(text: str) -> str:
    """Without styles, and with what differs from run to run replaced by as many other characters."""
    text = STYLES.sub("", text)
    text = re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "20260102T030405-abcdef", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?= UTC)", "2026-01-02 03:04", text)
