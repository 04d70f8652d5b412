"""How fast one engine may be asked, and when everybody must pause."""

from __future__ import annotations

import asyncio
import math
import time

from aiolimiter import AsyncLimiter

from harness.engines.interface import Limits

BURST_SECONDS = 0.05
"""Requests that may go out at once: what the rate allows in this time. Longer would break strict servers' limits."""


class Pace:
    """Requests and characters per second, and a pause that holds for all workers. Belongs to one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._requests = _limiter(limits.requests_per_second)
        self._characters = _limiter(limits.characters_per_second)
        self._resume = 0.0

    async def wait(self, characters: int) -> None:
        """Return when a request of so many characters may be sent."""
        while (left := self._resume - time.monotonic()) > 0:  # noqa: ASYNC110 - the pause may have been prolonged
            await asyncio.sleep(left)
        for limiter, amount in ((self._requests, 1.0), (self._characters, float(characters))):
            if limiter is None:
                continue
            rest = amount
            while rest > 0:
                part = min(rest, limiter.max_rate)
                await limiter.acquire(part)
                rest -= part

    def pause(self, seconds: float) -> None:
        """Let nobody send for so long."""
        self._resume = max(self._resume, time.monotonic() + seconds)


def _limiter(rate: float) -> AsyncLimiter | None:
    if math.isinf(rate):
        return None
    burst = max(1.0, rate * BURST_SECONDS)
    return AsyncLimiter(burst, burst / rate)
