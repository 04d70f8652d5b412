"""A long-lived program that answers each line with a line."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from harness.engines.programs.process import kill, read_tail, start, with_stderr
from harness.engines.wire.errors import short
from harness.errors import BadOutput, Transient
from harness.workspace.operating_system import How, describe_exit, end_group

GRACE_SECONDS = 5.0
"""How long a program may take to end after its input was closed, and again after SIGTERM."""

SETTLE_SECONDS = 0.02
"""How long after a batch to wait for output nobody asked for."""

AHEAD = 8
"""Unread lines held; a program that writes on regardless then waits on its pipe."""

END = b""


class LineProgram:
    """One running program. Ask it one line at a time; after any error, :meth:`abort` it and start another."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._name = name
        self._lines: asyncio.Queue[bytes] = asyncio.Queue(AHEAD)
        self._closing = False
        self._reader = asyncio.create_task(self._read())
        self._stderr = asyncio.create_task(read_tail(process))

    @classmethod
    async def start(cls, argv: Sequence[str], cwd: Path) -> LineProgram:
        """Start the program."""
        return cls(await start(argv, cwd=cwd), argv[0])

    async def _read(self) -> None:
        stdout = self._process.stdout
        if stdout is None:
            raise TypeError("the program was started without a pipe from its output")
        # readline raises ValueError for a line over the limit; what follows it cannot be told apart, so that is the end
        with contextlib.suppress(ValueError):
            while line := await stdout.readline():
                if not self._closing:
                    await self._lines.put(line)
        if not self._closing:
            await self._lines.put(END)

    def waits(self) -> bool:
        """Whether the program waits for a line; False when it has ended.

        Raises:
            BadOutput: it wrote something nobody asked for.
        """
        if self._lines.empty():
            return True
        line = self._lines.get_nowait()
        if line == END:
            self._lines.put_nowait(END)
            return False
        raise BadOutput(f"{self._name} wrote an extra line: {short(line)!r}")

    async def ask(self, line: str) -> bytes:
        """Send a line and return the line that answers it, without its line feed.

        Raises:
            Transient: the program ended first; the message says how.
        """
        stdin = self._process.stdin
        if stdin is None:
            raise TypeError("the program was started without a pipe to its input")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(line.encode() + b"\n")
            await stdin.drain()
        answer = await self._lines.get()
        if not answer.endswith(b"\n"):
            raise await self._ended()
        return answer[:-1]

    async def _ended(self) -> Transient:
        try:
            how = f"ended with {describe_exit(await asyncio.wait_for(self._process.wait(), GRACE_SECONDS))}"
        except TimeoutError:
            how = "closed its output or wrote an endless line"
        await kill(self._process)
        return Transient(with_stderr(f"{self._name} {how} before it had answered", await self._stderr))

    async def settle(self) -> None:
        """Wait a moment for output nobody asked for.

        Raises:
            BadOutput: there is some, so the answers before it cannot be trusted.
        """
        await asyncio.sleep(SETTLE_SECONDS)
        self.waits()

    async def abort(self) -> None:
        """End the program at once."""
        await kill(self._process)
        for task in (self._reader, self._stderr):
            task.cancel()
        await asyncio.gather(self._reader, self._stderr, return_exceptions=True)

    async def close(self) -> None:
        """End the program: close its input, then SIGTERM, then SIGKILL."""
        self._closing = True
        while not self._lines.empty():
            self._lines.get_nowait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        hows: tuple[How, ...] = ("politely", "at once")
        for how in hows:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), GRACE_SECONDS)
                break
            end_group(self._process.pid, how)
        await self.abort()
