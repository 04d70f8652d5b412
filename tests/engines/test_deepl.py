from __future__ import annotations

import asyncio
import time

import pytest

from harness.engines.interface import Limits
from harness.errors import ConfigError, Unsupported
from harness.testing import batch_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Loopback, Response, Seen
from tests.needs import needs
from tests.vendors.base import KEY
from tests.vendors.deepl import VENDOR, answers

needs("deepl")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch_and_a_receipt_from_it() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    assert seen.path == "/v2/translate"
    assert seen.headers["Authorization"] == f"DeepL-Auth-Key {KEY}"
    assert "requests/" not in seen.headers["User-Agent"], "the SDK would tell about this machine"
    assert seen.json == {
        "source_lang": "DE", "target_lang": "EN-US", "text": ["Straße", "Zwei"], "show_billed_characters": True,
    }  # fmt: skip
    assert reply.receipt.model == "quality_optimized"
    assert reply.receipt.usage == {"characters": 10}
    assert reply.receipt.request_id == "trace-1"


def test_options_reach_the_service_and_the_identity() -> None:
    extra = """
formality = "prefer_more"
model_type = "latency_optimized"
glossary_id = "g-1"
style_id = "s-1"
context = "A letter."
custom_instructions = ["Be brief."]
split_sentences = "0"
preserve_formatting = true
tag_handling = "xml"
"""
    body = remote.sent(VENDOR, extra).json
    expected = {
        "formality": "prefer_more", "model_type": "latency_optimized", "glossary_id": "g-1", "style_id": "s-1",
        "context": "A letter.", "custom_instructions": ["Be brief."], "split_sentences": "0",
        "preserve_formatting": True, "tag_handling": "xml",
    }  # fmt: skip
    assert {name: body[name] for name in expected} == expected
    identity = remote.make(VENDOR, extra=extra).identity(PAIR)
    assert identity.options == {"target": "EN-US", "endpoint": remote.NOWHERE, **expected}


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [
        ("de", "en", ("DE", "EN-US")),
        ("de", "en-GB", ("DE", "EN-GB")),
        ("en-GB", "pt", ("EN", "PT-PT")),
        ("pt-BR", "zh", ("PT", "ZH-HANS")),
        ("zh-Hant", "zh-Hans", ("ZH", "ZH-HANS")),
        ("zh-TW", "no", ("ZH", "NB")),
        ("no", "es-419", ("NB", "ES-419")),
    ],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    body = remote.sent(VENDOR, pair=LangPair(source, target)).json
    assert (body["source_lang"], body["target_lang"]) == on_the_wire


def test_which_english_is_meant_is_an_option_and_part_of_the_identity() -> None:
    extra = 'target_variants = { en = "en-GB" }'
    assert remote.sent(VENDOR, extra).json["target_lang"] == "EN-GB"
    british = remote.make(VENDOR, extra=extra).identity(PAIR)
    american = remote.make(VENDOR).identity(PAIR)
    assert (british.options["target"], american.options["target"]) == ("EN-GB", "EN-US")


def test_the_address_is_part_of_the_identity() -> None:
    one, other = (remote.make(VENDOR, f"http://127.0.0.1:{port}") for port in (1, 2))
    assert one.identity(PAIR) != other.identity(PAIR)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Bad request. Reason: Value for 'source_lang' not supported."),
        (400, "'formality' is not supported for given 'target_lang'."),
        (404, "Glossary not found"),
    ],
)
def test_what_deepl_does_not_serve(status: int, message: str) -> None:
    error = remote.error_from(VENDOR, answers(status, message))
    assert type(error) is Unsupported
    assert message in str(error)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPL_AUTH_KEY")
    remote.check_no_key(remote.make(VENDOR), PAIR, "DEEPL_AUTH_KEY")


def test_no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    remote.check_no_sdk(VENDOR, monkeypatch, missing="deepl")


def test_the_worst_is_the_source() -> None:
    engine = remote.make(VENDOR)
    assert engine.worst_usage(batch_of(["Straße", "🫖"], PAIR)) == {"characters": 7}


def test_the_largest_batch_fits_into_one_request() -> None:
    extra = f'context = "{"ü" * 9000}"'
    limit = remote.make(VENDOR, extra=extra).limits.max_bytes
    assert 20_000 < limit < 40_000
    _, seen = remote.exchange(VENDOR, ["ü" * (limit // 2)], extra)
    assert 100_000 < len(seen.body) <= 128 * 1024


def test_unknown_options_are_errors() -> None:
    with pytest.raises(ConfigError, match="formalty"):
        remote.make(VENDOR, extra='formalty = "more"')


def test_a_cancelled_request_keeps_nobody_waiting() -> None:
    """Neither the event loop, nor the end of the program, which joins the threads of asyncio's own pool."""

    def slow(seen: Seen) -> Response:
        whole = remote.succeed(VENDOR)(seen)
        return Response(200, whole.body, whole.headers, delay=60)

    async def give_up(url: str) -> None:
        engine = remote.make(VENDOR, url)
        try:
            async with asyncio.timeout(0.3):
                await engine.translate(batch_of(["Eins"], PAIR))
        finally:
            await engine.close()

    with Loopback(slow) as server:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(give_up(server.url))
        assert time.monotonic() - began < 30  # the answer takes 60


def test_a_service_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.engines.interface.MARGIN", 0.2)

    def slow(seen: Seen) -> Response:
        return Response(delay=3)

    with Loopback(slow) as server:
        engine = remote.make(VENDOR, server.url, limits=Limits(timeout=0.1))
        remote.check_may_be_charged(remote.error_of(engine, PAIR))


def test_glossaries_memory_and_tags() -> None:
    extra = """
glossary_ids = ["g-1", "g-2"]
translation_memory_id = "tm-1"
translation_memory_threshold = 80
tag_handling = "html"
tag_handling_version = "v2"
"""
    expected = {
        "glossary_ids": ["g-1", "g-2"], "translation_memory_id": "tm-1", "translation_memory_threshold": 80,
        "tag_handling": "html", "tag_handling_version": "v2",
    }  # fmt: skip
    body = remote.sent(VENDOR, extra).json
    assert {name: body[name] for name in expected} == expected
    assert expected.items() <= remote.make(VENDOR, extra=extra).identity(PAIR).options.items()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('glossary_id = "a"\nglossary_ids = ["b"]', "cannot be combined"),
        ('glossary_ids = ["1", "2", "3", "4", "5", "6"]', "glossary_ids"),
        ("translation_memory_threshold = 80", "needs a 'translation_memory_id'"),
        ('tag_handling_version = "v2"', "needs 'tag_handling'"),
    ],
)
def test_options_that_do_not_go_together(extra: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        remote.make(VENDOR, extra=extra)
