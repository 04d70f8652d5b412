from __future__ import annotations

import pytest

from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Response, Seen
from tests.vendors.base import KEY
from tests.vendors.modernmt import VENDOR

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch_and_a_receipt_from_it() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    assert (seen.method, seen.path) == ("POST", "/translate")
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert (headers["mmt-apikey"], headers["x-http-method-override"]) == (KEY, "GET")
    assert seen.json == {
        "q": ["Straße", "Zwei"], "source": "de", "target": "en", "format": "text/plain", "multiline": False,
    }  # fmt: skip
    assert reply.receipt.usage == {"characters": 10}


def test_options() -> None:
    extra = """
hints = [8, 3]
context_vector = "1:0.5"
glossaries = ["g"]
ignore_glossary_case = true
mask_profanities = true
"""
    expected = {
        "hints": "8,3", "context_vector": "1:0.5", "glossaries": ["g"], "ignore_glossary_case": True,
        "mask_profanities": True,
    }  # fmt: skip
    assert expected.items() <= remote.sent(VENDOR, extra).json.items()
    assert remote.make(VENDOR, extra=extra).identity(PAIR).options["hints"] == [8, 3]


def test_usage_that_is_not_whole_is_none() -> None:
    def partly(seen: Seen) -> Response:
        return Response.of({"status": 200, "data": [{"translation": "a", "billedCharacters": 1}, {"translation": "b"}]})

    reply, _ = remote.exchange(VENDOR, ["Eins", "Zwei"], handler=partly)
    assert reply.receipt.usage == {}


@pytest.mark.parametrize("body", ["[]", '{"data": {}}', "<html>"])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODERNMT_API_KEY")
    remote.check_no_key(remote.make(VENDOR), PAIR, "MODERNMT_API_KEY")
