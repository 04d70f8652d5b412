from __future__ import annotations

import pytest

from harness.errors import ConfigError, EngineUnavailable
from harness.testing import batch_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Loopback, Response
from tests.vendors.base import KEY
from tests.vendors.libretranslate import VENDOR

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch() -> None:
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url + "/"), PAIR, ["Eins", "Zwei"])
        (seen,) = server.ledger
    assert seen.path == "/translate"
    assert seen.json == {"q": ["Eins", "Zwei"], "source": "de", "target": "en", "format": "text", "api_key": KEY}


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBRETRANSLATE_API_KEY")
    assert "api_key" not in remote.sent(VENDOR).json
    remote.make(VENDOR).ready()


def test_a_key_that_was_named_is_needed() -> None:
    engine = remote.build(VENDOR, {"endpoint": remote.NOWHERE}, "MY_KEY")
    remote.check_no_key(engine, PAIR, "MY_KEY")
    with pytest.raises(EngineUnavailable):
        remote.translate(engine, PAIR)


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [("zh-Hant", "pt-BR", ("zt", "pb")), ("en-GB", "zh", ("en", "zh")), ("nb", "pt", ("nb", "pt"))],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    body = remote.sent(VENDOR, pair=LangPair(source, target)).json
    assert (body["source"], body["target"]) == on_the_wire


def test_a_server_may_have_other_codes() -> None:
    body = remote.sent(VENDOR, 'languages = { zh-Hant = "zh-Hant" }', LangPair("zh-Hant", "en")).json
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
    remote.check_may_be_charged(remote.error_from(VENDOR, lambda seen: Response(200, body)))


def test_an_address_is_required() -> None:
    with pytest.raises(ConfigError, match="endpoint"):
        remote.make(VENDOR, "ftp://127.0.0.1")


def test_the_worst_is_the_source() -> None:
    assert remote.make(VENDOR).worst_usage(batch_of(["Straße", "🫖"], PAIR)) == {"characters": 7}
