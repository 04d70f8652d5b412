"""``tencent``: Tencent Machine Translation, over REST.

Not through its SDK: present releases have only image translation left. What remains to be done is the signature,
TC3-HMAC-SHA256, as Tencent Cloud documents it for its API 3.0. Errors come with status 200.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, Field

from harness.engines.interface import Limits, Receipt
from harness.engines.services.service import RestService, ServiceOptions, Texts
from harness.engines.wire.errors import Body, garbled
from harness.engines.wire.receipts import counts
from harness.errors import EngineError
from harness.types import JsonValue

ALGORITHM = "TC3-HMAC-SHA256"
SERVICE = "tmt"
REQUEST = "tc3_request"
JSON = "application/json"

STATUSES: Mapping[str, int] = {
    "AuthFailure": 401,
    "UnauthorizedOperation": 401,
    "IpInBlacklist": 401,
    "IpNotInWhitelist": 401,
    "RequestLimitExceeded": 429,
    "LimitExceeded.LimitedAccessFrequency": 429,
    "LimitExceeded": 402,
    "FailedOperation.NoFreeAmount": 402,
    "FailedOperation.UserHasNoFreeAmount": 402,
    "FailedOperation.ServiceIsolate": 402,
    "FailedOperation.StopUsing": 402,
    "FailedOperation.UserNotRegistered": 402,
    "UnsupportedOperation.TextTooLong": 413,
    "RequestSizeLimitExceeded": 413,
    "ResponseSizeLimitExceeded": 413,
    "FailedOperation.RequestAiLabErr": 500,
    "InternalError": 500,
    "ServiceUnavailable": 503,
}
"""Codes of errors, by how they begin, and the statuses that say the same; the first one that fits counts. Any other is
a bad request, unless the answer has a status of its own."""

BAD_REQUEST = 400


class TencentOptions(ServiceOptions):
    """``[options]``."""

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", examples=["ap-beijing"])] = "ap-guangzhou"
    """Region of the service."""
    project: Annotated[int, Field(ge=0, examples=[1234567])] = 0
    """ID of the project that is billed; 0 is the default project."""
    glossaries: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """IDs of term repositories."""
    example_repositories: Annotated[tuple[str, ...], Field(strict=False, examples=[["product-pages"]])] = ()
    """IDs of repositories of example sentences."""


class TencentEngine(RestService):
    """Asks Tencent Machine Translation."""

    Options: ClassVar[type[BaseModel]] = TencentOptions
    name = "tencent"
    title = "Tencent Cloud"
    api = "2018-03-21"
    addresses = ("https://tmt.tencentcloudapi.com",)
    usual_keys = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
    codes: ClassVar[Mapping[str, str]] = {"zh-Hans": "zh", "zh-CN": "zh", "zh-Hant": "zh-TW", "zh-TW": "zh-TW"}
    not_served = re.compile(r"\((UnsupportedOperation|UnsupportedRegion|FailedOperation\.ErrorUserArea)")
    # Fewer than 6000 characters in all, 5 requests a second.
    own_limits = Limits(max_segments=50, max_characters=5_999, concurrency=4, requests_per_second=4.0, timeout=60.0)

    def _beside(self) -> set[str]:
        return {"project"}

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        given = self._options
        body: dict[str, JsonValue] = {
            "Source": source,
            "Target": target,
            "ProjectId": given.project,
            "SourceTextList": [*texts],
        }
        if given.glossaries:
            body["TermRepoIDList"] = [*given.glossaries]
        if given.example_repositories:
            body["SentRepoIDList"] = [*given.example_repositories]
        content = json.dumps(body).encode()
        name, secret = self._keys()
        url = self._url("/")
        headers = {
            **signed(url, content, name=name, secret=secret, at=int(time.time())),
            "x-tc-action": "TextTranslateBatch",
            "x-tc-version": self.api,
            "x-tc-region": given.region,
            "x-tc-language": "en-US",
        }
        answer: Any = await self._client.ask("POST", url, content=content, headers=headers, error_of=self._error)
        response = answer.get("Response") if isinstance(answer, dict) else None
        if not isinstance(response, dict):
            raise garbled(answer if isinstance(answer, dict) else "", "no Response")
        if not response.get("TargetTextList") and _fault(answer):
            raise self._error(BAD_REQUEST, answer, {})
        request_id = response.get("RequestId")
        receipt = Receipt(
            request_id=request_id if isinstance(request_id, str) else "",
            usage=counts({"characters": response.get("UsedAmount")}),
        )
        return Texts(response.get("TargetTextList"), receipt, answer)

    def _error(self, status: int, body: Body, headers: Mapping[str, str]) -> EngineError:
        fault = _fault(body)
        if not fault:
            return super()._error(status, body, headers)
        code, message = fault
        meant = next((meant for begin, meant in STATUSES.items() if code.startswith(begin)), status)
        return super()._error(meant, {"message": f"{message} ({code})".lstrip()}, headers)


def _fault(body: Body) -> tuple[str, str] | None:
    """Code and message of the error in an answer; None where there is none."""
    try:
        answer: Any = json.loads(body) if isinstance(body, bytes | str) else body
        error = answer["Response"]["Error"]
        code, message = error["Code"], error.get("Message", "")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return (code, str(message)) if isinstance(code, str) and code else None


def signed(url: str, content: bytes, *, name: str, secret: str, at: int) -> dict[str, str]:
    """The headers that sign a request.

    Args:
        url: where it goes, without a query.
        content: the body, as JSON.
        name: the id of the key.
        secret: the key.
        at: the moment, in seconds since 1970; the service accepts five minutes of difference.
    """
    parts = urlsplit(url)
    headers = {"content-type": JSON, "host": parts.netloc}
    names = ";".join(headers)
    lines = "".join(f"{header}:{value}\n" for header, value in headers.items())
    request = "\n".join(["POST", quote(parts.path or "/"), "", lines, names, hashlib.sha256(content).hexdigest()])
    date = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{SERVICE}/{REQUEST}"
    text = f"{ALGORITHM}\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (date, SERVICE, REQUEST):
        key = _hmac(key, part)
    given = f"{ALGORITHM} Credential={name}/{scope}, SignedHeaders={names}, Signature={_hmac(key, text).hex()}"
    return {**headers, "x-tc-timestamp": str(at), "authorization": given}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
