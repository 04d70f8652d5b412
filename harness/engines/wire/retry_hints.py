"""How long a service asks to wait, wherever it says so: headers for it, headers about its limits, the body.

===================================================  ===================================================================
``Retry-After``                                      seconds, or a date, which counts from the answer's own ``Date``
``retry-after-ms``, ``x-ms-retry-after-ms``          milliseconds
``retryDelay``, ``retry_after`` ... in the body      ``"2.5s"``, or seconds
"Please try again in 6m0s" in the body               OpenAI, Groq, Azure OpenAI, Gemini
``x-ratelimit-reset-requests``, ``-tokens``          ``14s``, ``6m0s``, ``120ms`` (OpenAI, Groq)
``anthropic-ratelimit-*-reset``                      a time in RFC 3339
``x-ratelimit-reset``, ``ratelimit-reset``           seconds, or seconds or milliseconds since 1970 (OpenRouter)
``RateLimit: limit=1, remaining=0, reset=5``         seconds (drafts of the IETF), also ``"default";r=0;t=5``
===================================================  ===================================================================
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from harness.engines.wire.wordings import Body, words

UNSAID = -1.0
"""Where the service did not say."""

GUESSED = 120.0
"""Seconds until a limit that may not be the one in the way is believed to matter."""

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
PART = r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])[\s,]*"
DURATION = re.compile(PART, re.IGNORECASE)
IN_WORDS = re.compile(
    rf"(?:try(?:ing)?(?: your request)? again|retry(?:ing)?|wait(?:ing)?|resets?|available)\b\D{{0,30}}?((?:{PART})+)",
    re.IGNORECASE,
)
FIELD = re.compile(
    r"^(?P<name>retry[\s_-]?(?:after|delay)[\s_-]?(?P<unit>ms|s|sec|secs|seconds|milliseconds)?): (?P<value>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
DRAFT = re.compile(r"\b(remaining|r|reset|t)\s*=\s*(\d+)", re.IGNORECASE)

LEFT = frozenset({"remaining", "r"})

MILLENNIUM = 1e9
"""A larger number of seconds is a time since 1970; one a thousand times as large is in milliseconds."""


def retry_after(headers: Mapping[str, str], body: Body = b"") -> float:
    """Seconds the service asks to wait; :data:`UNSAID` when it does not say."""
    lower = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    for wait in (_asked(lower), _in_body(body), _until_reset(lower)):
        if wait >= 0:
            return wait
    return UNSAID


def duration(text: str) -> float:
    """Seconds of ``14s``, ``6m0s``, ``1h2m3.5s``, ``120ms``, ``20 seconds``; :data:`UNSAID` if it is none."""
    found = DURATION.findall(text.strip())
    if not found or DURATION.sub("", text.strip()):
        return UNSAID
    return float(sum(float(number) * _unit(unit) for number, unit in found))


def _unit(name: str) -> float:
    name = name.lower()
    return UNITS["ms"] if name.startswith(("ms", "milli")) else UNITS[name[0]]


def _asked(headers: Mapping[str, str]) -> float:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        milliseconds = _number(headers.get(name, ""))
        if milliseconds >= 0:
            return milliseconds / 1000
    wait = headers.get("retry-after", "")
    if _number(wait) >= 0:
        return _number(wait)
    return _until(wait, headers) if wait else UNSAID


def _in_body(body: Body) -> float:
    said = words(body)
    for found in FIELD.finditer(said):
        number = _number(found["value"])
        if number >= 0:
            return number / 1000 if (found["unit"] or "").lower().startswith(("ms", "milli")) else number
        if (seconds := duration(found["value"])) >= 0:
            return seconds
    in_words = IN_WORDS.search(said)
    if in_words:
        return duration(in_words[1])
    # OpenRouter puts the headers of the server behind it into the body.
    inner = [_asked(one) if _asked(one) >= 0 else _until_reset(one) for one in _headers_within(body)]
    return next((wait for wait in inner if wait >= 0), UNSAID)


def _headers_within(body: Body) -> Iterator[dict[str, str]]:
    try:
        data = body if isinstance(body, Mapping) else json.loads(body)
    except (ValueError, RecursionError):
        return
    error = data.get("error") if isinstance(data, Mapping) else None
    for place in (data, error, error.get("metadata") if isinstance(error, Mapping) else None):
        found = place.get("headers") if isinstance(place, Mapping) else None
        if isinstance(found, Mapping):
            yield {str(name).lower(): str(value) for name, value in found.items()}


def _until_reset(headers: Mapping[str, str]) -> float:
    """Until the limits that are used up start again; where no header says which those are, until the first does."""
    used_up: list[float] = []
    others: list[float] = []
    for name, value in headers.items():
        if name == "ratelimit":
            fields = {"left" if key.lower() in LEFT else "ends": number for key, number in DRAFT.findall(value)}
            wait, left = _number(fields.get("ends", "")), fields.get("left", "")
        elif "limit" in name and "reset" in name:
            wait, left = _reset(value, headers), headers.get(name.replace("reset", "remaining"), "")
        else:
            continue
        if wait >= 0:
            (used_up if _number(left) == 0 else others).append(wait)
    if used_up:
        return max(used_up)
    soonest = min((wait for wait in others if wait > 0), default=UNSAID)
    return soonest if soonest <= GUESSED else UNSAID


def _reset(value: str, headers: Mapping[str, str]) -> float:
    number = _number(value)
    if number >= 1000 * MILLENNIUM:
        return max(0.0, number / 1000 - _now(headers).timestamp())
    if number >= MILLENNIUM:
        return max(0.0, number - _now(headers).timestamp())
    if number >= 0:
        return number
    seconds = duration(value)
    return seconds if seconds >= 0 else _until(value, headers)


def _until(text: str, headers: Mapping[str, str]) -> float:
    when = _date(text)
    return UNSAID if when is None else max(0.0, (when - _now(headers)).total_seconds())


def _now(headers: Mapping[str, str]) -> datetime:
    """The service's own time where it says it: its clock and ours may be far apart."""
    return _date(headers.get("date", "")) or datetime.now(UTC)


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = read(text)
        except (ValueError, IndexError, TypeError):
            continue
        # A date without a zone is in GMT, as every HTTP date.
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return UNSAID
    return number if math.isfinite(number) and number >= 0 else UNSAID
