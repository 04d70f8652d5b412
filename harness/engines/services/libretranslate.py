"""``libretranslate``: A LibreTranslate server, your own or a hosted one, over its HTTP API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from harness.engines.interface import EngineContext, Limits
from harness.engines.services.service import RestService, ServiceOptions, Texts
from harness.errors import EngineUnavailable
from harness.types import JsonValue


class LibreTranslateOptions(ServiceOptions):
    """``[options]``."""

    endpoint: Annotated[str, Field(pattern="^https?://")]
    """Address of the server."""
    version: str = ""
    """The models on the server, which does not report them. Change it when they change."""
    languages: dict[str, str] = Field(default={})
    """Codes of this server for language tags, if they differ from the usual ones."""


class LibreTranslateEngine(RestService):
    """Asks a LibreTranslate server."""

    Options: ClassVar[type[BaseModel]] = LibreTranslateOptions
    name = "libretranslate"
    title = "LibreTranslate"
    usual_keys = ("LIBRETRANSLATE_API_KEY",)
    # Traditional Chinese and Brazilian Portuguese have codes of Argos's own.
    codes: ClassVar[Mapping[str, str]] = {
        "zh-Hans": "zh",
        "zh-CN": "zh",
        "zh-Hant": "zt",
        "zh-TW": "zt",
        "pt-BR": "pb",
        "no": "nb",
    }
    not_served = re.compile(r"is not supported|not available as a target", re.IGNORECASE)
    too_long = re.compile(r"exceeds (the )?(text|character|char)", re.IGNORECASE)
    # Servers limit texts and characters as they like; one that wants less says so, and gets halves.
    own_limits = Limits(max_segments=25, max_characters=5000, concurrency=2, requests_per_second=5.0, timeout=120.0)

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self.vendor = ""  # whose server it is, nobody knows, nor what it costs
        self.api = self._options.version or "not reported"
        self._needs_key = bool(context.api_key_env)

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:  # noqa: ARG002 - always the pair's own
        return {"target": target}

    def ready(self) -> None:
        """Needs a key only where ``api_key_env`` names one."""
        if self._needs_key:
            super().ready()

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        body: dict[str, JsonValue] = {"q": [*texts], "source": source, "target": target, "format": "text"}
        try:
            (body["api_key"],) = self._keys()
        except EngineUnavailable:
            if self._needs_key:
                raise
        answer = await self._post("/translate", body, {})
        said = answer if isinstance(answer, dict) else {}
        return Texts(said.get("translatedText"), body=said or "", why="no translatedText")
