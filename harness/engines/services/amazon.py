"""``amazon``: Amazon Translate, through AWS's own SDK and its usual credentials.

One text per request: the real-time API has no batches.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from harness.engines.clock import on_the_wire
from harness.engines.interface import Limits, Receipt
from harness.engines.services.clouds import AWS, aws_config, aws_credentials
from harness.engines.services.sdk import BlockingService
from harness.engines.services.service import AddressOptions, Texts
from harness.engines.wire.bounded import bound_client
from harness.engines.wire.endpoints import ADDRESS
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
from harness.types import JsonValue, LangPair

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


class AmazonOptions(AddressOptions):
    """``[options]``. What is left out is not sent."""

    endpoint: Annotated[str, Field(pattern=ADDRESS)] = ""
    """Another address. Empty: that of the region."""
    region: str = ""
    """Region of the service. Empty: ``AWS_DEFAULT_REGION``, or that of the profile."""
    terminology: str = ""
    """Name of a custom terminology in that region."""
    formality: Literal["", "formal", "informal"] = ""
    """Form of address. Empty: not sent."""
    profanity: Literal["", "mask"] = ""
    """``mask`` replaces swear words. Empty: not sent."""
    brevity: Literal["", "on"] = ""
    """``on`` requests shorter translations. Empty: not sent."""


class AmazonEngine(BlockingService):
    """Asks Amazon Translate."""

    Options: ClassVar[type[BaseModel]] = AmazonOptions
    name = "amazon"
    title = "Amazon"
    api = "2017-07-01"
    own_credentials = AWS
    usual_keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    # Amazon's ``pt`` is Brazilian; Tagalog stands for Filipino, and ``fa-AF`` for Dari.
    codes: ClassVar[Mapping[str, str]] = {
        "zh-Hans": "zh",
        "zh-CN": "zh",
        "zh-Hant": "zh-TW",
        "nb": "no",
        "fil": "tl",
        "pt-BR": "pt",
        "prs": "fa-AF",
    }
    packages = ("boto3",)
    own_limits = Limits(max_segments=1, max_bytes=10_000, concurrency=8, requests_per_second=10.0, timeout=30.0)

    def supports(self, pair: LangPair) -> None:
        """Amazon says itself which pairs it serves; a code that is too long is not even sent by the SDK."""
        _, code = self._pair(pair)
        if len(code) > LONGEST_CODE:
            raise Unsupported(f"Amazon Translate has no target language {code}")

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:  # noqa: ARG002 - always the pair's own
        options: dict[str, JsonValue] = {"target": target, **self._settings()}
        if self._options.terminology:  # its name says nothing without the region it lives in
            region = self._options.region or os.environ.get("AWS_DEFAULT_REGION", "")
            options |= {"terminology": self._options.terminology, "region": region}
        return options

    def _settings(self) -> dict[str, JsonValue]:
        names = ("formality", "profanity", "brevity")
        given = {name.title(): getattr(self._options, name) for name in names}
        return {name: value.upper() for name, value in given.items() if value}

    def _connect(self) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        config = aws_config(self.limits)
        try:
            session = boto3.Session(region_name=self._options.region or None)
            if not aws_credentials(session):
                raise EngineUnavailable("no AWS credentials", hint=AWS)
            if session.region_name is None:
                raise EngineUnavailable(
                    "no AWS region", hint="set 'region' in [options], or the variable AWS_DEFAULT_REGION"
                )
            return bound_client(session.client("translate", endpoint_url=self._options.endpoint or None, config=config))
        except BotoCoreError as error:
            raise EngineUnavailable(f"AWS's SDK cannot start: {short(str(error))}", hint=AWS) from None

    def _call(self, texts: list[str], source: str, target: str) -> Texts:
        settings = self._settings()
        answers = [self._translate(text, source, target, settings) for text in texts]
        # The service leaves out, without an error, what it cannot do for this language.
        ignored = [settings.keys() - answer.get("AppliedSettings", {}).keys() for answer in answers]
        notes = [{"ignored_settings": len(names)} for names in ignored] if settings else []
        receipt = Receipt(request_id=answers[0]["ResponseMetadata"].get("RequestId", ""))
        return Texts([answer["TranslatedText"] for answer in answers], receipt, notes=notes)

    def _translate(self, text: str, source: str, target: str, settings: dict[str, JsonValue]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError

        asked: dict[str, Any] = {"Text": text, "SourceLanguageCode": source, "TargetLanguageCode": target}
        if settings:
            asked["Settings"] = settings
        if self._options.terminology:
            asked["TerminologyNames"] = [self._options.terminology]
        try:
            with on_the_wire():
                answer = self._client.translate_text(**asked)
        except ClientError as error:
            raise _error(error.response) from None
        except ParamValidationError as error:
            raise BadRequest(f"AWS's SDK refuses the request: {short(str(error))}") from None
        except NoCredentialsError as error:
            raise AuthFailed(short(str(error)), hint=AWS) from None
        except BotoCoreError as error:
            raise lost(error) from None
        if not isinstance(answer.get("TranslatedText"), str):
            raise garbled(str(answer.get("message", "")), "no TranslatedText")
        return answer


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
