"""ModernMT, ``/translate``. The shapes are documented, not recorded: modernmt.com/api and its SDK."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["q"])


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    data = [
        {"translation": translate(text), "characters": len(text), "billedCharacters": len(text)}
        for text in sources(seen)
    ]
    return Response.of({"status": 200, "data": data})


def wrong_count(seen: Seen) -> Response:
    return Response.of({"status": 200, "data": [{"translation": text} for text in sources(seen)[:-1]]})


def answers(status: int, kind: str, message: str, **headers: str) -> Callable[[Seen], Response]:
    body = {"status": status, "error": {"type": kind, "message": message}}
    return lambda seen: Response.of(body, status, **headers)


VENDOR = Vendor(
    engine="modernmt",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"MODERNMT_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, "TooManyRequestsException", "Too many requests"),
        "rate limited with retry-after": answers(429, "TooManyRequestsException", "Too many", Retry_After="1"),
        "server error": answers(503, "ServiceUnavailableException", "The service is temporarily unavailable"),
        "malformed": lambda seen: Response(200, b'{"status": 200, "data": [', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(402, "PaymentRequiredException", "Your plan's characters are used up"),
        "bad key": answers(401, "AuthException", "Invalid API key"),
        "unsupported pair": answers(400, "ValidationException", "Unsupported target language: xx"),
        "too long": answers(413, "PayloadTooLargeException", "Payload too large"),
    },
)
