"""Bars for seconds that would be silent: they appear late, on a terminal only, and vanish."""

from __future__ import annotations

import io
import sys
import time

import pytest

from harness.workspace import progress
from harness.workspace.progress import bars_on_stderr


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _watched(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, patience: float) -> io.StringIO:
    """In place of stderr; within the test, because pytest puts its own there when a test begins."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(progress, "PATIENCE", patience)
    return stream


def _wait_for(stream: io.StringIO, text: str) -> bool:
    end = time.monotonic() + 30
    while text not in stream.getvalue() and time.monotonic() < end:
        time.sleep(0.01)
    return text in stream.getvalue()


def test_bars_appear_after_a_while_and_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _watched(Terminal(), monkeypatch, 0.01)
    with bars_on_stderr() as bars:
        bars.update("report", 1, 2)
        assert _wait_for(terminal, "1/2")
        bars.update("report", 2, 2)
        assert _wait_for(terminal, "2/2")
    assert terminal.getvalue().rstrip().endswith("\x1b[2K")  # the line is erased


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _watched(Terminal(), monkeypatch, 60)
    with bars_on_stderr() as bars:
        bars.update("report", 0, 1)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_shown_where_nobody_looks(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _watched(Terminal() if quiet else io.StringIO(), monkeypatch, 0)
    with bars_on_stderr(quiet=quiet) as bars:
        bars.update("report", 0, 1)
        time.sleep(0.05)
    assert stream.getvalue() == ""
