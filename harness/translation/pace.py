"""How fast one account may be asked, and when everybody who asks it must pause.

Services count by account and not by what the account is used for. So all systems that ask the same address with the
same key share one pace: one rate, one number of requests at once, and every pause.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiolimiter import AsyncLimiter

from harness.engines.interface import Engine, Limits, RemoteEngine
from harness.types import EngineIdentity, SystemName

BURST_SECONDS = 0.05
"""Requests that may go out at once: what the rate allows in this time. Longer would break strict servers' limits."""

EVEN = 0.95
"""Of the rate that is used: what leaves at even distances arrives at uneven ones."""

Account = tuple[str, ...]


class Pace:
    """Requests and characters per second, requests at once, and pauses. Belongs to one event loop."""

    def __init__(self, limits: Limits, *others: Limits) -> None:
        """Make the pace of an account: of the limits of its systems the strictest count."""
        every = (limits, *others)
        self._requests = _limiter(min(one.requests_per_second for one in every))
        self._characters = _limiter(min(one.characters_per_second for one in every))
        self._slots = asyncio.Semaphore(min(one.concurrency for one in every))
        self._turn = asyncio.Lock()
        self._resume = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one of the account's places for a request that is under way."""
        async with self._slots:
            yield

    async def wait(self, characters: int) -> None:
        """Return when a request of so many characters may be sent."""
        # One after another: whoever waits for the rate when a pause begins waits for its end as well.
        async with self._turn:
            limiters = [
                (limiter, amount)
                for limiter, amount in ((self._requests, 1.0), (self._characters, float(characters)))
                if limiter is not None
            ]
            for limiter, amount in limiters:
                await _take(limiter, amount)
            while (left := self._resume - time.monotonic()) > 0:  # the pause may have been prolonged
                await asyncio.sleep(left)
                # What the rate allows at once has come together meanwhile, and two would leave where one may.
                for limiter, amount in limiters:
                    await limiter.acquire(min(amount, limiter.max_rate))

    def pause(self, seconds: float) -> None:
        """Let nobody send for so long."""
        self._resume = max(self._resume, time.monotonic() + seconds)


async def _take(limiter: AsyncLimiter, amount: float) -> None:
    while amount > 0:
        part = min(amount, limiter.max_rate)
        await limiter.acquire(part)
        amount -= part


def _limiter(rate: float) -> AsyncLimiter | None:
    if math.isinf(rate):
        return None
    rate *= EVEN
    burst = max(1.0, rate * BURST_SECONDS)
    return AsyncLimiter(burst, burst / rate)


def account_of(system: SystemName, engine: Engine, identity: EngineIdentity, named: str) -> Account:
    """Whose limits count for a system: the account it names, else its address and keys, else its own.

    Args:
        system: its name.
        engine: its engine.
        identity: of the engine, which holds the address where that is not the vendor's.
        named: ``account`` of the system file.
    """
    if named:
        return ("named", named)
    if not isinstance(engine, RemoteEngine):
        return ("system", system)
    address = str(identity.options.get("endpoint") or identity.options.get("url") or "")
    try:
        host = urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        host = address
    # The values are only compared, and live no longer than the run.
    keys = tuple(os.environ.get(name, name) for name in engine.key_variables)
    return ("service", host or engine.vendor or identity.engine, *keys)


def paces(accounts: Sequence[Account], limits: Sequence[Limits]) -> dict[Account, Pace]:
    """One pace for each account; ``accounts`` and ``limits`` go in parallel."""
    by_account: dict[Account, list[Limits]] = {}
    for account, limit in zip(accounts, limits, strict=True):
        by_account.setdefault(account, []).append(limit)
    return {account: Pace(*several) for account, several in by_account.items()}
