"""What a vendor module gives to the tests that treat all services alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.workspace.registry import names
from tests.loopback import Response, Seen

FAULTS = (
    "rate limited",  # 429 (or the vendor's way) without Retry-After
    "rate limited with retry-after",  # asks for one second
    "server error",  # 500 or 503
    "malformed",  # 200 with something that is not the documented JSON
    "wrong count",  # one answer too few for a batch of several
    "quota exhausted",
    "bad key",
    "unsupported pair",
    "too long",
)
"""Faults every remote service must have an answer for; ``VENDOR.faults`` may leave out those it cannot have."""

LLM_FAULTS = ("wrong order", "refusal", "truncated")
"""Faults of language models besides."""

KEY = "secret-key-0123456789abcdef"
"""The key all tests use: tests look for it in everything a run leaves."""


@dataclass(frozen=True)
class Vendor:
    """One service on loopback.

    Every success answers a source text with ``translate(text)``, so that segments that were mixed up are seen.
    """

    engine: str
    pair: str
    """A pair it serves, e.g. ``de-en``."""
    options: Callable[[str], str]
    """Address of the loopback server to the lines of ``[options]``."""
    environment: Mapping[str, str]
    """Variables the engine needs, with :data:`KEY` as the key."""
    sources: Callable[[Seen], Sequence[str]]
    """The source texts of a request, in order; empty for a request that translates nothing (a token, a model list)."""
    success: Callable[[Seen, Callable[[str], str]], Response]
    """The documented success."""
    faults: Mapping[str, Callable[[Seen], Response]]
    """The documented shape of each fault."""
    limits: str = ""
    """Lines of ``[limits]`` the tests add."""
    extra: str = ""
    """Lines before ``[options]``, such as ``api_key_env``."""
    sdk: str = ""
    """A module that tests are skipped without."""

    def missing(self) -> str:
        """Why it cannot be tested here: no SDK, or a package that was installed before it had this engine."""
        if self.sdk and find_spec(self.sdk) is None:
            return f"no {self.sdk}"
        if self.engine not in names("engines"):
            return f"installed without the engine {self.engine}: install the package again"
        return ""

    def needs(self) -> None:
        """Skip where something is missing."""
        if why := self.missing():
            pytest.skip(why)


def all_vendors() -> dict[str, Vendor]:
    """Every vendor module in this folder."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return {name: import_module(f"tests.vendors.{name}").VENDOR for name in names if name not in ("__init__", "base")}


def shout(text: str) -> str:
    """The translation every success gives: reversible, different for every text, and it keeps all characters."""
    return f"«{text}»"
