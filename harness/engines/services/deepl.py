"""``deepl``: DeepL API Free and Pro, through DeepL's own SDK.

The SDK blocks, so each request runs in a thread. Its own retries are off. It neither reads ``Retry-After`` nor hands
out the answer behind an error, so answers are noted where its HTTP session gives them out.
"""

from __future__ import annotations

import json
import re
import threading
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key, require
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.bounded import bound_session
from harness.engines.wire.each import each_text
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import classify, garbled, lost, message_of, short
from harness.engines.wire.receipts import summed
from harness.engines.wire.wordings import is_page
from harness.errors import AuthFailed, BadRequest, EngineError, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair
from harness.workspace.config import StrictModel

ADDRESSES = ("https://api.deepl.com", "https://api-free.deepl.com")
"""Of DeepL API Pro and Free, which have the same models; the key says which."""

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

NOT_SERVED = re.compile(
    r"not supported|not found|glossary|target_lang|source_lang|model_type|style_id|translation_memory|tag_handling",
    re.IGNORECASE,
)


class DeepLOptions(StrictModel):
    """``[options]``. What is left out is not sent, so DeepL's default holds."""

    endpoint: str = ""
    """Another address; the service's own where it is empty."""
    target_variants: dict[str, str] = Field(default={})
    """Target language to the variant that DeepL is asked for."""
    formality: Literal["", "less", "more", "prefer_less", "prefer_more"] = ""
    """Form of address; ``prefer_...`` does without where a language has none. Empty: not sent."""
    model_type: Literal["", "quality_optimized", "prefer_quality_optimized", "latency_optimized"] = ""
    """Kind of model. Empty: DeepL's default, ``latency_optimized``, which does not say which model answered."""
    glossary_id: str = ""
    """A glossary kept at DeepL, for one pair or multilingual."""
    glossary_ids: Annotated[tuple[str, ...], Field(max_length=5, strict=False)] = ()
    """Several glossaries, of which the first that has a term counts."""
    translation_memory_id: str = ""
    """A translation memory kept at DeepL."""
    translation_memory_threshold: Annotated[int, Field(ge=0, le=100)] | None = None
    """Least per cent by which a segment must match; DeepL advises 75 or more."""
    style_id: str = ""
    """A style kept at DeepL."""
    context: str = ""
    """The same text with every request; neither translated nor billed."""
    custom_instructions: Annotated[tuple[str, ...], Field(max_length=10, strict=False)] = ()
    """Up to ten sentences that say how to translate."""
    split_sentences: Literal["", "0", "1", "nonewlines"] = ""
    """How DeepL splits a text into sentences. Empty: not sent."""
    preserve_formatting: bool | None = None
    """Whether punctuation and case at the edges stay as they are. Not set: not sent."""
    tag_handling: Literal["", "xml", "html"] = ""
    """Whether tags are markup. Empty: they are text."""
    tag_handling_version: Literal["", "v1", "v2"] = ""
    """Version of the tag handling. Empty: not sent."""

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.glossary_id and self.glossary_ids:
            raise ValueError("'glossary_id' and 'glossary_ids' exclude each other")
        if self.translation_memory_threshold is not None and not self.translation_memory_id:
            raise ValueError("'translation_memory_threshold' needs a 'translation_memory_id'")
        if self.tag_handling_version and not self.tag_handling:
            raise ValueError("'tag_handling_version' needs 'tag_handling'")
        return self


