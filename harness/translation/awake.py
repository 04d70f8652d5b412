"""Time in which this process runs: one that is stopped (Ctrl-Z, a frozen container) is not late.

The monotonic clock goes on while a process is stopped. A deadline kept by it would have passed when the process goes
on, and the answer that arrived meanwhile, and was paid for, would be thrown away and bought again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK = 0.1
"""Seconds between two looks at the clock."""

GAP = 0.5
"""Seconds between two looks from which on the process is taken to have been stopped, or as good as stopped."""


class AwakeClock:
    """Seconds that leave out every gap between looks; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left_out = 0.0
        self._looked = -1.0
        """When the clock was last looked at; negative while nobody keeps it going."""
        self._keepers = 0

    def now(self) -> float:
        """The time; only differences mean something."""
        with self._lock:
            return self._look()

    @asynccontextmanager
    async def kept_going(self) -> AsyncIterator[None]:
        """Look at the clock all the time, which is how gaps are found; without it none is."""
        with self._lock:
            self._keepers += 1
            self._looked = time.monotonic()
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            with self._lock:
                self._keepers -= 1
                if not self._keepers:
                    self._looked = -1.0

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.now()

    def _look(self) -> float:
        now = time.monotonic()
        if self._looked >= 0:
            gap = now - self._looked
            self._left_out += gap - TICK if gap > GAP else 0.0
            self._looked = now
        return now - self._left_out


CLOCK = AwakeClock()
"""The one of this process."""


@asynccontextmanager
async def awake_timeout(seconds: float) -> AsyncIterator[None]:
    """As ``asyncio.timeout``, in time of :data:`CLOCK`."""
    loop = asyncio.get_running_loop()
    deadline = CLOCK.now() + seconds
    async with asyncio.timeout(None) as limit:

        def look() -> None:
            left = deadline - CLOCK.now()
            if left <= 0:
                limit.reschedule(loop.time())
            else:
                timers[:] = [loop.call_later(left, look)]

        timers = [loop.call_later(seconds, look)]
        try:
            yield
        finally:
            timers[0].cancel()
