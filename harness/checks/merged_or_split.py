"""Segments that an engine merged or split, so that part of one is in its neighbour.

Sentences of one article are looked at in pairs: one far too short or empty beside one far too long, whose lengths
together are what both should have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import WHOLE, CheckContext, Flag, Neighbour
from harness.checks.length_model import LengthModel
from harness.checks.screen import Batch
from harness.types import Reason

_SHORT = -2.0
_NEARLY_SHORT = _SHORT + 1e-6
_LONG = 1.3
_APART = 5.0
"""How far the two deviate from each other, in standard deviations of the pair's usual lengths."""
_TOGETHER = 1.2
_FEWEST_CHARACTERS = 20


class MergedOrSplit:
    """The check as the registry knows it."""

    def screen(self, batch: Batch, context: CheckContext) -> Selected:
        """Texts far too short, one of which every pair has."""
        model = context.length_model
        if not model.known:
            return np.zeros(len(batch), bool)
        return batch.deviations(model) * model.tail < _NEARLY_SHORT

    def check_article(self, segments: Sequence[Neighbour], context: CheckContext) -> Iterator[tuple[int, Flag]]:
        """Look at one article."""
        return merged_or_split(segments, context.length_model)


def merged_or_split(segments: Sequence[Neighbour], model: LengthModel) -> Iterator[tuple[int, Flag]]:
    """Look at one article.

    Args:
        segments: those with a translation, in order; only direct neighbours are compared.
        model: lengths of the pair; nothing is said where it is not known.

    Yields:
        Rows and flags: one for each of the two segments.
    """
    if not model.known:
        return
    for one, two in _pairs_with_one_short(segments, model):
        if two.number != one.number + 1 or min(len(one.source), len(two.source)) < _FEWEST_CHARACTERS:
            continue
        first, second = (_deviation(model, segment.source, segment.text) for segment in (one, two))
        if min(first, second) > _SHORT or max(first, second) < _LONG or abs(first - second) < _APART:
            continue
        if abs(_deviation(model, one.source + two.source, one.text + two.text)) > _TOGETHER:
            continue
        long, short = (one, two) if first > second else (two, one)
        yield long.row, Flag("merged_or_split", WHOLE, Reason("flag.merged", {"segment": short.number}), 0.8)
        yield short.row, Flag("merged_or_split", WHOLE, Reason("flag.split", {"segment": long.number}), 0.8)


def _pairs_with_one_short(segments: Sequence[Neighbour], model: LengthModel) -> Iterator[tuple[Neighbour, Neighbour]]:
    """Neighbours one of which may be far too short: few are."""
    given = np.array([len(segment.source) for segment in segments], np.intp)
    written = np.array([model.written(segment.text) for segment in segments])
    short = model.deviations(given, written) * model.tail < _NEARLY_SHORT
    for row in np.flatnonzero(short[:-1] | short[1:]).tolist():
        yield segments[row], segments[row + 1]


def _deviation(model: LengthModel, source: str, text: str) -> float:
    """By the texts in the middle: two neighbours that make up for each other are no tail."""
    return model.deviation(source, text) * model.tail
