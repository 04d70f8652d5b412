"""OpenAI's chat completions, as documented (platform.openai.com/docs/api-reference/chat); documented, not recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.chat_messages import answer, backwards, one_less, texts
from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor

MODEL = "gpt-test"
REFUSAL = "I'm sorry, but I can't assist with that request."


def user(seen: Seen) -> str:
    return str(seen.json["messages"][1]["content"])


def sources(seen: Seen) -> Sequence[str]:
    return texts(user(seen))


def completion(seen: Seen, content: str | None, finish: str = "stop", refusal: str | None = None) -> Response:
    size = len(seen.body) // 4
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": f"{MODEL}-2026-10-01",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal, "annotations": []},
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": size,
            "completion_tokens": 20,
            "total_tokens": size + 20,
            "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }
    return Response.of(body, x_request_id="req_1")


def error(status: int, message: str, kind: str, code: str | None, **headers: str) -> Response:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Response.of(body, status, **headers)


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return completion(seen, answer(user(seen), translate))


def limited(**headers: str) -> Response:
    message = "Rate limit reached for gpt-test in organization org-x on requests per min (RPM): Limit 3, Used 3."
    return error(429, message, "requests", "rate_limit_exceeded", **headers)


def spoilt(alter: Callable[[Any], Any]) -> Callable[[Seen], Response]:
    return lambda seen: completion(seen, answer(user(seen), alter=alter))


QUOTA = "You exceeded your current quota, please check your plan and billing details."
TOO_LONG = "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."

VENDOR = Vendor(
    engine="openai",
    pair="de-en",
    options=lambda url: f'model = "{MODEL}"\nendpoint = "{url}/v1"',
    environment={"OPENAI_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": lambda _: limited(),
        "rate limited with retry-after": lambda _: limited(Retry_After="1"),
        "server error": lambda _: error(503, "The engine is currently overloaded.", "overloaded", None),
        "malformed": lambda _: Response(
            200, b'{"id": "chatcmpl-1", "choices": [', {"Content-Type": "application/json"}
        ),
        "wrong count": spoilt(one_less),
        "wrong order": spoilt(backwards),
        "quota exhausted": lambda _: error(429, QUOTA, "insufficient_quota", "insufficient_quota"),
        "bad key": lambda _: error(
            401, "Incorrect API key provided: secret-k*****cdef.", "invalid_request_error", "invalid_api_key"
        ),
        "too long": lambda _: error(400, TOO_LONG, "invalid_request_error", "context_length_exceeded"),
        "refusal": lambda seen: completion(seen, None, refusal=REFUSAL),
        "truncated": lambda seen: completion(seen, answer(user(seen))[:-9], finish="length"),
    },
    # Named, because an endpoint that is not OpenAI's gets a key only then.
    extra='api_key_env = "OPENAI_API_KEY"',
)
