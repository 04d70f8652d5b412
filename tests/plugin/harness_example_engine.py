"""``example``: a translation service of your own, over HTTP.

POST {endpoint}/translate   {"from": "de", "to": "en", "tone": "formal", "texts": ["Guten Tag!"]}
                      200   {"texts": ["Good day!"], "model": "house-7", "id": "r-42", "characters": 10}
                      422   {"error": "..."}: rejected by the content filter
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, cast

import httpx
from pydantic import BaseModel, Field, ValidationError

from harness.engines.clock import follow
from harness.engines.interface import Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key
from harness.engines.wire.errors import classify, garbled, lost, short
from harness.errors import Declined, Unsupported
from harness.types import EngineIdentity, LangPair, Translated
from harness.workspace.config import StrictModel

LANGUAGES = ("de", "en", "es")


class ExampleOptions(StrictModel):
    """``[options]`` of the system file. Any other key is an error with a suggestion."""

    endpoint: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    tone: Literal["formal", "casual"] = "formal"


class Reading(BaseModel):
    """A valid answer. The runner checks that it has one text per request."""

    texts: list[str]
    model: str
    id: str
    characters: int


class ExampleEngine:
    """Translates with the service."""

    Options: ClassVar[type[BaseModel]] = ExampleOptions
    caches = True
    vendor = ""  # your own server has no list price; set [price] in the system file
    billed_model = ""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("ExampleOptions", options)
        self.key_variables = (context.api_key_env or "EXAMPLE_API_KEY",)
        self.limits = Limits(max_segments=25, max_characters=5_000, concurrency=2, timeout=30.0)
        self._client: httpx.AsyncClient | None = None

    def supports(self, pair: LangPair) -> None:
        """Needs neither network nor key, because cached answers need neither."""
        for tag in (pair.source, pair.target):
            if tag not in LANGUAGES:
                raise Unsupported(f"the example service does not support '{tag}', only {', '.join(LANGUAGES)}")

    def identity(self, pair: LangPair) -> EngineIdentity:
        """What answers depend on: server, API version and tone, but neither key nor limits."""
        return EngineIdentity("example", "api-1", {"endpoint": self._options.endpoint, "tone": self._options.tone})

    def ready(self) -> None:
        """Called before anything is sent. Raises an error that names the missing variable."""
        read_key(self.key_variables[0])

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """The service bills source characters; ``--max-cost`` reserves them before they are sent."""
        return {"characters": sum(len(request.source) for request in batch.requests)}

    async def prepare(self, pair: LangPair) -> None:
        """Set-up that is done once, before any request is timed. Sends nothing."""
        self._open()

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:  # without a time-out: the runner cancels slow requests
            self._client = httpx.AsyncClient(timeout=None, event_hooks={"request": [follow]})
        return self._client

    async def translate(self, batch: Batch) -> Reply:
        """Send one request, once. Pausing and retrying is up to the runner."""
        if not batch.requests:
            return Reply([], Receipt())
        question = {
            "from": batch.pair.source,
            "to": batch.pair.target,
            "tone": self._options.tone,
            "texts": [request.source for request in batch.requests],
        }
        key = {"Authorization": f"Bearer {read_key(self.key_variables[0])}"}
        try:
            response = await self._open().post(f"{self._options.endpoint}/translate", json=question, headers=key)
        except httpx.HTTPError as error:
            raise lost(error) from None
        if response.status_code == 422:
            raise Declined(f"rejected by the content filter: {short(response.content)}")
        if response.status_code != 200:
            raise classify(response.status_code, response.content, response.headers)
        try:
            reading = Reading.model_validate_json(response.content)
        except ValidationError:
            raise garbled(response.content, "does not match the documented format") from None
        receipt = Receipt(reading.model, reading.id, {"characters": reading.characters})
        return Reply([Translated(text) for text in reading.texts], receipt)

    async def close(self) -> None:
        """Called once, also after an error."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
