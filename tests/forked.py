"""Runs in processes of their own that spend no time on imports: for tests that kill, stop or race many of them."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.preloaded"])

LOCK = threading.Lock()
"""The end of a process can be read once, and a server's thread may look for it as the test does."""


class Forked:
    """``harness`` with these arguments, with what it prints thrown away; leads a session and a group of its own."""

    def __init__(self, *arguments: str | Path, **variables: str) -> None:
        given = ([str(argument) for argument in arguments], {**os.environ, **variables})
        self._process: ForkServerProcess = SERVER.Process(target=_run, args=given)
        with LOCK:
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid
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
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def kill_group(self) -> None:
        """Kill it and the programs it has started, and wait for its end."""
        os.killpg(self.pid, signal.SIGKILL)
        self.wait(30)


def _run(arguments: list[str], variables: Mapping[str, str]) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["harness", *arguments]
    from harness.__main__ import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()  # a fork ends without them
