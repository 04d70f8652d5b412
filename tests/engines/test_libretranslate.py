from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.interface import EngineContext, RemoteEngine
from harness.engines.libretranslate import LibreTranslateEngine, LibreTranslateOptions
from harness.errors import ConfigError, EngineUnavailable, Transient
from harness.testing import batch_of
from harness.types import LangPair, SystemName
from tests.engines import remote
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY
from tests.vendors.libretranslate import VENDOR

PAIR = LangPair("de", "en")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBRETRANSLATE_API_KEY", KEY)


def sent(extra: str = "", pair: LangPair = PAIR) -> Seen:
    """What goes out for one text."""
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url, extra), pair, ["Eins"])
        (seen,) = server.ledger
    return seen


def test_contract() -> None:
    remote.check_contract(VENDOR)


def test_every_character_survives() -> None:
    remote.check_round_trip(VENDOR)


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_no_connection_is_not_charged() -> None:
    remote.check_no_connection(VENDOR)


def test_a_lost_answer_may_be_charged() -> None:
    remote.check_lost_answer(VENDOR)


def test_one_request_for_a_batch() -> None:
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url + "/"), PAIR, ["Eins", "Zwei"])
        (seen,) = server.ledger
    assert seen.path == "/translate"
    assert seen.json == {"q": ["Eins", "Zwei"], "source": "de", "target": "en", "format": "text", "api_key": KEY}


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBRETRANSLATE_API_KEY")
    assert "api_key" not in sent().json
    remote.make(VENDOR, "http://127.0.0.1:1").ready()


def test_a_key_that_was_named_is_needed() -> None:
    context = EngineContext(SystemName("test"), Path("systems/test"), "MY_KEY")
    engine = LibreTranslateEngine(LibreTranslateOptions(endpoint="http://127.0.0.1:1"), context)
    assert isinstance(engine, RemoteEngine)
    with pytest.raises(EngineUnavailable) as caught:
        engine.ready()
    assert "MY_KEY" in caught.value.hint
    with pytest.raises(EngineUnavailable):
        remote.translate(engine, PAIR)


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [("zh-Hant", "pt-BR", ("zt", "pb")), ("en-GB", "zh", ("en", "zh")), ("nb", "pt", ("nb", "pt"))],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    body = sent(pair=LangPair(source, target)).json
    assert (body["source"], body["target"]) == on_the_wire


def test_a_server_may_have_other_codes() -> None:
    body = sent('languages = { zh-Hant = "zh-Hant" }', LangPair("zh-Hant", "en")).json
    assert body["source"] == "zh-Hant"


def test_another_server_may_have_other_models() -> None:
    one, same, other, newer = (
        remote.make(VENDOR, url, extra).identity(PAIR)
        for url, extra in [
            ("http://127.0.0.1:1", ""),
            ("http://127.0.0.1:1/", ""),
            ("http://127.0.0.1:2", ""),
            ("http://127.0.0.1:1", 'version = "2"'),
        ]
    )
    assert one == same
    assert len({str(one), str(other), str(newer)}) == 3


@pytest.mark.parametrize("body", [b'{"translatedText": "Eins"}', b"[]", b'{"translatedText": [1, 2]}', b"null"])
def test_json_of_another_shape(body: bytes) -> None:
    with Loopback(lambda seen: Response(200, body)) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
    assert type(error) is Transient
    assert error.charged


def test_an_address_is_required() -> None:
    with pytest.raises(ConfigError, match="endpoint"):
        remote.make(VENDOR, "ftp://127.0.0.1")


def test_the_worst_is_the_source() -> None:
    assert remote.make(VENDOR, "http://127.0.0.1:1").worst_usage(batch_of(["Straße", "🫖"], PAIR)) == {"characters": 7}
