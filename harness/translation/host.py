"""Where an engine is at work: an event loop in a thread of its own.

What one engine does to its loop (an SDK imported in the middle of a run, a call that blocks) then holds up nobody else
and is in nobody else's times, and a time-out ends its batch all the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.engines.clock import timing
from harness.engines.interface import Batch, Engine, Limits, PreparedEngine, Reply
from harness.errors import EngineError, Transient
from harness.translation.awake import awake_timeout
from harness.types import LangPair

BLOCKED_SECONDS = 1.0
"""How long a loop may fail to answer before its engine counts as stuck, beyond the time-out of a batch."""

END_SECONDS = 1.0
"""How long ``close`` waits for batches that were cancelled; Ctrl-C must take less than two seconds."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt at a batch."""

    result: Reply | EngineError
    seconds: float
    """On the wire where the engine says so, else for all of ``translate``; see :mod:`harness.engines.clock`."""
    setup: bool
    """Whether it was among the engine's first requests, one for each that may be under way at once: they open
    connections and do what is done once, and are no measure of the others."""


class EngineHost:
    """Runs one engine. The thread begins with the first call and ends with ``close``."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.engine = engine
        self.failure = ""
        """Why it cannot be asked; empty while it can."""
        self._limits = limits
        self._begun = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._prepared: set[LangPair] = set()
        self._calls: set[asyncio.Task[Any] | None] = set()
        """Under way in the engine's loop."""

    def must_prepare(self, pair: LangPair) -> bool:
        """Whether there is anything to prepare, and it was not tried."""
        return isinstance(self.engine, PreparedEngine) and pair not in self._prepared and not self.failure

    async def prepare(self, pair: LangPair) -> None:
        """Have the engine do what must be done once, if it can say what that is.

        Raises:
            EngineError: what the engine raised.
            TimeoutError: it took longer than a batch may.
        """
        self._prepared.add(pair)
        if isinstance(engine := self.engine, PreparedEngine):
            await self._call(lambda: engine.prepare(pair))

    async def ask(self, batch: Batch) -> Exchange:
        """Ask for a batch once. Anything that is no EngineError is raised."""
        self._begun += 1
        setup = self._begun <= self._limits.concurrency
        try:
            result, seconds = await self._call(lambda: self._timed(batch))
        except TimeoutError:  # its loop is blocked, so that the time-out inside could not end it
            return Exchange(self._too_late(), self._limits.timeout, setup)
        return Exchange(result, seconds, setup)

    async def close(self) -> None:
        """Close the engine, after batches that were cancelled have had a moment to end."""
        if self._thread is None or self._loop is None:
            await self.engine.close()
            return
        try:
            async with asyncio.timeout(END_SECONDS + BLOCKED_SECONDS):
                await self._submit(self._settle)
        except TimeoutError:
            return  # the loop is blocked by a call that cannot be ended; the thread does not keep the program alive
        try:
            await self._submit(self.engine.close)
        finally:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(BLOCKED_SECONDS)

    async def _timed(self, batch: Batch) -> tuple[Reply | EngineError, float]:
        with timing() as clock:
            try:
                async with awake_timeout(self._limits.timeout):
                    result: Reply | EngineError = Reply.of(await self.engine.translate(batch))
            except TimeoutError:
                result = self._too_late()
            except EngineError as error:
                result = error
            return result, clock.seconds()

    def _too_late(self) -> Transient:
        return Transient(f"no answer within {self._limits.timeout:g} s")

    async def call(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run something else of the engine's in its loop.

        Raises:
            EngineError: what it raised.
            Transient: it took longer than a batch may.
        """
        try:
            return await self._call(make)
        except TimeoutError:
            raise self._too_late() from None

    async def _call(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        async with awake_timeout(self._limits.timeout + BLOCKED_SECONDS):
            return await self._submit(make)

    async def _submit(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run a coroutine in the engine's loop. Cancelling cancels it there, too."""
        future: Future[tuple[Result | None, BaseException | None]]
        future = asyncio.run_coroutine_threadsafe(self._caught(make), self._started())
        result, error = await asyncio.wrap_future(future)
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # there is one where there is no error

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            ready = threading.Event()
            # A daemon: a call that cannot be ended must not keep the program alive.
            self._thread = threading.Thread(
                target=lambda: asyncio.run(self._live(ready)), name="harness-engine", daemon=True
            )
            self._thread.start()
            ready.wait()
        if self._loop is None:
            raise RuntimeError("the engine's thread ended before it began")
        return self._loop

    async def _live(self, ready: threading.Event) -> None:
        self._end = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ready.set()
        await self._end.wait()

    async def _caught(
        self, make: Callable[[], Coroutine[Any, Any, Result]]
    ) -> tuple[Result | None, BaseException | None]:
        """What came of it, as a value: SystemExit and KeyboardInterrupt would end the loop that raises them."""
        task = asyncio.current_task()
        self._calls.add(task)
        try:
            return await make(), None
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for it
            return None, error
        finally:
            self._calls.discard(task)

    async def _settle(self) -> None:
        others = [task for task in self._calls if task is not None and task is not asyncio.current_task()]
        if others:
            await asyncio.wait(others, timeout=END_SECONDS)
