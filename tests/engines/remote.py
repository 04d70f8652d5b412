"""Talking to an engine for a service that is on loopback."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.config import parse_model
from harness.engines.interface import Batch, EngineContext, Limits, Reply
from harness.errors import (
    AuthFailed,
    BadOutput,
    EngineError,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.languages import parse_pair
from harness.registry import load
from harness.testing import batch_of, engine_contract, texts_of
from harness.types import LangPair, SystemName
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import Vendor, shout

NASTY = (
    "Straße, größer, naïve",
    "Tea for two 🫖👍🏽, please!",
    "cafe\u0301 and a\u0308",
    "مرحبا بالعالم",
    'Fish &amp; chips <b>cost</b> "3.50" & more, it\'s &#39;ok&#39;',
    " leading space, tab\there, trailing ",
    "{text} ${env:HOME} {source} %s \\n",
    "你好，世界",
)
"""What escaping, trimming, normalising and templates like to break."""

ERRORS = {
    "rate limited": RateLimited,
    "rate limited with retry-after": RateLimited,
    "server error": Transient,
    "malformed": Transient,
    "wrong count": BadOutput,
    "quota exhausted": QuotaExhausted,
    "bad key": AuthFailed,
    "unsupported pair": Unsupported,
    "too long": TooLarge,
}
"""The exact class each fault must become."""


def make(vendor: Vendor, url: str, extra: str = "", limits: Limits | None = None) -> Any:
    """The vendor's engine, as a system file with these options would make it."""
    factory = load("engines", vendor.engine)
    written = {**tomllib.loads(vendor.options(url)), **tomllib.loads(extra)}
    options = parse_model(factory.Options, written, "test [options]")
    engine = factory(options, EngineContext(SystemName("test"), Path("systems/test")))
    if limits is not None:
        engine.limits = limits
    return engine


def batches(engine: Any, pair: LangPair, sources: Sequence[str]) -> list[Batch]:
    """The sources in batches of the size the engine wants."""
    size = engine.limits.max_segments
    return [batch_of(sources[start : start + size], pair) for start in range(0, len(sources), size)]


def translate(engine: Any, pair: LangPair, sources: Sequence[str] = ("Eins", "Zwei")) -> list[Reply]:
    """Ask for all sources, then close the engine."""

    async def talk() -> list[Reply]:
        try:
            return [Reply.of(await engine.translate(batch)) for batch in batches(engine, pair, sources)]
        finally:
            await engine.close()

    return asyncio.run(talk())


def texts(replies: Sequence[Reply]) -> list[str]:
    return [text for reply in replies for text in texts_of(reply.answers)]


def error_of(engine: Any, pair: LangPair, sources: Sequence[str] = ("Eins", "Zwei")) -> EngineError:
    """The error the engine raises."""
    try:
        replies = translate(engine, pair, sources)
    except EngineError as error:
        return error
    raise AssertionError(f"no error but {replies}")


def succeed(vendor: Vendor) -> Callable[[Seen], Response]:
    return lambda seen: vendor.success(seen, shout)


def check_contract(vendor: Vendor) -> None:
    """What the harness relies on, for this engine as for every other."""
    with Loopback(succeed(vendor)) as server:
        engine_contract(lambda: make(vendor, server.url), parse_pair(vendor.pair))


def check_round_trip(vendor: Vendor, sources: Sequence[str] = NASTY) -> None:
    """Every character arrives at the service and comes back."""
    with Loopback(succeed(vendor)) as server:
        replies = translate(make(vendor, server.url), parse_pair(vendor.pair), sources)
        arrived = [text for seen in server.ledger for text in vendor.sources(seen)]
    assert arrived == list(sources)
    assert texts(replies) == [shout(text) for text in sources]


def check_fault(vendor: Vendor, fault: str) -> EngineError:
    """The fault becomes its error after exactly one request, and no key is in the message."""
    with Loopback(vendor.faults[fault]) as server:
        error = error_of(make(vendor, server.url), parse_pair(vendor.pair))
        assert len(server.ledger) == 1
    assert type(error) is ERRORS[fault], error
    assert not [value for value in vendor.environment.values() if len(value) > 8 and value in f"{error} {error.hint}"]
    if fault == "rate limited with retry-after":
        assert isinstance(error, RateLimited)
        assert error.retry_after == 1.0
    elif isinstance(error, Transient):
        assert error.retry_after == -1.0
        assert error.charged == (fault == "malformed")
    return error


def check_no_connection(vendor: Vendor) -> None:
    """Nothing was sent, so nothing can be billed."""
    with Loopback(succeed(vendor)) as server:
        url = server.url
    error = error_of(make(vendor, url), parse_pair(vendor.pair))
    assert type(error) is Transient, error
    assert not error.charged


def check_lost_answer(vendor: Vendor) -> None:
    """The service did the work, and the connection broke in the middle of its answer."""

    def drop(seen: Seen) -> Response:
        whole = vendor.success(seen, shout)
        return Response(whole.status, whole.body, whole.headers, drop=True)

    with Loopback(drop) as server:
        error = error_of(make(vendor, server.url), parse_pair(vendor.pair))
    assert type(error) is Transient, error
    assert error.charged
