"""Programs end when the harness does, however it ends.

What is cancelled is killed by whoever started it. A harness that is itself killed cannot do that, and a program that
translates for money would go on buying for nobody. So a small process of its own watches the harness through a pipe:
when the pipe closes, it kills the programs that are noted, each with everything in its session. It is started with the
first program, lives in a session of its own, and ends with the harness.

A harness can be killed after it has started a program and before it has noted it, and a program can leave its session.
So each also has a mark in its environment, by which it is found where ``/proc`` shows it. A harness that ends in order
leaves alone what its programs have left running, such as a server that keeps a model warm.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path

from harness.workspace.operating_system import own_group

MARK = "HARNESS_PROGRAM_OF"
"""The variable that tells whose program a process is."""

WATCH = Path(__file__).with_name("watch.py")


class Guardian:
    """Notes which programs run; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._mark = ""

    def environment(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment to start a program with; by default that of the harness."""
        with self._lock:
            self._begin()
            return {**(os.environ if environment is None else environment), MARK: self._mark}

    def watch(self, group: int) -> None:
        """End this process group with the harness."""
        with self._lock:
            self._begin()
            self._groups.add(group)
            self._tell(group)

    def forget(self, group: int) -> None:
        """It has ended; its number may soon be another's."""
        with self._lock:
            if group in self._groups and self._owner == os.getpid():
                self._groups.discard(group)
                self._tell(-group)

    def close(self) -> None:
        """End the watching process; nothing is killed that was forgotten."""
        with self._lock:
            process, self._process = self._process, None
            if process is None or self._owner != os.getpid():
                return
            self._owner = 0
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    os.write(process.stdin.fileno(), b"0\n")  # in order
                with contextlib.suppress(OSError):
                    process.stdin.close()
            process.wait()

    def _begin(self) -> None:
        """Before the first program, also of a forked process; nothing to do before the others."""
        if self._owner == os.getpid():
            return
        self._groups = set()
        self._mark = uuid.uuid4().hex
        self._start()

    def _start(self) -> None:
        self._owner = os.getpid()
        if not sys.executable:
            return  # embedded in another program: nothing to start it with
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WATCH), str(self._owner), f"{MARK}={self._mark}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=WATCH.anchor,
            env={name: value for name, value in os.environ.items() if name != MARK},  # nobody's program
            **own_group(),
        )
        for group in self._groups:
            self._write(group)

    def _tell(self, number: int) -> None:
        if not self._write(number):
            self._start()  # somebody has ended it; the new one learns of all that run

    def _write(self, number: int) -> bool:
        if self._process is None or self._process.stdin is None:
            return True
        try:
            os.write(self._process.stdin.fileno(), b"%d\n" % number)
        except OSError:
            return False
        return True


GUARDIAN = Guardian()
"""The one of this process."""

atexit.register(GUARDIAN.close)
