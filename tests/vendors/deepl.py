"""DeepL API v2, ``POST /v2/translate``. The shapes are documented, not recorded: developers.deepl.com."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["text"]) if seen.path.endswith("/v2/translate") else []


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    translations = [
        {
            "detected_source_language": seen.json.get("source_lang", "DE"),
            "text": translate(text),
            "billed_characters": len(text),
            "model_type_used": "quality_optimized",
        }
        for text in sources(seen)
    ]
    return Response.of({"translations": translations}, X_Trace_ID="trace-1")


def wrong_count(seen: Seen) -> Response:
    whole = success(seen, str)
    return Response.of({"translations": Seen("", "", {}, whole.body).json["translations"][:-1]})


def answers(status: int, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"message": message}, status, **headers)


VENDOR = Vendor(
    engine="deepl",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"DEEPL_AUTH_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, "Too many requests"),
        "rate limited with retry-after": answers(429, "Too many requests", Retry_After="1"),
        "server error": answers(503, "Service unavailable"),
        "malformed": lambda seen: Response(200, b'{"translations": [{"te', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(456, "Quota Exceeded"),
        "bad key": lambda seen: Response(403, b"", {}),
        "unsupported pair": answers(400, "Value for 'target_lang' not supported."),
        "too long": answers(413, "Payload Too Large"),
    },
)
