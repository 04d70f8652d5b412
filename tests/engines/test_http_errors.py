from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from harness.engines.wire.errors import SHORT, UNSAID, classify, garbled, lost, retry_after, short
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


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, "", BadRequest),
        (400, '{"error": {"code": "context_length_exceeded"}}', TooLarge),
        (400, '{"error": {"message": "Your credit balance is too low"}}', QuotaExhausted),
        (400, '{"error": {"status": "API_KEY_INVALID"}}', AuthFailed),
        (400, '{"__type": "ThrottlingException"}', RateLimited),
        (400, "The text was: he eats once per day", BadRequest),
        (401, "", AuthFailed),
        (402, "", QuotaExhausted),
        (403, "Forbidden", BadRequest),
        (403, "", BadRequest),
        (403, "User Rate Limit Exceeded", RateLimited),
        (403, "userRateLimitExceeded", RateLimited),
        (403, "Daily Limit Exceeded", QuotaExhausted),
        (403, "dailyLimitExceeded", QuotaExhausted),
        (403, '{"error": {"code": 403001, "message": "no"}}', QuotaExhausted),
        (404, "", BadRequest),
        (408, "", Transient),
        (413, "", TooLarge),
        (422, "", BadRequest),
        (425, "", Transient),
        (429, "", RateLimited),
        (429, "Quota exceeded: requests per minute", RateLimited),
        (429, '{"error": {"code": "insufficient_quota"}}', QuotaExhausted),
        (429, '{"quotaId": "GenerateRequestsPerDayPerProject"}', QuotaExhausted),
        (429, "20 per 1 day", QuotaExhausted),
        (456, "", QuotaExhausted),
        (500, "", Transient),
        (503, "insufficient_quota", Transient),
        (529, "", Transient),
        (302, "", Unsupported),
    ],
)
def test_status_and_body_decide(status: int, body: str, expected: type[EngineError]) -> None:
    for form in (body, body.encode()):
        assert type(classify(status, form, {})) is expected


@pytest.mark.parametrize(
    ("status", "charged"),
    [(408, True), (500, True), (502, True), (504, True), (425, False), (503, False), (529, False)],
)
def test_only_what_says_that_nothing_was_done_is_free(status: int, charged: bool) -> None:
    error = classify(status, "", {})
    assert isinstance(error, Transient)
    assert error.charged is charged


def test_the_message_says_what_the_service_said() -> None:
    error = classify(400, {"error": {"message": "no such\nlanguage", "code": 17}}, {})
    assert str(error) == "the service: request refused (400): no such language (17)"
    assert str(classify(500, b"", {}, "X")) == "X: internal error of the service (500)"
    quota = "DeepL: quota exceeded (456). Upgrade the plan, or wait until it resets"
    assert str(classify(456, b'{"message": "Quota Exceeded"}', {}, "DeepL")) == quota


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After-Ms": "250", "Retry-After": "3"}, 0.25),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "soon"}, UNSAID),
        ({"Retry-After": "-1"}, UNSAID),
        ({"Retry-After": "nan"}, UNSAID),
        ({"Retry-After": "inf"}, UNSAID),
        ({"Retry-After": ""}, UNSAID),
        ({}, UNSAID),
        ({"Retry-After": "Fri, 01 Jan 2021 00:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("gmt", [True, False])
def test_retry_after_as_a_date(gmt: bool) -> None:
    when = datetime.now(UTC) + timedelta(seconds=30)
    header = format_datetime(when, usegmt=True) if gmt else when.strftime("%a, %d %b %Y %H:%M:%S")
    assert 25 < retry_after({"Retry-After": header}) <= 30


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ('{"error": {"details": [{"x": 1}, {"retryDelay": "2.5s"}]}}', 2.5),
        (b'{"error": {"details": [{"retryDelay": "7s"}]}}', 7.0),
        ('{"error": {"details": [{"retryDelay": "soon"}]}}', UNSAID),
        ('{"error": {"details": "2s"}}', UNSAID),
        ('{"error": "2s"}', UNSAID),
        ("[1]", UNSAID),
        ("<html>", UNSAID),
        (b"\xff", UNSAID),
    ],
)
def test_retry_delay_of_google(body: str | bytes, seconds: float) -> None:
    error = classify(429, body, {})
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('{"error": {"message": "m", "type": "t"}}', "m (t)"),
        ('{"error": {"message": "m"}}', "m"),
        ('{"error": "e"}', "e"),
        ('{"message": "m"}', "m"),
        ('{"detail": "d"}', "d"),
        ('[{"error": {"message": "m"}}]', "m"),
        ('{"other": 1}', '{"other": 1}'),
        ({"other": "ü"}, '{"other": "ü"}'),
        ("  a\n\tb\x1b[31m \u202e c  ", "a b [31m c"),
        (b"\xff\xfe", "��"),
        ("", ""),
    ],
)
def test_short(body: str | bytes | dict[str, str], line: str) -> None:
    assert short(body) == line


def test_short_is_short() -> None:
    assert len(short("x" * 10_000)) == SHORT
    assert short("[" * 100_000).endswith("...")


def test_a_success_that_cannot_be_read_may_have_been_billed() -> None:
    error = garbled(b'{"tex', "not JSON")
    assert error.charged
    assert "not JSON" in str(error)


def test_nothing_is_billed_without_a_connection() -> None:
    refused = ConnectionError("outer")
    refused.__cause__ = ConnectionRefusedError(111, "refused")
    assert not lost(refused).charged
    wrapped = RuntimeError(OSError("argument", ConnectionRefusedError("deep")))
    assert not lost(wrapped).charged
    assert lost(ConnectionResetError("peer")).charged
    assert lost(TimeoutError("read")).charged


def test_errors_in_a_ring_end() -> None:
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert lost(one).charged
