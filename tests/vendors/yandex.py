"""Yandex Translate v2, ``POST /translate/v2/translate``. The shapes are documented, not recorded: yandex.cloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["texts"])


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return Response.of({"translations": [{"text": translate(text)} for text in sources(seen)]})


def wrong_count(seen: Seen) -> Response:
    return Response.of({"translations": [{"text": text} for text in sources(seen)[:-1]]})


def answers(status: int, code: int, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"code": code, "message": message, "details": []}, status, **headers)


VENDOR = Vendor(
    engine="yandex",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"YANDEX_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, 8, "limit on requests was exceeded"),
        "rate limited with retry-after": answers(429, 8, "limit on requests was exceeded", Retry_After="1"),
        "server error": answers(503, 14, "unavailable"),
        "malformed": lambda seen: Response(200, b'{"translations": [{"te', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "bad key": answers(401, 16, "Unknown api key 'AQVN****'"),
        "unsupported pair": answers(400, 3, "unsupported target language: xx"),
        "too long": answers(400, 3, "texts: total length must not exceed 10000 characters"),
    },
)
"""Yandex Cloud sends a bill: there is no quota that could be used up."""
