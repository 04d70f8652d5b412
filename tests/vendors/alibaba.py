"""Alibaba Cloud, ``GetBatchTranslate``. The shapes are documented, not recorded: help.aliyun.com."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    numbered: dict[str, str] = json.loads(parse_qs(seen.body.decode())["SourceText"][0])
    return [numbered[number] for number in sorted(numbered, key=int)]


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    listed = [
        {"code": "200", "index": str(number), "translated": translate(text), "wordCount": str(len(text))}
        for number, text in enumerate(sources(seen))
    ]
    # In any order: the index says which is which.
    return Response.of({"Code": 200, "Message": "success", "RequestId": "request-1", "TranslatedList": listed[::-1]})


def wrong_count(seen: Seen) -> Response:
    listed = [{"index": str(number), "translated": text} for number, text in enumerate(sources(seen)[:-1])]
    return Response.of({"Code": 200, "Message": "success", "RequestId": "request-1", "TranslatedList": listed})


def answers(status: int, code: str, message: str, **headers: str) -> Callable[[Seen], Response]:
    body = {"Code": code, "Message": message, "RequestId": "request-1", "HostId": "mt.aliyuncs.com"}
    return lambda seen: Response.of(body, status, **headers)


def said(code: int, message: str) -> Callable[[Seen], Response]:
    """A fault with status 200."""
    return lambda seen: Response.of({"Code": code, "Message": message, "RequestId": "request-1"})


VENDOR = Vendor(
    engine="alibaba",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIEXAMPLE", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(400, "Throttling.User", "Request was denied due to user flow control."),
        "rate limited with retry-after": answers(429, "Throttling", "Request was denied.", Retry_After="1"),
        "server error": answers(503, "ServiceUnavailable", "The request has failed due to a temporary failure."),
        "malformed": lambda seen: Response(200, b'{"Code": 200, "Trans', {"Content-Type": "application/json"}),
        "wrong count": wrong_count,
        "quota exhausted": answers(403, "Arrearage", "Your account is in arrears."),
        "bad key": answers(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
        "unsupported pair": said(10005, "The language pair is not supported"),
        "too long": said(10008, "The source text exceeds the character limit"),
    },
)
