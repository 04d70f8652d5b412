"""An event loop that waits for nothing: its clock goes on to the next timer, so that a busy machine changes no time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from harness.translation import pace

Result = TypeVar("Result")

RESOLUTION = 1e-6
"""Seconds that always pass: what rounding leaves of a pause would otherwise be waited for for ever."""


class SkippingLoop(asyncio.SelectorEventLoop):
    """Its time passes only while everybody sleeps, and then at once."""

    _now = 0.0
    _ready: list[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when()) + RESOLUTION
        super()._run_once()  # type: ignore[misc]


def run_skipping(scene: Coroutine[Any, Any, Result], monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run ``scene``, with the pace of accounts on the loop's clock."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=runner.get_loop().time))
        return runner.run(scene)


def now() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()
