"""Translations that stop in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist

from harness.checks.characters import Selected
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import FINALS, end_of
from harness.types import Reason

_UNFINISHED = frozenset(",-–—(«„，、،")
_SHORT = -0.9
_SHORT_UNFINISHED = -0.4
_MUCH_SHORTER = 0.75
_FEWEST_CHARACTERS = 25
_FALSE_ALARMS = 0.001
"""Of translations that people wrote: the rarer it is that they leave the mark out, the less short a text has to be."""


def _without_end(batch: Batch, _context: CheckContext) -> Selected:
    return ~batch.texts.ended & batch.of_sources(batch.sources.ended)


@screened_by(_without_end)
def check_truncated(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag sentences without an end where the source and the references have one."""
    end = end_of(item.text)
    if len(item.source) < _FEWEST_CHARACTERS or not end or end in FINALS or end_of(item.source) not in FINALS:
        return
    if any(end_of(other) not in FINALS for other in item.references):
        return
    last = len(item.text.rstrip())
    where = (max(last - 1, 0), last)
    if end in _UNFINISHED and item.text.rstrip()[-1] == end and _is_short(item, context, _SHORT_UNFINISHED):
        yield Flag("truncated", where, Reason("flag.unfinished", {"end": end, "source": end_of(item.source)}), 0.9)
    elif _is_short(item, context, min(_SHORT, _limit(context.length_model.ends))):
        why = Reason("flag.truncated", {"characters": len(item.text), "source": end_of(item.source)})
        yield Flag("truncated", where, why, 0.85)


@lru_cache
def _limit(ends: float) -> float:
    """The deviation below which so few lengths lie that texts without a mark are seldom that short by chance."""
    without = 1 - ends
    return NormalDist().inv_cdf(_FALSE_ALARMS / without) if without > 2 * _FALSE_ALARMS else 0.0


def _is_short(item: Item, context: CheckContext, limit: float) -> bool:
    """Whether more than a mark is missing: how a quotation ends where its speaker follows is a matter of style."""
    if item.references:
        return len(item.text) < _MUCH_SHORTER * min(map(len, item.references))
    return context.length_model.known and context.length_model.deviation(item.source, item.text) < limit
