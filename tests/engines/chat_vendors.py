"""The engines for language models, for the tests that treat them alike."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from harness.config import parse_model
from harness.engines.interface import EngineContext
from harness.registry import load
from harness.types import SystemName
from tests.vendors import anthropic, gemini, openai
from tests.vendors.base import Vendor

VENDORS = {"openai": openai.VENDOR, "anthropic": anthropic.VENDOR, "gemini": gemini.VENDOR}
SDKS = {"openai": "openai", "anthropic": "anthropic", "gemini": "google.genai"}


def make(vendor: Vendor, extra: str = "", url: str = "", api_key_env: str = "") -> Any:
    """An engine that is not asked anything, or asked at ``url`` with the key that ``api_key_env`` names."""
    factory = load("engines", vendor.engine)
    written = {"model": "m", **tomllib.loads(vendor.options(url) if url else ""), **tomllib.loads(extra)}
    options = parse_model(factory.Options, written, "test [options]")
    return factory(options, EngineContext(SystemName("test"), Path("systems/test"), api_key_env))
