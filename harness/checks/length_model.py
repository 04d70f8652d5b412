"""How long translations of a pair are, learnt from the texts at hand and robust to outliers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.checks.texts import FINALS, end_of
from harness.corpus.lint.alignment import spread, typical_ratio

_FEWEST_PAIRS = 20
_MAD_TO_DEVIATION = 1.4826
_COMPACT = -0.4
"""Log ratio of scripts that write a word with two or three characters."""
_NARROWEST = 0.6
"""Of the spread expected in general: a corpus of a few alike sentences does not make every other one an outlier."""


@dataclass(frozen=True, slots=True)
class LengthModel:
    """Typical log ratio of target to source characters, and how much it varies beside what is usual."""

    ratio: float
    scale: float
    pairs: int
    """How many pairs of texts stand behind it."""
    ends: float = 1.0
    """Share of the translations with a final mark, among those whose source has one."""
    latin: float = 1.0
    """What a character of ASCII counts: in Chinese, say, a name in Latin letters is as long as in the source."""

    @property
    def known(self) -> bool:
        """Whether there were enough texts to learn from."""
        return self.pairs >= _FEWEST_PAIRS

    def expected(self, source: str) -> int:
        """Characters that are usual for this source."""
        return round(len(source) * math.exp(self.ratio))

    def deviation(self, source: str, text: str) -> float:
        """How far the length is from the usual, in standard deviations; negative is short."""
        written = len(text) if self.latin == 1 else len(text) - (1 - self.latin) * _count_ascii(text)
        given, written = max(len(source), 1), max(written, 1)
        return (math.log(written / given) - self.ratio) / (self.scale * spread(round(max(given, written))))


def _count_ascii(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def learn_lengths(pairs: Iterable[tuple[str, str]]) -> LengthModel:
    """Learn from sources and translations; medians only, so that a tenth of faulty texts changes little."""
    written = [(source, target) for source, target in pairs if source.strip() and target.strip()]
    lengths = [(len(source), len(target)) for source, target in written]
    ratio = typical_ratio(lengths)
    ended = [end_of(target) in FINALS for source, target in written if end_of(source) in FINALS]
    ends = sum(ended) / len(ended) if ended else 1.0
    compact = ratio < _COMPACT and 2 * sum(_count_ascii(target) for _, target in written) < sum(
        target for _, target in lengths
    )
    return LengthModel(ratio, _scale(lengths, ratio), len(lengths), ends, math.exp(ratio) if compact else 1.0)


def _scale(lengths: Sequence[tuple[int, int]], ratio: float) -> float:
    if not lengths:
        return 1.0
    deviations = [abs(math.log(target / source) - ratio) / spread(max(source, target)) for source, target in lengths]
    return max(_NARROWEST, _MAD_TO_DEVIATION * statistics.median(deviations))
