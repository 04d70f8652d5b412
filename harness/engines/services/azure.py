"""``azure``: Azure AI Translator (API of 2026-06-06), through Microsoft's own SDK.

Texts go out as plain text, and never with the permission to fall back to another model, which is the service's default
and would compare a model that nobody asked for.
"""

from __future__ import annotations

import os
import re
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key, require
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.bounded import bounded_transport
from harness.engines.wire.each import each_text
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import classify, garbled, lost, short
from harness.engines.wire.receipts import summed
from harness.errors import EngineError, TooLarge, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair
from harness.workspace.config import StrictModel

ENDPOINT = "https://api.cognitive.microsofttranslator.com"
API = "2026-06-06"

CODES = {"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant", "no": "nb", "pt-BR": "pt", "sr": "sr-Cyrl"}
"""Azure's ``pt`` is Brazilian."""

NOT_SERVED = re.compile(
    r"\b4000(02|03|19|23|35|36|42|75|79)\b|(language|deployment|category|tone|gender)\b.*(not|n't|in)\s?(valid|supported)",
    re.IGNORECASE,
)
TOO_LONG = re.compile(r"\b4000(50|72|77)\b|too (long|large|many)|size has been exceeded", re.IGNORECASE)


ReferencePair = Annotated[tuple[str, str], Field(strict=False)]


class AzureOptions(StrictModel):
    """``[options]``. What is left out is not sent."""

    endpoint: str = ""
    """Another address; the service's own where it is empty."""
    region: str = ""
    """Region of the Translator resource; empty: ``AZURE_TEXT_TRANSLATION_REGION``. Global resources need none."""
    deployment_name: str = ""
    """A custom model's id (the former category), or a deployed language model. Empty: the standard model."""
    tone: Literal["", "formal", "informal", "neutral"] = ""
    """Tone of the translation, for language models. Empty: not sent."""
    gender: Literal["", "female", "male", "neutral"] = ""
    """Gender of the speaker, for language models. Empty: not sent."""
    reference_pairs: Annotated[tuple[ReferencePair, ...], Field(max_length=5, strict=False)] = ()
    """Sentences with their translations, as examples for a language model."""
    adaptive_dataset_id: str = ""
    """A data set of such pairs, made at Azure beforehand; the service chooses those that are alike."""

    @model_validator(mode="after")
    def _examples_need_a_model(self) -> Self:
        for name in ("reference_pairs", "adaptive_dataset_id"):
            if getattr(self, name) and not self.deployment_name:
                raise ValueError(f"'{name}' is for language models: give 'deployment_name'")
        return self


class AzureEngine:
    """Asks Azure."""

    Options: ClassVar[type[BaseModel]] = AzureOptions
    caches = True
    vendor = "azure"

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("AzureOptions", options)
        self.key_variables = (context.api_key_env or "AZURE_TEXT_TRANSLATION_APIKEY",)
        self.billed_model = self._options.deployment_name
        # Tier S1: 40,000,000 characters an hour, counted by the minute.
        self.limits = Limits(
            max_segments=1000,
            max_characters=50_000,
            concurrency=4,
            requests_per_second=10.0,
            characters_per_second=11_000.0,
            timeout=60.0,
        )
        self._client: Any = None

    def supports(self, pair: LangPair) -> None:
        """Azure says itself which pairs it serves: it depends on the model."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind the API change without notice and have no version."""
        options: dict[str, JsonValue] = {**self._target(pair), **elsewhere(self._options.endpoint, ENDPOINT)}
        if self._options.deployment_name and (region := self._region()):  # a deployment belongs to a resource
            options["region"] = region
        return EngineIdentity("azure", API, options)

    def ready(self) -> None:
        """Needs the SDK, what it sends with, and the key."""
        require("azure.ai.translation.text", "azure")
        require("aiohttp", "azure")
        read_key(self.key_variables[0])

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """The neural models are billed by the characters of the source."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client and session."""
        from azure.ai.translation.text import models  # noqa: F401 - the batches use it

        if self._client is None:
            self._client = self._connect()

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        from azure.ai.translation.text.models import TranslateInputItem, TranslationTarget
        from azure.core.exceptions import AzureError, HttpResponseError, SerializationError

        if self._client is None:
            self._client = self._connect()
        target = self._target(batch.pair)
        items = [
            TranslateInputItem(
                text=request.source,
                language=source_code(batch.pair.source, CODES),
                text_type="Plain",
                targets=[TranslationTarget(target)],
            )
            for request in batch.requests
        ]
        headers: dict[str, str] = {}
        try:
            with on_the_wire():
                found = await self._client.translate(
                    body=items, raw_response_hook=lambda answer: headers.update(answer.http_response.headers)
                )
            texts = [item.translations[0].text for item in found]
            characters = [item.translations[0].get("sourceCharacters") for item in found]
        except EngineError:
            raise
        except HttpResponseError as error:
            raise _error(error) from None
        except SerializationError as error:
            raise garbled("", short(str(error))) from None
        except AzureError as error:
            raise lost(error) from None
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:  # other JSON than documented
            raise garbled("", f"{type(error).__name__}: {short(str(error))}") from None
        usage = summed(characters)
        answers = each_text(texts, len(items), "Azure", usage=usage, why="a translation without text")
        lower = {name.lower(): value for name, value in headers.items()}
        receipt = Receipt(lower.get("x-mt-system", ""), lower.get("x-requestid", ""), usage)
        return Reply(answers, receipt)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _connect(self) -> Any:
        from azure.ai.translation.text.aio import TextTranslationClient
        from azure.core.credentials import AzureKeyCredential

        seconds = self.limits.client_timeout
        return TextTranslationClient(
            endpoint=self._options.endpoint or ENDPOINT,
            credential=AzureKeyCredential(read_key(self.key_variables[0])),
            region=self._region() or None,
            api_version=API,
            retry_total=0,
            transport=bounded_transport(),
            permit_redirects=False,  # the SDK would send texts and key to whatever host the answer names
            connection_timeout=seconds,
            read_timeout=seconds,
        )

    def _region(self) -> str:
        return self._options.region or os.environ.get("AZURE_TEXT_TRANSLATION_REGION", "")

    def _target(self, pair: LangPair) -> dict[str, JsonValue]:
        """What is asked for, under the API's names."""
        pairs: list[JsonValue] = [{"source": said, "target": meant} for said, meant in self._options.reference_pairs]
        chosen: dict[str, JsonValue] = {
            "deploymentName": self._options.deployment_name,
            "tone": self._options.tone,
            "gender": self._options.gender,
            "adaptiveDatasetId": self._options.adaptive_dataset_id,
            "referenceTextPairs": pairs,
        }
        target: dict[str, JsonValue] = {"language": CODES.get(pair.target, pair.target)}
        target |= {name: value for name, value in chosen.items() if value}
        return target | {"allowFallback": False}


def _error(error: Any) -> EngineError:
    answer = error.response
    if answer is None or answer.status_code == 200:  # a success the SDK could not read
        return garbled(str(error.message), "not JSON")
    body = answer.text()
    if answer.status_code in {400, 404} and TOO_LONG.search(body):
        return TooLarge(f"Azure finds the request too large: {short(body)}")
    if answer.status_code in {400, 404} and NOT_SERVED.search(body):
        return Unsupported(f"Azure does not serve this: {short(body)}")
    return classify(answer.status_code, body, answer.headers, "Azure")
