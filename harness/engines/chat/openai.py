"""``openai``: OpenAI's chat completions, and every compatible server (vLLM, Ollama, llama.cpp, OpenRouter).

With ``endpoint``, requests go to that server: no vendor's price applies, and a key is sent only if ``api_key_env``
names its variable, so that a key meant for OpenAI never reaches another party.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel

from harness.engines.batch_jobs import BatchService
from harness.engines.chat.answer import BROKEN_OFF, Said, read_response
from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.openai_batch import OpenAIBatches, spoken
from harness.engines.chat.options import ChatOptions
from harness.engines.chat.prompt import ChatRequest
from harness.engines.interface import Batch, EngineContext, Receipt, Reply
from harness.engines.wire.endpoints import elsewhere
from harness.engines.wire.errors import garbled, short
from harness.engines.wire.receipts import Number, Told, Word
from harness.errors import BadOutput, Declined, EngineError, TooLarge, Transient
from harness.workspace.config import Count

if TYPE_CHECKING:
    import httpx2

OLLAMA = re.compile(r"https?://[^/]+:11434(/|$)")
OLLAMA_WINDOW = 4096
"""What Ollama takes on machines with less than 24 GiB of video memory, whatever the model could hold."""
CHAT_TOKENS = 64
"""Of the chat template, around the text of a prompt."""

SHORTEST_ANSWER = 64
"""Tokens that an answer to a question of a metric needs at least."""

NO_KEY = "none"
"""What local servers are sent; the SDK insists on a key."""


class OpenAIOptions(ChatOptions):
    """``[options]``."""

    seed: int | None = None
    """Sent with every request; repetitions add their number. Not set: not sent."""
    output_limit: Literal["", "max_completion_tokens", "max_tokens"] = ""
    """The field for the token limit of the answer. Default: the first for OpenAI, the second (older) with ``endpoint``.
    """

    context_tokens: Count | None = None
    """The server's context window in tokens, for servers such as Ollama that silently truncate longer prompts."""
    batch_api: bool = False
    """Send requests through the Batch API: half the price, answers within a day."""

    @property
    def context_window(self) -> int | None:
        """What was said, or Ollama's usual window behind its usual port; None where nobody says how large it is."""
        usual = OLLAMA_WINDOW if OLLAMA.match(self.endpoint) else None
        return self.context_tokens or usual


class _Details(BaseModel):
    cached_tokens: Number = None


class _Usage(BaseModel):
    prompt_tokens: Number = None
    completion_tokens: Number = None
    prompt_tokens_details: Told[_Details] = None


class _Part(BaseModel):
    """Text, or a refusal; what else there may be, such as thinking, has other fields."""

    type: str = "text"
    text: object = None
    refusal: object = None


class _Message(BaseModel):
    content: str | list[_Part | str] | None = None
    refusal: Word = ""
    reasoning: object = None
    reasoning_content: object = None
    """Thinking beside the answer, under the names of OpenRouter and vLLM, and of DeepSeek."""

    def written(self) -> str:
        """The text, of one piece or in parts."""
        parts = self.content if isinstance(self.content, list) else [self.content or ""]
        texts = (part if isinstance(part, str) else part.text if part.type == "text" else "" for part in parts)
        return "".join(text for text in texts if isinstance(text, str))

    def declined(self) -> str:
        """Why the model refuses; empty where it does not."""
        parts = self.content if isinstance(self.content, list) else []
        reasons = (part.refusal for part in parts if isinstance(part, _Part) and part.type == "refusal")
        return self.refusal or next((str(reason or "no reason given") for reason in reasons), "")


class _Choice(BaseModel):
    message: _Message | None = None
    text: str | None = None
    """The answer of a completion, which has no message."""
    finish_reason: Word = ""
    native_finish_reason: Word = ""
    """What the server behind OpenRouter said."""
    error: object = None


class _Error(BaseModel):
    code: int | str | None = None


class _Response(BaseModel):
    choices: list[_Choice] | None = None
    id: Word = ""
    model: Word = ""
    usage: Told[_Usage] = None
    error: Told[_Error] = None
    """OpenRouter reports errors of the server behind it with status 200."""


