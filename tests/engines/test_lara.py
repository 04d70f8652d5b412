from __future__ import annotations

import pytest

from harness.engines.interface import Limits
from harness.errors import AuthFailed, Transient
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Loopback, Response, Seen
from tests.needs import needs
from tests.vendors.base import KEY, shout
from tests.vendors.lara import TOKEN, VENDOR, answers

needs("lara_sdk")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", [name for name in VENDOR.faults if name != "wrong count"])
def test_faults_of_the_first_request(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults_once_there_is_a_token(fault: str) -> None:
    def handler(seen: Seen) -> Response:
        return VENDOR.faults[fault](seen) if VENDOR.sources(seen) else VENDOR.success(seen, shout)

    with Loopback(handler) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
        assert len(server.ledger) == 2
    assert type(error) is remote.ERRORS[fault], error
    if fault == "rate limited with retry-after":
        assert isinstance(error, Transient)
        assert error.retry_after == 1.0


def test_a_token_once_and_one_request_for_a_batch() -> None:
    with Loopback(remote.succeed(VENDOR)) as server:
        engine = remote.make(VENDOR, server.url, limits=Limits(max_segments=2))
        replies = remote.translate(engine, PAIR, ["Straße", "Zwei", "Drei"])
        assert [seen.path for seen in server.ledger] == ["/v2/auth", "/v2/translate", "/v2/translate"]
        auth, first, _ = server.ledger
    assert auth.json == {"id": "lara-id"}
    assert KEY not in f"{auth.headers}{auth.body!r}{first.headers}{first.body!r}", "the secret only signs"
    assert first.headers["Authorization"] == f"Bearer {TOKEN}"
    assert first.json["q"] == ["Straße", "Zwei"]
    assert (first.json["source"], first.json["target"], first.json["content_type"]) == ("de", "en", "text/plain")
    assert remote.texts(replies) == ["«Straße»", "«Zwei»", "«Drei»"]


def test_options() -> None:
    extra = """
style = "faithful"
adapt_to = ["m-1", "m-2"]
glossaries = ["g-1"]
instructions = ["Be brief."]
styleguide_id = "s-1"
"""
    expected = {
        "style": "faithful", "adapt_to": ["m-1", "m-2"], "glossaries": ["g-1"], "instructions": ["Be brief."],
        "styleguide_id": "s-1",
    }  # fmt: skip
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url, extra), PAIR)
        assert expected.items() <= server.ledger[-1].json.items()
    assert expected.items() <= remote.make(VENDOR, extra=extra).identity(PAIR).options.items()


def test_keys_that_are_wrong_are_told_by_the_first_request() -> None:
    wrong = answers(401, "Unauthorized", "Invalid access key")
    assert type(remote.error_from(VENDOR, wrong)) is AuthFailed


def test_a_page_in_place_of_an_answer() -> None:
    page = Response(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})
    error = remote.error_from(VENDOR, lambda seen: page)
    assert type(error) is Transient
    assert "502" in str(error)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LARA_ACCESS_KEY_SECRET")
    remote.check_no_key(remote.make(VENDOR), PAIR, "LARA_ACCESS_KEY_SECRET")


def test_no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    remote.check_no_sdk(VENDOR, monkeypatch, missing="lara_sdk")
