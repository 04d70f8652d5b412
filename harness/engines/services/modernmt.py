"""``modernmt``: ModernMT, over REST: its SDK hides addresses, headers and status, and has not changed since 2024."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from harness.engines.interface import Limits, Receipt
from harness.engines.services.service import RestService, ServiceOptions, Texts, listed
from harness.engines.wire.errors import garbled
from harness.engines.wire.receipts import summed
from harness.types import JsonValue


class ModernMTOptions(ServiceOptions):
    """``[options]``. What is left out is not sent."""

    hints: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Numbers of memories to adapt to, most important first."""
    context_vector: str = ""
    """Memories with their weights, as ModernMT computes them from a text."""
    glossaries: Annotated[tuple[str, ...], Field(max_length=10, strict=False)] = ()
    """Ids of glossaries stored at ModernMT."""
    ignore_glossary_case: bool | None = None
    """Match terms in any case. Not set: not sent."""
    mask_profanities: bool | None = None
    """Mask swear words. Not set: not sent."""


class ModernMTEngine(RestService):
    """Asks ModernMT."""

    Options: ClassVar[type[BaseModel]] = ModernMTOptions
    name = "modernmt"
    title = "ModernMT"
    api = "v1"
    addresses = ("https://api.modernmt.com",)
    usual_keys = ("MODERNMT_API_KEY",)
    codes: ClassVar[Mapping[str, str]] = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "no": "nb"}
    not_served = re.compile(r"language|unsupported|glossar|memor", re.IGNORECASE)
    too_long = re.compile(r"too (long|large|many)|exceed|limit of", re.IGNORECASE)
    own_limits = Limits(max_segments=128, max_characters=10_000, concurrency=4, requests_per_second=5.0, timeout=60.0)

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        settings = self._settings()
        if self._options.hints:
            settings["hints"] = ",".join(map(str, self._options.hints))
        body: dict[str, JsonValue] = {
            "q": [*texts],
            "source": source,
            "target": target,
            "format": "text/plain",
            # A text is one line.
            "multiline": False,
            **settings,
        }
        (key,) = self._keys()
        headers = {"MMT-ApiKey": key, "X-HTTP-Method-Override": "GET"}
        answer: Any = await self._post("/translate", body, headers)
        try:
            data = listed(answer["data"])
            answers = [one.get("translation") for one in data]
            billed = [one.get("billedCharacters") for one in data]
        except (KeyError, TypeError, AttributeError):
            raise garbled(answer if isinstance(answer, dict) else "", "no translations") from None
        return Texts(answers, Receipt(usage=summed(billed)))
