"""Claude on Vertex AI, ``rawPredict``: Anthropic's messages, Google's errors. Documented, not recorded."""

from __future__ import annotations

from dataclasses import replace

from tests.loopback import Response, Seen
from tests.vendors.anthropic import VENDOR as DIRECT
from tests.vendors.google import RETRY, answers


def options(url: str) -> str:
    return f'model = "claude-test"\nendpoint = "{url}/v1"\nplatform = "vertex"\nregion = "global"\nproject = "p"'


def no_model(seen: Seen) -> Response:
    return answers(404, "NOT_FOUND", "Publisher Model `claude-test` was not found")(seen)


VENDOR = replace(
    DIRECT,
    options=options,
    environment={},
    faults={
        **{name: DIRECT.faults[name] for name in ("malformed", "wrong count", "wrong order", "refusal", "truncated")},
        "too long": DIRECT.faults["too long"],
        "rate limited": answers(429, "RESOURCE_EXHAUSTED", "Quota exceeded for online_prediction_requests_per_minute"),
        "rate limited with retry-after": answers(429, "RESOURCE_EXHAUSTED", "Quota exceeded", RETRY),
        "server error": answers(503, "UNAVAILABLE", "The service is currently unavailable."),
        "bad key": answers(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        "unsupported pair": no_model,
    },
)
