"""The skeleton of engines for translation services: one request for a batch, one answer for each of its texts.

options → codes → :meth:`Service._ask` → :class:`Texts` → answers and receipt, or an error by the service's words. A
service's own file says what is asked for, where the answers are, and what its errors mean. Here are services that speak
JSON over HTTP; those with an SDK are in :mod:`harness.engines.services.sdk`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, cast

from pydantic import BaseModel, Field

from harness.engines.interface import Answer, Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key, refuse_key_variable, require
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.client import JsonClient
from harness.engines.wire.each import each_text
from harness.engines.wire.endpoints import ADDRESS, elsewhere
from harness.engines.wire.errors import Body, classify, short
from harness.errors import EngineError, TooLarge, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel

NOTHING = re.compile(r"(?!)")

ReferencePair = Annotated[tuple[str, str], Field(strict=False)]
"""An option: a sentence with its translation, as an example for the service."""


class AddressOptions(StrictModel):
    """``[options]`` that every service has."""

    endpoint: Annotated[str, Field(pattern=ADDRESS)] = ""
    """Another address. Empty: the service's own."""


class ServiceOptions(AddressOptions):
    """``[options]`` of a service whose codes can be changed."""

    languages: dict[str, str] = Field(default_factory=dict)
    """The service's codes of language tags, if they differ from the usual ones."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a service answered to one request."""

    found: object
    """What stands where the translations should be: a list, in the order of the texts. What is no string in it is a
    text that is missing."""
    receipt: Receipt = field(default_factory=Receipt)
    body: Body = b""
    """The whole answer, for messages."""
    why: str = ""
    """What is said where there is no text at all; empty for the usual words."""
    notes: Sequence[Mapping[str, int]] = ()
    """Notes on each text; empty where there are none."""


class Service(ABC):
    """An engine for a service, but for what the service alone knows."""

    Options: ClassVar[type[BaseModel]]
    name: ClassVar[str]
    """Of the engine, of the extra that installs its SDK, and where its prices are looked up."""
    title: ClassVar[str]
    """What people call the service."""
    api: str
    """The version of its API, or of what answers behind it."""
    addresses: ClassVar[tuple[str, ...]] = ()
    """Its own, behind which the same models answer; the first is asked. Empty where each region or server has one."""
    usual_keys: ClassVar[tuple[str, ...]] = ()
    """Variables that hold what it wants to see; ``api_key_env`` takes the place of the last."""
    own_credentials: ClassVar[str] = ""
    """How people give credentials that the SDK looks for itself; ``api_key_env`` is then refused. Empty: it wants
    ``usual_keys``."""
    codes: ClassVar[Mapping[str, str]] = {}
    """Tags to its codes, where they differ."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Modules that must be there."""
    not_served: ClassVar[re.Pattern[str]] = NOTHING
    """Words by which it says, with status 400, 404 or 422, that it does not serve a language or an option."""
    too_long: ClassVar[re.Pattern[str]] = NOTHING
    """Words by which it says, with status 400, 413 or 422, that there is too much text."""
    own_limits: ClassVar[Limits]
    caches = True
    billed_model = ""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("Any", options)
        self.vendor = self.name
        self.key_variables = self.usual_keys
        if self.own_credentials:
            refuse_key_variable(context, self.own_credentials)
        elif context.api_key_env:
            self.key_variables = (*self.usual_keys[:-1], context.api_key_env)
        self.limits = self.own_limits
        self._codes: dict[str, str] = {**self.codes, **getattr(options, "languages", {})}

    @abstractmethod
    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        """Ask once for all texts; the codes are the service's. Raises what the contract of engines names."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""

    def _settings(self) -> dict[str, JsonValue]:
        """Options that change the answer, as they are sent; what is left out is not sent."""
        given = self._options.model_dump(mode="json", exclude={"endpoint", "languages", *self._beside()})
        return {name: value for name, value in given.items() if value not in ("", [], None)}

    def _beside(self) -> set[str]:
        """Options that are not settings, such as the account that pays."""
        return set()

    def _depends_on(self, source: str, target: str) -> dict[str, JsonValue]:
        """What an answer depends on, besides the address and the version of the API."""
        return {"source": source, "target": target, **self._settings()}

    def supports(self, pair: LangPair) -> None:  # noqa: B027 - nothing to check is the answer, not a gap
        """The service says itself which pairs it serves: that changes, and depends on the model."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind such services change without notice and have no version; that of the API is kept."""
        options = self._depends_on(*self._pair(pair)) | elsewhere(self._options.endpoint, *self.addresses)
        return EngineIdentity(self.name, self.api, options)

    def ready(self) -> None:
        """Needs the SDK, where there is one, and the keys."""
        for package in self.packages:
            require(package, self.name)
        for variable in () if self.own_credentials else self.key_variables:
            read_key(variable)

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """Such services bill the characters of the source."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        sources = [request.source for request in batch.requests]
        texts = await self._ask(sources, *self._pair(batch.pair))
        usage = texts.receipt.usage
        answers = each_text(texts.found, len(sources), self.title, body=texts.body, usage=usage, why=texts.why)
        return Reply(_noted(answers, texts.notes), texts.receipt)

    def _pair(self, pair: LangPair) -> tuple[str, str]:
        return source_code(pair.source, self._codes), self._codes.get(pair.target, pair.target)

    def _url(self, path: str) -> str:
        return f"{(self._options.endpoint or self.addresses[0]).rstrip('/')}{path}"

    def _keys(self) -> list[str]:
        return [read_key(variable) for variable in self.key_variables]

    def _error(self, status: int, body: Body, headers: Mapping[str, str]) -> EngineError:
        """The error for an answer that is not a success."""
        said = short(body)
        if status in {400, 413, 422} and self.too_long.search(said):
            return TooLarge(f"{self.title}: request too large: {said}")
        if status in {400, 404, 422} and self.not_served.search(said):
            return Unsupported(f"{self.title} does not support this: {said}")
        return classify(status, body, headers, self.title)


class RestService(Service):
    """A service that is asked over HTTP, without an SDK."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._client = JsonClient()

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Make the client."""
        self._client.open()

    async def _post(self, path: str, body: JsonValue, headers: Mapping[str, str]) -> Any:
        """The parsed answer to a request."""
        return await self._client.ask("POST", self._url(path), body=body, headers=headers, error_of=self._error)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _noted(answers: Sequence[Answer], notes: Sequence[Mapping[str, int]]) -> Sequence[Answer]:
    if not notes:
        return answers
    pairs = zip(answers, notes, strict=True)
    return [replace(answer, notes=said) if isinstance(answer, Translated) else answer for answer, said in pairs]


def listed(value: Any) -> list[Any]:
    """A list of an answer.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, list):
        raise TypeError("no list")
    return value
