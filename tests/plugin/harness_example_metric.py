"""``overlap``: F1 of the words that a translation shares with its reference. Higher is better, 0 to 100."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, cast

import numpy as np
from pydantic import BaseModel

from harness.metrics.interface import MetricContext, Rows, ScoringItem, StatTable
from harness.types import MetricIdentity, Traits
from harness.workspace.config import StrictModel


class OverlapOptions(StrictModel):
    """``[metric.overlap]`` of ``harness.toml``. Any other key is an error with a suggestion."""

    lowercase: bool = True
    """Treat ``The`` and ``the`` as the same word."""


class Overlap:
    """A row holds the number of shared words and of words in both texts. A sum of rows gives a score."""

    Options: ClassVar[type[BaseModel]] = OverlapOptions
    traits: ClassVar = Traits(kind="strings", family="overlap", decimals=1)

    def __init__(self, options: BaseModel) -> None:
        self._lowercase = cast("OverlapOptions", options).lowercase
        self.name = "overlap"
        self.higher_is_better = True

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Use the best reference. Without a reference the row is zero and has no score."""
        rows = np.zeros((len(items), 2))
        for row, item in enumerate(items):
            counts = [self._counts(item.hypothesis, reference) for reference in item.references]
            rows[row] = max(counts, key=lambda count: (count[0] / max(count[1], 1), count), default=(0, 0))
        # The signature has everything that can change a score: scores with different ones are never compared.
        signature = f"case:{'lc' if self._lowercase else 'mixed'}|version:1"
        identity = MetricIdentity(self.name, signature, self.higher_is_better, True, self.traits)
        return StatTable(identity, rows, np.array([bool(item.references) for item in items], dtype=np.bool_))

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, int]:
        one, two = (Counter((text.lower() if self._lowercase else text).split()) for text in (hypothesis, reference))
        return (one & two).total(), one.total() + two.total()

    def score(self, totals: Rows) -> Rows:
        """F1 = 2 * shared / (words of the hypothesis + words of the reference), in percent."""
        scores: Rows = 200.0 * totals[..., 0] / np.maximum(totals[..., 1], 1.0)
        return scores

    def segment_scores(self, rows: Rows) -> Rows:
        """The same for single rows."""
        return self.score(rows)
