"""A service that does not exist, described by a template for the ``http`` engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return [item["text"] for item in seen.json["items"]]


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return Response.of({"data": {"translations": [{"text": translate(text)} for text in sources(seen)]}})


def wrong_count(seen: Seen) -> Response:
    return Response.of({"data": {"translations": [{"text": text} for text in sources(seen)[:-1]]}})


def answers(status: int, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"detail": message}, status, **headers)


def options(url: str) -> str:
    return f"""
url = "{url}/{{source}}/{{target}}"
headers = {{ Authorization = "Bearer ${{env:EXAMPLE_MT_KEY}}" }}
body = {{ items = [{{ text = "{{text}}" }}], to = "{{target}}" }}
response = "data.translations[*].text"
batch = true
errors = {{ 418 = "unsupported" }}
"""


VENDOR = Vendor(
    engine="http",
    pair="de-en",
    options=options,
    environment={"EXAMPLE_MT_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(429, "slow down"),
        "rate limited with retry-after": answers(429, "slow down", Retry_After="1"),
        "server error": answers(503, "busy"),
        "malformed": lambda seen: Response(200, b'{"data": {"tran', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(402, "no credit left"),
        "bad key": answers(401, "who are you?"),
        "unsupported pair": answers(418, "no such language"),
        "too long": answers(413, "too long"),
    },
)
