"""Tencent Cloud, ``TextTranslateBatch``. The shapes are documented, not recorded: cloud.tencent.com."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return list(seen.json["SourceTextList"])


def answered(seen: Seen, translations: Sequence[str]) -> Response:
    used = sum(map(len, sources(seen)))
    said = {"Source": seen.json["Source"], "Target": seen.json["Target"], "UsedAmount": used, "RequestId": "request-1"}
    return Response.of({"Response": {"TargetTextList": [*translations], **said}})


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return answered(seen, [translate(text) for text in sources(seen)])


def said(code: str, message: str, status: int = 200, **headers: str) -> Callable[[Seen], Response]:
    """A fault, which usually has status 200."""
    body = {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "request-1"}}
    return lambda seen: Response.of(body, status, **headers)


VENDOR = Vendor(
    engine="tencent",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"',
    environment={"TENCENTCLOUD_SECRET_ID": "AKIDEXAMPLE", "TENCENTCLOUD_SECRET_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": said("RequestLimitExceeded", "Your current request times equals to `6` in a second."),
        "rate limited with retry-after": said("RequestLimitExceeded", "Too frequent.", 429, Retry_After="1"),
        "server error": said("ServiceUnavailable", "The service is temporarily unavailable."),
        "malformed": lambda seen: Response(200, b'{"Response": {"Targ', {"Content-Type": "application/json"}),
        "wrong count": lambda seen: answered(seen, sources(seen)[:-1]),
        "quota exhausted": said("FailedOperation.NoFreeAmount", "The free quota of this month is used up."),
        "bad key": said("AuthFailure.SecretIdNotFound", "The SecretId is not found."),
        "unsupported pair": said("UnsupportedOperation.UnsupportedLanguage", "Not supported."),
        "too long": said("UnsupportedOperation.TextTooLong", "The text is too long."),
    },
)
