"""Azure AI Translator 2026-06-06, ``POST /translate``. The shapes are documented, not recorded: the SDK's models, and
learn.microsoft.com for the codes of errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return [item["text"] for item in seen.json["inputs"]] if seen.path.startswith("/translate") else []


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    value = [
        {
            "translations": [
                {
                    "language": item["targets"][0]["language"],
                    "sourceCharacters": len(item["text"]),
                    "text": translate(item["text"]),
                }
            ]
        }
        for item in seen.json["inputs"]
    ]
    return Response.of({"value": value}, X_RequestId="request-1")


def wrong_count(seen: Seen) -> Response:
    return Response.of({"value": Seen("", "", {}, success(seen, str).body).json["value"][:-1]})


def answers(status: int, code: int, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"error": {"code": code, "message": message}}, status, **headers)


LIMITS = "The server rejected the request because the client has exceeded request limits."

VENDOR = Vendor(
    engine="azure",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"\nregion = "westeurope"',
    environment={"AZURE_TEXT_TRANSLATION_APIKEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, 429001, LIMITS),
        "rate limited with retry-after": answers(429, 429000, LIMITS, Retry_After="1"),
        "server error": answers(503, 503000, "Service is temporarily unavailable."),
        "malformed": lambda seen: Response(200, b'{"value": [{"tran', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(
            403, 403001, "The operation isn't allowed because the subscription has exceeded its free quota."
        ),
        "bad key": answers(401, 401000, "The request is not authorized because credentials are missing or invalid."),
        "unsupported pair": answers(400, 400036, "The target language is not valid."),
        "too long": answers(400, 400050, "The input text is too long."),
    },
)
