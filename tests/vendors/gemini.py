"""The Gemini API, as documented (ai.google.dev/api/generate-content, .../troubleshooting); documented, not recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.chat_messages import answer, backwards, one_less, texts
from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor

MODEL = "gemini-test"


def user(seen: Seen) -> str:
    return str(seen.json["contents"][0]["parts"][0]["text"])


def sources(seen: Seen) -> Sequence[str]:
    return texts(user(seen))


def generated(seen: Seen, *candidates: dict[str, Any], **more: object) -> Response:
    body = {
        "candidates": list(candidates),
        "usageMetadata": {
            "promptTokenCount": len(seen.body) // 4,
            "cachedContentTokenCount": 8,
            "candidatesTokenCount": 16,
            "thoughtsTokenCount": 4,
            "totalTokenCount": len(seen.body) // 4 + 20,
        },
        "modelVersion": f"{MODEL}-001",
        "responseId": "resp_1",
        **more,
    }
    return Response.of(body)


def candidate(*parts: dict[str, Any], finish: str = "STOP") -> dict[str, Any]:
    return {"content": {"parts": list(parts), "role": "model"}, "finishReason": finish, "index": 0}


def error(code: int, status: str, text: str, *details: dict[str, Any], **headers: str) -> Response:
    body = {"error": {"code": code, "message": text, "status": status, "details": list(details)}}
    return Response.of(body, code, **headers)


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return generated(seen, candidate({"text": answer(user(seen), translate)}))


def limited(*details: dict[str, Any]) -> Response:
    text = "You exceeded your current quota, please check your plan and billing details."
    return error(429, "RESOURCE_EXHAUSTED", text, *details)


def violation(quota: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {"quotaMetric": "generativelanguage.googleapis.com/generate_content_requests", "quotaId": quota}
        ],
    }


def spoilt(alter: Callable[[Any], Any]) -> Callable[[Seen], Response]:
    return lambda seen: generated(seen, candidate({"text": answer(user(seen), alter=alter)}))


MINUTE = violation("GenerateRequestsPerMinutePerProjectPerModel")
DAY = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
DELAY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
INVALID = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}
TOO_LONG = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."

VENDOR = Vendor(
    engine="gemini",
    pair="de-en",
    options=lambda url: f'model = "{MODEL}"\nendpoint = "{url}"',
    environment={"GEMINI_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": lambda _: limited(MINUTE),
        "rate limited with retry-after": lambda _: limited(MINUTE, DELAY),
        "server error": lambda _: error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "malformed": lambda _: Response(200, b'{"candidates": [', {"Content-Type": "application/json"}),
        "wrong count": spoilt(one_less),
        "wrong order": spoilt(backwards),
        "quota exhausted": lambda _: limited(DAY),
        "bad key": lambda _: error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", INVALID),
        "too long": lambda _: error(400, "INVALID_ARGUMENT", TOO_LONG),
        "refusal": lambda seen: generated(seen, promptFeedback={"blockReason": "PROHIBITED_CONTENT"}),
        "truncated": lambda seen: generated(seen, candidate({"text": answer(user(seen))[:-9]}, finish="MAX_TOKENS")),
    },
)
