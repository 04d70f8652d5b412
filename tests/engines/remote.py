"""Talking to an engine for a service that is on loopback."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.engines.interface import Batch, EngineContext, Limits, RemoteEngine, Reply
from harness.errors import (
    AuthFailed,
    BadOutput,
    EngineError,
    EngineUnavailable,
    Garbled,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.testing import batch_of, engine_contract, texts_of
from harness.types import LangPair, SystemName
from harness.workspace.config import parse_model
from harness.workspace.languages import parse_pair
from harness.workspace.registry import load
from tests.loopback import Handler, Loopback, Response, Seen
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
    "malformed": Garbled,
    "wrong count": BadOutput,
    "quota exhausted": QuotaExhausted,
    "bad key": AuthFailed,
    "unsupported pair": Unsupported,
    "too long": TooLarge,
}
"""The exact class each fault must become."""


NOWHERE = "http://127.0.0.1:1"
"""The address of a service that is not asked anything."""


def with_keys(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """The vendor, once its keys are in the environment."""
    vendor.needs()
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    return vendor


def build(vendor: Vendor, options: dict[str, Any], api_key_env: str = "") -> Any:
    """The vendor's engine with these options and no others."""
    factory = load("engines", vendor.engine)
    context = EngineContext(SystemName("test"), Path("systems/test"), api_key_env)
    return factory(parse_model(factory.Options, options, "test [options]"), context)


def make(vendor: Vendor, url: str = NOWHERE, extra: str = "", limits: Limits | None = None) -> Any:
    """The vendor's engine, as a system file with these lines among its options would make it."""
    engine = build(vendor, {**tomllib.loads(vendor.options(url)), **tomllib.loads(extra)})
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


def exchange(
    vendor: Vendor,
    sources: Sequence[str] = ("Eins",),
    extra: str = "",
    pair: LangPair | None = None,
    handler: Handler | None = None,
) -> tuple[Reply, Seen]:
    """The reply to the sources, which go out in one request, and that request as the service saw it."""
    with Loopback(handler or succeed(vendor)) as server:
        (reply,) = translate(make(vendor, server.url, extra), pair or parse_pair(vendor.pair), sources)
        (seen,) = server.ledger
    return reply, seen


def sent(vendor: Vendor, extra: str = "", pair: LangPair | None = None) -> Seen:
    """What goes out for one text."""
    return exchange(vendor, extra=extra, pair=pair)[1]


def error_from(vendor: Vendor, handler: Handler, extra: str = "") -> EngineError:
    """The error the engine raises after exactly one request, to which the service answers this."""
    with Loopback(handler) as server:
        error = error_of(make(vendor, server.url, extra), parse_pair(vendor.pair))
        assert len(server.ledger) == 1
    return error


def check_may_be_charged(error: EngineError) -> None:
    """It may pass, and the service may have done the work."""
    assert type(error) in {Transient, Garbled}, error
    assert isinstance(error, Transient)
    assert error.charged


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
    error = error_from(vendor, vendor.faults[fault])
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

    check_may_be_charged(error_from(vendor, drop))


def check_undocumented(vendor: Vendor, body: str) -> None:
    """A success with a body that is not what is documented: nobody knows what was done for it."""
    response = Response(200, body.encode(), {"Content-Type": "application/json"})
    check_may_be_charged(error_from(vendor, lambda seen: response))


def check_no_key(engine: Any, pair: LangPair, variable: str) -> None:
    """The variable is asked for before anything is sent, and not before: cached answers need no key."""
    engine.supports(pair)
    engine.identity(pair)
    with pytest.raises(EngineUnavailable) as caught:
        engine.ready()
    assert variable in caught.value.hint
    assert isinstance(engine, RemoteEngine)


def check_no_sdk(vendor: Vendor, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Without this package of its SDK the engine says how to install it."""
    monkeypatch.setattr("harness.engines.keys.find_spec", lambda name: None if name == missing else name)
    with pytest.raises(EngineUnavailable) as caught:
        make(vendor).ready()
    assert missing in str(caught.value)
    assert caught.value.hint == f"pip install 'translation-harness[{vendor.engine}]'"
