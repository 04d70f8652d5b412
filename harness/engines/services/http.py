"""``http``: Any other service with a JSON API, described by a template in the system file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, cast
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import jmespath
from pydantic import BaseModel, Field, field_validator, model_validator

from harness.engines.interface import Answer, Batch, EngineContext, Limits, Receipt, Reply
from harness.engines.keys import read_key, refuse_key_variable
from harness.engines.services.codes import count_characters
from harness.engines.wire.client import JsonClient
from harness.engines.wire.each import each_text, find_texts
from harness.engines.wire.endpoints import canonical
from harness.engines.wire.errors import classify, garbled, message_of, retry_after, short
from harness.engines.wire.template import SECRET, TEXTS, check, fill, fill_string, secrets_in, without_secrets
from harness.errors import (
    AuthFailed,
    BadOutput,
    BadRequest,
    Declined,
    EngineError,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.types import EngineIdentity, JsonValue, LangPair
from harness.workspace.config import StrictModel
from harness.workspace.redaction import REDACTOR

SECRET_HEADER = re.compile(r"authorization|api-?key|token|secret|password|cookie", re.IGNORECASE)
"""Headers whose value is a key, even where the file holds it itself instead of naming a variable."""

KEY_NAME = re.compile(
    r"(^|[._-])((api|auth|app|access|subscription|secret)[_-]?key|(access|auth)?[_-]?token|(app|client)?[_-]?secret"
    r"|password|passwd|key|signature|sig)$",
    re.IGNORECASE,
)
KEY_VALUE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[^\s{}]{16,}")
"""Under which names a value of which form is taken for a key that is written out."""

ABOUT_KEYS = re.compile(r"auth|key|signature", re.IGNORECASE)
"""Headers that say who asks: what stands beside a variable there, such as ``Bearer``, chooses no answer."""


Kind = Literal[
    "auth", "quota", "rate_limited", "transient", "too_large", "unsupported", "declined", "bad_request", "bad_output"
]
KINDS: Mapping[str, type[EngineError]] = {
    "auth": AuthFailed,
    "quota": QuotaExhausted,
    "rate_limited": RateLimited,
    "transient": Transient,
    "too_large": TooLarge,
    "unsupported": Unsupported,
    "declined": Declined,
    "bad_request": BadRequest,
    "bad_output": BadOutput,
}


class HttpOptions(StrictModel):
    """``[options]``."""

    url: Annotated[str, Field(pattern="^https?://")]
    """May contain ``{source}``, ``{target}``, ``{text}`` and ``${env:NAME}``, which are quoted."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    """HTTP method."""
    headers: dict[str, str] = Field(default={})
    """Values may contain ``${env:NAME}``, as in ``url``, ``query`` and ``body``: read when a request is sent, never
    stored."""
    query: dict[str, str] = Field(default={})
    """Query parameters of the address; values may contain the placeholders of ``url``."""
    body: dict[str, Any] | list[Any] = Field(default={})
    """Sent as JSON. Empty: no body."""
    response: str
    """A JMESPath expression that finds the translations, such as ``data.translations[*].text``."""
    batch: bool = False
    """Send several texts in one request."""
    languages: dict[str, str] = Field(default={})
    """The service's codes of language tags, if they differ."""
    version: str = ""
    """Anything else that answers depend on, such as the model behind the address. Change it when that changes."""
    errors: dict[str, Kind] = Field(default={})
    """What status codes mean, if this service differs from the usual."""

    @field_validator("response")
    @classmethod
    def _is_an_expression(cls, value: str) -> str:
        try:
            jmespath.compile(value)
        except jmespath.exceptions.JMESPathError as error:
            raise ValueError(f"not a JMESPath expression: {short(str(error))}") from None
        return value

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        try:
            json.dumps(self.body, allow_nan=False)
        except TypeError:
            raise ValueError(
                "body has a value that JSON does not support, such as a date: write it as a string"
            ) from None
        if any(TEXTS in value for value in (self.url, *self.query.values())):
            raise ValueError(f"'{TEXTS}' is allowed only in body")
        if SECRET.search(urlsplit(self.url).netloc):
            raise ValueError(
                "url: the host must not be a variable, because it is part of the identity; use ${env:NAME} for keys"
            )
        if name := _literal_key(self.url, {"query": self.query, "body": self.body}):
            raise ValueError(
                f"{name} looks like a key, which every report would show: put it in an environment variable and "
                "write ${env:NAME} instead"
            )
        try:
            httpx.URL(fill_string(SECRET.sub("x", self.url), dict.fromkeys(("source", "target", "text"), "x")))
        except httpx.InvalidURL as error:
            raise ValueError(f"url: {error}") from None
        check({"url": self.url, "query": {**self.query}, "body": self.body}, batch=self.batch)
        if self.method == "GET" and self.body:
            raise ValueError("a GET request has no body: use query")
        return self


