"""What the columns of a record may hold, so that a seal over nonsense does not make it a record.

Whoever can write a file can write seals, and caches come from other machines (``harness cache merge``): what is not of
the shape that is written here is damage, found where it is read, and never a crash further on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

MOST = 2**53
"""No count, no number of seconds and no amount of money is larger."""


def is_shaped(table: str, row: Sequence[Any]) -> bool:
    """Whether a record could have been written here.

    Args:
        table: its table.
        row: its columns, in the order of :data:`harness.store.cache.seals.COLUMNS`.
    """
    shape = _SHAPES[table]
    try:
        return shape(row)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return False


def _translation(row: Sequence[Any]) -> bool:
    answer = _object(row[2])
    text, notes = answer.get("text"), answer.get("notes")
    counted = isinstance(notes, dict) and all(_is_count(number) for number in notes.values())
    return _is_text(text) and counted and _is_answer(row)


def _refusal(row: Sequence[Any]) -> bool:
    return _is_text(_object(row[2]).get("reason")) and _is_answer(row)


def _is_answer(row: Sequence[Any]) -> bool:
    return all(_is_text(value) for value in row[3:6]) and _is_count(row[6])


def _score(row: Sequence[Any]) -> bool:
    return all(_is_number(value, least=-MOST) for value in _object(row[2]).values()) and all(map(_is_text, row[3:]))


def _derived(row: Sequence[Any]) -> bool:
    return isinstance(row[2], bytes) and all(map(_is_text, row[3:]))


def _request(row: Sequence[Any]) -> bool:
    number, system, pair, sent, seconds, attempt, segments, characters, outcome, usage, cost, currency, *words = row
    *words, setup = words
    datetime.fromisoformat(sent if _is_text(sent) else "")
    return (
        all(map(_is_text, (system, pair, outcome, currency, *words)))
        and all(map(_is_count, (number, attempt, segments, characters, setup)))
        and all(map(_is_count, _object(usage).values()))
        and _is_number(seconds)
        and (cost is None or _is_number(cost))
    )


def _job(row: Sequence[Any]) -> bool:
    *words, written, content, version = row
    datetime.fromisoformat(written if _is_text(written) else "")
    data = _object(content)
    requests, base, settled = data["requests"], data["base"], data["settled"]
    return (
        all(map(_is_text, (*words, version)))
        and words[3] in {"staged", "sending", "open", "closed"}
        and _is_count(data["sample"])
        and _is_number(data["most"])
        and isinstance(base, dict)
        and all(map(_is_noted_request, requests.values()))
        and all(len(one) == 1 and all(map(_is_text, one.values())) for one in settled.values())
    )


def _is_noted_request(request: Mapping[str, Any]) -> bool:
    segments = request["segments"]
    texts = (text for article, _, _, *words in segments for text in (article, *words))
    places = (place for _, number, line, *_ in segments for place in (number, line))
    return (
        all(len(segment) == 5 for segment in segments)
        and all(map(_is_text, texts))
        and all(map(_is_count, (*places, request["round"], *request["bound"].values())))
        and isinstance(request["halved"], bool)
    )


_SHAPES: Mapping[str, Callable[[Sequence[Any]], bool]] = MappingProxyType(
    {
        "translations": _translation,
        "refusals": _refusal,
        "scores": _score,
        "derived": _derived,
        "requests": _request,
        "jobs": _job,
    }
)


def _object(value: object) -> dict[str, Any]:
    """A JSON object. Raises TypeError where it is something else, ValueError where it is no JSON."""
    data = json.loads(value) if isinstance(value, str) else None
    if not isinstance(data, dict):
        raise TypeError
    return data


def _is_text(value: object) -> bool:
    """Whether it is text that a file can hold."""
    return isinstance(value, str) and (value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _is_number(value: object, *, least: float = 0.0) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and least <= value <= MOST  # type: ignore[operator]
