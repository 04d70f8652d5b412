"""The runner at the rate that a service permits: many workers, slow answers and refusals, on a simulated clock."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.engines.interface import Answer, Batch, Limits
from harness.errors import RateLimited
from harness.store.cache.answers import Cache
from harness.translation import awake, runner
from harness.translation.budget import Purse
from harness.translation.host import EngineHost
from harness.translation.runner import Done
from harness.types import EngineIdentity, LangPair, Translated
from harness.workspace.progress import Silent
from tests.translation.clock import now, run_skipping
from tests.translation.engines import Upper
from tests.translation.test_patience import jobs_of

PERMITTED = 20.0
"""Requests per second that the service permits."""

SECONDS = 2.0
"""What an answer takes: at the permitted rate, forty requests are under way."""


class Service:
    """Permits :data:`PERMITTED` requests in any second, and refuses what exceeds them, and now and then others."""

    def __init__(self, every: int = 0) -> None:
        self.every = every
        """Refuse each request of this number although the rate permits it; 0: none."""
        self.granted: list[float] = []
        self.refused = 0
        self._last_second: deque[float] = deque()
        self._asked = 0

    async def answer(self, text: str) -> str:
        while self._last_second and self._last_second[0] <= now() - 1:
            self._last_second.popleft()
        self._asked += 1
        if len(self._last_second) >= PERMITTED or (self.every and self._asked % self.every == 0):
            self.refused += 1
            raise RateLimited("slow down", retry_after=1.0)
        self._last_second.append(now())
        await asyncio.sleep(SECONDS)
        self.granted.append(now() - SECONDS)
        return text.upper()


class Model(Upper):
    """One of the models behind a service."""

    def __init__(self, service: Service, name: str) -> None:
        super().__init__()
        self.service = service
        self.name = name

    def identity(self, pair: LangPair) -> EngineIdentity:
        return EngineIdentity("upper", self.name, {})

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        return [Translated(await self.service.answer(request.source)) for request in batch.requests]


async def in_this_loop(host: EngineHost, make: Callable[[], Coroutine[Any, Any, object]]) -> object:
    """In place of ``EngineHost._submit``: a thread of its own would run by another clock."""
    return await make()


def simulate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, service: Service, limits: Limits, systems: int, segments: int
) -> list[Done]:
    """What the runner makes of it."""
    engines: dict[str, Upper] = {f"model{number}": Model(service, f"model{number}") for number in range(systems)}
    jobs = jobs_of(engines, "".join(map(chr, range(0x4E00, 0x4E00 + segments))), limits, account="team")

    async def scene(cache: Cache) -> list[Done]:
        monkeypatch.setattr(awake, "time", SimpleNamespace(monotonic=asyncio.get_running_loop().time))
        return await runner._translate_all(jobs, cache, Silent(), Purse(None), wait=False)

    monkeypatch.setattr(EngineHost, "_submit", in_this_loop)
    with Cache.open(folder / "cache.sqlite3") as cache:
        return run_skipping(scene(cache), monkeypatch)


@pytest.mark.real_pauses
@pytest.mark.parametrize(
    ("rate", "every", "least"),
    [
        pytest.param(PERMITTED, 0, 0.94, id="rate is known"),
        pytest.param(PERMITTED, 100, 0.75, id="refusals all the same"),
        pytest.param(2 * PERMITTED, 0, 0.55, id="rate is set too high"),
        pytest.param(math.inf, 0, 0.9, id="no rate is set"),
    ],
)
def test_throughput_stays_at_the_permitted_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: float, every: int, least: float
) -> None:
    """Five models of one account, up to a hundred requests at once; every segment is answered, and answered once."""
    service = Service(every)
    limits = Limits(max_segments=1, concurrency=100, requests_per_second=rate)
    done = simulate(tmp_path, monkeypatch, service, limits, systems=5, segments=40)
    assert all(isinstance(outcome, Translated) for job in done for outcome in job.outcomes)
    assert len(service.granted) == 200
    first, *_, last = sorted(service.granted)
    assert 199 / (last - first) >= least * PERMITTED
    assert bool(service.refused) == (rate != PERMITTED or bool(every))
    assert sum(len(job.records) for job in done) == 200 + service.refused
