"""Cloud Translation v3, ``translateText`` over REST. The shapes are documented, not recorded: cloud.google.com."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["contents"]) if ":translateText" in seen.path else []


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    model = seen.json.get("model", "")
    translations = [{"translatedText": translate(text), "model": model} for text in sources(seen)]
    return Response.of({"translations": translations})


def wrong_count(seen: Seen) -> Response:
    return Response.of({"translations": [{"translatedText": text} for text in sources(seen)[:-1]]})


def answers(code: int, status: str, message: str, *details: object, **headers: str) -> Callable[[Seen], Response]:
    error = {"code": code, "message": message, "status": status, "details": [*details]}
    return lambda seen: Response.of({"error": error}, code, **headers)


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}

VENDOR = Vendor(
    engine="google",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"\nproject = "test-project"',
    environment={},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(403, "PERMISSION_DENIED", "User Rate Limit Exceeded"),
        "rate limited with retry-after": answers(429, "RESOURCE_EXHAUSTED", "Quota exceeded for 'per minute'", RETRY),
        "server error": answers(503, "UNAVAILABLE", "The service is currently unavailable."),
        "malformed": lambda seen: Response(200, b'{"translations": [{"tr', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(403, "PERMISSION_DENIED", "Daily Limit Exceeded"),
        "bad key": answers(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        "unsupported pair": answers(400, "INVALID_ARGUMENT", "Target language is invalid."),
        "too long": answers(400, "INVALID_ARGUMENT", "Text is too long."),
    },
)
