"""How long a service asks to wait, wherever it says so: headers for it, headers about its limits, the body.

===================================================  ===================================================================
``Retry-After``, ``x-ratelimit-retry-after`` ...     seconds (also ``30s``, or since 1970), or a date, which counts from
                                                     the answer's own ``Date``
``retry-after-ms``, ``x-ms-retry-after-ms``          milliseconds
``retryDelay``, ``retry_after`` ... in the body      ``"2.5s"``, or seconds
"Please try again in 6m0s", "30 秒后重试"            OpenAI, Groq, Azure OpenAI, Gemini, and others in their languages
``x-ratelimit-reset-requests``, ``-tokens``          ``14s``, ``6m0s``, ``120ms`` (OpenAI, Groq)
``anthropic-ratelimit-*-reset``                      a time in RFC 3339
``x-ratelimit-reset``, ``ratelimit-reset``           seconds, or seconds or milliseconds since 1970 (OpenRouter)
``RateLimit: limit=1, remaining=0, reset=5``         seconds (drafts of the IETF), also ``"default";r=0;t=5``
===================================================  ===================================================================

The first that asks for a pause counts. "Now", a date that has passed, or what is no time leaves the next to say it.
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

UNITS = (
    (r"ms|milli[\s-]?se[ck]\w{0,8}|毫秒|ミリ秒|밀리초", 0.001),
    (r"s|secs?|se[cgk][ou]nd\w{0,3}|сек\w{0,5}|秒钟|秒鐘|秒間|秒|초", 1.0),
    (r"m|mins?|minut\w{0,3}|мин\w{0,4}|分钟|分鐘|分間|分|분", 60.0),
    (r"h|hrs?|hours?|heures?|horas?|stunden?|час\w{0,2}|小时|小時|時間|시간", 3600.0),
    (r"d|days?|jours?|días?|tagen?|tage?|дн\w{0,2}|天|日|일", 86400.0),
)
"""Names of units in the vendors' languages, and seconds of each."""

PART = rf"(\d{{1,12}}(?:\.\d{{1,12}})?)\s{{0,3}}({'|'.join(names for names, _ in UNITS)})(?![a-z])[\s,]{{0,3}}"
DURATION = re.compile(PART, re.IGNORECASE)
SEVERAL = rf"((?:{PART}){{1,5}})"
IN_WORDS = re.compile(
    r"(?:(?:try(?:ing)?(?: your request)? again|retry(?:ing)?|wait(?:ing)?|resets?|available|через|erneut|dans|nach"
    rf"|réessa\w{{1,6}}|intent\w{{1,6}})\b|请在|請在|等待|再试|重试)\D{{0,30}}?{SEVERAL}",
    re.IGNORECASE,
)
AFTERWARDS = re.compile(rf"{SEVERAL}(?:之后|以后|以後|后|後|후|뒤)", re.IGNORECASE)
"""In Chinese, Japanese and Korean the time stands first."""

FIELD = re.compile(
    r"^(?:retry[\s_-]?(?:after|delay|in|time)|(?:resets?|wait|try[\s_-]?again|cool[\s_-]?down)(?:[\s_-]?(?:after|in|time))?)[\s_-]?"
    r"(?P<unit>ms|millis|milliseconds|s|sec|secs|seconds)?: (?P<value>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
DRAFT = re.compile(r"\b(remaining|r|reset|t)\s*=\s*(\d+)", re.IGNORECASE)

LEFT = frozenset({"remaining", "r"})

MILLENNIUM = 1e9
"""A larger number of seconds is a time since 1970; one a thousand times as large is in milliseconds."""


def retry_after(headers: Mapping[str, str], body: Body = b"") -> float:
    """Seconds the service asks to wait; :data:`UNSAID` when it does not say."""
    lower = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    waits = (_asked(lower), _in_body(body), _until_reset(lower))
    return next((wait for wait in waits if wait > 0), max(waits))


def duration(text: str) -> float:
    """Seconds of ``14s``, ``6m0s``, ``1h2m3.5s``, ``120ms``, ``20 seconds``; :data:`UNSAID` if it is none."""
    parts = DURATION.findall(text.strip())
    if not parts or DURATION.sub("", text.strip()):
        return UNSAID
    return float(sum(float(number) * _unit(unit) for number, unit in parts))


def _unit(name: str) -> float:
    return next(seconds for names, seconds in UNITS if re.fullmatch(names, name, re.IGNORECASE))


def _asked(headers: Mapping[str, str]) -> float:
    """Of all headers for it, those in milliseconds first, because they are exact."""
    by_unit: list[list[float]] = [[], []]
    for name, value in headers.items():
        if "retry-after" in name:
            in_milliseconds = name.endswith(("-ms", "-milliseconds"))
            wait = _number(value) / 1000 if in_milliseconds else _time(value, headers)
            by_unit[not in_milliseconds].append(wait)
    waits = [wait for some in by_unit for wait in some if wait >= 0]
    return next((wait for wait in waits if wait > 0), 0.0 if waits else UNSAID)


def _in_body(body: Body) -> float:
    said = words(body)
    for match in FIELD.finditer(said):
        in_milliseconds = (match["unit"] or "").lower().startswith(("ms", "milli"))
        seconds = _number(match["value"]) / 1000 if in_milliseconds else _time(match["value"], {})
        if seconds > 0:
            return seconds
    if in_words := IN_WORDS.search(said) or AFTERWARDS.search(said):
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
    for record in (data, error, error.get("metadata") if isinstance(error, Mapping) else None):
        headers = record.get("headers") if isinstance(record, Mapping) else None
        if isinstance(headers, Mapping):
            yield {str(name).lower(): str(value) for name, value in headers.items()}


def _until_reset(headers: Mapping[str, str]) -> float:
    """Until the limits that are used up start again; where no header says which those are, until the first does."""
    used_up: list[float] = []
    others: list[float] = []
    for name, value in headers.items():
        if name == "ratelimit":
            fields = {"left" if key.lower() in LEFT else "ends": number for key, number in DRAFT.findall(value)}
            wait, left = _number(fields.get("ends", "")), fields.get("left", "")
        elif "limit" in name and "reset" in name:
            wait, left = _time(value, headers), headers.get(name.replace("reset", "remaining"), "")
        else:
            continue
        if wait >= 0:
            (used_up if _number(left) == 0 else others).append(wait)
    if used_up:
        return max(used_up)
    soonest = min((wait for wait in others if wait > 0), default=UNSAID)
    return soonest if soonest <= GUESSED else UNSAID


def _time(value: str, headers: Mapping[str, str]) -> float:
    """Seconds until a time that is given as seconds, as a duration, since 1970 or as a date; else :data:`UNSAID`."""
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
    return UNSAID if when is None else max(0.0, when.timestamp() - _now(headers).timestamp())


def _now(headers: Mapping[str, str]) -> datetime:
    """The service's own time where it says it: its clock and ours may be far apart."""
    return _date(headers.get("date", "")) or datetime.now(UTC)


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = read(text)
        except (ValueError, IndexError, TypeError, OverflowError):
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
