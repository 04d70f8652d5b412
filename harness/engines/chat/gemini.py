"""``gemini``: Google's Gemini API with a key of AI Studio, or Vertex AI with Google Cloud's credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from harness.engines.chat.answer import BROKEN_OFF, Said, read_response
from harness.engines.chat.gemini_batch import GeminiBatches, spoken
from harness.engines.chat.options import ChatOptions
from harness.engines.chat.plain import refuse_chat_completions_only
from harness.engines.chat.prompt import ChatRequest
from harness.engines.chat.vertex import VertexEngine
from harness.engines.interface import Batch, Receipt, Reply
from harness.engines.wire.errors import garbled
from harness.engines.wire.receipts import Number, Told, Word, counts
from harness.errors import BadOutput, Declined, EngineError, Transient

if TYPE_CHECKING:
    import httpx2

CLOUD_API = "v1"
API = "v1beta"
"""Given, because a variable of the environment would choose another one."""

BLOCKED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "ESCALATION"})


class GeminiOptions(ChatOptions):
    """``[options]``."""

    platform: Literal["", "vertex"] = ""
    """``vertex``: use Vertex AI, with Google Cloud's credentials."""
    region: Annotated[str, Field(pattern="^[a-z0-9-]*$")] = ""
    """Region on Vertex AI; required there, including ``global``."""
    project: str = ""
    """On Vertex AI: the project that is billed. Empty: ``GOOGLE_CLOUD_PROJECT``, or that of the credentials."""
    seed: int | None = None
    """Sent with every request; repetitions add their number. Not set: not sent."""
    thinking_budget: Annotated[int, Field(ge=0)] | None = None
    """Tokens of thinking; 0 turns it off if the model allows it. For models without levels (``reasoning_effort``)."""
    batch_api: bool = False
    """Send requests through the Batch API: half the price, answers within a day."""

    @model_validator(mode="after")
    def _goes_together(self) -> GeminiOptions:
        if self.platform and not self.region:
            raise ValueError("platform 'vertex' needs a 'region', such as global or europe-west1")
        if not self.platform and (self.region or self.project):
            raise ValueError("'region' and 'project' need platform = \"vertex\"")
        if self.batch_api and self.platform:
            raise ValueError(
                "batch_api needs a key of AI Studio: Vertex AI batches use Cloud Storage, which is not supported"
            )
        if self.template:
            refuse_chat_completions_only(self.plain, self.template)
        return self

    @property
    def room(self) -> int:
        """The budget, where there is one."""
        return super().room if self.thinking_budget is None else self.thinking_budget


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Usage(_Shape):
    prompt_token_count: Number = None
    cached_content_token_count: Number = None
    candidates_token_count: Number = None
    thoughts_token_count: Number = None


class _Part(_Shape):
    text: Word = ""
    thought: Told[bool] = False


class _Content(_Shape):
    parts: list[_Part] = []


class _Candidate(_Shape):
    content: _Content = _Content()
    finish_reason: Word = ""


class _Feedback(_Shape):
    block_reason: Word = ""


class _Response(_Shape):
    candidates: list[_Candidate] = []
    prompt_feedback: Told[_Feedback] = None
    usage_metadata: Told[_Usage] = None
    model_version: Word = ""
    response_id: Word = ""


