"""Claude on Amazon Bedrock, ``InvokeModel``: Anthropic's messages under AWS's signature. Documented, not recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.loopback import Response, Seen
from tests.vendors.anthropic import VENDOR as DIRECT
from tests.vendors.base import KEY


def aws(status: int, kind: str, text: str, **headers: str) -> Callable[[Seen], Response]:
    return lambda _: Response.of({"message": text}, status, x_amzn_ErrorType=kind, **headers)


VENDOR = replace(
    DIRECT,
    options=lambda url: f'{DIRECT.options(url)}\nplatform = "bedrock"\nregion = "eu-west-1"',
    environment={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY},
    faults={
        **{name: DIRECT.faults[name] for name in ("malformed", "wrong count", "wrong order", "refusal", "truncated")},
        "rate limited": aws(429, "ThrottlingException", "Too many requests, please wait before trying again."),
        "rate limited with retry-after": aws(429, "ThrottlingException", "Too many requests", Retry_After="1"),
        "server error": aws(503, "ServiceUnavailableException", "Service is unavailable."),
        "bad key": aws(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        "unsupported pair": aws(400, "ValidationException", "The provided model identifier is invalid."),
        "too long": aws(400, "ValidationException", "prompt is too long: 208310 tokens > 200000 maximum"),
    },
)
"""AWS sends a bill, so there is no quota that could be used up."""
