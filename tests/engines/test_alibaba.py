from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from harness.engines.services.alibaba import signed
from harness.errors import BadOutput
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Response, Seen
from tests.vendors.alibaba import VENDOR
from tests.vendors.base import KEY

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch_and_a_receipt_from_it() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert (seen.method, seen.path, headers["x-acs-action"]) == ("POST", "/", "GetBatchTranslate")
    assert headers["authorization"].startswith(
        "ACS3-HMAC-SHA256 Credential=LTAIEXAMPLE,SignedHeaders=content-type;host;"
    )
    assert KEY not in str(headers)
    form = {name: value for name, (value,) in parse_qs(seen.body.decode()).items()}
    assert form == {
        "FormatType": "text", "SourceLanguage": "de", "TargetLanguage": "en", "Scene": "general",
        "ApiType": "translate_standard", "SourceText": '{"0": "Straße", "1": "Zwei"}',
    }  # fmt: skip
    assert remote.texts([reply]) == ["«Straße»", "«Zwei»"]
    assert (reply.receipt.usage, reply.receipt.request_id) == ({"characters": 10}, "request-1")


def test_the_signature_is_that_of_alibaba_s_own_library() -> None:
    """As alibabacloud-openapi-util 0.2.4 signs the same request."""
    content = b"FormatType=text&SourceText=%7B%220%22%3A+%22Stra%C3%9Fe%22%7D"
    headers = signed(
        "https://mt.cn-hangzhou.aliyuncs.com/", "GetBatchTranslate", "2018-10-12", content,
        name="AK", secret="SK", at="2026-11-26T10:00:00Z", nonce="n-1",
    )  # fmt: skip
    signature = "bc06183af5a83ad1653ca70eea8086b7a2eecf3304f52749de1cb58fc3522e77"
    assert headers["authorization"].endswith(f";x-acs-version,Signature={signature}")


def test_options_and_codes() -> None:
    extra = 'edition = "translate_ecommerce"\nscene = "title"'
    seen = remote.sent(VENDOR, extra, LangPair("zh-Hant", "pt-BR"))
    form = {name: value for name, (value,) in parse_qs(seen.body.decode()).items()}
    assert (form["ApiType"], form["Scene"]) == ("translate_ecommerce", "title")
    assert (form["SourceLanguage"], form["TargetLanguage"]) == ("zh-tw", "pt")
    options = remote.make(VENDOR, extra=extra).identity(PAIR).options
    assert {"edition": "translate_ecommerce", "scene": "title"}.items() <= options.items()


def test_answers_under_unknown_numbers_are_none() -> None:
    def strange(seen: Seen) -> Response:
        return Response.of({"Code": 200, "TranslatedList": [{"index": "7", "translated": "x"}]})

    assert type(remote.error_from(VENDOR, strange)) is BadOutput


@pytest.mark.parametrize("body", ["[]", '{"Code": 200}', '{"Code": 200, "TranslatedList": [{}]}', "<html>"])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    remote.check_no_key(remote.make(VENDOR), PAIR, "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
