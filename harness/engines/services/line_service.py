"""Many questions to one long-lived program: each answer is given out as soon as it can be trusted.

A program that writes one line too many is out of step from there on, and every later answer belongs to another
question. That shows when it is left in peace for a moment, so no answer is given out before. The moment would slow down
a fast program, so questions that are asked at the same time share it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from harness.engines.clock import on_the_wire
from harness.engines.services.lines import LineProgram
from harness.errors import BadOutput, Transient

TOGETHER = 32
"""Most questions that share a moment of peace; also how many to ask at once, to make use of it."""

TOGETHER_SECONDS = 0.1
"""How long answers wait for others: a program slower than this has its moment after every answer."""

Argv = tuple[str, ...]


class LineService:
    """Runs at most one program at a time, and starts it again when it has ended."""

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd
        self._begin()

    def _begin(self) -> None:
        self._lock = asyncio.Lock()
        self._running: dict[Argv, LineProgram] = {}
        """At most one."""
        self._open: list[asyncio.Future[Transient | None]] = []
        """One for each question whose answers are not trusted yet; resolved with the reason when they never will be."""
        self._opened = 0.0
        """When the first of them was asked."""
        self._waiting = 0
        """Questions that have not had their turn."""
        self._careful = False
        """Trust answers one by one only: something went wrong among several."""

    async def ask(self, argv: Argv, lines: Sequence[str]) -> list[bytes]:
        """Have the program answer the lines, one after another.

        Raises:
            Transient: the program ended before it had answered; or something went wrong with a question that was asked
                at about the same time, so nobody knows what this answer is worth.
            BadOutput: it wrote a line nobody asked for.
            EngineUnavailable: it cannot be started.
        """
        trusted: asyncio.Future[Transient | None] = asyncio.get_running_loop().create_future()
        await self._take_turn()
        try:
            begun = time.monotonic()
            answers = [await self._answer(argv, line) for line in lines]
            if not self._open:
                self._opened = begun
            self._open.append(trusted)
            if self._must_settle():
                await self._settle()
        except BaseException as error:
            # Whatever went wrong, question and answer may now be out of step: this process is not asked again.
            while self._running:
                await self._running.popitem()[1].abort()
            others = self._doubt(str(error) or "the program was stopped", but=trusted)
            if others and isinstance(error, BadOutput):
                raise Transient(f"{error} (one of {others + 1} segments sent together)") from error
            raise
        finally:
            self._lock.release()
        doubt = await trusted
        if doubt is not None:
            raise doubt
        return answers

    async def close(self) -> None:
        """End the program, if there is one."""
        while self._running:
            await self._running.popitem()[1].close()
        self._begin()  # the next user may come with another event loop

    async def _take_turn(self) -> None:
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1
            if not self._waiting and not self._lock.locked():
                self._doubt("the segment after it was cancelled")  # and nobody is left to find out

    async def _answer(self, argv: Argv, line: str) -> bytes:
        program = await self._program(argv)
        with on_the_wire():
            return await program.ask(line)

    async def _program(self, argv: Argv) -> LineProgram:
        current = self._running.get(argv)
        if current is not None and current.waits():
            return current
        if self._open:
            await self._settle()
        while self._running:
            await self._running.popitem()[1].close()
        self._running[argv] = await LineProgram.start(argv, self._cwd)
        return self._running[argv]

    def _must_settle(self) -> bool:
        full = len(self._open) >= TOGETHER or time.monotonic() - self._opened >= TOGETHER_SECONDS
        return full or self._careful or not self._waiting

    async def _settle(self) -> None:
        for program in self._running.values():
            await program.settle()
        self._resolve(None)

    def _doubt(self, why: str, *, but: asyncio.Future[Transient | None] | None = None) -> int:
        """Have the open questions asked again, ``but`` one, and one at a time from now on; returns how many."""
        others = [future for future in self._open if future is not but]
        self._open = others
        self._careful = self._careful or bool(others)
        self._resolve(Transient(f"a segment sent at the same time failed: {why}"))
        return len(others)

    def _resolve(self, doubt: Transient | None) -> None:
        for future in self._open:
            if not future.done():  # cancelled: whoever asked is gone
                future.set_result(doubt)
        self._open = []
