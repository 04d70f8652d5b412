"""What the engines for language models have in common; each adds its service's request, response and errors.

The SDKs are imported when something is sent, never before. All of them talk through one HTTP client that is made
here, because an SDK's own client may retry, follow redirects with the key, or outlive the event loop it belongs to.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlsplit

from pydantic import BaseModel

from harness.engines.batch_jobs import RESULT_BYTES, BatchService
from harness.engines.chat import plain as chat_plain
from harness.engines.chat.answer import Said, read_answers, read_plain, service_error
from harness.engines.chat.batch import LiveParts
from harness.engines.chat.options import ChatOptions
from harness.engines.chat.prompt import (
    OUTPUT_RULE,
    ChatRequest,
    in_document_order,
    output_bound,
    system_message,
    user_message,
)
from harness.engines.clock import follow
from harness.engines.interface import Answer, Batch, EngineContext, Reply
from harness.engines.keys import find_key, read_key, require
from harness.engines.wire.bounded import ACCEPTED, bound_answer
from harness.engines.wire.endpoints import elsewhere
from harness.errors import BadOutput, EngineError
from harness.types import EngineIdentity, JsonValue, LangPair

if TYPE_CHECKING:
    import httpx2

HTTP_SECONDS = 3600.0
"""Only ends a call that nobody watches: the runner's time-out, which a system file may raise, comes first."""

CONNECT_SECONDS = 30.0

SERVICES = {"openai": "OpenAI", "anthropic": "Anthropic", "gemini": "Gemini"}
"""What people call them, in messages."""


