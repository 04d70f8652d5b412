"""``yandex``: Yandex Translate v2, over REST, because its SDK needs a newer protobuf than COMET allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from harness.engines.interface import Limits
from harness.engines.services.service import RestService, ServiceOptions, Texts, listed
from harness.engines.wire.errors import garbled
from harness.types import JsonValue


class YandexOptions(ServiceOptions):
    """``[options]``. What is left out is not sent."""

    folder: str = ""
    """The folder that is billed; required with an IAM token. An API key belongs to one folder."""
    key_type: Literal["api-key", "bearer"] = "api-key"
    """``bearer``: the key is an IAM token."""
    model: str = ""
    """A custom model, or the name of another one. Empty: the standard model."""
    glossary: dict[str, str] = Field(default_factory=dict, examples=[{"Stadtrat": "city council"}])
    """Terms and their translations."""
    speller: bool | None = None
    """Correct spelling in the source first."""


class YandexEngine(RestService):
    """Asks Yandex Translate."""

    Options: ClassVar[type[BaseModel]] = YandexOptions
    name = "yandex"
    title = "Yandex Translate"
    api = "v2"
    addresses = ("https://translate.api.cloud.yandex.net",)
    usual_keys = ("YANDEX_API_KEY",)
    codes: ClassVar[Mapping[str, str]] = {"zh-Hans": "zh", "zh-CN": "zh", "nb": "no", "sr": "sr", "sr-Cyrl": "sr"}
    not_served = re.compile(r"language|glossary|model", re.IGNORECASE)
    too_long = re.compile(r"too (long|large|many)|exceed|length", re.IGNORECASE)
    # 10,000 characters a request, 20 requests a second, 1,000,000 characters an hour.
    own_limits = Limits(
        max_segments=100,
        max_characters=10_000,
        concurrency=4,
        requests_per_second=10.0,
        characters_per_second=270.0,
        timeout=60.0,
    )

    def _beside(self) -> set[str]:
        return {"folder", "key_type"}

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        given = self._options
        body: dict[str, JsonValue] = {
            "texts": [*texts],
            "sourceLanguageCode": source,
            "targetLanguageCode": target,
            "format": "PLAIN_TEXT",
        }
        if given.folder:
            body["folderId"] = given.folder
        if given.model:
            body["model"] = given.model
        if given.speller is not None:
            body["speller"] = given.speller
        if given.glossary:
            pairs: list[JsonValue] = [
                {"sourceText": said, "translatedText": meant} for said, meant in given.glossary.items()
            ]
            body["glossaryConfig"] = {"glossaryData": {"glossaryPairs": pairs}}
        (key,) = self._keys()
        scheme = "Bearer" if given.key_type == "bearer" else "Api-Key"
        answer: Any = await self._post("/translate/v2/translate", body, {"Authorization": f"{scheme} {key}"})
        try:
            return Texts([one.get("text") for one in listed(answer["translations"])])
        except (KeyError, TypeError, AttributeError):
            raise garbled(answer if isinstance(answer, dict) else "", "no translations") from None
