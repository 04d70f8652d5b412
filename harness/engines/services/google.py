"""``google``: Cloud Translation v3 (Advanced), through Google's own SDK over REST.

REST rather than gRPC: one way for the real service, a proxy and the tests, and connections that do not outlive an event
loop. Texts always go out as ``text/plain``: the service's default is HTML, and answers ``Fish &amp; chips`` to
``Fish & chips``.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import EngineContext, Limits, Receipt
from harness.engines.services.clouds import GOOGLE, google_credentials
from harness.engines.services.sdk import SessionService
from harness.engines.services.service import AddressOptions, ReferencePair, Texts
from harness.engines.wire.endpoints import ADDRESS
from harness.engines.wire.errors import garbled, lost, short
from harness.errors import AuthFailed, BadOutput, EngineUnavailable, so_many
from harness.types import JsonValue, LangPair

OK = 200
WORDS = ("model", "detectedLanguageCode")
"""What may stand beside a translation."""


ADAPTIVE = "adaptive"
"""What adaptive translation is called where a model would be: in identities, and where prices are looked up."""


class GoogleOptions(AddressOptions):
    """``[options]``."""

    endpoint: Annotated[str, Field(pattern=ADDRESS)] = ""
    """Another address; with ``http://`` your own proxy, which is called without credentials."""
    project: str = ""
    """The project that is billed. Empty: ``GOOGLE_CLOUD_PROJECT``, or the project of the credentials."""
    location: Annotated[str, Field(pattern="^[a-z0-9-]+$")] = "global"
    """Where requests are processed; glossaries and custom models need their own location."""
    model: Annotated[str, Field(min_length=1)] = "general/nmt"
    """``general/nmt``, ``general/translation-llm``, or a custom model."""
    glossary: str = ""
    """Name of a glossary stored at Google, in the same location."""
    adaptive_dataset: str = ""
    """Adaptive translation: the name of a data set of sentence pairs, from which Google chooses similar ones."""
    reference_pairs: Annotated[tuple[ReferencePair, ...], Field(strict=False)] = ()
    """Adaptive translation: sentences with their translations, all of which are used as examples."""

    @model_validator(mode="after")
    def _lives_somewhere(self) -> Self:
        if self.adaptive_dataset and self.reference_pairs:
            raise ValueError("'adaptive_dataset' and 'reference_pairs' cannot be combined")
        if self.adaptive and "model" in self.model_fields_set:
            raise ValueError("adaptive translation has its own model: remove 'model'")
        if self.location == "global" and (self.glossary or self.adaptive):
            feature = "a glossary" if self.glossary else "adaptive translation"
            raise ValueError(f"{feature} needs a 'location', such as us-central1")
        return self

    @property
    def adaptive(self) -> bool:
        """Whether the request is one for adaptive translation."""
        return bool(self.adaptive_dataset or self.reference_pairs)


