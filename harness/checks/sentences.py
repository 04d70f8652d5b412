"""Sentences that were left out or added: their number and the length both say so.

Neither alone does: people join and split sentences without changing what is said, and a translation may be short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.texts import TEXTS_KEPT
from harness.corpus.documents.segment import split_sentences
from harness.corpus.lint.alignment import spread
from harness.types import Reason

_SHORT = -1.1
_LONG = 2.0
"""Deviations of the length; a sentence more needs more proof, because translators split sentences and explain."""
_FEWEST_LETTERS = 6
"""Of what is counted: no number of a list, no "Oh!"."""
_BESIDE_REFERENCE = 2.0
"""By how much a reference tells the length better than the source does."""


def check_omission(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag fewer sentences than the source has, in a text that is too short for all of them."""
    yield from _compare(item, context, "omission")


def check_addition(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag more sentences than the source has, in a text that is too long for them."""
    yield from _compare(item, context, "addition")


def _compare(item: Item, context: CheckContext, kind: str) -> Iterator[Flag]:
    if not item.source.strip() or not item.text.strip() or not (item.references or context.length_model.known):
        return
    fewer = kind == "omission"
    if item.references and (
        len(item.text) >= max(map(len, item.references)) if fewer else len(item.text) <= min(map(len, item.references))
    ):
        return
    deviation = _deviation(item, context)
    # Most lengths are usual, and sentences take fifty times as long to count.
    if deviation >= _SHORT if fewer else deviation <= _LONG:
        return
    given = _count(item.source, context.pair.source)
    written = _count(item.text, context.pair.target)
    if given and written and (written < given if fewer else written > given):
        why = Reason("flag.omission" if fewer else "flag.addition", {"given": given, "written": written})
        yield Flag(kind, WHOLE, why, 0.8)


def _deviation(item: Item, context: CheckContext) -> float:
    """Of the length, from that of the nearest reference, else from what is usual; negative is short."""
    if not item.references:
        return context.length_model.deviation(item.source, item.text)
    length = max(1, len(item.text))
    lengths = [*map(len, item.references)]
    usual = lengths[0] if len(lengths) == 1 else min(lengths, key=lambda other: abs(math.log(other / length)))
    return _BESIDE_REFERENCE * math.log(length / usual) / spread(max(usual, length))


@lru_cache(maxsize=TEXTS_KEPT)
def _count(text: str, language: str) -> int:
    return sum(sum(map(str.isalpha, part)) >= _FEWEST_LETTERS for part in split_sentences(text, language))
