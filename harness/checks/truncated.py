"""Translations that stop in the middle."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.interface import CheckContext, Flag, Item
from harness.types import Reason

_FINALS = frozenset(".!?…:;。！？：；।؟۔؛॥」』")
_CLOSING = "\"'”’“‘»«)]›‹*_ \t\u00a0\u202f"
_UNFINISHED = frozenset(",-–—(«„，、،")
_SHORT = -0.9
_SHORT_UNFINISHED = -0.4
_MUCH_SHORTER = 0.75
_FEWEST_CHARACTERS = 25


def check_truncated(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag sentences without an end where the source and the references have one."""
    end = _end(item.text)
    if len(item.source) < _FEWEST_CHARACTERS or not end or end in _FINALS or _end(item.source) not in _FINALS:
        return
    if any(_end(other) not in _FINALS for other in item.references):
        return
    last = len(item.text.rstrip())
    where = (max(last - 1, 0), last)
    if end in _UNFINISHED and item.text.rstrip()[-1] == end and _is_short(item, context, _SHORT_UNFINISHED):
        yield Flag("truncated", where, Reason("flag.unfinished", {"end": end, "source": _end(item.source)}), 0.9)
    elif _is_short(item, context, _SHORT):
        why = Reason("flag.truncated", {"characters": len(item.text), "source": _end(item.source)})
        yield Flag("truncated", where, why, 0.85)


def _end(text: str) -> str:
    return text.rstrip(_CLOSING)[-1:]


def _is_short(item: Item, context: CheckContext, limit: float) -> bool:
    """Whether more than a mark is missing: how a quotation ends where its speaker follows is a matter of style."""
    if item.references:
        return len(item.text) < _MUCH_SHORTER * min(map(len, item.references))
    return context.length_model.known and context.length_model.deviation(item.source, item.text) < limit
