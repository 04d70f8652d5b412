"""One process in an environment of its own, asked line by line, with a bound on everything it may do."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from harness.workspace.guardian import GUARDIAN
from harness.workspace.operating_system import describe_exit, end_group, memory_kills, own_group
from harness.workspace.redaction import REDACTOR

LONGEST_LINE = 16 * 2**20
"""Bytes of an answer."""

STDERR_TAIL = 1000
"""Characters of error output kept for messages."""

GRACE_SECONDS = 5.0
"""How long a process that has closed its output may take to end."""

MOST_UNREAD = 8
"""Lines that wait to be read: one is asked for at a time."""

KILLED = frozenset({-9, 137})


class WorkerFailed(Exception):  # noqa: N818 - what came of a question
    """No answer came, or none that can be used. The process has ended."""

    def __init__(self, why: str, *, fix: str = "", smaller: bool = False, late: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix
        self.smaller = smaller
        """A new process with a smaller batch may succeed."""
        self.late = late
        """It was not waited for any longer."""


class WorkerProcess:
    """A running worker. It ends with the harness, however that ends."""

    def __init__(self, argv: Sequence[str], cwd: Path) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        self._kills = memory_kills()
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=GUARDIAN.environment(),
            **own_group(),
        )
        GUARDIAN.watch(self._process.pid)
        self._over = False
        self._answers: queue.Queue[bytes] = queue.Queue(MOST_UNREAD)
        self._tail: deque[bytes] = deque(maxlen=16)
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number, which is also that of its group."""
        return self._process.pid

    def ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Ask one question and wait for its answer. Whatever goes wrong, the process is ended.

        Raises:
            WorkerFailed: it ended, answered with an error or with something that is no answer, or not in time.
        """
        try:
            line = json.dumps(question, ensure_ascii=True).encode() + b"\n"
            # Apart, because a process that does not read would keep us waiting for ever.
            threading.Thread(target=self._write, args=(line,), daemon=True).start()
            return self._understood(self._next(seconds))
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End it and all that it started, at once."""
        end_group(self._process.pid, "at once")
        self._process.wait()
        GUARDIAN.forget(self._process.pid)
        self._over = True
        with contextlib.suppress(queue.Empty):  # the reader may wait for room
            while True:
                self._answers.get_nowait()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _next(self, seconds: float) -> bytes:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise WorkerFailed(f"it did not answer within {seconds:g} s{self._said()}", late=True) from None
        if line.endswith(b"\n"):
            return line
        if line:
            raise WorkerFailed(f"it wrote a line of more than {LONGEST_LINE // 2**20} MiB, or ended within one")
        raise self._ended()

    def _ended(self) -> WorkerFailed:
        try:
            code = self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return WorkerFailed(f"it closed its output{self._said()}")
        self._listener.join(GRACE_SECONDS)
        if code in KILLED and memory_kills() > self._kills:
            return WorkerFailed("it was ended by the system because memory ran out (out of memory)", smaller=True)
        how = describe_exit(code) if code not in KILLED else "killed (SIGKILL), as the system does when memory runs out"
        return WorkerFailed(f"it ended: {how}{self._said()}", smaller=True)

    def _understood(self, line: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(line)
            error = answer.get("error")
            if error is None:
                return dict(answer)
            kind, message, fix = str(error["kind"]), str(error["message"]), str(error.get("fix", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            start = line[:80].decode("utf-8", "replace").strip()
            raise WorkerFailed(f"it wrote something that is no answer: {start!r}") from None
        if kind == "memory":
            raise WorkerFailed(f"it ran out of memory ({message})", smaller=True)
        raise WorkerFailed(REDACTOR(message), fix=REDACTOR(fix))

    def _said(self) -> str:
        text = REDACTOR(b"".join(self._tail).decode("utf-8", "replace")).strip()[-STDERR_TAIL:]
        return f"; error output: {text}" if text else ""

    def _write(self, line: bytes) -> None:
        # A process that ends before it has read everything: its exit code says what that means.
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def _read(self, stream: BinaryIO) -> None:
        """Lines, whole; an empty one when no more will come."""
        with stream:
            while not self._over and (line := stream.readline(LONGEST_LINE)):
                self._answers.put(line)
                if not line.endswith(b"\n"):
                    break
            else:
                self._answers.put(b"")

    def _listen(self, stream: BufferedReader) -> None:
        with stream:
            while chunk := stream.read1(2**12):
                self._tail.append(chunk)
