"""A filter, a wrong key, a full account, a full minute and a long text, in the words of the vendors."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.engines.chat.answer import service_error
from harness.engines.wire.errors import classify, lost
from harness.engines.wire.retry_hints import UNSAID, duration, retry_after
from harness.errors import (
    AuthFailed,
    BadRequest,
    Declined,
    EngineError,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Unsupported,
)

FILTERED = [
    (400, {"error": {"message": "Output blocked by content filtering policy", "type": "invalid_request_error"}}),
    (400, {"error": {"message": "Invalid prompt: your prompt was flagged as ...", "code": "invalid_prompt"}}),
    (400, {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
    (400, {"error": {"code": "content_policy_violation", "message": "Your request was rejected"}}),
    (400, {"error": {"message": "Content Exists Risk", "code": "invalid_request_error"}}),
    (400, {"error": {"message": "<400> InternalError.Algo.DataInspectionFailed: x", "code": "data_inspection_failed"}}),
    (400, {"error": {"message": "The request was rejected because it was considered high risk"}}),
    (400, {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}}),
    (400, {"error": {"code": "InputTextSensitiveContentDetected", "message": "The request failed"}}),
    (400, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
    (403, {"error": {"code": 403, "message": "Your chosen model requires moderation and your input was flagged"}}),
    (403, {"code": "permission-denied", "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE"}),
    (403, {"error": {"code": "permission_denied", "message": "Request blocked: prompt injection patterns detected"}}),
    (422, {"detail": "Text violates our usage policies"}),
    (451, {"error": {"type": "censorship_blocked", "message": "The content you provided is blocked."}}),
    (500, {"error": {"message": "litellm.ContentPolicyViolationError: rejected by the safety system"}}),
]


@pytest.mark.parametrize(("status", "body"), FILTERED)
def test_a_content_filter_refuses_one_text(status: int, body: dict[str, object]) -> None:
    assert type(classify(status, body, {})) is Declined
    assert type(service_error(status, json.dumps(body), {}, "m")) is Declined


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            403,
            '{"error": {"message": "Your API key was reported as leaked", "status": "PERMISSION_DENIED"}}',
            AuthFailed,
        ),
        (403, '{"error": {"type": "permission_error", "message": "no"}}', AuthFailed),
        (403, '{"error": "Invalid API key"}', AuthFailed),
        (403, '{"__type": "AccessDeniedException"}', AuthFailed),
        (403, '{"error": {"code": "403000", "message": "The operation is not allowed."}}', AuthFailed),
        (403, '{"error": {"code": "unsupported_country_region_territory", "message": "x"}}', AuthFailed),
        (403, '{"message": "Your account has been suspended after it was flagged"}', AuthFailed),
        (400, '{"code": "x", "error": "Incorrect API key provided: ab***. You can obtain one at ..."}', AuthFailed),
        (403, '{"error": {"message": "Key limit exceeded (total limit)"}}', QuotaExhausted),
        (400, '{"error": {"code": "Arrearage", "message": "Access denied, make sure ..."}}', QuotaExhausted),
        (403, '{"code": "AllocationQuota.FreeTierOnly", "message": "x"}', QuotaExhausted),
        (400, '{"error": {"message": "You have reached your specified API usage limits."}}', QuotaExhausted),
        (403, "<html><title>403 Forbidden</title><body>Access denied by the firewall</body></html>", BadRequest),
        (403, '{"error": {"message": "no"}, "flagged_input": "Your API key is invalid"}', BadRequest),
        (429, '{"error": {"message": "exceeds the maximum number of tokens per minute"}}', RateLimited),
        (429, '{"error": {"message": "Rate limit: Limit 30000, Used 29000, Requested 3000."}}', RateLimited),
        (429, '{"error": {"message": "Rate limit: Limit 30000, Requested 40000."}}', TooLarge),
    ],
)
def test_key_account_rate_and_length(status: int, body: str, expected: type[EngineError]) -> None:
    assert type(classify(status, body, {})) is expected
    assert type(service_error(status, body, {}, "m")) is expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14s", 14.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        ("20 seconds", 20.0),
        ("1 minute, 5 seconds", 65.0),
        ("soon", UNSAID),
        ("14s ago", UNSAID),
        ("", UNSAID),
    ],
)
def test_duration(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


DATE = {"Date": "Fri, 27 Nov 2026 00:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, '{"error": {"message": "Limit reached. Please try again in 14.0s. Visit ..."}}', 14.0),
        ({}, "Please retry after 44 seconds.", 44.0),
        ({}, '{"detail": "Request was throttled. Expected available in 23 seconds."}', 23.0),
        ({}, '{"retry_after": 20}', 20.0),
        ({}, '{"parameters": {"retry_after_ms": 1500}}', 1.5),
        ({}, "Slowdown: 30 per 1 minute", UNSAID),
        ({"x-ratelimit-reset-requests": "14s"}, "", 14.0),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}, "", 1.0),
        (
            {
                "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            "",
            360.0,
        ),
        ({**DATE, "anthropic-ratelimit-tokens-reset": "2026-11-27T00:00:30Z"}, "", 30.0),
        ({**DATE, "X-RateLimit-Reset": "1795737610"}, "", 10.0),
        ({**DATE, "X-RateLimit-Reset": "1795737610500"}, "", 10.5),
        ({"RateLimit-Reset": "7"}, "", 7.0),
        ({"RateLimit": "limit=10, remaining=0, reset=7"}, "", 7.0),
        ({"RateLimit": '"default";r=0;t=9'}, "", 9.0),
        ({**DATE, "Retry-After": "Fri, 27 Nov 2026 00:00:10 GMT"}, "", 10.0),
        ({"Retry-After": "3", "x-ratelimit-reset-requests": "14s"}, "Please try again in 9s", 3.0),
        ({"x-ratelimit-limit-requests": "60"}, "", UNSAID),
        ({"Retry-After": "30s"}, "", 30.0),
        ({"Retry-After": "1 minute"}, "", 60.0),
        ({**DATE, "Retry-After": "1795737610"}, "", 10.0),
        ({**DATE, "Retry-After": "2026-11-27T00:00:10Z"}, "", 10.0),
        ({"x-ratelimit-retry-after": "8"}, "", 8.0),
        ({"x-retry-after-ms": "800"}, "", 0.8),
        ({"X-RateLimit-Reset-After": "2.5"}, "", 2.5),
        ({"Retry-After": "-5", "x-ratelimit-reset-requests": "14s"}, "", 14.0),
        ({"Retry-After": "0", "x-ratelimit-reset-requests": "14s"}, "", 14.0),
        ({**DATE, "Retry-After": "Fri, 27 Nov 2020 00:00:00 GMT"}, "Please try again in 9s", 9.0),
        ({"Retry-After": "soon", "retry-after-ms": "nan"}, '{"retry_after_seconds": 12}', 12.0),
        ({"Retry-After": "Fri, 27 Nov 99999 00:00:00 GMT"}, "", UNSAID),
        ({"Retry-After": "1e400"}, "", UNSAID),
        ({"Retry-After": "soon"}, '{"retryAfterMs": 1500}', 1.5),
        ({}, '{"resets_in_seconds": 40}', 40.0),
        ({}, '{"message": "请求过于频繁,请在30秒后重试"}', 30.0),
        ({}, "5 分钟后再试", 300.0),
        ({}, "30秒後にもう一度お試しください", 30.0),
        ({}, "30초 후에 다시 시도하세요", 30.0),
        ({}, "Повторите через 30 секунд", 30.0),
        ({}, "Versuchen Sie es in 30 Sekunden erneut", UNSAID),
        ({}, "Réessayez dans 2 minutes", 120.0),
        ({}, "Inténtelo de nuevo", UNSAID),
    ],
)
def test_where_services_say_how_long_to_wait(headers: dict[str, str], body: str, seconds: float) -> None:
    assert retry_after(headers, body) == pytest.approx(seconds)


@settings(max_examples=40)
@given(
    name=st.sampled_from(["Retry-After", "retry-after-ms", "x-ratelimit-reset-tokens", "RateLimit", "Date"]),
    value=st.one_of(st.text(max_size=40), st.from_regex(r"-?[0-9.eE+]{1,12}( ?(s|ms|GMT|Z))?", fullmatch=True)),
    body=st.one_of(st.text(max_size=60), st.floats().map(lambda number: json.dumps({"retry_after": number}))),
)
def test_whatever_a_service_says_is_a_time_or_none(name: str, value: str, body: str) -> None:
    wait = retry_after({name: value, "x-ratelimit-reset": value}, body)
    assert wait == UNSAID or 0 <= wait < math.inf


def test_a_body_of_times_without_end_takes_no_time() -> None:
    began = time.process_time()
    for piece in ("14s", "1", "try again in 5", "1.1", "秒 3"):
        retry_after({}, piece * 30_000)
    assert time.process_time() - began < 5


def test_openrouter_hands_on_headers_and_the_reason() -> None:
    metadata = {"headers": {**DATE, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795737610000"}}
    error = classify(429, {"error": {"message": "m", "metadata": metadata}}, {})
    assert isinstance(error, RateLimited)
    assert error.retry_after == 10.0
    reason = {"raw": "m is temporarily rate-limited upstream", "provider_name": "P"}
    error = classify(429, {"error": {"code": 429, "message": "Provider returned error", "metadata": reason}}, {})
    assert "Provider returned error: P says m is temporarily rate-limited upstream" in str(error)


@pytest.mark.parametrize(
    ("message", "option"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "output_limit"),
        ("Unrecognized request argument supplied: max_completion_tokens", 'output_limit = "max_tokens"'),
        ("'response_format' of type 'json_schema' is not supported with this model", "structured"),
        ("`temperature` is deprecated for this model.", "temperature"),
    ],
)
def test_the_option_behind_a_parameter_is_named(message: str, option: str) -> None:
    error = service_error(400, json.dumps({"error": {"message": message}}), {}, "m", "OpenAI")
    assert isinstance(error, Unsupported)
    assert option in error.hint


def test_a_server_that_does_not_run_is_named() -> None:
    import httpx

    refused = httpx.ConnectError("refused", request=httpx.Request("POST", "http://u:secret@127.0.0.1:9/v1?key=secret"))
    error = lost(refused)
    assert str(error).startswith("no connection to 127.0.0.1:9: ConnectError")
    assert "secret" not in str(error)
