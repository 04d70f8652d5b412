"""Anthropic's Messages API, as documented (docs.claude.com/en/api/messages, .../errors); documented, not recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.chat_messages import answer, backwards, one_less, texts
from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor

MODEL = "claude-test"


def user(seen: Seen) -> str:
    return str(seen.json["messages"][0]["content"])


def sources(seen: Seen) -> Sequence[str]:
    return texts(user(seen))


def message(seen: Seen, *texts_: str, stop: str = "end_turn", details: object = None) -> Response:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": f"{MODEL}-20261001",
        "content": [{"type": "text", "text": text} for text in texts_],
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details,
        "usage": {
            "input_tokens": len(seen.body) // 4,
            "cache_creation_input_tokens": 16,
            "cache_read_input_tokens": 8,
            "output_tokens": 20,
            "service_tier": "standard",
        },
    }
    return Response.of(body, request_id="req_1")


def error(status: int, kind: str, text: str, **headers: str) -> Response:
    body = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}
    return Response.of(body, status, **headers)


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return message(seen, answer(user(seen), translate))


def limited(**headers: str) -> Response:
    text = "This request would exceed your organization's rate limit of 50 requests per minute."
    return error(429, "rate_limit_error", text, **headers)


def spoilt(alter: Callable[[Any], Any]) -> Callable[[Seen], Response]:
    return lambda seen: message(seen, answer(user(seen), alter=alter))


EMPTY = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade."

VENDOR = Vendor(
    engine="anthropic",
    pair="de-en",
    options=lambda url: f'model = "{MODEL}"\nendpoint = "{url}"',
    environment={"ANTHROPIC_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": lambda _: limited(),
        "rate limited with retry-after": lambda _: limited(Retry_After="1"),
        "server error": lambda _: error(529, "overloaded_error", "Overloaded"),
        "malformed": lambda _: Response(200, b'{"id": "msg_1", "type": "mess', {"Content-Type": "application/json"}),
        "wrong count": spoilt(one_less),
        "wrong order": spoilt(backwards),
        "quota exhausted": lambda _: error(400, "invalid_request_error", EMPTY),
        "bad key": lambda _: error(401, "authentication_error", "invalid x-api-key"),
        "too long": lambda _: error(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
        "refusal": lambda seen: message(
            seen, stop="refusal", details={"type": "refusal", "category": "bio", "explanation": "Not this one."}
        ),
        "truncated": lambda seen: message(seen, answer(user(seen))[:-9], stop="max_tokens"),
    },
)
