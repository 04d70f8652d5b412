from __future__ import annotations

import pytest

from harness.engines.services.tencent import signed
from harness.errors import (
    AuthFailed,
    BadRequest,
    EngineError,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.vendors.base import KEY
from tests.vendors.tencent import VENDOR, said

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch_and_a_receipt_from_it() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert (seen.method, seen.path) == ("POST", "/")
    assert {name: headers[name] for name in ("x-tc-action", "x-tc-version", "x-tc-region", "content-type")} == {
        "x-tc-action": "TextTranslateBatch", "x-tc-version": "2018-03-21", "x-tc-region": "ap-guangzhou",
        "content-type": "application/json",
    }  # fmt: skip
    assert KEY not in str(headers)
    assert seen.json == {"Source": "de", "Target": "en", "ProjectId": 0, "SourceTextList": ["Straße", "Zwei"]}
    assert remote.texts([reply]) == ["«Straße»", "«Zwei»"]
    assert (reply.receipt.usage, reply.receipt.request_id) == ({"characters": 10}, "request-1")


def test_what_arrives_is_what_was_signed() -> None:
    seen = remote.sent(VENDOR)
    headers = {name.lower(): value for name, value in seen.headers.items()}
    again = signed(
        f"http://{headers['host']}/", seen.body,
        name="AKIDEXAMPLE", secret=KEY, at=int(headers["x-tc-timestamp"]),
    )  # fmt: skip
    assert again.items() <= headers.items()


def test_the_signature_is_that_of_tencent_s_own_library() -> None:
    """As tencentcloud-sdk-python-common 3.1.50 signs the same request."""
    content = b'{"Source": "de", "Target": "en", "ProjectId": 0, "SourceTextList": ["Stra\\u00dfe"]}'
    headers = signed("https://tmt.tencentcloudapi.com/", content, name="AK", secret="SK", at=1795687200)
    assert headers == {
        "content-type": "application/json",
        "host": "tmt.tencentcloudapi.com",
        "x-tc-timestamp": "1795687200",
        "authorization": "TC3-HMAC-SHA256 Credential=AK/2026-11-26/tmt/tc3_request, SignedHeaders=content-type;host, "
        "Signature=2cf08df0777d7c822674cdee255f62246c7ada8e8266455c6c7d774fd61b4bde",
    }


def test_options_and_codes() -> None:
    extra = 'region = "ap-beijing"\nproject = 7\nglossaries = ["t"]\nexample_repositories = ["s"]'
    seen = remote.sent(VENDOR, extra, LangPair("zh-Hant", "zh-CN"))
    assert {name.lower(): value for name, value in seen.headers.items()}["x-tc-region"] == "ap-beijing"
    assert seen.json == {
        "Source": "zh-TW", "Target": "zh", "ProjectId": 7, "SourceTextList": ["Eins"],
        "TermRepoIDList": ["t"], "SentRepoIDList": ["s"],
    }  # fmt: skip
    options = remote.make(VENDOR, extra=extra).identity(PAIR).options
    assert {"region": "ap-beijing", "glossaries": ["t"], "example_repositories": ["s"]}.items() <= options.items()
    assert "project" not in options


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AuthFailure.SignatureExpire", AuthFailed),
        ("UnauthorizedOperation", AuthFailed),
        ("RequestLimitExceeded.UinLimitExceeded", RateLimited),
        ("LimitExceeded.LimitedAccessFrequency", RateLimited),
        ("LimitExceeded", QuotaExhausted),
        ("FailedOperation.UserHasNoFreeAmount", QuotaExhausted),
        ("FailedOperation.ServiceIsolate", QuotaExhausted),
        ("FailedOperation.StopUsing", QuotaExhausted),
        ("FailedOperation.UserNotRegistered", QuotaExhausted),
        ("FailedOperation.ErrorUserArea", Unsupported),
        ("UnsupportedOperation.UnSupportedTargetLanguage", Unsupported),
        ("UnsupportedOperation.UnsupportedSourceLanguage", Unsupported),
        ("UnsupportedRegion", Unsupported),
        ("RequestSizeLimitExceeded", TooLarge),
        ("InternalError.BackendTimeout", Transient),
        ("FailedOperation.RequestAiLabErr", Transient),
        ("InvalidParameter.MissingParameter", BadRequest),
        ("FailedOperation", BadRequest),
    ],
)
def test_every_code_has_its_error(code: str, expected: type[EngineError]) -> None:
    """The service answers with the code of the error and status 200, and its words may be Chinese."""
    error = remote.error_from(VENDOR, said(code, "请求失败"))
    assert type(error) is expected, error
    assert f"请求失败 ({code})" in str(error)


def test_work_that_failed_in_the_service_may_have_been_billed() -> None:
    remote.check_may_be_charged(remote.error_from(VENDOR, said("InternalError", "Internal error.")))


@pytest.mark.parametrize(
    "body",
    ["[]", "{}", '{"Response": null}', '{"Response": {}}', '{"Response": {"TargetTextList": {}}}',
     '{"Response": {"TargetTextList": []}}', '{"Response": {"Error": "x"}}', '{"Response": {"Error": {"Code": 3}}}'],
)  # fmt: skip
def test_undocumented_answers(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_both_keys_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VENDOR.environment:
        with monkeypatch.context() as without:
            without.delenv(variable)
            remote.check_no_key(remote.make(VENDOR), PAIR, variable)
