"""``deepl``: DeepL API Free and Pro, through DeepL's own SDK.

The SDK neither reads ``Retry-After`` nor hands out the answer behind an error, so both are read from noted answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import EngineContext, Limits, Receipt
from harness.engines.services.codes import source_code
from harness.engines.services.sdk import SessionService
from harness.engines.services.service import AddressOptions, Texts
from harness.engines.wire.errors import Body, garbled, lost, message_of
from harness.engines.wire.receipts import summed
from harness.engines.wire.wordings import is_page
from harness.errors import AuthFailed, BadRequest, EngineError
from harness.types import JsonValue, LangPair

OK = 200
REQUEST_BYTES = 128 * 1024
OVERHEAD_BYTES = 4096
BYTES_PER_BYTE = 3
"""The SDK writes JSON in ASCII: two UTF-8 bytes become six (``\\u00fc``), and no other letter grows more."""

SOURCES = {"no": "NB", "nb": "NB", "zh-Hans": "ZH", "zh-Hant": "ZH", "zh-CN": "ZH", "zh-TW": "ZH"}
TARGETS = {
    "no": "NB",
    "zh": "ZH-HANS",
    "zh-CN": "ZH-HANS",
    "zh-TW": "ZH-HANT",
}
VARIANTS = {"en": "en-US", "pt": "pt-PT"}
"""DeepL has no plain English or Portuguese target; ``target_variants`` says which one is meant."""

WRONG_KEY = 403
"""DeepL's own meaning of it; it says so in no words. A page comes from a firewall before it."""

SDK_NAMES = {"glossary_id": "glossary", "style_id": "style_rule", "translation_memory_id": "translation_memory"}


class DeepLOptions(AddressOptions):
    """``[options]``. What is left out is not sent, so DeepL's default holds."""

    target_variants: dict[str, str] = Field(default={})
    """Target languages and the variant to request from DeepL."""
    formality: Literal["", "less", "more", "prefer_less", "prefer_more"] = ""
    """Form of address; ``prefer_...`` is ignored if a language has none. Empty: not sent."""
    model_type: Literal["", "quality_optimized", "prefer_quality_optimized", "latency_optimized"] = ""
    """Kind of model. Empty: DeepL's default, ``latency_optimized``, which does not say which model answered."""
    glossary_id: str = ""
    """A glossary stored at DeepL, for one pair or multilingual."""
    glossary_ids: Annotated[tuple[str, ...], Field(max_length=5, strict=False)] = ()
    """Several glossaries; the first that has a term is used."""
    translation_memory_id: str = ""
    """A translation memory stored at DeepL."""
    translation_memory_threshold: Annotated[int, Field(ge=0, le=100)] | None = None
    """Minimum match of a segment in per cent; DeepL recommends 75 or more."""
    style_id: str = ""
    """A style stored at DeepL."""
    context: str = ""
    """A text sent with every request; neither translated nor billed."""
    custom_instructions: Annotated[tuple[str, ...], Field(max_length=10, strict=False)] = ()
    """Up to ten sentences on how to translate."""
    split_sentences: Literal["", "0", "1", "nonewlines"] = ""
    """How DeepL splits a text into sentences. Empty: not sent."""
    preserve_formatting: bool | None = None
    """Keep punctuation and case at the edges. Not set: not sent."""
    tag_handling: Literal["", "xml", "html"] = ""
    """Kind of markup. Empty: tags are text."""
    tag_handling_version: Literal["", "v1", "v2"] = ""
    """Version of the tag handling. Empty: not sent."""

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.glossary_id and self.glossary_ids:
            raise ValueError("'glossary_id' and 'glossary_ids' cannot be combined")
        if self.translation_memory_threshold is not None and not self.translation_memory_id:
            raise ValueError("'translation_memory_threshold' needs a 'translation_memory_id'")
        if self.tag_handling_version and not self.tag_handling:
            raise ValueError("'tag_handling_version' needs 'tag_handling'")
        return self


class DeepLEngine(SessionService):
    """Asks DeepL."""

    Options: ClassVar[type[BaseModel]] = DeepLOptions
    name = "deepl"
    title = "DeepL"
    api = "v2"
    # Of DeepL API Pro and Free, which have the same models; the key says which.
    addresses = ("https://api.deepl.com", "https://api-free.deepl.com")
    usual_keys = ("DEEPL_AUTH_KEY",)
    packages = ("deepl",)
    not_served = re.compile(
        "not supported|not found|glossary|target_lang|source_lang|model_type|style_id|translation_memory|tag_handling",
        re.IGNORECASE,
    )
    own_limits = Limits(max_segments=50, concurrency=4, requests_per_second=10.0, timeout=60.0)

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        static = len(json.dumps(self._settings()))
        room = max(1, (REQUEST_BYTES - OVERHEAD_BYTES - static) // BYTES_PER_BYTE)
        self.limits = replace(self.own_limits, max_bytes=room)

    def _beside(self) -> set[str]:
        return {"target_variants"}

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:  # noqa: ARG002 - always the pair's own
        return {"target": target, **self._settings()}

    def _pair(self, pair: LangPair) -> tuple[str, str]:
        meant = {**VARIANTS, **self._options.target_variants}.get(pair.target, pair.target)
        return source_code(pair.source, SOURCES).upper(), TARGETS.get(meant, meant).upper()

    def _connect(self) -> Any:
        import deepl

        # DeepL's documented switches; they are global to the SDK, and all systems want the same.
        deepl.http_client.max_network_retries = 0
        address = self._options.endpoint.rstrip("/") + "/" if self._options.endpoint else None
        (key,) = self._keys()
        return deepl.DeepLClient(key, server_url=address, send_platform_info=False)

    def _session_of(self, client: Any) -> Any:
        return client._client._session  # noqa: SLF001 - the SDK hands out neither headers nor time-out

    def _call(self, texts: list[str], source: str, target: str) -> Texts:
        import deepl

        settings = {SDK_NAMES.get(name, name): value for name, value in self._settings().items()}
        try:
            with on_the_wire():
                self._client.translate_text(texts, source_lang=source, target_lang=target, **settings)
        except deepl.DeepLException as error:
            if self._last is None:
                raise lost(error) from None
            raise self._error(self._last.status_code, self._last.content, self._last.headers) from None
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:  # the SDK cannot read the answer
            if self._last is None or self._last.status_code != OK:
                raise garbled(_body(self._last), type(error).__name__) from None
        # Read here, because the SDK throws the texts away where the number of billed characters is missing.
        body = _body(self._last)
        translations = _translations(body)
        usage = summed([one.get("billed_characters") for one in translations])
        models = [model for one in translations if isinstance(model := one.get("model_type_used"), str)]
        receipt = Receipt(next(filter(None, models), ""), self._last.headers.get("X-Trace-ID", ""), usage)
        return Texts([one.get("text") for one in translations], receipt, body)

    def _error(self, status: int, body: Body, headers: Mapping[str, str]) -> EngineError:
        error = super()._error(status, body, headers)
        if status == WRONG_KEY and isinstance(error, BadRequest) and not is_page(body):
            return AuthFailed(message_of(AuthFailed, status, body, self.title))
        return error


def _body(answer: Any) -> bytes:
    return b"" if answer is None else bytes(answer.content)


def _translations(body: bytes) -> list[dict[str, Any]]:
    """What stands in the answer for each text; empty where it is no such answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise garbled(body, "not JSON") from None
    translations = answer.get("translations") if isinstance(answer, dict) else None
    return [one if isinstance(one, dict) else {} for one in translations] if isinstance(translations, list) else []
