"""``alibaba``: Alibaba Cloud Machine Translation, over REST.

Not through its SDK, which brings fifteen packages and follows redirects with the texts. What it does besides is the
signature, ACS3-HMAC-SHA256, as Alibaba Cloud documents it for its API gateway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel

from harness.engines.interface import Limits, Receipt
from harness.engines.services.service import RestService, ServiceOptions, Texts
from harness.engines.wire.errors import Body, garbled
from harness.engines.wire.receipts import summed
from harness.errors import AuthFailed, BadOutput, EngineError, QuotaExhausted, RateLimited

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"

DIGITS = re.compile("[0-9]{1,12}")

CODES: Mapping[str, int] = {"10001": 503, "10002": 503, "10004": 400, "10005": 400, "10007": 500, "10008": 413}
"""Codes of answers with status 200, and the statuses that say the same."""

ERRORS: Mapping[str, type[EngineError]] = {
    "InvalidAccessKeyId": AuthFailed,
    "IncompleteSignature": AuthFailed,
    "SignatureDoesNotMatch": AuthFailed,
    "Forbidden": AuthFailed,
    "Throttling": RateLimited,
    "ServiceNotOpen": QuotaExhausted,
    "Arrearage": QuotaExhausted,
}
"""Codes, by how they begin, where the status says less."""


class AlibabaOptions(ServiceOptions):
    """``[options]``."""

    edition: Literal["translate_standard", "translate_ecommerce"] = "translate_standard"
    """The general edition or the one for e-commerce."""
    scene: Literal["general", "title", "description", "communication", "medical", "social", "finance"] = "general"
    """Kind of text; all except ``general`` need ``translate_ecommerce``."""


class AlibabaEngine(RestService):
    """Asks Alibaba Cloud Machine Translation."""

    Options: ClassVar[type[BaseModel]] = AlibabaOptions
    name = "alibaba"
    title = "Alibaba Cloud"
    api = "2018-10-12"
    addresses = ("https://mt.cn-hangzhou.aliyuncs.com",)
    usual_keys = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    codes: ClassVar[Mapping[str, str]] = {
        "zh-Hans": "zh",
        "zh-CN": "zh",
        "zh-Hant": "zh-tw",
        "zh-TW": "zh-tw",
        "pt-BR": "pt",
        "nb": "no",
    }
    not_served = re.compile(r"language|not supported|10004|10005", re.IGNORECASE)
    # 50 texts of 1000 characters, 8000 characters in all, 50 requests a second.
    own_limits = Limits(max_segments=50, max_characters=8_000, concurrency=4, requests_per_second=10.0, timeout=60.0)

    async def _ask(self, texts: list[str], source: str, target: str) -> Texts:
        numbered = {str(number): text for number, text in enumerate(texts)}
        form = {
            "FormatType": "text",
            "SourceLanguage": source,
            "TargetLanguage": target,
            "Scene": self._options.scene,
            "ApiType": self._options.edition,
            "SourceText": json.dumps(numbered, ensure_ascii=False),
        }
        content = urlencode(form).encode()
        name, secret = self._keys()
        url = self._url("/")
        headers = signed(url, "GetBatchTranslate", self.api, content, name=name, secret=secret)
        answer: Any = await self._client.ask("POST", url, content=content, headers=headers, error_of=self._error)
        code = str(answer.get("Code", "")) if isinstance(answer, dict) else ""
        if code not in {"200", ""} and not answer.get("TranslatedList"):
            raise self._error(CODES.get(code, 400), {"message": f"{answer.get('Message', '')} ({code})"}, {})
        try:
            listed = {str(one["index"]): one for one in answer["TranslatedList"]}
            answers = [listed[number].get("translated") for number in numbered if number in listed]
            billed = [_billed(one.get("wordCount")) for one in listed.values()]
        except (KeyError, TypeError, AttributeError):
            raise garbled(answer if isinstance(answer, dict) else "", "no TranslatedList") from None
        if not answers:
            raise BadOutput(f"{self.title} returned 0 translations for {len(texts)} texts")
        usage = summed(billed) if len(billed) == len(texts) else {}
        return Texts(answers, Receipt(request_id=str(answer.get("RequestId", "")), usage=usage))

    def _error(self, status: int, body: Body, headers: Mapping[str, str]) -> EngineError:
        usual = super()._error(status, body, headers)
        try:
            code = str(json.loads(body).get("Code", "")) if isinstance(body, bytes) else ""
        except (ValueError, AttributeError):
            code = ""
        kind = next((kind for begin, kind in ERRORS.items() if code.startswith(begin)), None)
        return usual if kind is None or isinstance(usual, kind) else kind(str(usual))


def _billed(said: object) -> object:
    """A count, which stands in a string."""
    return int(said) if isinstance(said, str) and DIGITS.fullmatch(said) else said


def signed(
    url: str, action: str, version: str, content: bytes, *, name: str, secret: str, at: str = "", nonce: str = ""
) -> dict[str, str]:
    """The headers of a signed request.

    Args:
        url: where it goes, without a query.
        action: the operation.
        version: that of the API.
        content: the form.
        name: the id of the access key.
        secret: its secret.
        at: the moment, as ``2026-11-26T10:00:00Z``; now where it is empty.
        nonce: what makes the request unlike any other; made up where it is empty.
    """
    parts = urlsplit(url)
    digest = hashlib.sha256(content).hexdigest()
    headers = {
        "content-type": FORM,
        "host": parts.netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": digest,
        "x-acs-date": at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce or str(uuid.uuid4()),
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{header}:{headers[header]}\n" for header in sorted(headers))
    request = "\n".join(["POST", quote(parts.path or "/"), "", lines, names, digest])
    text = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    given = f"{ALGORITHM} Credential={name},SignedHeaders={names},Signature={signature}"
    return {**headers, "accept": "application/json", "authorization": given}
