"""Lara, ``/v2/auth`` and ``/v2/translate``. The shapes are documented, not recorded: its SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor

TOKEN = "head.eyJleHAiOiA5OTk5OTk5OTk5fQ.tail"
"""A token whose middle says that it ends in the year 2286."""


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["q"]) if seen.path == "/v2/translate" else []


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    if seen.path == "/v2/auth":
        return Response.of({"token": TOKEN})
    found = [translate(text) for text in sources(seen)]
    return Response.of({"content_type": "text/plain", "source_language": "de", "translation": found})


def wrong_count(seen: Seen) -> Response:
    body = json.loads(success(seen, str).body)
    if "token" in body:
        return Response.of(body)
    return Response.of({**body, "translation": body["translation"][:-1]})


def answers(status: int, kind: str, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"type": kind, "message": message}, status, **headers)


VENDOR = Vendor(
    engine="lara",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"LARA_ACCESS_KEY_ID": "lara-id", "LARA_ACCESS_KEY_SECRET": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, "TooManyRequests", "Too many requests"),
        "rate limited with retry-after": answers(429, "TooManyRequests", "Too many requests", Retry_After="1"),
        "server error": answers(503, "ServiceUnavailable", "Service unavailable"),
        "malformed": lambda seen: Response(200, b'{"translation": ["', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(402, "PaymentRequired", "The plan's characters are used up"),
        "bad key": answers(403, "Forbidden", "Access key is disabled"),
        "unsupported pair": answers(400, "BadRequest", "Unsupported target language: xx"),
        "too long": answers(413, "PayloadTooLarge", "Payload too large"),
    },
    sdk="lara_sdk",
)