class HttpEngine:
    """Asks the service the template describes."""

    Options: ClassVar[type[BaseModel]] = HttpOptions
    caches = True
    vendor = ""
    billed_model = ""
    one_text: bool
    """Whether a request carries one text, so that a batch of several would lose the answers before one that fails."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("HttpOptions", options)
        refuse_key_variable(context, "write ${env:NAME} into a value of [options.headers]")
        sent = {name: getattr(self._options, name) for name in ("url", "headers", "query", "body")}
        self.key_variables = tuple(dict.fromkeys(secrets_in(sent)))
        for name, value in self._options.headers.items():
            if SECRET_HEADER.search(name) and not SECRET.search(value):
                REDACTOR.learn(value)
        self.one_text = not self._options.batch
        self.limits = Limits(
            max_segments=25 if self._options.batch else 1, concurrency=2, requests_per_second=5.0, timeout=120.0
        )
        self._client = JsonClient()
        self._host = urlsplit(self._options.url).netloc.rpartition("@")[2]

    def supports(self, pair: LangPair) -> None:
        """The service says itself which pairs it serves."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """Everything that is sent but for secrets, and where the answer is looked for."""
        sent = self._options.model_dump(exclude={"version", "errors", "languages", "headers", "batch"})
        headers: dict[str, JsonValue] = {
            name: SECRET.sub("...", value) for name, value in self._options.headers.items() if _says(name, value)
        }
        kept = {name: without_secrets(value) for name, value in sent.items()}
        where = canonical(str(kept["url"]), keep_path=True)
        options: dict[str, JsonValue] = {**kept, "url": where, "headers": headers, **self._codes(pair)}
        return EngineIdentity("http", self._options.version or "not reported", options)

    def ready(self) -> None:
        """Needs the variables that the template names."""
        for variable in self.key_variables:
            read_key(variable)

    def worst_usage(self, batch: Batch) -> dict[str, int]:
        """The characters of the source, for a price in ``[price]``."""
        return {"characters": count_characters([request.source for request in batch.requests])}

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Make the client."""
        self._client.open()

    async def translate(self, batch: Batch) -> Reply:
        """Ask for the batch: in one request, or each text in its own."""
        texts = [request.source for request in batch.requests]
        groups = [texts] if self._options.batch and texts else [[text] for text in texts]
        answers = [answer for group in groups for answer in await self._ask(group, batch.pair)]
        return Reply(answers, Receipt())

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _ask(self, texts: list[str], pair: LangPair) -> Sequence[Answer]:
        options, codes = self._options, self._codes(pair)
        keys = {f"env:{variable}": read_key(variable) for variable in self.key_variables}
        values = {**codes, **keys, "text": texts[0]}
        quoted = {name: quote(value, safe="") for name, value in values.items()}
        query = {name: fill_string(value, values) for name, value in options.query.items()}
        url = httpx.URL(fill_string(options.url, quoted)).copy_merge_params(query)
        body = fill(options.body, texts, {**codes, **keys}, batch=options.batch) if options.body else None
        headers = {name: fill_string(value, keys) for name, value in options.headers.items()}
        answer = await self._client.ask(options.method, url, body=body, headers=headers, error_of=self._error)
        body_text = json.dumps(answer, ensure_ascii=False)
        try:
            answers = find_texts(options.response, answer, len(texts))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
            # Functions of an expression raise what they like about an answer of another shape.
            raise garbled(body_text, f"'{options.response}' failed on it: {short(str(error))}") from None
        no_text = f"'{options.response}' finds no text"
        return each_text(answers, len(texts), "the service", body=body_text, why=no_text)

    def _codes(self, pair: LangPair) -> dict[str, str]:
        names = self._options.languages
        return {"source": names.get(pair.source, pair.source), "target": names.get(pair.target, pair.target)}

    def _error(self, status: int, body: bytes, headers: Mapping[str, str]) -> EngineError:
        kind = KINDS.get(self._options.errors.get(str(status), ""))
        if kind is None:
            return classify(status, body, headers, self._host)
        message = message_of(kind, status, body, self._host)
        return kind(message, retry_after=retry_after(headers, body)) if issubclass(kind, Transient) else kind(message)


def _literal_key(url: str, options: Mapping[str, Any]) -> str:
    """Where a key seems to be written out; empty where none is."""
    waiting: list[tuple[str, object]] = [*parse_qsl(urlsplit(url).query), *options.items()]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{name}.{key}", part) for key, part in value.items()]
        elif isinstance(value, list):
            waiting += [(name, part) for part in value]
        elif isinstance(value, str) and KEY_NAME.search(name) and KEY_VALUE.fullmatch(value):
            return f"'{name}'"
    return ""


def _says(name: str, value: str) -> bool:
    """Whether a header says more than who asks, and so may choose the answer."""
    if SECRET_HEADER.search(name):
        return False
    rest = SECRET.sub("", value)
    return rest == value or bool(rest.strip() and not ABOUT_KEYS.search(name))
