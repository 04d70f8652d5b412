"""``anthropic``: the Messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, Field, model_validator

from harness.engines.chat import ChatEngine, ChatOptions
from harness.engines.chat_answer import read_response
from harness.engines.chat_plain import refuse_chat_completions_only
from harness.engines.chat_prompt import SCHEMA, ChatRequest
from harness.engines.http_errors import lost, short
from harness.engines.interface import EngineContext, Receipt
from harness.errors import BadOutput, Declined

if TYPE_CHECKING:
    import httpx2


LEAST_BUDGET = 1024
"""The service's own least."""


class AnthropicOptions(ChatOptions):
    """``[options]``."""

    structured: Literal["json_schema", "none"] = "json_schema"
    thinking: Literal["", "adaptive", "disabled"] = ""
    """``adaptive``: the model decides itself, guided by ``reasoning_effort``. The service's default where not given."""
    thinking_budget: Annotated[int, Field(ge=0)] | None = None
    """Tokens of thinking, 1024 or more, for models that take a number; 0 turns it off."""

    @model_validator(mode="after")
    def _one_way_to_think(self) -> AnthropicOptions:
        if self.thinking and self.thinking_budget is not None:
            raise ValueError("'thinking' and 'thinking_budget' exclude each other")
        if self.thinking_budget is not None and 0 < self.thinking_budget < LEAST_BUDGET:
            raise ValueError(f"thinking_budget: the service wants {LEAST_BUDGET} tokens or more, or 0 to turn it off")
        if self.template:
            refuse_chat_completions_only(self.plain, self.template)
        return self

    @property
    def room(self) -> int:
        """The budget, where there is one."""
        if self.thinking_budget is not None or self.thinking == "disabled":
            return self.thinking_budget or 0
        return self.reasoning_tokens if self.thinking == "adaptive" else super().room


class _Usage(BaseModel):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Block(BaseModel):
    type: str
    text: str = ""


class _StopDetails(BaseModel):
    category: str | None = None
    explanation: str | None = None


class _Response(BaseModel):
    id: str = ""
    model: str = ""
    content: list[_Block]
    stop_reason: str
    stop_details: _StopDetails | None = None
    usage: _Usage


class AnthropicEngine(ChatEngine):
    """Claude models."""

    Options: ClassVar[type[BaseModel]] = AnthropicOptions
    name = "anthropic"
    sdk = "anthropic"
    address = "https://api.anthropic.com"
    usual_key = "ANTHROPIC_API_KEY"
    vendor = "anthropic"

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._options = cast("AnthropicOptions", options)

    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:
        import anthropic

        return anthropic.AsyncAnthropic(
            api_key=key,
            base_url=self._options.endpoint or self.address,
            max_retries=0,
            http_client=http,
            open_telemetry=False,
        )

    async def _send(self, request: ChatRequest) -> tuple[str, Receipt]:
        import anthropic

        try:
            raw = await self._client.messages.with_raw_response.create(**self._body(request))
        except anthropic.APIStatusError as error:
            raise self._error(error.status_code, error.response.text, error.response.headers) from error
        except anthropic.APIConnectionError as error:
            raise lost(error.__cause__ or error) from error
        return _read(raw.http_response.text, raw.http_response.headers.get("request-id", ""))

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        options = self._options
        body: dict[str, Any] = {
            "model": options.model,
            "max_tokens": request.max_output_tokens,
            "messages": [{"role": "user", "content": request.user}],
        }
        if not request.plain:
            body["system"] = request.system
        output: dict[str, Any] = {}
        if options.form == "json_schema":
            output["format"] = {"type": "json_schema", "schema": SCHEMA}
        if options.reasoning_effort:
            output["effort"] = options.reasoning_effort
        if output:
            body["output_config"] = output
        if options.thinking_budget:
            body["thinking"] = {"type": "enabled", "budget_tokens": options.thinking_budget}
        elif options.thinking or options.thinking_budget is not None:
            body["thinking"] = {"type": options.thinking or "disabled"}
        if options.temperature is not None:
            # The SDK's signature has dropped it, because newer models refuse it; older ones still take it.
            body["extra_body"] = {"temperature": options.temperature}
        return body


def _read(body: str, request_id: str) -> tuple[str, Receipt]:
    response = read_response(_Response, body)
    cached = response.usage.cache_read_input_tokens or 0
    # The service counts what it read from and wrote to its cache apart from the rest of the input.
    total = response.usage.input_tokens + cached + (response.usage.cache_creation_input_tokens or 0)
    usage = {"input_tokens": total, "cached_input_tokens": cached, "output_tokens": response.usage.output_tokens}
    if response.stop_reason == "refusal":
        details = response.stop_details or _StopDetails()
        why = short(details.explanation or details.category or "no reason given")
        raise Declined(f"the model refuses: {why}", usage=usage)
    if response.stop_reason in {"max_tokens", "model_context_window_exceeded"}:
        raise BadOutput(f"the answer was truncated ({response.stop_reason})", usage=usage)
    if response.stop_reason not in {"end_turn", "stop_sequence"}:
        raise BadOutput(f"the model stopped for '{response.stop_reason}'", usage=usage)
    text = "".join(block.text for block in response.content if block.type == "text")
    return text, Receipt(response.model, request_id or response.id, usage)
