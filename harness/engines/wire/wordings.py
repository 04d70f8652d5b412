"""What the words of a service mean: whether an answer speaks of the text, the key, the account, the rate or the length.

Services put one and the same thing under many statuses: a content filter answers 400, 403, 422, 451 or 500, a full
account 400, 402, 403, 429 or 456. So codes and sentences are looked for, in what a service says of itself and not in
what it quotes of the text it was sent.

The wording is that of the vendors' pages on errors: OpenAI, Azure OpenAI, Anthropic, Google (Gemini, Vertex, Cloud
Translation), DeepL, AWS, Azure AI Translator, OpenRouter, xAI, DeepSeek, Alibaba (DashScope), Moonshot, Zhipu, MiniMax,
Volcengine, StepFun, Groq, Mistral, LiteLLM, LibreTranslate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from harness.engines.wire.moderation import STOPPED_ACCOUNT, moderated

Body = bytes | str | Mapping[str, object]

READ = 65_536
"""Most characters of a body that are looked at."""

DEPTH = 8
"""Levels of nesting that are looked at."""

QUOTED = frozenset({"flagged_input", "failed_generation", "input", "inputs", "text", "texts", "prompt", "q"})
"""Fields in which services repeat what they were sent."""

KEY_IS_WRONG = re.compile(
    r"API_KEY_(INVALID|SERVICE_BLOCKED)|invalid_?api_?key|invalid_authentication|UnrecognizedClient|InvalidClientToken"
    r"|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|IncompleteSignature|MissingAuthenticationToken|OptInRequired"
    r"|\b(api|access|secret|security|auth\w*|subscription|license)[\s_-]?(key|token)\b.{0,60}"
    r"(invalid|incorrect|wrong|not valid|expired|revoked|disabled|suspended|leaked|blocked|not found|missing|required)"
    r"|(invalid|incorrect|wrong|missing|expired|revoked|no|provide an?|supply a valid|get an|unknown|bad)\s(\w+\s){0,2}"
    r"(api|access|secret|auth\w*|subscription|license)[\s_-]?(key|token)",
    re.IGNORECASE,
)
"""Words about the key itself, whatever the status."""

NO_PERMISSION = re.compile(
    r"permission|unauthori[sz]ed|not authori[sz]ed|authori[sz]ation|unauthenticated|authenticat|credential"
    r"|access[\s_-]?(is )?denied|AccessDenied|not have access|no access|(api|access|auth)[\s_-]?(key|token)"
    r"|SERVICE_DISABLED|not been used in project"
    r"|subscription|not (been )?(activated|enabled|purchased)|Unpurchased|\b40[13]0(00|15)\b"
    r"|unsupported_country|(country|region|territory|location).{0,40}not (supported|available|allowed)"
    r"|\bip\b.{0,30}(not allowed|blocked|whitelist|allowlist)",
    re.IGNORECASE,
)
"""Words about who may do what; with 403 they speak of the key and not of the text."""

EXHAUSTED = re.compile(
    r"insufficient[_ ](user[_ ])?(quota|balance|credits?|funds)|billing_hard_limit|credit balance is too low"
    r"|Arrearage|FreeTierOnly|exceeded_current_quota|out of credits|requires more credits|key limit exceeded"
    r"|(spending|spend|usage|budget) (limit|cap)s?\b.{0,30}(reached|exceeded|hit)|reached your specified .{0,20}limits"
    r"|quota for this billing period|\u4f59\u989d\u4e0d\u8db3",
    re.IGNORECASE,
)
"""The last words are Chinese for a balance that does not suffice."""

DAILY = re.compile(
    r"per(\s1)?[_\s]?(day|month)\b|PerDay|daily\s?limit\s?exceeded|exceeded its free quota|\b403001\b"
    r"|(daily|monthly) (quota|limit).{0,20}(reached|exceeded)",
    re.IGNORECASE,
)
"""Waiting a minute does not help, either; looked for where the status speaks of limits, because a message may quote
the text. The word "quota" alone is no sign: Google calls its requests per minute so, too."""

TOO_FAST = re.compile(
    r"Throttl(ing|ed)|TooManyRequests|rate[\s_-]?limit(ed|[\s_-]?(exceeded|reached|error))|RESOURCE_EXHAUSTED"
    r"|\b42900[0-9]\b|too many requests|requests? per (second|minute)|SlowDown",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"context_length_exceeded|string_above_max_length|prompt is too long|TextSizeLimitExceeded|request_too_large"
    r"|Request too large for|maximum context length",
    re.IGNORECASE,
)
ASKED = re.compile(r"Limit:? (?P<limit>\d+).{0,60}Requested:? (?P<asked>\d+)", re.IGNORECASE | re.DOTALL)
"""How OpenAI and Groq say what a minute allows and what was asked for."""


def words(body: Body) -> str:
    """Codes and sentences of an answer, one ``name: value`` a line, without the fields that quote what was sent."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    data: object = text
    if isinstance(text, str):
        text = text[:READ]
        data = _json(text) or text
    return "\n".join(_lines("", data, DEPTH))[:READ]


def is_page(body: Body) -> bool:
    """Whether the answer is a page for people, as proxies and firewalls send them, and not the service's own."""
    text = body[:READ].decode("utf-8", "replace") if isinstance(body, bytes) else body
    return isinstance(text, str) and text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<head", "<body"))


def too_long(said: str) -> bool:
    """Whether words about limits mean that this request is too long, and would be too long after any pause."""
    numbers = ASKED.search(said)
    if numbers:
        return int(numbers["asked"]) > int(numbers["limit"])
    return bool(TOO_LONG.search(said))


def speaks_of_the_key(said: str, body: Body) -> bool:
    """Whether a 403 is about who asks; a bare one, or a firewall's page, may as well be about the text."""
    if KEY_IS_WRONG.search(said) or STOPPED_ACCOUNT.search(said):
        return True
    return not is_page(body) and bool(NO_PERMISSION.search(said))


def refuses_the_text(said: str) -> bool:
    """Whether a filter refuses this one text; a key or an account that "was flagged" is none, nor is a limit."""
    return moderated(said) and not any(sign.search(said) for sign in (KEY_IS_WRONG, EXHAUSTED, TOO_FAST, TOO_LONG))


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lines(name: str, data: object, depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(data, Mapping):
        for key, value in data.items():
            if str(key).lower() not in QUOTED:
                yield from _lines(str(key), value, depth - 1)
    elif isinstance(data, list):
        for value in data:
            yield from _lines(name, value, depth - 1)
    elif isinstance(data, str) and data.lstrip()[:1] in {"{", "["} and isinstance(_json(data), Mapping | list):
        yield from _lines(name, _json(data), depth - 1)  # OpenRouter hands on the answer of the server behind it
    elif data not in (None, "", True, False):
        yield f"{name}: {data}" if name else str(data)
