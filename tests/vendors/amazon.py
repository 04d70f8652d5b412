"""Amazon Translate, ``TranslateText``. The shapes are documented, not recorded: the SDK's service model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.loopback import Response, Seen
from tests.vendors.base import KEY, Vendor


def sources(seen: Seen) -> Sequence[str]:
    return [seen.json["Text"]]


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    asked = seen.json
    answer = {
        "TranslatedText": translate(asked["Text"]),
        "SourceLanguageCode": asked["SourceLanguageCode"],
        "TargetLanguageCode": asked["TargetLanguageCode"],
    }
    if "Settings" in asked:
        answer["AppliedSettings"] = asked["Settings"]
    return Response.of(answer, x_amzn_RequestId="request-1")


def answers(status: int, kind: str, message: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response.of({"__type": kind, "message": message}, status, **headers)


VENDOR = Vendor(
    engine="amazon",
    pair="de-en",
    options=lambda url: f'endpoint = "{url}"\nregion = "eu-west-1"',
    environment={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY},
    sources=sources,
    success=success,
    faults={
        "rate limited": answers(400, "ThrottlingException", "Rate exceeded"),
        "rate limited with retry-after": answers(429, "TooManyRequestsException", "Too many", Retry_After="1"),
        "server error": answers(503, "ServiceUnavailableException", "The service is temporarily unavailable."),
        "malformed": lambda seen: Response(
            200, b'{"TranslatedText": "', {"Content-Type": "application/x-amz-json-1.1"}
        ),
        "bad key": answers(
            400, "UnrecognizedClientException", "The security token included in the request is invalid."
        ),
        "unsupported pair": answers(400, "UnsupportedLanguagePairException", "Unsupported language pair: de to xx."),
        "too long": answers(400, "TextSizeLimitExceededException", "Input text size exceeds limit."),
    },
)
"""One text per request, so no wrong count; and no quota that could be used up: AWS sends a bill."""
