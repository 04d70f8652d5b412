"""Runs in processes of their own that spend no time on imports: for tests that kill, stop, race or look at many."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Container, Mapping
from contextlib import suppress
from multiprocessing import reduction
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.preloaded"])

LOCK = threading.Lock()
"""The end of a process can be read once, and a server's thread may look for it as the test does."""


class Output:
    """What the streams of a process lead to: a file, a pipe or a terminal of this one, and for errors another."""

    def __init__(self, *descriptors: int) -> None:
        self.descriptors = descriptors

    def __getstate__(self) -> object:
        return [reduction.DupFd(descriptor) for descriptor in self.descriptors]

    def __setstate__(self, state: list[Any]) -> None:
        self.descriptors = tuple(handed.detach() for handed in state)


class Forked:
    """``harness`` with these arguments; leads a session and a group of its own, and has nothing to read.

    Args:
        arguments: of the command line.
        output: where it prints; by default nowhere.
        cwd: its current folder.
        without: names of variables of this process that it does not see.
        variables: what it sees beside the others.
    """

    def __init__(
        self,
        *arguments: str | Path,
        output: Output | None = None,
        cwd: Path | str = "",
        without: Container[str] = (),
        **variables: str,
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in without}
        given = (list(map(str, arguments)), {**kept, **variables}, output or Output(), os.fspath(cwd))
        self._process: ForkServerProcess = SERVER.Process(target=_run, args=given)
        with LOCK:
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid
        with suppress(ProcessLookupError):  # it may end at any moment
            while self.poll() is None and os.getpgid(self.pid) != self.pid:
                time.sleep(0.001)

    @property
    def returncode(self) -> int | None:
        """As that of ``subprocess.Popen``, but always up to date."""
        with LOCK:
            return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} has not ended after {timeout} s")
            time.sleep(0.005)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def kill_group(self) -> None:
        """Kill it and the programs it has started, as far as they have not ended, and wait for its end."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(30)


def _run(arguments: list[str], variables: Mapping[str, str], output: Output, cwd: str) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    printed = output.descriptors or (nothing,)
    for stream, leads_to in enumerate((nothing, printed[0], printed[-1])):
        os.dup2(leads_to, stream)
    os.environ.clear()
    os.environ.update(variables)
    if cwd:
        os.chdir(cwd)
    _open_streams()
    sys.argv = ["harness", *arguments]
    from harness.__main__ import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()  # a fork ends without them


def _open_streams() -> None:
    """As the interpreter does at its start: line by line where somebody looks on."""
    terminal = os.isatty(1)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", 1 if terminal else -1, "utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
