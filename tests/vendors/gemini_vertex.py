"""Gemini on Vertex AI: the same answers under another address. Documented, not recorded."""

from __future__ import annotations

from dataclasses import replace

from tests.vendors.gemini import VENDOR as DIRECT
from tests.vendors.google import answers

VENDOR = replace(
    DIRECT,
    options=lambda url: f'{DIRECT.options(url)}\nplatform = "vertex"\nregion = "europe-west1"\nproject = "p"',
    environment={},
    faults={
        **DIRECT.faults,
        "bad key": answers(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    },
)
