"""What a service answers over HTTP, as an error of the harness: status and words decide together, for every engine.

===================  ================================================================================================
401                  ``AuthFailed``
3xx                  ``Unsupported``: no redirect is followed, because it takes texts and keys elsewhere
402, 456             ``QuotaExhausted``
403                  ``AuthFailed`` if it speaks of the key or of permission; one that does not may be about the text
408, 425, 5xx        ``Transient``; 503 and 529 say that nothing was done, the others may have been billed
413, 414, 431        ``TooLarge``
429                  ``RateLimited``, unless the account or the day is used up (``QuotaExhausted``), or this one request
                     asks for more than any minute allows (``TooLarge``)
451                  ``Declined``
other                ``BadRequest``, unless the words name the rate, the quota, the key or the length as the reason
===================  ================================================================================================

A content filter refuses one text, whatever the status: ``Declined``. The words are in :mod:`.wordings`
and :mod:`.moderation`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from harness.engines.wire.network import environment_fault
from harness.engines.wire.retry_hints import UNSAID, retry_after
from harness.engines.wire.wordings import (
    DAILY,
    EXHAUSTED,
    KEY_IS_WRONG,
    READ,
    TOO_FAST,
    TOO_LONG,
    Body,
    is_page,
    refuses_the_text,
    speaks_of_the_key,
    too_long,
    words,
)
from harness.errors import (
    AuthFailed,
    BadRequest,
    Declined,
    EngineError,
    Garbled,
    QuotaExhausted,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.workspace.redaction import REDACTOR

__all__ = ["UNSAID", "Body", "classify", "garbled", "lost", "message_of", "retry_after", "short"]

SHORT = 300
"""Most characters of a body that go into a message."""

PAGE = re.compile(r"<(style|script|title)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
"""What is not text in a page for people; its title is repeated in it."""

PLAIN: Mapping[int, type[EngineError]] = {
    402: QuotaExhausted,
    456: QuotaExhausted,
    413: TooLarge,
    414: TooLarge,
    431: TooLarge,
}
"""What these mean, whatever the words."""

FORBIDDEN = 403
LEGAL = 451
TOO_MANY = 429

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

ADVICE: Mapping[type[EngineError], tuple[str, str]] = {
    AuthFailed: ("key refused", "Check the key, its permissions and the endpoint"),
    QuotaExhausted: ("quota exceeded", "Upgrade the plan, or wait until it resets"),
    RateLimited: ("too many requests", "Lower requests_per_second or concurrency in [limits]"),
    TooLarge: ("request too large", ""),
    Declined: ("refused by the content filter", ""),
    BadRequest: ("request refused", ""),
}
"""What happened, and what to do about it, where the service's own words do not say it."""

HEADLINES = {
    402: "no credit left",
    404: "nothing at this address",
    408: "request timed out",
    500: "internal error of the service",
    502: "no answer from the server behind the service",
    503: "service unavailable",
    504: "no answer from the server behind the service",
    529: "service overloaded",
}


def classify(status: int, body: Body, headers: Mapping[str, str], service: str = "") -> EngineError:
    """The error for an answer that is not a success. What only one service says, its engine looks for first.

    Args:
        status: the HTTP status.
        body: the answer, as it came or parsed.
        headers: the headers, in any case.
        service: what people call it: ``DeepL``.

    Returns:
        The error, to be raised by the caller; its message says who said what, with the status.
    """
    if 300 <= status < 400:
        return _redirect(status, headers, service)
    kind = _kind(status, body, words(body))
    message = message_of(kind, status, body, service)
    if not issubclass(kind, Transient):
        return kind(message)
    wait = retry_after(headers, body)
    if issubclass(kind, RateLimited):
        return kind(message, retry_after=wait)
    return kind(message, retry_after=wait, charged=status not in {425, 503, 529})


def _redirect(status: int, headers: Mapping[str, str], service: str) -> Unsupported:
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        host = urlsplit(lower.get("location", "")).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    where = f" to {short(host)}" if host else ""
    name = service or "the service"
    return Unsupported(
        f"{name}: redirected{where} ({status}); redirects are not followed, to keep texts and key from other servers",
        hint="if that is the right address, set it as 'endpoint' or 'url' in [options]",
    )