class OpenAIEngine(ChatEngine):
    """OpenAI, or a compatible server."""

    Options: ClassVar[type[BaseModel]] = OpenAIOptions
    name = "openai"
    sdk = "openai"
    address = "https://api.openai.com/v1"
    usual_key = "OPENAI_API_KEY"
    _options: OpenAIOptions

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._other = bool(elsewhere(self._options.endpoint, self.address))
        self.vendor = "" if self._other else "openai"
        self._key_required = not self._other or bool(context.api_key_env)

    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:
        import openai

        return openai.AsyncOpenAI(
            api_key=key if self._key_required else NO_KEY,
            base_url=self._options.endpoint or self.address,
            max_retries=0,
            http_client=http,
        )

    def _reach(self) -> None:
        _ = self._client.chat.completions.with_raw_response.create

    def _to_send(self, batch: Batch) -> ChatRequest:
        """Nothing is sent that the server's window cannot hold: it would answer what is left of it."""
        if self._options.context_window is not None and batch.requests:
            self._need_room(self._request(batch), sum(len(one.source.encode()) // 2 + 16 for one in batch.requests))
        return self._request(batch)

    def batches(
        self, request: Callable[[Batch], ChatRequest], reply: Callable[[Batch, Said], Reply]
    ) -> BatchService | None:
        """The Batch API, of OpenAI or of a compatible server that has one."""
        path = "/v1/completions" if self._completes else "/v1/chat/completions"
        return OpenAIBatches(self._live_parts(lambda batch: self._batch_body(request(batch)), reply), self._read, path)

    @property
    def _completes(self) -> bool:
        return self._options.mode == "plain" and self._options.plain.api == "completions"

    def _batch_body(self, request: ChatRequest) -> dict[str, Any]:
        self._need_room(request, SHORTEST_ANSWER)
        return self._body(self._within(request))

    def _need_room(self, request: ChatRequest, answer: int) -> None:
        """Refuse what the server's window cannot hold together with an answer of so many tokens."""
        window, prompt = self._options.context_window, estimated_prompt(request)
        if window is not None and prompt + answer > window:
            raise TooLarge(
                f"prompt and answer need about {prompt + answer} tokens, but the server's window has {window} "
                "and it silently truncates longer prompts",
                hint="start Ollama with OLLAMA_CONTEXT_LENGTH=16384, or set num_ctx for the model, and set "
                "context_tokens = 16384 in [options]",
            )

    async def ask(self, request: ChatRequest) -> Said:
        """The same, within the server's window."""
        self._need_room(request, SHORTEST_ANSWER)
        return await super().ask(self._within(request))

    def _request(self, batch: Batch) -> ChatRequest:
        return self._within(super()._request(batch))

    def _within(self, request: ChatRequest) -> ChatRequest:
        window = self._options.context_window
        if window is None:
            return request
        room = max(1, window - estimated_prompt(request))
        return replace(request, max_output_tokens=min(request.max_output_tokens, room))

    async def _send(self, request: ChatRequest) -> Said:
        with spoken(self._error):
            resource = self._client.completions if request.completion else self._client.chat.completions
            raw = await resource.with_raw_response.create(**self._body(request))
        return self._read(raw.http_response.text, dict(raw.http_response.headers))

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        options = self._options
        older = self._other or request.completion
        limit = options.output_limit or ("max_tokens" if older else "max_completion_tokens")
        body: dict[str, Any] = {"model": options.model, limit: request.max_output_tokens}
        if request.completion:
            body["prompt"] = request.user
        else:
            system = [] if request.plain else [{"role": "system", "content": request.system}]
            body["messages"] = [*system, {"role": "user", "content": request.user}]
        if request.body:
            body["extra_body"] = dict(request.body)
        if options.form == "json_schema":
            schema = {"name": request.schema_name, "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif options.form == "json_object":
            body["response_format"] = {"type": "json_object"}
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.seed is not None:
            body["seed"] = options.seed + request.sample
        if options.reasoning_effort:
            body["reasoning_effort"] = options.reasoning_effort
        return body

    def _read(self, body: str, headers: dict[str, str]) -> Said:
        response = read_response(_Response, body)
        if not response.choices:
            code = response.error.code if response.error else None
            raise self._error(code if isinstance(code, int) else 500, body, headers)
        usage = response.usage or _Usage()
        details = usage.prompt_tokens_details or _Details()
        counts = {
            "input_tokens": usage.prompt_tokens,
            "cached_input_tokens": details.cached_tokens,
            "output_tokens": usage.completion_tokens,
        }
        receipt = Receipt(
            response.model,
            headers.get("x-request-id") or response.id,
            {name: count for name, count in counts.items() if count is not None},
        )
        window = self._options.context_window
        if window is not None and (usage.prompt_tokens or 0) >= window:
            raise BadOutput(
                f"the prompt filled the server's window of {window} tokens, so it was truncated",
                hint="enlarge the server's window, then set context_tokens in [options]",
                usage=receipt.usage,
            )
        choice = response.choices[0]
        if choice.message is None and choice.text is None:
            raise garbled(body, "neither a message nor a text")
        message = choice.message or _Message(content=choice.text)
        if refusal := message.declined():
            raise Declined(f"the model refused: {short(refusal)}", usage=receipt.usage)
        doubt = _doubt(choice, receipt)
        text = message.written()
        if not text and not doubt and (message.reasoning or message.reasoning_content):
            raise BadOutput(
                "the model stopped after thinking, without an answer",
                hint="raise 'reasoning_tokens' in [options], or lower 'reasoning_effort'",
                usage=receipt.usage,
            )
        if message.content is None and not doubt:
            raise BadOutput("an answer without content", usage=receipt.usage)
        return Said(text, receipt, doubt)


def _doubt(choice: _Choice, receipt: Receipt) -> EngineError | None:
    """What is wrong if the answer turns out to be incomplete."""
    reason = choice.finish_reason
    broken = next((one for one in (reason, choice.native_finish_reason) if BROKEN_OFF.search(one)), "")
    if broken or choice.error:
        why = broken or short(json.dumps(choice.error, ensure_ascii=False, default=str))
        return Transient(f"the service stopped in the middle of its answer: {why}", charged=True)
    if reason == "content_filter":
        return Declined("stopped by the content filter", usage=receipt.usage)
    if reason == "length":
        return BadOutput("the answer was truncated at the limit of output tokens", usage=receipt.usage)
    # Some servers leave the reason out; the check of the answer finds what is incomplete.
    return (
        BadOutput(f"the model stopped with reason '{reason}'", usage=receipt.usage)
        if reason not in {"stop", ""}
        else None
    )


def estimated_prompt(request: ChatRequest) -> int:
    """About how many tokens a prompt has: a third of its bytes, and the chat template."""
    return CHAT_TOKENS + (len(request.system.encode()) + len(request.user.encode())) // 3