class DeepLEngine:
    """Asks DeepL."""

    Options: ClassVar[type[BaseModel]] = DeepLOptions
    caches = True
    vendor = "deepl"
    billed_model = ""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("DeepLOptions", options)
        self.key_variables = (context.api_key_env or "DEEPL_AUTH_KEY",)
        static = len(json.dumps(self._settings()))
        self.limits = Limits(
            max_segments=50,
            max_bytes=max(1, (REQUEST_BYTES - OVERHEAD_BYTES - static) // BYTES_PER_BYTE),
            concurrency=4,
            requests_per_second=10.0,
            timeout=60.0,
        )
        self._client: Any = None
        self._answers = threading.local()

    def supports(self, pair: LangPair) -> None:
        """DeepL says itself which pairs it serves: it adds languages every few months."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind the API change without notice and have no version."""
        options: dict[str, JsonValue] = {"target": self._target(pair.target), **self._settings()}
        options |= elsewhere(self._options.endpoint, *ADDRESSES)
        return EngineIdentity("deepl", "v2", options)

    def ready(self) -> None:
        """Needs the SDK and the key."""
        require("deepl", "deepl")
        read_key(self.key_variables[0])

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """DeepL bills the characters of the source."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client."""
        if self._client is None:
            self._client = self._connect()

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        if self._client is None:
            self._client = self._connect()
        return await in_thread(lambda: self._ask(batch))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> Any:
        import deepl
        from requests import TooManyRedirects

        # DeepL's documented switches; they are global to the SDK, and all systems want the same.
        deepl.http_client.max_network_retries = 0
        address = self._options.endpoint.rstrip("/") + "/" if self._options.endpoint else None
        client = deepl.DeepLClient(read_key(self.key_variables[0]), server_url=address, send_platform_info=False)
        session: Any = client._client._session  # noqa: SLF001 - the SDK hands out neither headers nor time-out
        bound_session(session)
        send = session.send

        def noted(request: Any, **settings: Any) -> Any:
            settings |= {"timeout": self.limits.client_timeout, "allow_redirects": False}
            self._answers.last = send(request, **settings)
            if self._answers.last.is_redirect:  # to the SDK, a success without translations
                raise TooManyRedirects
            return self._answers.last

        session.send = noted
        return client

    def _ask(self, batch: Batch) -> Reply:
        import deepl

        settings = self._settings()
        settings = {SDK_NAMES.get(name, name): value for name, value in settings.items()}
        self._answers.last = None
        try:
            with on_the_wire():
                self._client.translate_text(
                    [request.source for request in batch.requests],
                    source_lang=source_code(batch.pair.source, SOURCES).upper(),
                    target_lang=self._target(batch.pair.target),
                    **settings,
                )
        except deepl.DeepLException as error:
            answer = self._answers.last
            raise _error(answer) if answer is not None else lost(error) from None
        except (
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
        ) as error:  # how the SDK trips over what it cannot read
            if self._answers.last is None or self._answers.last.status_code != 200:
                raise garbled(_body(self._answers.last), type(error).__name__) from None
        # Read here, because the SDK throws the texts away where the number of billed characters is missing.
        body = _body(self._answers.last)
        found = _translations(body)
        usage = summed([one.get("billed_characters") for one in found])
        models = [model for one in found if isinstance(model := one.get("model_type_used"), str)]
        answers = each_text([one.get("text") for one in found], len(batch.requests), "DeepL", body=body, usage=usage)
        trace = self._answers.last.headers.get("X-Trace-ID", "")
        return Reply(answers, Receipt(next(filter(None, models), ""), trace, usage))

    def _target(self, tag: str) -> str:
        meant = {**VARIANTS, **self._options.target_variants}.get(tag, tag)
        return TARGETS.get(meant, meant).upper()

    def _settings(self) -> dict[str, Any]:
        """Options that are sent, under DeepL's names; those that are left out are not."""
        given = self._options.model_dump(exclude={"endpoint", "target_variants"}, mode="json")
        return {name: value for name, value in given.items() if value not in ("", [], None)}


def _error(answer: Any) -> EngineError:
    if answer.status_code in {400, 404} and NOT_SERVED.search(answer.text):
        return Unsupported(f"DeepL does not serve this: {short(answer.content)}")
    error = classify(answer.status_code, answer.content, answer.headers, "DeepL")
    if answer.status_code == WRONG_KEY and isinstance(error, BadRequest) and not is_page(answer.content):
        return AuthFailed(message_of(AuthFailed, answer.status_code, answer.content, "DeepL"))
    return error


def _body(answer: Any) -> bytes:
    return b"" if answer is None else bytes(answer.content)


def _translations(body: bytes) -> list[dict[str, Any]]:
    """What stands in the answer for each text; empty where it is no such answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise garbled(body, "not JSON") from None
    found = answer.get("translations") if isinstance(answer, dict) else None
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []
