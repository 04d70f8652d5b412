"""Small real engines for tests of the runner: each does one thing wrong, on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.engines.interface import Answer, Batch, Limits
from harness.types import EngineIdentity, LangPair, Translated


@dataclass
class Upper:
    """Answers in capitals and remembers what it was asked."""

    caches: bool = True
    limits: Limits = field(default_factory=lambda: Limits(max_segments=3, concurrency=2, timeout=60))
    asked: list[str] = field(default_factory=list)
    before: Callable[[Batch], None] = lambda batch: None
    delay: float = 0.0
    closed: int = 0
    most_at_once: int = 0
    _running: int = 0

    def supports(self, pair: LangPair) -> None:
        return

    def identity(self, pair: LangPair) -> EngineIdentity:
        return EngineIdentity("upper", "1", {})

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            await asyncio.sleep(self.delay)
            self.before(batch)
            self.asked += [request.source for request in batch.requests]
            return self.answers(batch)
        finally:
            self._running -= 1

    def answers(self, batch: Batch) -> Sequence[Answer]:
        return [Translated(request.source.upper()) for request in batch.requests]

    async def close(self) -> None:
        self.closed += 1
