"""``azure``: Azure AI Translator (API of 2026-06-06), through Microsoft's own SDK.

Texts go out as plain text, and never with the permission to fall back to another model, which is the service's default
and would compare a model that nobody asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import EngineContext, Limits, Receipt
from harness.engines.services.sdk import SdkService
from harness.engines.services.service import AddressOptions, ReferencePair, Texts
from harness.engines.wire.bounded import bounded_transport
from harness.engines.wire.errors import garbled, lost, short
from harness.engines.wire.receipts import summed
from harness.errors import EngineError
from harness.types import JsonValue, LangPair

OK = 200


class AzureOptions(AddressOptions):
    """``[options]``. What is left out is not sent."""

    region: str = ""
    """Region of the Translator resource. Empty: ``AZURE_TEXT_TRANSLATION_REGION``. Global resources need none."""
    deployment_name: str = ""
    """The id of a custom model (formerly the category), or a deployed language model. Empty: the standard model."""
    tone: Literal["", "formal", "informal", "neutral"] = ""
    """Tone of the translation, for language models. Empty: not sent."""
    gender: Literal["", "female", "male", "neutral"] = ""
    """Gender of the speaker, for language models. Empty: not sent."""
    reference_pairs: Annotated[tuple[ReferencePair, ...], Field(max_length=5, strict=False)] = ()
    """Sentences with their translations, as examples for a language model."""
    adaptive_dataset_id: str = ""
    """A data set of such pairs, created at Azure beforehand; the service chooses similar ones."""

    @model_validator(mode="after")
    def _examples_need_a_model(self) -> Self:
        for name in ("reference_pairs", "adaptive_dataset_id"):
            if getattr(self, name) and not self.deployment_name:
                raise ValueError(f"'{name}' is for language models: set 'deployment_name'")
        return self


class AzureEngine(SdkService):
    """Asks Azure."""

    Options: ClassVar[type[BaseModel]] = AzureOptions
    name = "azure"
    title = "Azure"
    api = "2026-06-06"
    addresses = ("https://api.cognitive.microsofttranslator.com",)
    usual_keys = ("AZURE_TEXT_TRANSLATION_APIKEY",)
    # Azure's ``pt`` is Brazilian.
    codes: ClassVar[Mapping[str, str]] = {
        "zh": "zh-Hans",
        "zh-CN": "zh-Hans",
        "zh-TW": "zh-Hant",
        "no": "nb",
        "pt-BR": "pt",
        "sr": "sr-Cyrl",
    }
    packages = ("azure.ai.translation.text", "aiohttp")
    not_served = re.compile(
        r"\b4000(02|03|19|23|35|36|42|75|79)\b"
        r"|(language|deployment|category|tone|gender)\b.*(not|n't|in)\s?(valid|supported)",
        re.IGNORECASE,
    )
    too_long = re.compile(r"\b4000(50|72|77)\b|too (long|large|many)|size has been exceeded", re.IGNORECASE)
    # Tier S1: 40,000,000 characters an hour, counted by the minute.
    own_limits = Limits(
        max_segments=1000,
        max_characters=50_000,
        concurrency=4,
        requests_per_second=10.0,
        characters_per_second=11_000.0,
        timeout=60.0,
    )

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self.billed_model = self._options.deployment_name

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:  # noqa: ARG002 - always the pair's own
        options = self._target(target)
        if self._options.deployment_name and (region := self._region()):  # a deployment belongs to a resource
            options["region"] = region
        return options

    async def prepare(self, pair: LangPair) -> None:
        """Import the SDK and make its client and session."""
        from azure.ai.translation.text import models  # noqa: F401 - the batches use it

        await super().prepare(pair)

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        from azure.ai.translation.text.models import TranslateInputItem, TranslationTarget
        from azure.core.exceptions import AzureError, HttpResponseError, SerializationError

        targets = [TranslationTarget(self._target(target))]
        items = [TranslateInputItem(text=text, language=source, text_type="Plain", targets=targets) for text in texts]
        headers: dict[str, str] = {}
        try:
            client = self._open()
            with on_the_wire():
                answer = await client.translate(
                    body=items, raw_response_hook=lambda answer: headers.update(answer.http_response.headers)
                )
            texts_back = [item.translations[0].text for item in answer]
            characters = [item.translations[0].get("sourceCharacters") for item in answer]
        except HttpResponseError as error:
            raise self._refused(error) from None
        except SerializationError as error:
            raise garbled("", short(str(error))) from None
        except AzureError as error:
            raise lost(error) from None
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:  # other JSON than documented
            raise garbled("", f"{type(error).__name__}: {short(str(error))}") from None
        lower = {name.lower(): value for name, value in headers.items()}
        receipt = Receipt(lower.get("x-mt-system", ""), lower.get("x-requestid", ""), summed(characters))
        return Texts(texts_back, receipt, why="a translation without text")

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _connect(self) -> Any:
        from azure.ai.translation.text.aio import TextTranslationClient
        from azure.core.credentials import AzureKeyCredential

        seconds = self.limits.client_timeout
        (key,) = self._keys()
        return TextTranslationClient(
            endpoint=self._options.endpoint or self.addresses[0],
            credential=AzureKeyCredential(key),
            region=self._region() or None,
            api_version=self.api,
            retry_total=0,
            transport=bounded_transport(),
            permit_redirects=False,  # the SDK would send texts and key to whatever host the answer names
            connection_timeout=seconds,
            read_timeout=seconds,
        )

    def _region(self) -> str:
        return str(self._options.region or os.environ.get("AZURE_TEXT_TRANSLATION_REGION", ""))

    def _target(self, language: str) -> dict[str, JsonValue]:
        """What is asked for, under the API's names."""
        pairs: list[JsonValue] = [{"source": said, "target": meant} for said, meant in self._options.reference_pairs]
        chosen: dict[str, JsonValue] = {
            "deploymentName": self._options.deployment_name,
            "tone": self._options.tone,
            "gender": self._options.gender,
            "adaptiveDatasetId": self._options.adaptive_dataset_id,
            "referenceTextPairs": pairs,
        }
        given = {name: value for name, value in chosen.items() if value}
        return {"language": language, **given, "allowFallback": False}

    def _refused(self, error: Any) -> EngineError:
        answer = error.response
        if answer is None or answer.status_code == OK:  # a success the SDK could not read
            return garbled(str(error.message), "not JSON")
        return self._error(answer.status_code, answer.text(), answer.headers)
