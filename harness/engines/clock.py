"""How long a request took, as the engine itself can tell: from the first byte sent to the last byte of the answer.

The runner times ``Engine.translate`` as a whole, in the engine's own thread. What an engine does around its requests
(waiting for a connection, opening one, building a prompt, queueing for a lock) is not the service's time, and only the
engine knows where it begins and ends. It says so with one of these:

- :func:`on_the_wire`, a context manager around the call that goes out; also in a thread of
  :func:`harness.engines.wire.blocking.in_thread`;
- :func:`follow`, an event hook for requests of ``httpx`` clients, which is exact to the byte.

Several stretches in one batch are added up. An engine that says nothing is timed as a whole.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

BEGIN, END = ".send_request_headers.started", ".receive_response_body.complete"
"""Ends of the names under which httpcore tells of HTTP/1.1 and HTTP/2 alike."""


@dataclass(slots=True)
class RequestClock:
    """The time of one batch. Stretches that overlap count once."""

    _seconds: float = 0.0
    _open: int = 0
    _since: float = 0.0
    _began: float = field(default_factory=time.perf_counter)
    _said: bool = False

    def start(self) -> None:
        """A request goes out."""
        if not self._open:
            self._since = time.perf_counter()
        self._open += 1
        self._said = True

    def stop(self) -> None:
        """Its answer is there, or will not come."""
        if not self._open:
            return
        self._open -= 1
        if not self._open:
            self._seconds += time.perf_counter() - self._since

    def seconds(self) -> float:
        """Seconds on the wire so far, or since the beginning where the engine has said nothing."""
        now = time.perf_counter()
        if not self._said:
            return now - self._began
        return self._seconds + (now - self._since if self._open else 0.0)


_CLOCK: ContextVar[RequestClock] = ContextVar("request_clock")


@contextlib.contextmanager
def timing() -> Iterator[RequestClock]:
    """For the runner: what the engine says inside goes to this clock."""
    clock = RequestClock()
    token = _CLOCK.set(clock)
    try:
        yield clock
    finally:
        _CLOCK.reset(token)


@contextlib.contextmanager
def on_the_wire() -> Iterator[None]:
    """Around a call that sends a request and waits for its answer."""
    clock = _CLOCK.get(None)
    if clock is None:  # nobody times it: a test, or a person
        yield
        return
    clock.start()
    try:
        yield
    finally:
        clock.stop()


class HasExtensions(Protocol):
    """A request of ``httpx`` or ``httpx2``."""

    @property
    def extensions(self) -> Any:
        """A mutable mapping."""


async def follow(request: HasExtensions) -> None:
    """An event hook: ``AsyncClient(event_hooks={"request": [follow]})``. Opening the connection is left out."""
    clock = _CLOCK.get(None)
    if clock is None:
        return
    under_way = False

    async def trace(event: str, info: Any) -> None:  # noqa: ARG001 - the signature is httpcore's
        nonlocal under_way
        if event.endswith(BEGIN) and not under_way:
            under_way = True
            clock.start()
        elif under_way and (event.endswith((END, ".failed"))):
            under_way = False
            clock.stop()

    request.extensions["trace"] = trace
