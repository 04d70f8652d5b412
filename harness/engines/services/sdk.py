"""The skeleton of engines for translation services with an SDK: made once, with its retries off, and closed at the end.

SDKs that block run in threads. Most send with a session of ``requests``, where they hand out neither headers nor the
answer behind an error; :class:`SessionService` notes answers there, bounds them, and follows no redirect.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from typing import Any

from pydantic import BaseModel

from harness.engines.interface import EngineContext
from harness.engines.services.service import Service, Texts
from harness.engines.wire.blocking import in_thread
from harness.engines.wire.bounded import bound_session
from harness.engines.wire.errors import classify
from harness.types import LangPair


class SdkService(Service):
    """A service that is asked through an SDK."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._client: Any = None
        self._lock = threading.Lock()

    @abstractmethod
    def _connect(self) -> Any:
        """The SDK's client, with its retries off."""

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                client = self._connect()
                self._set_up(client)
                self._client = client
            return self._client

    def _set_up(self, client: Any) -> None:
        """Change what of a new client has no switch."""

    def ready(self) -> None:
        """Needs the SDK, and keys or credentials; the latter show when the client is made."""
        super().ready()
        if self.own_credentials:
            self._open()

    async def prepare(self, pair: LangPair) -> None:  # noqa: ARG002 - the same for every pair
        """Import the SDK and make its client, unless ``ready`` has."""
        self._open()


class BlockingService(SdkService):
    """The SDK blocks, so each request runs in a thread."""

    @abstractmethod
    def _call(self, texts: list[str], source: str, target: str) -> Texts:
        """Ask ``self._client``, in a thread."""

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        self._open()
        return await in_thread(lambda: self._call(texts, source, target))

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class SessionService(BlockingService):
    """The SDK sends with a session of ``requests``."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._answers = threading.local()

    @abstractmethod
    def _session_of(self, client: Any) -> Any:
        """What the client sends with."""

    def _received(self, answer: Any) -> None:
        """Look at an answer before the SDK reads it."""

    def _set_up(self, client: Any) -> None:
        session = self._session_of(client)
        bound_session(session)
        send = session.send

        def noted(request: Any, **settings: Any) -> Any:
            answer = send(request, **settings | {"timeout": self.limits.client_timeout, "allow_redirects": False})
            self._answers.last = answer
            if answer.is_redirect:  # to an SDK, a success without translations
                raise classify(answer.status_code, b"", answer.headers, self.title)
            self._received(answer)
            return answer

        session.send = noted

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            self._session_of(client).close()

    @property
    def _last(self) -> Any:
        """The answer that this thread got last; each request has a thread of its own. None before the first."""
        return getattr(self._answers, "last", None)
