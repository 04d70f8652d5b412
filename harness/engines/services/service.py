"""The skeleton of engines for translation services: one request for a batch, one answer for each of its texts.

A service's own file says what is asked for, where the answers are, and what its errors mean. There are two kinds: those
that speak JSON over HTTP (:class:`RestService`), and those with an SDK that blocks (:class:`SdkService`).
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, cast

from pydantic import BaseModel, Field

from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key, require
from harness.engines.services.codes import count_characters, source_code
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.client import JsonClient, stay_here
from harness.engines.wire.each import each_text
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import classify, short
from harness.errors import BadOutput, EngineError, TooLarge, Unsupported
from harness.types import EngineIdentity, JsonValue, LangPair
from harness.workspace.config import StrictModel

NOTHING = re.compile(r"(?!)")


class ServiceOptions(StrictModel):
    """``[options]`` that every such service has."""

    endpoint: Annotated[str, Field(pattern=r"^(https?://[^/@?#\s]+(/[^?#\s]*)?)?$")] = ""
    """Another address; the service's own where it is empty."""
    languages: dict[str, str] = Field(default_factory=dict)
    """Tags to the service's codes, where they differ from the usual ones."""


class Service(ABC):
    """An engine for a service, but for what the service alone knows."""

    Options: ClassVar[type[BaseModel]]
    name: ClassVar[str]
    """Of the engine, of the extra that installs its SDK, and where its prices are looked up."""
    title: ClassVar[str]
    """What people call the service."""
    api: ClassVar[str]
    """The version of its API."""
    address: ClassVar[str]
    usual_keys: ClassVar[tuple[str, ...]]
    """Variables that hold what it wants to see; ``api_key_env`` takes the place of the last."""
    codes: ClassVar[Mapping[str, str]] = {}
    """Tags to its codes, where they differ."""
    sdk: ClassVar[str] = ""
    """The module that must be there."""
    not_served: ClassVar[re.Pattern[str]] = NOTHING
    """Words by which it says, with status 400 or 404, that it does not serve a language or an option."""
    too_long: ClassVar[re.Pattern[str]] = NOTHING
    """Words by which it says, with status 400, that there is too much text."""
    own_limits: ClassVar[Limits]
    caches = True
    billed_model = ""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._given = cast("Any", options)
        self.vendor = self.name
        self.key_variables: tuple[str, ...] = (*self.usual_keys[:-1], context.api_key_env or self.usual_keys[-1])
        self.limits = self.own_limits
        self._codes: dict[str, str] = {**self.codes, **self._given.languages}

    @abstractmethod
    async def _ask(self, texts: list[str], source: str, target: str) -> tuple[Sequence[object], Receipt]:
        """Ask once for all texts; the codes are the service's. Raises what the contract of engines names.

        What is no string where a text should be is a text that is missing.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""

    def _settings(self) -> dict[str, JsonValue]:
        """Options that change the answer, as they are sent; what is left out is not sent."""
        given = self._given.model_dump(mode="json", exclude={"endpoint", "languages", *self._beside()})
        return {name: value for name, value in given.items() if value not in ("", [], None)}

    def _beside(self) -> set[str]:
        """Options that do not change the answer, such as the account that pays."""
        return set()

    def supports(self, pair: LangPair) -> None:  # noqa: B027 - nothing to check is the answer, not a gap
        """The service says itself which pairs it serves."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The models behind such services change without notice and have no version; that of the API is kept."""
        source, target = self._pair(pair)
        options: dict[str, JsonValue] = {"source": source, "target": target, **self._settings()}
        return EngineIdentity(self.name, self.api, options | elsewhere(self._given.endpoint, self.address))

    def ready(self) -> None:
        """Needs the SDK, where there is one, and the keys."""
        if self.sdk:
            require(self.sdk, self.name)
        for variable in self.key_variables:
            read_key(variable)

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """Such services bill the characters of the source."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the whole batch in one request."""
        if not batch.requests:
            return Reply([], Receipt())
        texts = [request.source for request in batch.requests]
        found, receipt = await self._ask(texts, *self._pair(batch.pair))
        if len(found) != len(texts):
            raise BadOutput(f"{self.title} gave {len(found)} translations for {len(texts)} texts", usage=receipt.usage)
        return Reply(each_text([*found], len(texts), self.title, usage=receipt.usage), receipt)

    def _pair(self, pair: LangPair) -> tuple[str, str]:
        return source_code(pair.source, self._codes), self._codes.get(pair.target, pair.target)

    def _url(self, path: str) -> str:
        return f"{(self._given.endpoint or self.address).rstrip('/')}{path}"

    def _keys(self) -> list[str]:
        return [read_key(variable) for variable in self.key_variables]

    def _error(self, status: int, body: bytes | Mapping[str, Any], headers: Mapping[str, str]) -> EngineError:
        """The error for an answer that is not a success."""
        said = short(body)
        if status in {400, 413, 422} and self.too_long.search(said):
            return TooLarge(f"{self.title} finds the request too large: {said}")
        if status in {400, 404, 422} and self.not_served.search(said):
            return Unsupported(f"{self.title} does not serve this: {said}")
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


class SdkService(Service):
    """A service that is asked through an SDK that blocks, so each request runs in a thread."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._client: Any = None
        self._session: Any = None
        self._lock = threading.Lock()
        self._answers = threading.local()

    @abstractmethod
    def _connect(self) -> tuple[Any, Any]:
        """The SDK's client, with its retries off, and its session of requests."""

    @abstractmethod
    def _call(self, texts: list[str], source: str, target: str) -> tuple[Sequence[object], Receipt]:
        """Ask ``self._client`` once, in a thread."""

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client."""
        self._open()

    async def _ask(self, texts: list[str], source: str, target: str) -> tuple[Sequence[object], Receipt]:
        self._open()
        return await in_thread(lambda: self._call(texts, source, target))

    async def close(self) -> None:
        """Close the connections."""
        session, self._client, self._session = self._session, None, None
        if session is not None:
            session.close()

    def _open(self) -> None:
        with self._lock:
            if self._client is not None:
                return
            self._client, self._session = self._connect()
            send = self._session.send

            def noted(request: Any, **settings: Any) -> Any:
                settings["timeout"] = self.limits.client_timeout
                self._answers.last = send(request, **settings)
                return self._answers.last

            self._session.send = noted
            stay_here(self._session)

    @property
    def _last(self) -> Any:
        """The answer that this thread got last, which SDKs do not hand out; None before the first."""
        return getattr(self._answers, "last", None)


def listed(found: Any) -> list[Any]:
    """A list of an answer.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(found, list):
        raise TypeError("no list")
    return found
