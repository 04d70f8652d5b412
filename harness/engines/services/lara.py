"""``lara``: Lara Translate, through its own SDK."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from harness.engines.clock import on_the_wire
from harness.engines.interface import Limits, Receipt
from harness.engines.services.sdk import SessionService
from harness.engines.services.service import ServiceOptions, Texts
from harness.engines.wire.errors import garbled, lost, short


class LaraOptions(ServiceOptions):
    """``[options]``. What is left out is not sent."""

    style: Literal["", "faithful", "fluid", "creative"] = ""
    """How freely to translate. Empty: not sent."""
    adapt_to: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Ids of translation memories."""
    glossaries: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Ids of glossaries stored at Lara."""
    instructions: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Sentences on how to translate."""
    styleguide_id: str = ""
    """A style guide stored at Lara."""


class LaraEngine(SessionService):
    """Asks Lara."""

    Options: ClassVar[type[BaseModel]] = LaraOptions
    name = "lara"
    title = "Lara"
    api = "v2"
    addresses = ("https://api.laratranslate.com",)
    packages = ("lara_sdk",)
    usual_keys = ("LARA_ACCESS_KEY_ID", "LARA_ACCESS_KEY_SECRET")
    codes: ClassVar[Mapping[str, str]] = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "no": "nb"}
    not_served = re.compile(r"language|unsupported|glossar|memor|style", re.IGNORECASE)
    too_long = re.compile(r"too (long|large|many)|exceed|limit of", re.IGNORECASE)
    own_limits = Limits(max_segments=50, max_characters=10_000, concurrency=4, requests_per_second=5.0, timeout=60.0)

    def _connect(self) -> Any:
        import lara_sdk

        name, secret = self._keys()
        return lara_sdk.Translator(lara_sdk.AccessKey(name, secret), server_url=self._url(""))

    def _session_of(self, client: Any) -> Any:
        return client._client.session  # noqa: SLF001 - the SDK hands out neither headers nor time-out

    def _call(self, texts: list[str], source: str, target: str) -> Texts:
        from lara_sdk import LaraApiError
        from requests.exceptions import RequestException

        try:
            with on_the_wire():
                result = self._client.translate(
                    texts, source=source, target=target, content_type="text/plain", **self._settings()
                )
        except LaraApiError as error:
            headers = self._last.headers if self._last is not None else {}
            raise self._error(error.status_code, {"type": error.type, "message": error.message}, headers) from None
        except (RequestException, ValueError, TypeError, AttributeError) as error:
            answer = self._last
            if answer is not None and answer.status_code >= 400:  # a page instead of the documented JSON
                raise self._error(answer.status_code, answer.content, answer.headers) from None
            if isinstance(error, RequestException) and not isinstance(error, ValueError):
                raise lost(error) from None
            raise garbled("", short(str(error))) from None
        receipt = Receipt(request_id=self._last.headers.get("X-Request-Id", ""))
        return Texts(result.translation, receipt, why="no list of translations")
