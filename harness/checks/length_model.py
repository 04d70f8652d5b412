"""How long translations of a pair are, learnt from the texts at hand and robust to outliers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.corpus.lint.alignment import spread, typical_ratio

_FEWEST_PAIRS = 20
_MAD_TO_DEVIATION = 1.4826
_NARROWEST = 0.6
"""Of the spread expected in general: a corpus of a few alike sentences does not make every other one an outlier."""


@dataclass(frozen=True, slots=True)
class LengthModel:
    """Typical log ratio of target to source characters, and how much it varies beside what is usual."""

    ratio: float
    scale: float
    pairs: int
    """How many pairs of texts stand behind it."""

    @property
    def known(self) -> bool:
        """Whether there were enough texts to learn from."""
        return self.pairs >= _FEWEST_PAIRS

    def expected(self, source: str) -> int:
        """Characters that are usual for this source."""
        return round(len(source) * math.exp(self.ratio))

    def deviation(self, source: str, text: str) -> float:
        """How far the length is from the usual, in standard deviations; negative is short."""
        return self.deviation_of_lengths(len(source), len(text))

    def deviation_of_lengths(self, source: int, target: int) -> float:
        """The same from numbers of characters."""
        source, target = max(source, 1), max(target, 1)
        return (math.log(target / source) - self.ratio) / (self.scale * spread(max(source, target)))


def learn_lengths(pairs: Iterable[tuple[str, str]]) -> LengthModel:
    """Learn from sources and translations; medians only, so that a tenth of faulty texts changes little."""
    lengths = [(len(source), len(target)) for source, target in pairs if source.strip() and target.strip()]
    ratio = typical_ratio(lengths)
    return LengthModel(ratio, _scale(lengths, ratio), len(lengths))


def _scale(lengths: Sequence[tuple[int, int]], ratio: float) -> float:
    if not lengths:
        return 1.0
    deviations = [abs(math.log(target / source) - ratio) / spread(max(source, target)) for source, target in lengths]
    return max(_NARROWEST, _MAD_TO_DEVIATION * statistics.median(deviations))
