"""The engines for language models, for the tests that treat them alike."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from harness.engines.chat.prompt import ChatRequest
from harness.errors import BadOutput, EngineError
from harness.testing import batch_of
from harness.types import LangPair
from tests.engines import remote
from tests.vendors import anthropic, gemini, openai
from tests.vendors.base import Vendor

VENDORS = {"openai": openai.VENDOR, "anthropic": anthropic.VENDOR, "gemini": gemini.VENDOR}
SDKS = {"openai": "openai", "anthropic": "anthropic", "gemini": "google.genai"}


def make(vendor: Vendor, extra: str = "", url: str = "", api_key_env: str = "") -> Any:
    """An engine that is not asked anything, or asked at ``url`` with the key that ``api_key_env`` names."""
    lines = vendor.options(url) if url else ""
    return remote.build(vendor, {"model": "m", **tomllib.loads(lines), **tomllib.loads(extra)}, api_key_env)


def samples(engine: Any) -> list[ChatRequest]:
    """What the engine would send for the first three samples of one text."""
    batch = batch_of(["Eins"], LangPair("de", "en"))
    return [engine._request(replace(batch, sample=sample)) for sample in (0, 1, 2)]


def check_in_vain(error: EngineError, expected: type[EngineError]) -> BadOutput:
    """The model answered, without a translation: what that cost is known."""
    assert type(error) is expected
    assert isinstance(error, BadOutput)
    assert error.usage["output_tokens"] == 20
    return error
