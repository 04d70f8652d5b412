"""Commands as a person sees them: under a real pseudo-terminal of a given size, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from pathlib import Path

from tests.forked import Forked, Output

STYLES = re.compile(r"\x1b\[[0-9;]*m")

SCREEN = {"COLUMNS", "LINES", "NO_COLOR", "TERM"}
"""Variables that say how wide or colourful a terminal is."""

VANISHED = re.compile(r"\x1b\[\?25l(?:(?!\x1b\[\?25h).)*\x1b\[\?25h\r(?:\x1b\[1A\x1b\[2K)+", re.DOTALL)
"""A bar that a slow machine shows while it computes, and takes away."""

SIZES = {"80x24": (80, 24), "100x35": (100, 35)}


def on_terminal(words: list[str], columns: int, rows: int, *, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run ``harness`` on a terminal of this size.

    Returns:
        The exit code, and what the terminal got on both streams, escape sequences included, without bars that vanished.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return _seen(words, ours, theirs, cwd, **{"TERM": "xterm-256color", **variables})


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # the other side is closed
        return b""


def in_pipe(words: list[str], *, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run ``harness`` with both streams in one pipe."""
    return _seen(words, *os.pipe(), cwd, **variables)


def _seen(words: list[str], ours: int, theirs: int, cwd: Path, **variables: str) -> tuple[int, str]:
    """Run ``harness`` in an environment that says nothing of widths and colours but what is given."""
    process = Forked(*words, output=Output(theirs), cwd=cwd, without=SCREEN, **variables)
    os.close(theirs)
    written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return process.wait(120), VANISHED.sub("", written.decode("utf-8").replace("\r\n", "\n"))


def steady(text: str) -> str:
    """Without styles, and with what differs from run to run replaced by as many other characters."""
    text = STYLES.sub("", text)
    text = re.sub(r"Not checked: [^\[]*\(misplaced\).*?misplaced\]'\n", "", text, flags=re.DOTALL)  # without an extra
    text = re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "20260102T030405-abcdef", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?= UTC)", "2026-01-02 03:04", text)
