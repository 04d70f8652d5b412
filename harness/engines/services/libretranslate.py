"""``libretranslate``: a LibreTranslate server, one's own or a hosted one, through its HTTP API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.client import JsonClient
from harness.engines.wire.each import each_text
from harness.engines.wire.endpoints import canonical
from harness.engines.wire.errors import classify, short
from harness.errors import EngineError, EngineUnavailable, TooLarge, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair
from harness.workspace.config import StrictModel

CODES = {"zh-Hans": "zh", "zh-CN": "zh", "zh-Hant": "zt", "zh-TW": "zt", "pt-BR": "pb", "no": "nb"}
"""Traditional Chinese and Brazilian Portuguese have codes of Argos's own."""

NOT_SERVED = re.compile(r"is not supported|not available as a target", re.IGNORECASE)
TOO_LONG = re.compile(r"exceeds (the )?(text|character|char)", re.IGNORECASE)


class LibreTranslateOptions(StrictModel):
    """``[options]``."""

    endpoint: Annotated[str, Field(pattern="^https?://")]
    """Address of the server."""
    version: str = ""
    """What the server does not say: which models it has. Change it when they change."""
    languages: dict[str, str] = Field(default={})
    """Tags to the codes of this server, where they differ from the usual ones."""


class LibreTranslateEngine:
    """Asks a LibreTranslate server."""

    Options: ClassVar[type[BaseModel]] = LibreTranslateOptions
    caches = True
    vendor = ""
    billed_model = ""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("LibreTranslateOptions", options)
        self._codes = {**CODES, **self._options.languages}
        self._needs_key = bool(context.api_key_env)
        self.key_variables = (context.api_key_env or "LIBRETRANSLATE_API_KEY",)
        # Servers limit texts and characters as they like; one that wants less says so, and gets halves.
        self.limits = Limits(
            max_segments=25, max_characters=5000, concurrency=2, requests_per_second=5.0, timeout=120.0
        )
        self._client = JsonClient()

    def supports(self, pair: LangPair) -> None:
        """The server says itself which pairs it serves: it depends on what was installed there."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """Another server may have other models, so its address counts."""
        options: dict[str, JsonValue] = {"endpoint": canonical(self._options.endpoint), "target": self._target(pair)}
        return EngineIdentity("libretranslate", self._options.version or "not reported", options)

    def ready(self) -> None:
        """Needs a key only where ``api_key_env`` names one."""
        if self._needs_key:
            read_key(self.key_variables[0])

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """The characters of the source, for a price in ``[price]``."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Make the client."""
        self._client.open()

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        body: dict[str, JsonValue] = {
            "q": [request.source for request in batch.requests],
            "source": source_code(batch.pair.source, self._codes),
            "target": self._target(batch.pair),
            "format": "text",
        }
        try:
            body["api_key"] = read_key(self.key_variables[0])
        except EngineUnavailable:
            if self._needs_key:
                raise
        url = f"{self._options.endpoint.rstrip('/')}/translate"
        found = await self._client.ask("POST", url, body=body, headers={}, error_of=_error)
        texts = found.get("translatedText") if isinstance(found, dict) else None
        said = found if isinstance(found, dict) else ""
        answers = each_text(texts, len(batch.requests), "LibreTranslate", body=said, why="no translatedText")
        return Reply(answers, Receipt())

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _target(self, pair: LangPair) -> str:
        return self._codes.get(pair.target, pair.target)


def _error(status: int, body: bytes, headers: Mapping[str, str]) -> EngineError:
    said = short(body)
    if status == 400 and TOO_LONG.search(said):
        return TooLarge(f"LibreTranslate finds the request too large: {said}")
    if status == 400 and NOT_SERVED.search(said):
        return Unsupported(f"LibreTranslate does not serve this: {said}")
    return classify(status, body, headers, "LibreTranslate")
