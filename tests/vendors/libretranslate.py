"""LibreTranslate, ``POST /translate``. The shapes are documented, not recorded: docs.libretranslate.com."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["q"]) if seen.path == "/translate" else []


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return Response.of({"translatedText": [translate(text) for text in sources(seen)]})


def wrong_count(seen: Seen) -> Response:
    return Response.of({"translatedText": sources(seen)[:-1]})


def answers(status: int, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"error": message}, status, **headers)


VENDOR = Vendor(
    engine="libretranslate",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"LIBRETRANSLATE_API_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, "Slowdown: 20 per 1 minute"),
        "rate limited with retry-after": answers(429, "Slowdown: 20 per 1 minute", Retry_After="1"),
        "server error": answers(503, "Service unavailable"),
        "malformed": lambda seen: Response(200, b'{"translatedText": ["', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(429, "Slowdown: 1000 per 1 day"),
        "bad key": answers(403, "Invalid API key"),
        "unsupported pair": answers(400, "xx is not supported"),
        "too long": answers(400, "Invalid request: request (6000) exceeds text limit (5000)"),
    },
)
