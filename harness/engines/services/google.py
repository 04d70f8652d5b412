"""``google``: Cloud Translation v3 (Advanced), through Google's own SDK over REST.

REST rather than gRPC: one way for the real service, a proxy and the tests, and connections that do not outlive an event
loop. The SDK blocks, so each request runs in a thread. Texts always go out as ``text/plain``: the service's default is
HTML, and answers ``Fish &amp; chips`` to ``Fish & chips``.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Self, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator

from harness.engines.clock import on_the_wire
from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import refuse_key_variable, require
from harness.engines.services.clouds import GOOGLE, google_credentials
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.client import stay_here
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import classify, garbled, lost, short
from harness.errors import AuthFailed, BadOutput, EngineError, EngineUnavailable, TooLarge, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel

OK = 200
WORDS = ("model", "detectedLanguageCode")
"""What may stand beside a translation."""

HOST = "https://translate.googleapis.com"
CODES = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "nb": "no"}

NOT_SERVED = re.compile(r"language|glossary|model|location", re.IGNORECASE)
TOO_LONG = re.compile(r"too (long|large|many)|exceeds? the|at most", re.IGNORECASE)


ReferencePair = Annotated[tuple[str, str], Field(strict=False)]

ADAPTIVE = "adaptive"
"""What adaptive translation is called where a model would be: in identities, and where prices are looked up."""


class GoogleOptions(StrictModel):
    """``[options]``."""

    endpoint: str = ""
    """Another address; with ``http://`` your own proxy, which is asked without credentials."""
    project: str = ""
    """Project that pays. Empty: ``GOOGLE_CLOUD_PROJECT``, else the project of the credentials."""
    location: Annotated[str, Field(pattern="^[a-z0-9-]+$")] = "global"
    """Where the request is processed; glossaries and custom models have their own."""
    model: Annotated[str, Field(min_length=1)] = "general/nmt"
    """``general/nmt``, ``general/translation-llm``, or a custom model."""
    glossary: str = ""
    """Name of a glossary kept at Google, in the same location."""
    adaptive_dataset: str = ""
    """Adaptive translation: the name of a data set of sentence pairs, of which Google chooses those that are alike."""
    reference_pairs: Annotated[tuple[ReferencePair, ...], Field(strict=False)] = ()
    """Adaptive translation: sentences with their translations, all of which count as examples."""

    @model_validator(mode="after")
    def _lives_somewhere(self) -> Self:
        if self.adaptive_dataset and self.reference_pairs:
            raise ValueError("'adaptive_dataset' and 'reference_pairs' exclude each other")
        if self.adaptive and "model" in self.model_fields_set:
            raise ValueError("adaptive translation has its own model: take 'model' out")
        if self.location == "global" and (self.glossary or self.adaptive):
            what = "a glossary" if self.glossary else "adaptive translation"
            raise ValueError(f"{what} needs its 'location', such as us-central1")
        return self

    @property
    def adaptive(self) -> bool:
        """Whether the request is one for adaptive translation."""
        return bool(self.adaptive_dataset or self.reference_pairs)


