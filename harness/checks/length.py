"""Translations that are far too short or too long, because something is missing or was added."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.length_model import LengthModel
from harness.checks.screen import Batch, screened_by
from harness.corpus.lint.alignment import SPREAD_PER_CHARACTER, SPREAD_SQUARED, spread
from harness.types import Reason

_FEWEST_CHARACTERS = 40
_OUTLIER = 3.5
_OUTLIER_TO_REFERENCE = 1.6
"""Beside a reference the length is known far better than from the source."""
_UNUSUAL = 1.0
_CERTAIN = 2.0
_LIKE = 0.8
"""Of the length of a reference: so little is no outlier at any length."""
_NEARLY = 1e-6
"""By which deviations of many texts at once may differ from those of one."""


def _unlike_references(batch: Batch, context: CheckContext) -> Selected:
    """Texts that are long enough, and have not nearly the lengths of their references, or the usual one."""
    lengths, shortest, longest = batch.texts.lengths, batch.shortest_references, batch.longest_references
    alike = (_LIKE * longest < lengths) & (lengths < shortest / _LIKE)
    # Of references of several lengths, the nearest is left to the check.
    with_one = (shortest == longest) & (shortest > 0)
    usual, written = np.maximum(shortest, 1), np.maximum(lengths, 1)
    spreads = np.sqrt(SPREAD_SQUARED + SPREAD_PER_CHARACTER / np.maximum(usual, lengths))
    alike |= with_one & (np.abs(np.log(written / usual)) / spreads < _OUTLIER_TO_REFERENCE - _NEARLY)
    model, without = context.length_model, batch.of_sources(np.array([not item.references for item in batch.segments]))
    alike |= without & (np.abs(batch.deviations(model)) < _OUTLIER - _NEARLY if model.known else True)
    return (np.maximum(batch.of_sources(batch.sources.lengths), lengths) >= _FEWEST_CHARACTERS) & ~alike


@screened_by(_unlike_references)
def check_length(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag lengths that neither the pair's usual ratio nor the references explain."""
    if max(len(item.source), len(item.text)) < _FEWEST_CHARACTERS:
        return
    limit, deviation, usual = _OUTLIER, 0.0, 0
    if item.references:
        if all(_LIKE * len(other) < len(item.text) < len(other) / _LIKE for other in item.references):
            return
        # The nearest reference decides: any of them may be as free as the translation.
        nearest = min(item.references, key=lambda other: abs(math.log(len(other) / max(len(item.text), 1))))
        limit, usual = _OUTLIER_TO_REFERENCE, len(nearest)
        deviation = math.log(max(len(item.text), 1) / usual) / spread(max(usual, len(item.text)))
    elif context.length_model.known:
        deviation = context.length_model.deviation(item.source, item.text)
        usual = context.length_model.expected(item.source)
    if abs(deviation) < limit or (item.references and _explained(item, context.length_model, deviation)):
        return
    beside = "beside_reference" if item.references else "expected"
    why = Reason(
        f"flag.short.{beside}" if deviation < 0 else f"flag.long.{beside}",
        {"characters": len(item.text), "usual": usual},
    )
    yield Flag("length", WHOLE, why, min(0.95, 0.6 + 0.35 * (abs(deviation) / limit - 1) / (_CERTAIN - 1)))


def _explained(item: Item, model: LengthModel, deviation: float) -> bool:
    """Whether a text far from its references is as long as its source lets expect: then it is they that are free."""
    return model.known and math.copysign(1, deviation) * model.deviation(item.source, item.text) < _UNUSUAL