class GeminiEngine(VertexEngine):
    """Gemini models."""

    Options: ClassVar[type[BaseModel]] = GeminiOptions
    name = "gemini"
    sdk = "google.genai"
    address = "https://generativelanguage.googleapis.com/"
    usual_key = "GEMINI_API_KEY"
    vendor = "google"
    _options: GeminiOptions

    def _open(self, key: str, http: httpx2.AsyncClient) -> Any:
        from google import genai
        from google.genai import types

        # With its own client the SDK would use aiohttp where that is installed, and ask again after a lost connection.
        where: dict[str, Any] = {
            "base_url": self._options.endpoint or self.address,
            "api_version": CLOUD_API if self._options.platform else API,
            "httpx_async_client": http,
        }
        if self._on_vertex:
            login = {**self._vertex_login(), "location": self._options.region}
            return genai.Client(enterprise=True, http_options=types.HttpOptions(**where), **login)
        return genai.Client(api_key=key, enterprise=False, http_options=types.HttpOptions(**where))

    def _reach(self) -> None:
        _ = self._client.aio.models.generate_content

    async def _send(self, request: ChatRequest) -> Said:
        with self._logged_in(), spoken(self._error):
            response = await self._client.aio.models.generate_content(
                model=self._options.model, contents=request.user, config=self._config(request)
            )
        return _read(response.sdk_http_response.body)

    def batches(
        self, request: Callable[[Batch], ChatRequest], reply: Callable[[Batch, Said], Reply]
    ) -> GeminiBatches | None:
        """The Batch API, which keys of AI Studio have."""
        if self._options.platform:
            return None
        parts = self._live_parts(lambda batch: self._batch_body(request(batch)), reply)
        return GeminiBatches(parts, _read, self._options.model, self._get)

    def _batch_body(self, request: ChatRequest) -> dict[str, Any]:
        live = {"automatic_function_calling", "should_return_http_response"}  # settings of the SDK, not of a request
        config = {name: value for name, value in self._config(request).items() if name not in live}
        return {"contents": request.user, "config": config}

    async def _get(self, path: str) -> httpx2.Response:
        self._opened()
        if self._http is None:
            raise RuntimeError("there is no client")
        where = f"{(self._options.endpoint or self.address).rstrip('/')}/{API}/{path}"
        return await self._http.get(where, headers={"x-goog-api-key": self._key()}, follow_redirects=False)

    def _config(self, request: ChatRequest) -> dict[str, Any]:
        options = self._options
        config: dict[str, Any] = {
            "max_output_tokens": request.max_output_tokens,
            "automatic_function_calling": {"disable": True},
            "should_return_http_response": True,
        }
        if not request.plain:
            config["system_instruction"] = request.system
        if options.form != "none":
            config["response_mime_type"] = "application/json"
        if options.form == "json_schema":
            config["response_json_schema"] = request.schema
        if options.temperature is not None:
            config["temperature"] = options.temperature
        if options.seed is not None:
            config["seed"] = options.seed + request.sample
        if options.thinking_budget is not None:
            config["thinking_config"] = {"thinking_budget": options.thinking_budget}
        elif options.reasoning_effort:
            config["thinking_config"] = {"thinking_level": options.reasoning_effort}
        return config


def _read(body: str) -> Said:
    response = read_response(_Response, body)
    usage = _counted(response.usage_metadata or _Usage())
    if not response.candidates:
        reason = (response.prompt_feedback or _Feedback()).block_reason
        if not reason and response.usage_metadata is None:
            raise garbled(body, "neither a text nor a reason")
        error = Declined if reason else BadOutput
        raise error(f"no answer: {reason or 'the service gives no reason'}", usage=usage)
    text = "".join(part.text for part in response.candidates[0].content.parts if not part.thought)
    receipt = Receipt(response.model_version, response.response_id, usage)
    return Said(text, receipt, _doubt(response.candidates[0].finish_reason, usage))


def _counted(said: _Usage) -> dict[str, int]:
    """The service leaves out counts that are 0, but none of them where it counts at all."""
    if said.prompt_token_count is None or (said.candidates_token_count is None and said.thoughts_token_count is None):
        known = {"input_tokens": said.prompt_token_count, "cached_input_tokens": said.cached_content_token_count}
        # A request that was stopped before it began has input alone.
        return counts({**known, "output_tokens": 0 if said.prompt_token_count is not None else None})
    return {
        "input_tokens": said.prompt_token_count,
        "cached_input_tokens": said.cached_content_token_count or 0,
        "output_tokens": (said.candidates_token_count or 0) + (said.thoughts_token_count or 0),
    }


def _doubt(reason: str, usage: dict[str, int]) -> EngineError | None:
    """What is wrong if the answer turns out to be incomplete."""
    if reason in BLOCKED:
        return Declined(f"stopped by the service: {reason}", usage=usage)
    if reason == "MAX_TOKENS":
        return BadOutput("the answer was truncated at the limit of output tokens", usage=usage)
    if BROKEN_OFF.search(reason):
        return Transient(f"the service stopped in the middle of its answer: {reason}", charged=True)
    return None if reason in {"STOP", ""} else BadOutput(f"the model stopped with reason '{reason}'", usage=usage)
