"""Vendors of language models that can also be asked on Vertex AI, with Google Cloud's credentials in place of a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from harness.engines.chat.engine import ChatEngine
from harness.engines.interface import EngineContext
from harness.engines.keys import refuse_key_variable, require
from harness.engines.services.clouds import GOOGLE, refused_by_google, vertex_address, vertex_credentials
from harness.errors import EngineError


class VertexEngine(ChatEngine):
    """Asked on Vertex AI where ``platform`` says so."""

    _options: Any
    """Of each vendor: :class:`ChatOptions` with ``platform``, ``region`` and ``project``."""
    vertex_path = "/"
    """Behind the address of a region."""

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        super().__init__(options, context)
        self._google: tuple[Any, str] = (None, "")
        self._on_vertex = self._options.platform == "vertex"
        if self._on_vertex:
            refuse_key_variable(context, GOOGLE)
            self.vendor = "google"
            self.address = f"{vertex_address(self._options.region)}{self.vertex_path}"
            self._key_required, self.key_variables = False, ()

    def ready(self) -> None:
        """Look for the SDK, and the key or Google Cloud's credentials."""
        super().ready()
        if self._on_vertex and self._google[0] is None:
            require("google.auth", "google")
            self._google = vertex_credentials(self._options.endpoint, self._options.project)

    def _vertex_login(self) -> dict[str, Any]:
        """Credentials, which the SDK refreshes, and the project that pays."""
        self.ready()
        credentials, project = self._google
        return {"credentials": credentials, "project": project}

    @contextmanager
    def _logged_in(self) -> Iterator[None]:
        """An error of Google's library for credentials as one of the harness."""
        try:
            yield
        except EngineError:
            raise
        except Exception as error:
            # Imported only on Vertex AI, so there is no class to name here.
            if (refused := refused_by_google(error)) is not None:
                raise refused from None
            raise
