from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import AuthFailed, ConfigError, EngineError, EngineUnavailable, RateLimited, Transient, Unsupported
from harness.testing import batch_of
from harness.types import LangPair, Translated
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Handler, Loopback, Response, Seen
from tests.needs import needs
from tests.vendors.amazon import VENDOR, answers, success

needs("boto3")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.fixture(autouse=True)
def _no_other_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's files nor the metadata service of a cloud machine are asked."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_text_per_request() -> None:
    with Loopback(remote.succeed(VENDOR)) as server:
        replies = remote.translate(remote.make(VENDOR, server.url), PAIR, ["Eins", "Zwei"])
        first, second = server.ledger
    assert first.json == {"Text": "Eins", "SourceLanguageCode": "de", "TargetLanguageCode": "en"}
    assert second.json["Text"] == "Zwei"
    assert first.headers["X-Amz-Target"].endswith(".TranslateText")
    assert replies[0].receipt.request_id == "request-1"
    assert replies[0].receipt.usage == {}, "the service reports none"


def test_options_reach_the_service_and_the_identity() -> None:
    extra = 'terminology = "terms"\nformality = "formal"\nprofanity = "mask"\nbrevity = "on"'
    body = remote.sent(VENDOR, extra).json
    settings = {"Formality": "FORMAL", "Profanity": "MASK", "Brevity": "ON"}
    assert body["Settings"] == settings
    assert body["TerminologyNames"] == ["terms"]
    identity = remote.make(VENDOR, extra=extra).identity(PAIR)
    assert identity.options == {
        "target": "en", "terminology": "terms", "region": "eu-west-1", "endpoint": remote.NOWHERE, **settings,
    }  # fmt: skip


def test_the_region_is_not_part_of_the_identity_and_the_address_is() -> None:
    one = remote.make(VENDOR)
    assert one.identity(PAIR) == remote.make(VENDOR, extra='region = "us-east-1"').identity(PAIR)
    assert one.identity(PAIR) != remote.make(VENDOR, "http://127.0.0.1:2").identity(PAIR)
    assert one.identity(PAIR).options == {"target": "en", "endpoint": remote.NOWHERE}


def test_no_variable_sends_a_run_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_TRANSLATE", "http://127.0.0.1:2")
    engine = remote.build(VENDOR, {"region": "eu-west-1"})
    engine.ready()
    assert engine._client.meta.endpoint_url == "https://translate.eu-west-1.amazonaws.com"


def test_settings_the_service_left_out_are_counted() -> None:
    def without(seen: Seen) -> Response:
        whole = Seen("", "", {}, success(seen, str).body).json
        whole["AppliedSettings"] = {"Profanity": "MASK"}
        return Response.of(whole)

    extra = 'formality = "formal"\nprofanity = "mask"'
    reply, _ = remote.exchange(VENDOR, extra=extra, handler=without)
    (answer,) = reply.answers
    assert isinstance(answer, Translated)
    assert answer.notes == {"ignored_settings": 1}


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [
        ("en-GB", "zh-Hant", ("en", "zh-TW")),
        ("zh-Hans", "nb", ("zh", "no")),
        ("es-MX", "pt-PT", ("es", "pt-PT")),
        ("fil", "pt-BR", ("tl", "pt")),
    ],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    body = remote.sent(VENDOR, pair=LangPair(source, target)).json
    assert (body["SourceLanguageCode"], body["TargetLanguageCode"]) == on_the_wire


def test_codes_that_cannot_be_sent() -> None:
    with pytest.raises(Unsupported, match="sr-Latn"):
        remote.make(VENDOR).supports(LangPair("en", "sr-Latn"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answers(400, "TooManyRequestsException", "slow down"), RateLimited),
        (answers(400, "ExpiredTokenException", "The security token has expired"), AuthFailed),
        (answers(404, "ResourceNotFoundException", "no such terminology"), Unsupported),
        (answers(500, "InternalServerException", "oops"), Transient),
        (lambda seen: Response(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}), Transient),
    ],
)
def test_the_code_decides(fault: Handler, error: type[EngineError]) -> None:
    assert type(remote.error_from(VENDOR, fault)) is error


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VENDOR.environment:
        monkeypatch.delenv(name)
    remote.check_no_key(remote.make(VENDOR), PAIR, "AWS_ACCESS_KEY_ID")


def test_no_region() -> None:
    with pytest.raises(EngineUnavailable, match="region") as caught:
        remote.make(VENDOR, extra='region = ""').ready()
    assert "AWS_DEFAULT_REGION" in caught.value.hint


def test_no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    remote.check_no_sdk(VENDOR, monkeypatch, missing="boto3")


def test_only_values_that_exist() -> None:
    with pytest.raises(ConfigError, match="formality"):
        remote.make(VENDOR, extra='formality = "very"')


def test_the_worst_is_the_source() -> None:
    assert remote.make(VENDOR).worst_usage(batch_of(["Straße"], PAIR)) == {"characters": 6}