def _kind(status: int, body: Body, said: str) -> type[EngineError]:
    if status in PLAIN:
        return PLAIN[status]
    limits = status in {FORBIDDEN, TOO_MANY} and DAILY.search(said)
    if status not in {401, 408, 425, TOO_MANY, 503, 529} and (status == LEGAL or refuses_the_text(said)):
        return Declined
    if status in {408, 425} or status >= 500:
        return Transient
    if EXHAUSTED.search(said) or limits:
        return QuotaExhausted
    if status == TOO_MANY or TOO_FAST.search(said):
        return TooLarge if too_long(said) else RateLimited
    if status == 401 or KEY_IS_WRONG.search(said) or (status == FORBIDDEN and speaks_of_the_key(said, body)):
        return AuthFailed
    return TooLarge if TOO_LONG.search(said) else BadRequest


def message_of(kind: type[EngineError], status: int, body: Body, service: str = "") -> str:
    """Who said what, with the status, and what to do: ``DeepL: quota exceeded (456). Upgrade the plan ...``."""
    usual, advice = next((found for known, found in ADVICE.items() if issubclass(kind, known)), ("", ""))
    headline = HEADLINES.get(status, usual or "request failed")
    said = short(body).replace(f" ({status})", "").rstrip(".")
    repeats = {headline.casefold(), usual.casefold(), str(status), ""}
    told = "" if said.casefold() in repeats else f": {said}"
    message = f"{service or 'the service'}: {headline} ({status}){told}"
    return f"{message}. {advice}" if advice else message


def short(body: Body) -> str:
    """What the body says, on one bounded line without control characters, safe for messages."""
    text = _message(_parsed(body)) or _text(body)
    text = REDACTOR((PAGE.sub(" ", text) if is_page(text) else text)[:READ])  # before it is cut: half a key is one too
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 3]}..."


def garbled(body: Body, why: str) -> Garbled:
    """The error for a success that cannot be read: it may have been billed."""
    return Garbled(f"an answer that cannot be read ({why}): {short(body)}", charged=True)


def lost(error: BaseException) -> EngineError:
    """The error for a request without an answer: no connection, a time-out, a connection closed in the middle."""
    chain = list(_chain(error))
    if ours := next((one for one in chain if isinstance(one, EngineError)), None):
        return ours  # raised inside the library, by what bounds its answers
    if fault := next((environment for one in chain if (environment := environment_fault(one))), None):
        return fault
    sent = not any(type(one).__name__ in NOT_SENT for one in chain)
    host = next((address for one in chain if (address := _address(one))), "")
    failure = "no answer from" if sent else "no connection to"
    where = f"{failure} {host}: " if host else ""
    return Transient(f"{where}{type(error).__name__}: {short(str(error))}", charged=sent)


def _address(error: BaseException) -> str:
    """Host and port that a request went to, as its library notes them in the error; nothing of the path or a key."""
    try:
        parts = urlsplit(str(getattr(getattr(error, "request", None), "url", "")))
        host, port = parts.hostname or "", parts.port
    except (RuntimeError, ValueError):  # httpx has no request in an error that was raised before there was one
        return ""
    return f"{host}:{port}" if port else host


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
            said = f"{value.get('message', '')} ({code})".removesuffix(" ()")
            behind = _behind(value.get("metadata"))
            return f"{said}: {behind}" if behind else said
        if isinstance(value, str) and value:
            return value
    return ""


def _behind(metadata: object) -> str:
    """What the server behind OpenRouter said, which is the reason, and who that is."""
    if not isinstance(metadata, Mapping):
        return ""
    raw, provider = metadata.get("raw"), metadata.get("provider_name")
    raw = _message(_parsed(raw)) or raw if isinstance(raw, str) else _message(raw)
    reasons = metadata.get("reasons")
    if isinstance(reasons, list) and not raw:
        raw = ", ".join(map(str, reasons))
    return " says ".join(str(part) for part in (provider, raw) if part)
