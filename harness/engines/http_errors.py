"""What a service answers over HTTP, as an error of the harness: status and body decide together, once for every engine.

===================  ================================================================================================
401, 403             ``AuthFailed``; 403 with a rate or quota in its body as for 429
3xx                  ``Unsupported``: no redirect is followed, because it takes texts and keys elsewhere
402, 456             ``QuotaExhausted``
408, 425, 5xx        ``Transient``; 503 and 529 say that nothing was done, the others may have been billed
413, 414, 431        ``TooLarge``
429                  ``RateLimited``, unless the body says that the account or the day is used up: ``QuotaExhausted``
other                ``BadRequest``, unless the body names the rate, the quota, the key or the length as the reason
===================  ================================================================================================
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from harness.errors import (
    AuthFailed,
    BadRequest,
    EngineError,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.redaction import REDACTOR

Body = bytes | str | Mapping[str, Any]

SHORT = 300
"""Most characters of a body that go into a message."""

READ = 65_536
"""Most characters of a body that are looked at for it."""

UNSAID = -1.0
"""``retry_after`` where the service did not say."""

EXHAUSTED = re.compile(
    r"insufficient[_ ](quota|balance|credits?|funds)|billing_hard_limit|credit balance is too low", re.IGNORECASE
)
DAILY = re.compile(r"per(\s1)?[_\s]?day|daily\s?limit\s?exceeded|exceeded its free quota|\b403001\b", re.IGNORECASE)
"""Waiting a minute does not help, either; looked for where the status speaks of limits, because a message may quote
the text. The word "quota" alone is no sign: Google calls its requests per minute so, too."""

TOO_FAST = re.compile(
    r"ThrottlingException|TooManyRequests|rate[\s_]?limit[\s_]?exceeded|RESOURCE_EXHAUSTED|\b42900[0-9]\b",
    re.IGNORECASE,
)
WRONG_KEY = re.compile(r"API_KEY_INVALID|invalid_api_key|API key not valid|UnrecognizedClientException")
TOO_LONG = re.compile(r"context_length_exceeded|string_above_max_length|prompt is too long|TextSizeLimitExceeded")

NOT_SENT = frozenset(
    {
        "ConnectionRefusedError",
        "gaierror",
        "ConnectError",
        "ConnectTimeout",
        "NewConnectionError",
        "NameResolutionError",
    }
    | {"ConnectTimeoutError", "ClientConnectorError", "EndpointConnectionError", "PoolTimeout"}
)
"""Classes by which the HTTP libraries say that there was no connection, so nothing was sent and nothing billed."""


def classify(status: int, body: Body, headers: Mapping[str, str]) -> EngineError:
    """The error for an answer that is not a success. What only one service says, its engine looks for first.

    Args:
        status: the HTTP status.
        body: the answer, as it came or parsed.
        headers: the headers, in any case.

    Returns:
        The error, to be raised by the caller; its message holds the status and an excerpt of the body.
    """
    text = _text(body)
    excerpt = short(body)
    message = f"HTTP {status}: {excerpt}" if excerpt else f"HTTP {status}"
    wait = retry_after(headers, body)
    if 300 <= status < 400:
        return _redirect(status, headers)
    if status in {402, 456}:
        return QuotaExhausted(message)
    if status in {408, 425} or status >= 500:
        return Transient(message, retry_after=wait, charged=status not in {425, 503, 529})
    if status in {413, 414, 431}:
        return TooLarge(message)
    if EXHAUSTED.search(text) or (status in {403, 429} and DAILY.search(text)):
        return QuotaExhausted(message)
    if status == 429 or TOO_FAST.search(text):
        return RateLimited(message, retry_after=wait)
    if status in {401, 403} or WRONG_KEY.search(text):
        return AuthFailed(message)
    return TooLarge(message) if TOO_LONG.search(text) else BadRequest(message)


def _redirect(status: int, headers: Mapping[str, str]) -> Unsupported:
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        place = urlsplit(lower.get("location", "")).netloc.rpartition("@")[2]
    except ValueError:
        place = ""
    where = f" to {short(place)}" if place else ""
    return Unsupported(
        f"HTTP {status}: a redirect{where}, which is not followed: it would get the texts and the key",
        hint="if that is the right address, write it into 'endpoint' or 'url' in [options]",
    )


def retry_after(headers: Mapping[str, str], body: Body = b"") -> float:
    """Seconds the service asks to wait; :data:`UNSAID` when it does not say.

    Read from ``Retry-After`` (seconds or an HTTP date), ``retry-after-ms``, ``x-ms-retry-after-ms``, and
    ``retryDelay`` in the body of Google's services.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        milliseconds = _seconds(lower.get(name, ""))
        if milliseconds >= 0:
            return milliseconds / 1000
    wait = lower.get("retry-after", "").strip()
    if _seconds(wait) >= 0:
        return _seconds(wait)
    if wait:
        try:
            when = parsedate_to_datetime(wait)
        except ValueError:
            return UNSAID
        # A date without a zone is in GMT, as every HTTP date.
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    return next((seconds for seconds in map(_seconds, _delays(_parsed(body))) if seconds >= 0), UNSAID)


def short(body: Body) -> str:
    """What the body says, on one bounded line without control characters, safe for messages."""
    text = REDACTOR((_message(_parsed(body)) or _text(body))[:READ])  # before it is cut: half a key is one too
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 3]}..."


def garbled(body: Body, why: str) -> Transient:
    """The error for a success that cannot be read: it may have been billed."""
    return Transient(f"an answer that cannot be read ({why}): {short(body)}", charged=True)


def lost(error: BaseException) -> Transient:
    """The error for a request without an answer: no connection, a time-out, a connection closed in the middle."""
    charged = not any(type(one).__name__ in NOT_SENT for one in _chain(error))
    return Transient(f"{type(error).__name__}: {short(str(error))}", charged=charged)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those it wraps: as cause, as context, or, in requests and urllib3, as argument or ``reason``."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
            yield one


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return UNSAID
    return seconds if math.isfinite(seconds) and seconds >= 0 else UNSAID


def _text(body: Body) -> str:
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else json.dumps(dict(body), ensure_ascii=False, default=str)


def _parsed(body: Body) -> object:
    if isinstance(body, Mapping):
        return body
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed


def _delays(data: object) -> Iterator[str]:
    """``{"error": {"details": [{"retryDelay": "2s"}]}}``."""
    error = data.get("error") if isinstance(data, Mapping) else None
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping) and isinstance(delay := detail.get("retryDelay"), str):
            yield delay.removesuffix("s")


def _message(data: object) -> str:
    """The sentence for people in the usual shapes: ``error.message``, ``error``, ``message``, ``detail``."""
    if isinstance(data, list) and data:
        return _message(data[0])
    if not isinstance(data, Mapping):
        return ""
    for name in ("error", "message", "Message", "detail"):
        value = data.get(name)
        if isinstance(value, Mapping):
            code = value.get("code") or value.get("type") or ""
            return f"{value.get('message', '')} ({code})".removesuffix(" ()")
        if isinstance(value, str) and value:
            return value
    return ""