class ChatEngine(ABC):
    """An engine for language models, but for what its service alone knows."""

    Options: ClassVar[type[BaseModel]]
    name: ClassVar[str]
    """Of the engine, and of the extra that installs its SDK."""
    sdk: ClassVar[str]
    """The module that must be there."""
    address: str
    """The service's own, always given to the SDK, so that no variable of the environment can send a run elsewhere
    unseen."""
    usual_key: ClassVar[str]
    """The variable that holds the key where the system file names none."""
    vendor: str
    caches = True
    _options: ChatOptions

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("ChatOptions", options)
        self.wants_batches: bool = getattr(options, "batch_api", False)
        self._key_required = True
        self._key_variable = context.api_key_env or self.usual_key
        self._http: httpx2.AsyncClient | None = None
        self._client: Any = None
        self._most_bytes: int | None = None
        self.key_variables: tuple[str, ...] = (self._key_variable,)
        self.billed_model = self._options.model
        self.service = urlsplit(self._options.endpoint).netloc or SERVICES.get(self.name, self.name)
        self.limits = self._options.limits()

    @abstractmethod
    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:
        """The SDK's client, with its retries off."""

    @abstractmethod
    async def _send(self, request: ChatRequest) -> Said:
        """Ask ``self._client`` once; return what the model wrote, or raise what the contract of engines names."""

    def supports(self, pair: LangPair) -> None:  # noqa: B027 - nothing to check is the answer, not a gap
        """Any pair: a language model has no list."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The model, every option that shapes the request, and a hash of the whole prompt as this pair gets it."""
        unused = {"model", "endpoint", "project", "batch_api", *({"window"} if self._options.mode != "window" else ())}
        unused |= {"batch"} if self._options.mode != "sentence" else set()
        unused |= {"structured", "reasoning_tokens"} if self._options.mode == "plain" else set()
        unused |= {"prompt"} if self._options.template else set()
        # What is not set is not sent. Defaults that are sent stay, because a release may change them.
        given = self._options.model_dump(mode="json", exclude=unused).items()
        options: dict[str, JsonValue] = {name: value for name, value in given if value not in (None, "", {})}
        if self._options.mode != "plain":
            prompt = self._system(pair)
        else:
            prompt = chat_plain.described(*self._message(pair, "{text}"))
            options |= {"template_version": self._options.plain.version, "reasoning_tokens": self._options.room}
        options["prompt_sha256"] = hashlib.sha256(prompt.encode()).hexdigest()
        options["output_bound"] = OUTPUT_RULE
        options |= elsewhere(self._options.endpoint, self.address) | self._cutting()
        return EngineIdentity(self.name, self._options.model, options)

    def _cutting(self) -> dict[str, JsonValue]:
        """What ``[limits]`` changes about how many segments one prompt holds, and so about the prompt."""
        usual = self._options.limits()
        sizes = ("max_segments", "max_characters", "max_bytes", "max_tokens")
        limits = {name: getattr(self.limits, name) for name in sizes}
        changed: dict[str, JsonValue] = {name: size for name, size in limits.items() if size != getattr(usual, name)}
        if self._options.mode == "sentence" and "max_segments" in changed:
            return {"batch": changed.pop("max_segments"), **changed}
        return changed

    def ready(self) -> None:
        """Look for the SDK and the key."""
        require(self.sdk, self.name)
        if self._key_required:
            read_key(self._key_variable)

    def worst_usage(self, batch: Batch) -> Mapping[str, int]:
        """A token for each byte sent, and the bound on the answer that goes with the request."""
        request = self._request(batch)
        return {"input_tokens": request.most_input_tokens, "output_tokens": request.max_output_tokens}

    def usual_usage(self, batch: Batch) -> Mapping[str, int]:
        """What a batch is billed for as a rule: three to four bytes a token, without thinking."""
        request = self._request(batch)
        texts = sum(len(one.source.encode("utf-8", "replace")) for one in batch.requests)
        sent = len(request.system.encode("utf-8", "replace")) + len(request.user.encode("utf-8", "replace"))
        answer = texts * 2 // 7 + 16 * len(batch.requests)
        return {"input_tokens": sent * 2 // 7, "output_tokens": min(answer, request.max_output_tokens)}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client."""
        self._opened()
        self._reach()

    def _opened(self) -> Any:
        if self._client is None:
            self._client = self._open(self._key(), self._connect())
        return self._client

    def _reach(self) -> None:  # noqa: B027 - only some SDKs import on first use
        """Look up what of the SDK is imported only when it is used."""

    async def translate(self, batch: Batch) -> Sequence[Answer] | Reply:
        """Ask once for the whole batch and check the answer against it."""
        if not batch.requests:
            return []
        self._opened()
        return self._reply(batch, await self._send(self._to_send(batch)))

    def _to_send(self, batch: Batch) -> ChatRequest:
        """The request for a batch, where it can be answered; raises what the contract of engines names."""
        return self._request(batch)

    async def ask(self, request: ChatRequest) -> Said:
        """Ask once, whatever the request asks for; raises what the contract of engines names."""
        self._opened()
        return await self._send(request)

    @property
    def options(self) -> ChatOptions:
        """As given."""
        return self._options

    def _reply(self, batch: Batch, said: Said) -> Reply:
        """What the model wrote, as answers to the batch."""
        text, receipt = said.text, said.receipt
        ordered = in_document_order(batch)
        if self._options.mode == "plain":
            if said.doubt:  # a text alone does not show whether it is whole
                raise said.doubt
            return Reply([read_plain(text, ordered[0], receipt, target=batch.pair.target)], receipt)
        structured = self._options.form != "none"
        try:
            answers = read_answers(text, ordered, receipt, target=batch.pair.target, structured=structured)
        except BadOutput:
            # Where all ids are there the answer is complete, whatever the service says about its end.
            if said.doubt:
                raise said.doubt from None
            raise
        by_segment = {request.segment: answer for request, answer in zip(ordered, answers, strict=True)}
        return Reply([by_segment[request.segment] for request in batch.requests], receipt)

    async def close(self) -> None:
        """Close the connections; the next user may come with another event loop."""
        http, self._http, self._client = self._http, None, None
        if http is not None:
            await http.aclose()

    def batch_service(self) -> BatchService | None:
        """The batch API of the service, for translations; None where it has none."""
        return self.batches(self._to_send, self._reply)

    def batches(
        self,
        request: Callable[[Batch], ChatRequest],  # noqa: ARG002 - this service has no batch API
        reply: Callable[[Batch, Said], Reply],  # noqa: ARG002 - the same
    ) -> BatchService | None:
        """The batch API, for whatever is asked; None where there is none.

        Args:
            request: what one request of a job asks for.
            reply: what the model wrote, checked against the batch.
        """
        return None

    def _live_parts(self, body: Callable[[Batch], dict[str, Any]], reply: Callable[[Batch, Said], Reply]) -> LiveParts:
        """What a batch API uses of this engine."""
        return LiveParts(self._opened, body, reply, self._error, self.service, self._large)

    @contextmanager
    def _large(self) -> Iterator[None]:
        self._most_bytes = RESULT_BYTES
        try:
            yield
        finally:
            self._most_bytes = None

    def _error(self, status: int, body: str, headers: Mapping[str, str]) -> EngineError:
        return service_error(status, body, dict(headers), self.billed_model, self.service)

    def _key(self) -> str:
        return find_key(self._key_variable)

    def _connect(self) -> httpx2.AsyncClient:
        import httpx2

        timeout = httpx2.Timeout(HTTP_SECONDS, connect=CONNECT_SECONDS)

        async def bound(request: httpx2.Request) -> None:
            # google-genai asks for no time-out at all, whatever its client is set to.
            request.extensions["timeout"] = timeout.as_dict()

        async def bounded(response: httpx2.Response) -> None:
            await bound_answer(response, self._most_bytes)

        # No limits: how many requests run at once is the runner's business.
        self._http = httpx2.AsyncClient(
            timeout=timeout,
            limits=httpx2.Limits(),
            headers=ACCEPTED,
            event_hooks={"request": [bound, follow], "response": [bounded]},
        )
        return self._http

    def _system(self, pair: LangPair) -> str:
        chat = self._options
        return system_message(chat.prompt, pair, chat.mode, chat.instructions, chat.glossary)

    def _message(self, pair: LangPair, text: str) -> tuple[str, dict[str, JsonValue]]:
        chat = self._options
        return chat_plain.fill(
            chat.plain,
            pair,
            text,
            instructions=chat.instructions,
            glossary=chat.glossary,
            languages=chat.languages,
        )

    def _request(self, batch: Batch) -> ChatRequest:
        ordered = in_document_order(batch)
        bound = output_bound(ordered, self._options.room, self._options.max_output_tokens)
        if self._options.mode == "plain":
            message, body = self._message(batch.pair, ordered[0].source)
            return chat_plain.request(message, body, bound, batch.sample, self._options.plain.api)
        return ChatRequest(self._system(batch.pair), user_message(ordered), bound, batch.sample)
