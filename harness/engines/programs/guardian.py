"""Programs end when the harness does, however it ends.

What is cancelled is killed by whoever started it. A harness that is itself killed cannot do that, and a program that
translates for money would go on buying for nobody. So a small process of its own watches the harness through a pipe:
when the pipe closes, it kills the programs that are noted, each with everything in its session. It is started with the
first program, lives in a session of its own, and ends with the harness.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading

WATCH = """
import os, select, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
parent, groups, rest = int(sys.argv[1]), set(), b""
while True:
    if select.select([0], [], [], 1.0)[0]:
        chunk = os.read(0, 65536)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\\n")
        for number in map(int, lines):
            groups.add(number) if number > 0 else groups.discard(-number)
    elif os.getppid() != parent:
        break
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""
"""Asks for its parent as well: a process that was forked from the harness may hold the pipe open."""


class Guardian:
    """Notes which programs run; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def watch(self, group: int) -> None:
        """End this process group with the harness."""
        with self._lock:
            self._groups.add(group)
            if self._owner != os.getpid():  # the first program, or the first of a forked process
                self._groups = {group}
                self._start()
            else:
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
                    process.stdin.close()
            process.wait()

    def _start(self) -> None:
        self._owner = os.getpid()
        if not sys.executable:
            return  # embedded in another program: nothing to start it with
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", WATCH, str(self._owner)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
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