class GoogleEngine:
    """Asks Google Cloud."""

    Options: ClassVar[type[BaseModel]] = GoogleOptions
    caches = True
    vendor = "google"
    key_variables: tuple[str, ...] = ()

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("GoogleOptions", options)
        refuse_key_variable(context, GOOGLE)
        self.billed_model = ADAPTIVE if self._options.adaptive else self._options.model
        # 6,000,000 characters a minute is the service's own limit.
        self.limits = Limits(
            max_segments=1024,
            max_characters=29_999,
            concurrency=4,
            requests_per_second=10.0,
            characters_per_second=100_000.0,
            timeout=60.0,
        )
        self._client: Any = None
        self._project = ""

    def supports(self, pair: LangPair) -> None:
        """Google says itself which pairs it serves: it depends on the model."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind the API change without notice and have no version."""
        options: dict[str, JsonValue] = {"model": self.billed_model, "target": _target(pair)}
        if self._options.adaptive_dataset:
            options["adaptive_dataset"] = self._options.adaptive_dataset
        if self._options.reference_pairs:
            options["reference_pairs"] = [[*one] for one in self._options.reference_pairs]
        if self._options.glossary:
            options["glossary"] = self._options.glossary
        if self._options.glossary or self._options.adaptive_dataset or not self._options.model.startswith("general/"):
            options |= {"project": self._named_project(), "location": self._options.location}
        elif self._options.location != "global":
            options["location"] = self._options.location
        options |= elsewhere(self._options.endpoint, HOST)
        return EngineIdentity("google", "v3", options)

    def ready(self) -> None:
        """Needs the SDK, credentials and a project."""
        require("google.cloud.translate_v3", "google")
        if self._client is None:
            self._connect()

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """NMT bills the characters of the source; what translation-llm bills for its output has no upper bound."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client, unless ``ready`` has."""
        self.ready()
        from google.api_core import exceptions  # noqa: F401 - the batches use them
        from google.protobuf import json_format  # noqa: F401
        from requests import exceptions as _  # noqa: F401

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        self.ready()
        return await in_thread(lambda: self._ask(batch))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.transport.close()
            self._client = None

    def _connect(self) -> None:
        with warnings.catch_warnings():
            # The SDK announces years ahead which Python it will stop supporting, and comments on kinds of credentials.
            warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.")
            warnings.filterwarnings("ignore", category=UserWarning, module=r"google\.auth")
            from google.auth.credentials import AnonymousCredentials
            from google.cloud import translate_v3
            from google.cloud.translate_v3.services.translation_service import transports

        address = urlsplit(self._options.endpoint or HOST)
        credentials, project = google_credentials() if address.scheme == "https" else (AnonymousCredentials(), "")
        self._project = self._named_project() or project
        if not self._project:
            raise EngineUnavailable(
                "no Google Cloud project", hint="give 'project' in [options], or GOOGLE_CLOUD_PROJECT"
            )
        transport = transports.TranslationServiceRestTransport(
            host=address.netloc, credentials=credentials, url_scheme=address.scheme
        )
        stay_here(transport._session)  # noqa: SLF001 - the SDK has no switch for it
        _spare_the_parser(transport._session)  # noqa: SLF001
        self._client = translate_v3.TranslationServiceClient(transport=transport)

    def _named_project(self) -> str:
        return self._options.project or os.environ.get("GOOGLE_CLOUD_PROJECT", "")

    def _ask(self, batch: Batch) -> Reply:
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError, TransportError
        from google.protobuf.json_format import ParseError
        from requests.exceptions import RequestException

        try:
            request = self._request(batch)
            ask = self._client.adaptive_mt_translate if self._options.adaptive else self._client.translate_text
            with on_the_wire():
                response = ask(request=request, retry=None, timeout=self.limits.client_timeout)
        except GoogleAPICallError as error:
            raise _error(error) from None
        except (RequestException, TransportError) as error:
            raise lost(error) from None
        except GoogleAuthError as error:
            raise AuthFailed(f"Google does not accept the credentials: {short(str(error))}", hint=GOOGLE) from None
        except (ParseError, ValueError, TypeError, AttributeError) as error:  # how the SDK trips over other JSON
            raise garbled("", f"{type(error).__name__}: {short(str(error))}") from None
        # With a glossary the answers that used it stand apart, beside those that did not.
        found = response.glossary_translations if self._options.glossary else response.translations
        if len(found) != len(batch.requests):
            raise BadOutput(f"Google gave {len(found)} translations for {len(batch.requests)} texts")
        model = "" if self._options.adaptive else found[0].model
        return Reply([Translated(one.translated_text) for one in found], Receipt(model=model))

    def _request(self, batch: Batch) -> dict[str, Any]:
        parent = f"projects/{self._project}/locations/{self._options.location}"
        model, texts = self._options.model, [request.source for request in batch.requests]
        codes = {
            "source_language_code": source_code(batch.pair.source, CODES),
            "target_language_code": _target(batch.pair),
        }
        request: dict[str, Any] = {"parent": parent, "mime_type": "text/plain"}
        if name := self._options.adaptive_dataset:
            named = name if name.startswith("projects/") else f"{parent}/adaptiveMtDatasets/{name}"
            request |= {"content": texts, "dataset": named}
        elif self._options.reference_pairs:
            pairs = [
                {"source_sentence": said, "target_sentence": meant} for said, meant in self._options.reference_pairs
            ]
            given = {"reference_sentence_pair_lists": [{"reference_sentence_pairs": pairs}], **codes}
            request |= {"content": texts, "reference_sentence_config": given}
        else:
            named = model if model.startswith("projects/") else f"{parent}/models/{model}"
            request |= {"contents": texts, "model": named, **codes}
        if glossary := self._options.glossary:
            name = glossary if glossary.startswith("projects/") else f"{parent}/glossaries/{glossary}"
            request["glossary_config"] = {"glossary": name}
        return request


def _target(pair: LangPair) -> str:
    return CODES.get(pair.target, pair.target)


def _spare_the_parser(session: Any) -> None:
    """Take out of successes what the SDK's parser would trip over, and with it lose the texts, which are paid."""
    send = session.send

    def send_spared(request: Any, **settings: Any) -> Any:
        answer = send(request, **settings)
        with suppress(ValueError, RecursionError):
            data = json.loads(answer.content) if answer.status_code == OK else None
            if isinstance(data, dict):
                lists = [data.get(name) for name in ("translations", "glossaryTranslations")]
                for one in (one for found in lists if isinstance(found, list) for one in found):
                    for name in WORDS if isinstance(one, dict) else ():
                        if not isinstance(one.get(name), str):
                            one.pop(name, None)
                answer._content = json.dumps(data).encode()  # noqa: SLF001 - where the library keeps it
        return answer

    session.send = send_spared


def _error(error: Any) -> EngineError:
    answer = error.response
    body: bytes | str = error.message if answer is None else answer.content
    status = int(error.code or 500)
    if status in {400, 404} and TOO_LONG.search(error.message):
        return TooLarge(f"Google finds the request too large: {short(body)}")
    if status in {400, 404} and NOT_SERVED.search(error.message):
        return Unsupported(f"Google does not serve this: {short(body)}")
    return classify(status, body, {} if answer is None else answer.headers, "Google")
