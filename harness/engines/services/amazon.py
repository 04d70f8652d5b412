"""``amazon``: Amazon Translate, through AWS's own SDK, with the keys its usual chain finds.

One text per request: the real-time API has no batches. The SDK blocks, so each request runs in a thread.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import Any, ClassVar, Literal, cast

from pydantic import BaseModel

from harness.engines.clock import on_the_wire
from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import refuse_key_variable, require
from harness.engines.services.clouds import AWS, aws_config, aws_credentials
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.bounded import bound_client
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import classify, garbled, lost, short
from harness.errors import (
    AuthFailed,
    BadRequest,
    EngineError,
    EngineUnavailable,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel

CODES = {"zh-Hans": "zh", "zh-CN": "zh", "zh-Hant": "zh-TW", "nb": "no", "fil": "tl", "pt-BR": "pt", "prs": "fa-AF"}
"""Amazon's ``pt`` is Brazilian; Tagalog stands for Filipino, and ``fa-AF`` for Dari."""

LONGEST_CODE = 5

ERRORS: dict[str, type[EngineError]] = {
    "ThrottlingException": RateLimited,
    "TooManyRequestsException": RateLimited,
    "RequestLimitExceeded": RateLimited,
    "TextSizeLimitExceededException": TooLarge,
    "UnsupportedLanguagePairException": Unsupported,
    "ResourceNotFoundException": Unsupported,
    "UnrecognizedClientException": AuthFailed,
    "InvalidSignatureException": AuthFailed,
    "IncompleteSignature": AuthFailed,
    "MissingAuthenticationTokenException": AuthFailed,
    "ExpiredTokenException": AuthFailed,
    "AccessDeniedException": AuthFailed,
    "SubscriptionRequiredException": AuthFailed,
    "InternalServerException": Transient,
    "ServiceUnavailableException": Transient,
}
"""The SDK's ``Code`` says more than the status: AWS sends most of these, throttling too, as 400."""


class AmazonOptions(StrictModel):
    """``[options]``. What is left out is not sent."""

    endpoint: str = ""
    """Another address; the region's own where it is empty."""
    region: str = ""
    """Region of the service. Empty: ``AWS_DEFAULT_REGION`` or the profile's."""
    terminology: str = ""
    """Name of a custom terminology in that region."""
    formality: Literal["", "formal", "informal"] = ""
    """Form of address. Empty: not sent."""
    profanity: Literal["", "mask"] = ""
    """``mask`` replaces swear words. Empty: not sent."""
    brevity: Literal["", "on"] = ""
    """``on`` asks for shorter translations. Empty: not sent."""


class AmazonEngine:
    """Asks Amazon Translate."""

    Options: ClassVar[type[BaseModel]] = AmazonOptions
    caches = True
    vendor = "amazon"
    billed_model = ""
    key_variables: tuple[str, ...] = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("AmazonOptions", options)
        refuse_key_variable(context, AWS)
        self.limits = Limits(max_segments=1, max_bytes=10_000, concurrency=8, requests_per_second=10.0, timeout=30.0)
        self._client: Any = None
        self._lock = threading.Lock()

    def supports(self, pair: LangPair) -> None:
        """Amazon says itself which pairs it serves; a code that is too long is not even sent by the SDK."""
        code = CODES.get(pair.target, pair.target)
        if len(code) > LONGEST_CODE:
            raise Unsupported(f"Amazon Translate has no target language {code}")

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind the API change without notice and have no version."""
        options: dict[str, JsonValue] = {"target": CODES.get(pair.target, pair.target), **self._settings()}
        if self._options.terminology:  # its name says nothing without the region it lives in
            region = self._options.region or os.environ.get("AWS_DEFAULT_REGION", "")
            options |= {"terminology": self._options.terminology, "region": region}
        options |= elsewhere(self._options.endpoint)
        return EngineIdentity("amazon", "2017-07-01", options)

    def ready(self) -> None:
        """Needs the SDK, keys and a region."""
        require("boto3", "amazon")
        with self._lock:
            if self._client is None:
                self._client = self._connect()

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """Amazon bills the characters of the source."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client, unless ``ready`` has."""
        self.ready()

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the text of the batch."""
        if not batch.requests:
            return Reply([], Receipt())
        self.ready()
        done = [await in_thread(partial(self._ask, request.source, batch.pair)) for request in batch.requests]
        return Reply([answer for answer, _ in done], Receipt(request_id=done[0][1]))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        config = aws_config(self.limits)
        try:
            session = boto3.Session(region_name=self._options.region or None)
            if not aws_credentials(session):
                raise EngineUnavailable("no AWS credentials", hint=AWS)
            if session.region_name is None:
                raise EngineUnavailable("no AWS region", hint="give 'region' in [options], or set AWS_DEFAULT_REGION")
            return bound_client(session.client("translate", endpoint_url=self._options.endpoint or None, config=config))
        except BotoCoreError as error:
            raise EngineUnavailable(f"AWS's SDK cannot start: {short(str(error))}", hint=AWS) from None

    def _ask(self, text: str, pair: LangPair) -> tuple[Translated, str]:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError

        asked: dict[str, Any] = {
            "Text": text,
            "SourceLanguageCode": source_code(pair.source, CODES),
            "TargetLanguageCode": CODES.get(pair.target, pair.target),
        }
        settings = self._settings()
        if settings:
            asked["Settings"] = settings
        if self._options.terminology:
            asked["TerminologyNames"] = [self._options.terminology]
        try:
            with on_the_wire():
                found = self._client.translate_text(**asked)
        except ClientError as error:
            raise _error(error.response) from None
        except ParamValidationError as error:
            raise BadRequest(f"AWS's SDK refuses the request: {short(str(error))}") from None
        except NoCredentialsError as error:
            raise AuthFailed(short(str(error)), hint=AWS) from None
        except BotoCoreError as error:
            raise lost(error) from None
        translation = found.get("TranslatedText")
        if not isinstance(translation, str):
            raise garbled(str(found.get("message", "")), "no TranslatedText")
        # The service leaves out, without an error, what it cannot do for this language.
        ignored = len(settings.keys() - found.get("AppliedSettings", {}).keys())
        notes = {"ignored_settings": ignored} if settings else {}
        return Translated(translation, notes=notes), found["ResponseMetadata"].get("RequestId", "")

    def _settings(self) -> dict[str, JsonValue]:
        chosen = {
            "Formality": self._options.formality,
            "Profanity": self._options.profanity,
            "Brevity": self._options.brevity,
        }
        return {name: value.upper() for name, value in chosen.items() if value}


def _error(response: Any) -> EngineError:
    said, about = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, text = str(said.get("Code", "")), str(said.get("Message", ""))
    status, headers = int(about.get("HTTPStatusCode", 500)), about.get("HTTPHeaders", {})
    general = classify(status, f"{text} ({code})", headers, "Amazon")
    kind = ERRORS.get(code)
    if kind is None or isinstance(general, kind):
        return general
    if issubclass(kind, Transient):
        wait = general.retry_after if isinstance(general, Transient) else -1.0
        return kind(str(general), retry_after=wait)
    return kind(str(general))