class GoogleEngine(SessionService):
    """Asks Google Cloud."""

    Options: ClassVar[type[BaseModel]] = GoogleOptions
    name = "google"
    title = "Google"
    api = "v3"
    addresses = ("https://translate.googleapis.com",)
    own_credentials = GOOGLE
    codes: ClassVar[Mapping[str, str]] = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "nb": "no"}
    packages = ("google.cloud.translate_v3",)
    not_served = re.compile(r"language|glossary|model|location", re.IGNORECASE)
    too_long = re.compile(r"too (long|large|many)|exceeds? the|at most", re.IGNORECASE)
    # 6,000,000 characters a minute is the service's own limit.
    own_limits = Limits(
        max_segments=1024,
        max_characters=29_999,
        concurrency=4,
        requests_per_second=10.0,
        characters_per_second=100_000.0,
        timeout=60.0,
    )

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self.billed_model = ADAPTIVE if self._options.adaptive else self._options.model
        self._project = ""

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:  # noqa: ARG002 - always the pair's own
        given = self._options
        options: dict[str, JsonValue] = {"model": self.billed_model, "target": target}
        if given.adaptive_dataset:
            options["adaptive_dataset"] = given.adaptive_dataset
        if given.reference_pairs:
            options["reference_pairs"] = [[*one] for one in given.reference_pairs]
        if given.glossary:
            options["glossary"] = given.glossary
        if given.glossary or given.adaptive_dataset or not given.model.startswith("general/"):
            options |= {"project": self._named_project(), "location": given.location}
        elif given.location != "global":
            options["location"] = given.location
        return options

    async def prepare(self, pair: LangPair) -> None:
        """Import the SDK and make its client, unless ``ready`` has."""
        await super().prepare(pair)
        from google.api_core import exceptions  # noqa: F401 - the batches use them
        from google.protobuf import json_format  # noqa: F401
        from requests import exceptions as _  # noqa: F401

    def _connect(self) -> Any:
        with warnings.catch_warnings():
            # The SDK announces years ahead which Python it will stop supporting, and comments on kinds of credentials.
            warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.")
            warnings.filterwarnings("ignore", category=UserWarning, module=r"google\.auth")
            from google.auth.credentials import AnonymousCredentials
            from google.cloud import translate_v3
            from google.cloud.translate_v3.services.translation_service import transports

        address = urlsplit(self._options.endpoint or self.addresses[0])
        credentials, project = google_credentials() if address.scheme == "https" else (AnonymousCredentials(), "")
        self._project = self._named_project() or project
        if not self._project:
            raise EngineUnavailable(
                "no Google Cloud project", hint="set 'project' in [options], or the variable GOOGLE_CLOUD_PROJECT"
            )
        transport = transports.TranslationServiceRestTransport(
            host=address.netloc, credentials=credentials, url_scheme=address.scheme
        )
        return translate_v3.TranslationServiceClient(transport=transport)

    def _session_of(self, client: Any) -> Any:
        return client.transport._session  # noqa: SLF001 - the SDK has no switch for redirects and large answers

    def _received(self, answer: Any) -> None:
        """Take out of successes what the SDK's parser would trip over, and with it lose the texts, which are paid."""
        with suppress(ValueError, RecursionError):
            data = json.loads(answer.content) if answer.status_code == OK else None
            if isinstance(data, dict):
                lists = [data.get(name) for name in ("translations", "glossaryTranslations")]
                for one in (one for found in lists if isinstance(found, list) for one in found):
                    for name in WORDS if isinstance(one, dict) else ():
                        if not isinstance(one.get(name), str):
                            one.pop(name, None)
                answer._content = json.dumps(data).encode()  # noqa: SLF001 - where the library keeps it

    def _named_project(self) -> str:
        return str(self._options.project or os.environ.get("GOOGLE_CLOUD_PROJECT", ""))

    def _call(self, texts: list[str], source: str, target: str) -> Texts:
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError, TransportError
        from google.protobuf.json_format import ParseError
        from requests.exceptions import RequestException

        try:
            request = self._request(texts, source, target)
            ask = self._client.adaptive_mt_translate if self._options.adaptive else self._client.translate_text
            with on_the_wire():
                response = ask(request=request, retry=None, timeout=self.limits.client_timeout)
        except GoogleAPICallError as error:
            answer: Any = error.response
            body, headers = (error.message, {}) if answer is None else (answer.content, answer.headers)
            raise self._error(int(error.code or 500), body, headers) from None
        except (RequestException, TransportError) as error:
            raise lost(error) from None
        except GoogleAuthError as error:
            raise AuthFailed(f"Google does not accept the credentials: {short(str(error))}", hint=GOOGLE) from None
        except (ParseError, ValueError, TypeError, AttributeError) as error:  # how the SDK trips over other JSON
            raise garbled("", f"{type(error).__name__}: {short(str(error))}") from None
        # With a glossary the answers that used it stand apart, beside those that did not.
        translations = response.glossary_translations if self._options.glossary else response.translations
        if not translations:
            raise BadOutput(f"Google returned 0 translations for {so_many(len(texts), 'text')}")
        model = "" if self._options.adaptive else translations[0].model
        return Texts([one.translated_text for one in translations], Receipt(model=model))

    def _request(self, texts: list[str], source: str, target: str) -> dict[str, Any]:
        given = self._options
        parent = f"projects/{self._project}/locations/{given.location}"
        codes = {"source_language_code": source, "target_language_code": target}
        request: dict[str, Any] = {"parent": parent, "mime_type": "text/plain"}
        if given.adaptive_dataset:
            request |= {"content": texts, "dataset": _path(parent, "adaptiveMtDatasets", given.adaptive_dataset)}
        elif given.reference_pairs:
            pairs = [{"source_sentence": said, "target_sentence": meant} for said, meant in given.reference_pairs]
            config = {"reference_sentence_pair_lists": [{"reference_sentence_pairs": pairs}], **codes}
            request |= {"content": texts, "reference_sentence_config": config}
        else:
            request |= {"contents": texts, "model": _path(parent, "models", given.model), **codes}
        if given.glossary:
            request["glossary_config"] = {"glossary": _path(parent, "glossaries", given.glossary)}
        return request


def _path(parent: str, kind: str, name: str) -> str:
    """The whole name of a thing kept at Google, which the options may shorten."""
    return name if name.startswith("projects/") else f"{parent}/{kind}/{name}"
