"""A small client for JSON over HTTP, for the services that need no SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from harness.engines.clock import follow
from harness.engines.wire.bounded import ACCEPTED, bound_answer
from harness.engines.wire.errors import garbled, lost
from harness.errors import EngineError
from harness.types import JsonValue

TIMEOUT = httpx.Timeout(3600.0, connect=30.0)
"""Only ends a call that nobody watches: the runner's time-out, which leaves out the time when the process was stopped,
comes first, and cancels the call."""


class JsonClient:
    """Sends one request at a time, once, and follows no redirects. Its connections live until ``close``."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    def open(self) -> httpx.AsyncClient:
        """Make the client now; reading the certificates takes longer than many an answer."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                headers=ACCEPTED, event_hooks={"request": [follow], "response": [bound_answer]}
            )
        return self._client

    async def ask(
        self,
        method: str,
        url: str | httpx.URL,
        *,
        body: JsonValue = None,
        content: bytes = b"",
        headers: Mapping[str, str],
        error_of: Callable[[int, bytes, Mapping[str, str]], EngineError],
    ) -> Any:
        """The parsed answer.

        Args:
            method: GET, POST, PUT.
            url: the address.
            body: sent as JSON; None sends no body.
            content: sent as it is, in place of a body.
            headers: besides those of the client.
            error_of: makes the error for an answer that is not a success.

        Raises:
            EngineError: what ``error_of`` made, or Transient for no answer or one that is not JSON.
        """
        client = self.open()
        sent: dict[str, Any] = {"content": content} if content else {"json": body}
        try:
            answer = await client.request(method, url, headers=dict(headers), timeout=TIMEOUT, **sent)
        except httpx.HTTPError as error:
            raise lost(error) from None
        if not answer.is_success:
            raise error_of(answer.status_code, answer.content, answer.headers)
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise garbled(answer.content, "not JSON") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
