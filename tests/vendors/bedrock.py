"""Amazon Bedrock, ``Converse``. The shapes are documented, not recorded: the SDK's service model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.chat_messages import answer, backwards, one_less, texts
from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor

MODEL = "amazon.nova-pro-v1:0"


def user(seen: Seen) -> str:
    return str(seen.json["messages"][0]["content"][0]["text"])


def sources(seen: Seen) -> Sequence[str]:
    return texts(user(seen))


def message(seen: Seen, *blocks: dict[str, Any], stop: str = "end_turn") -> Response:
    size = len(seen.body) // 4
    body = {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop,
        "usage": {"inputTokens": size, "outputTokens": 20, "totalTokens": size + 20, "cacheReadInputTokens": 8},
        "metrics": {"latencyMs": 12},
    }
    return Response.of(body, x_amzn_RequestId="req-1")


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return message(seen, {"text": answer(user(seen), translate)})


def spoilt(alter: Callable[[Any], Any]) -> Callable[[Seen], Response]:
    return lambda seen: message(seen, {"text": answer(user(seen), alter=alter)})


def error(status: int, kind: str, text: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda _: Response.of({"message": text}, status, x_amzn_ErrorType=kind, **headers)


VENDOR = Vendor(
    engine="bedrock",
    pair="de-en",
    options=lambda url: f'model = "{MODEL}"\nendpoint = "{url}"\nregion = "eu-west-1"',
    environment={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": error(429, "ThrottlingException", "Too many requests, please wait before trying again."),
        "rate limited with retry-after": error(429, "ThrottlingException", "Too many requests", Retry_After="1"),
        "server error": error(503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
        "malformed": lambda seen: Response(200, b'{"output": {"mess', {"Content-Type": "application/json"}),
        "wrong count": spoilt(one_less),
        "wrong order": spoilt(backwards),
        "bad key": error(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        "unsupported pair": error(400, "ValidationException", "The provided model identifier is invalid."),
        "too long": error(400, "ValidationException", "Input is too long for requested model: prompt is too long"),
        "refusal": lambda seen: message(seen, {"text": "No."}, stop="guardrail_intervened"),
        "truncated": lambda seen: message(seen, {"text": answer(user(seen))[:-9]}, stop="max_tokens"),
    },
    sdk="boto3",
)
"""AWS sends a bill, so there is no quota that could be used up."""
