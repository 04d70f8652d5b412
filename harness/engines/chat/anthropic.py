"""``anthropic``: Claude models through the Messages API of Anthropic, Amazon Bedrock or Vertex AI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, model_validator

from harness.engines.chat.answer import Said, read_response, stopped_early
from harness.engines.chat.anthropic_batch import AnthropicBatches, spoken
from harness.engines.chat.options import ChatOptions
from harness.engines.chat.plain import refuse_chat_completions_only
from harness.engines.chat.prompt import ChatRequest
from harness.engines.chat.vertex import VertexEngine
from harness.engines.interface import Batch, EngineContext, Receipt, Reply
from harness.engines.keys import require
from harness.engines.services.clouds import AWS_VARIABLES, aws_region, check_aws
from harness.engines.wire.errors import garbled, short
from harness.engines.wire.receipts import Number, Told, Word, counts
from harness.errors import Declined, EngineError
from harness.types import EngineIdentity, LangPair

if TYPE_CHECKING:
    import httpx2


LEAST_BUDGET = 1024
"""The service's own least."""


class AnthropicOptions(ChatOptions):
    """``[options]``."""

    structured: Literal["json_schema", "none"] = "json_schema"
    """How the answer is forced into its format; ``none`` for models without structured output."""
    platform: Literal["", "bedrock", "vertex"] = ""
    """Where the model is served, if not by Anthropic; ``model`` is then the platform's name of it."""
    region: Annotated[str, Field(pattern="^[a-z0-9-]*$")] = ""
    """Region of the platform. Bedrock: empty means that of the environment. Vertex AI: required, including ``global``.
    """
    project: str = ""
    """On Vertex AI: the project that is billed. Empty: ``GOOGLE_CLOUD_PROJECT``, or that of the credentials."""
    thinking: Literal["", "adaptive", "disabled"] = ""
    """``adaptive``: the model decides how long it thinks, guided by ``reasoning_effort``. Empty: the service's default.
    """
    thinking_budget: Annotated[int, Field(ge=0)] | None = None
    """Tokens of thinking, 1024 or more, for models that take a number; 0 turns it off."""
    batch_api: bool = False
    """Send requests through Message Batches: half the price, answers within a day."""

    @model_validator(mode="after")
    def _goes_together(self) -> AnthropicOptions:
        if self.thinking and self.thinking_budget is not None:
            raise ValueError("'thinking' and 'thinking_budget' cannot be combined")
        if self.thinking_budget is not None and 0 < self.thinking_budget < LEAST_BUDGET:
            raise ValueError(f"thinking_budget must be {LEAST_BUDGET} tokens or more, or 0 to turn it off")
        if self.platform == "vertex" and not self.region:
            raise ValueError("platform 'vertex' needs a 'region', such as global or europe-west1")
        for name, platforms in (("region", ("bedrock", "vertex")), ("project", ("vertex",))):
            if getattr(self, name) and self.platform not in platforms:
                raise ValueError(f"'{name}' needs platform = \"{platforms[-1]}\"")
        if self.batch_api and self.platform:
            raise ValueError(f"platform '{self.platform}' has no Message Batches: remove batch_api")
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
    input_tokens: Number = None
    output_tokens: Number = None
    cache_creation_input_tokens: Number = None
    cache_read_input_tokens: Number = None


class _Block(BaseModel):
    type: Word = ""
    text: Word = ""


class _StopDetails(BaseModel):
    category: Word = ""
    explanation: Word = ""


class _Response(BaseModel):
    id: Word = ""
    model: Word = ""
    content: list[_Block]
    stop_reason: Word = ""
    stop_details: Told[_StopDetails] = None
    usage: Told[_Usage] = None


class AnthropicEngine(VertexEngine):
    """Claude models."""

    Options: ClassVar[type[BaseModel]] = AnthropicOptions
    name = "anthropic"
    sdk = "anthropic"
    address = "https://api.anthropic.com"
    usual_key = "ANTHROPIC_API_KEY"
    vendor = "anthropic"
    vertex_path = "/v1"
    _options: AnthropicOptions

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._bearer = bool(context.api_key_env)
        if self._options.platform == "bedrock":
            self.vendor, self._region = "aws", aws_region(self._options.region)
            self.address = f"https://bedrock-runtime.{self._region}.amazonaws.com"
            self._key_required = self._bearer
            self.key_variables = (*(self.key_variables if self._bearer else ()), *AWS_VARIABLES)

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The same, and where Bedrock serves the model, because a region can have another one under its name."""
        identity = super().identity(pair)
        if self._options.platform == "bedrock" and self._region:
            return replace(identity, options={**identity.options, "region": self._region})
        return identity

    def ready(self) -> None:
        """Look for the SDK and the key, or the cloud's credentials."""
        super().ready()
        if self._options.platform == "bedrock":
            require("boto3", "amazon")
            if not self._bearer or not self._region:
                check_aws(self._region)

    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:
        import anthropic

        usual: dict[str, Any] = {
            "base_url": self._options.endpoint or self.address,
            "max_retries": 0,
            "http_client": http,
            "open_telemetry": False,
        }
        if self._options.platform == "bedrock":
            return anthropic.AsyncAnthropicBedrock(
                aws_region=self._region, api_key=key if self._bearer else None, **usual
            )
        if self._on_vertex:
            login = self._vertex_login()
            where = {"region": self._options.region, "project_id": login["project"]}
            return anthropic.AsyncAnthropicVertex(credentials=login["credentials"], **where, **usual)
        return anthropic.AsyncAnthropic(api_key=key, **usual)

    def _reach(self) -> None:
        _ = self._client.messages.with_raw_response.create

    async def _send(self, request: ChatRequest) -> Said:
        with self._logged_in(), spoken(self._error):
            raw = await self._client.messages.with_raw_response.create(**self._body(request))
        return _read(raw.http_response.text, raw.http_response.headers.get("request-id", ""))

    def batches(
        self, request: Callable[[Batch], ChatRequest], reply: Callable[[Batch, Said], Reply]
    ) -> AnthropicBatches | None:
        """Message Batches, which Anthropic itself has."""
        if self._options.platform:
            return None
        return AnthropicBatches(self._live_parts(lambda batch: self._body(request(batch)), reply), _read)

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
            output["format"] = {"type": "json_schema", "schema": request.schema}
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


def _read(body: str, request_id: str) -> Said:
    response = read_response(_Response, body)
    if not response.content and not response.stop_reason:
        raise garbled(body, "neither a text nor a reason")
    said = response.usage or _Usage()
    cached = said.cache_read_input_tokens or 0
    # The service counts what it read from and wrote to its cache apart from the rest of the input.
    beside = cached + (said.cache_creation_input_tokens or 0)
    usage = counts(
        {
            "input_tokens": None if said.input_tokens is None else said.input_tokens + beside,
            "cached_input_tokens": said.cache_read_input_tokens if said.input_tokens is None else cached,
            "output_tokens": said.output_tokens,
        }
    )
    text = "".join(block.text for block in response.content if block.type == "text")
    return Said(text, Receipt(response.model, request_id or response.id, usage), _doubt(response, usage))


def _doubt(response: _Response, usage: dict[str, int]) -> EngineError | None:
    """What is wrong if the answer turns out to be incomplete."""
    reason = response.stop_reason
    if reason == "refusal":
        details = response.stop_details or _StopDetails()
        why = short(details.explanation or details.category or "no reason given")
        return Declined(f"the model refused: {why}", usage=usage)
    return stopped_early(reason, usage)
