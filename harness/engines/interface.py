"""What an engine is.

An engine translates one batch and either answers or raises one of the errors below. It never sleeps, retries, caches,
prints or reads configuration: the runner in :mod:`harness.translation` does all of that, once, for every engine. An
SDK's own retries are switched off, because they hide attempts and money.

Errors an engine may raise from ``translate`` (all in :mod:`harness.errors`), and what the runner does with them:

===================  ================================================================================================
``EngineUnavailable``  program, package, key or model is not here: nothing more is asked of this engine
``AuthFailed``         the key is wrong: the same
``QuotaExhausted``     the account is empty, waiting does not help: the same
``Unsupported``        pair or option is not served: the same
``RateLimited``        asked too fast: all who ask the account pause, then this batch is asked again
``Transient``          time-out, connection, overload: asked again with growing pauses
``TooLarge``           too long for one request: asked again in halves; one segment alone fails
``BadOutput``          answers do not fit the questions (count, order, truncated, not JSON): the same
``Declined``           the engine refuses the batch: asked again in halves; one segment alone is Refused
``BadRequest``         the batch is refused for a reason unknown: asked again in halves, once; then its segments fail
===================  ================================================================================================

Anything else is a bug in the engine and is reported as one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from harness.types import EngineIdentity, Failed, LangPair, Refused, SegmentId, SystemName, Translated

Answer = Translated | Refused | Failed
"""``Failed`` is for one segment among others that were answered; a batch that failed raises an error instead."""

NO_LIMIT = sys.maxsize


@dataclass(frozen=True, slots=True)
class Request:
    """One segment to translate."""

    segment: SegmentId
    line: int
    """Its 1-based line in the article's source file."""
    source: str
    """Never empty, never contains a line feed or NUL."""
    before: tuple[str, ...] = ()
    """Source of the segments before it in the article, nearest last; as many as ``Limits.context`` asks for."""
    after: tuple[str, ...] = ()
    """Source of the segments after it, nearest first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Segments sent together. The answers come back in this order, one each."""

    pair: LangPair
    requests: tuple[Request, ...]
    sample: int = 0
    """Which repetition this is; an engine with a ``seed`` adds it to the seed."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service said about a request."""

    model: str = ""
    """The model that answered, as the service names it; empty when it does not say."""
    request_id: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)
    """``characters``, ``input_tokens``, ``cached_input_tokens``, ``output_tokens``; only what the service reported."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers with a receipt."""

    answers: Sequence[Answer]
    receipt: Receipt

    @classmethod
    def of(cls, given: Sequence[Answer] | Reply) -> Reply:
        """What ``translate`` returned, with an empty receipt where it gave none."""
        return given if isinstance(given, Reply) else cls(given, Receipt())


MARGIN = 5.0
"""Seconds a client waits longer than the runner, whose time-out is the one that counts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the runner must respect. ``[limits]`` in the system file overrides all but the last two."""

    max_segments: int = 50
    """Most segments in one batch."""
    max_characters: int = NO_LIMIT
    """Most code points of source text in one batch."""
    max_bytes: int = NO_LIMIT
    """Most UTF-8 bytes of source text in one batch."""
    max_tokens: int = NO_LIMIT
    """Most tokens of source text in one batch, estimated as a third of the UTF-8 bytes."""
    concurrency: int = 1
    """Most batches under way at once."""
    requests_per_second: float = math.inf
    characters_per_second: float = math.inf
    timeout: float = 600.0
    """Seconds one attempt may take before it counts as failed."""
    attempts: int = 5
    """Most attempts for one batch."""
    context: int = 0
    """Segments of the article before and after each request that the engine wants to see."""
    one_article: bool = False
    """True: a batch never mixes articles."""

    @property
    def client_timeout(self) -> float:
        """Seconds an SDK or a client waits: longer than the runner, whose time-out is the one that counts."""
        return self.timeout + MARGIN


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine is told about its place in the workspace."""

    system: SystemName
    folder: Path
    """``systems/<name>/``: where a system keeps its own files; need not exist."""
    api_key_env: str = ""
    """``api_key_env`` of the system file: the variable that holds the key; empty means the engine's usual one."""
    programs: bool = True
    """False: no program that the system file names may be started; only a look is being taken."""


class Engine(Protocol):
    """A translation engine, configured and ready."""

    limits: Limits
    caches: bool
    """False when the store must not keep its answers, because they are already on disk or depend on the position."""

    def supports(self, pair: LangPair) -> None:
        """Return if the pair is served. Neither imports an SDK nor needs a key: cached answers need neither.

        Raises:
            Unsupported: it is not; the message says what is.
            EngineUnavailable: the engine cannot run here at all; the hint is the line that fixes it.
        """

    def identity(self, pair: LangPair) -> EngineIdentity:
        """What the answers for this pair depend on. Called after ``supports``; imports no SDK and needs no key."""

    async def translate(self, batch: Batch) -> Sequence[Answer] | Reply:
        """Translate a batch; exactly one answer per request, in order."""

    async def close(self) -> None:
        """End programs and connections. Called once, also after an error."""


@runtime_checkable
class PreparedEngine(Protocol):
    """What an engine has besides when something must be done once before it can answer."""

    async def prepare(self, pair: LangPair) -> None:
        """Import the SDK, load the model, make the client; send nothing.

        Called in the engine's own thread after ``ready``, only if something must be sent, and for every system of a
        run before the first request of any: it is in nobody's latency. May be called again, and not at all:
        ``translate`` must do without.

        Raises:
            EngineUnavailable: it cannot be done.
        """


@runtime_checkable
class RemoteEngine(Protocol):
    """What an engine has besides when its answers come over a network, need a key, or cost money."""

    key_variables: tuple[str, ...]
    """Variables that hold secrets; their values are cut out of every message."""
    vendor: str
    """Where its prices are looked up: ``deepl``, ``openai`` ...; empty when it runs on the user's own servers."""
    billed_model: str
    """The model or tier the price depends on; empty when there is only one."""

    def ready(self) -> None:
        """Called before the first batch is sent, and only if something must be sent.

        Raises:
            EngineUnavailable: the SDK or the key is missing; the hint is the install line or names the variable.
        """

    def worst_usage(self, batch: Batch) -> Mapping[str, int]:
        """The most this batch can be billed for, in the units of ``Receipt.usage``; reserved before it is sent.

        For models billed by tokens the engine must also send the output bound, so that the bound holds.
        """


@runtime_checkable
class RememberingEngine(Protocol):
    """What an engine has besides when it answers from texts in files: what of the test set is in them, it knows."""

    @property
    def memories(self) -> Mapping[str, Path]:
        """The files, by what its options call them."""


@runtime_checkable
class StoredEngine(Protocol):
    """What an engine has besides when its answers lie in files or are the source itself: a look asks nobody."""

    def answer(self, batch: Batch) -> Sequence[Answer]:
        """What ``translate`` returns, at once.

        Raises:
            EngineError: as ``translate`` does.
        """


class EngineFactory(Protocol):
    """What an entry point in ``harness.engines`` names: usually the engine's class."""

    Options: ClassVar[type[BaseModel]]
    """Model of ``[options]`` in the system file, with ``extra="forbid"``."""

    def __call__(self, options: BaseModel, context: EngineContext) -> Engine:
        """Make the engine. Must be cheap: programs and packages are looked for in ``supports``."""
