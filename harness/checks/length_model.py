"""How long translations of a pair are, learnt from the texts at hand and robust to outliers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from harness.checks.sentence_split import sentences_of
from harness.checks.texts import FINALS, end_of, has_digits
from harness.corpus.lint.alignment import SPREAD_PER_CHARACTER, SPREAD_SQUARED, spread, typical_ratio
from harness.types import LangPair

_FEWEST_PAIRS = 20
_MAD_TO_DEVIATION = 1.4826
_COMPACT = -0.4
"""Log ratio of scripts that write a word with two or three characters."""
_NARROWEST = 0.6
"""Of the spread expected in general: a corpus of a few alike sentences does not make every other one an outlier."""
_DEVIATIONS_OF_NINE_TENTHS = 1.645
_MORE_IN_THE_TAIL = 1.1
"""Where one text in ten is longer or shorter than is normal, those far from the usual are more frequent still."""
_SAMPLE = 1000
"""Texts that are enough to know how often sentences are split."""
_BROADEST_TAIL = 1.4
"""What the tail may add, so that a system with many faults does not make them usual."""


@dataclass(frozen=True, slots=True)
class LengthModel:
    """Typical log ratio of target to source characters, and how much it varies beside what is usual."""

    ratio: float
    scale: float
    """A standard deviation, beside what is usual for texts of a length; a long tail counts."""
    pairs: int
    """How many pairs of texts stand behind it."""
    ends: float = 1.0
    """Share of the translations with a final mark, among those whose source has one."""
    figures: float = 1.0
    """Share of the translations with a figure, among those whose source has one."""
    split: float = 0.03
    """Texts with more sentences than their source, over all sentences of the sources."""
    tail: float = 1.0
    """By how much the tail makes ``scale`` larger than it is for the texts in the middle."""
    latin: float = 1.0
    """What a character of ASCII counts: in Chinese, say, a name in Latin letters is as long as in the source."""

    @property
    def known(self) -> bool:
        """Whether there were enough texts to learn from."""
        return self.pairs >= _FEWEST_PAIRS

    def expected(self, source: str) -> int:
        """Characters that are usual for this source."""
        return round(len(source) * math.exp(self.ratio))

    def written(self, text: str) -> float:
        """Characters of a translation, those of ASCII weighed with :attr:`latin`."""
        return len(text) if self.latin == 1 else len(text) - (1 - self.latin) * _count_ascii(text)

    def deviation(self, source: str, text: str) -> float:
        """How far the length is from the usual, in standard deviations; negative is short."""
        given, written = max(len(source), 1), max(self.written(text), 1)
        return (math.log(written / given) - self.ratio) / (self.scale * spread(round(max(given, written))))

    def deviations(self, given: NDArray[np.intp], written: NDArray[np.number[Any]]) -> NDArray[np.float64]:
        """:meth:`deviation` of many, but for the last digits.

        Args:
            given: characters of each source.
            written: characters of each text, those of ASCII weighed with :attr:`latin`.
        """
        given, written = np.maximum(given, 1), np.maximum(written, 1)
        spreads = np.sqrt(SPREAD_SQUARED + SPREAD_PER_CHARACTER / np.rint(np.maximum(given, written)))
        deviations: NDArray[np.float64] = (np.log(written / given) - self.ratio) / (self.scale * spreads)
        return deviations


def _count_ascii(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def learn_lengths(pairs: Iterable[tuple[str, str]], languages: LangPair | None = None) -> LengthModel:
    """Learn from sources and translations; medians and the ninth tenth, so that some faulty texts change little.

    Args:
        pairs: texts and their translations.
        languages: what they are in; None: how often sentences are split is not learnt.
    """
    written = [(source, target) for source, target in pairs if source.strip() and target.strip()]
    lengths = [(len(source), len(target)) for source, target in written]
    ratio = typical_ratio(lengths)
    ended = [end_of(target) in FINALS for source, target in written if end_of(source) in FINALS]
    ends = sum(ended) / len(ended) if ended else 1.0
    figured = [has_digits(target) for source, target in written if has_digits(source)]
    figures = sum(figured) / len(figured) if figured else 1.0
    compact = ratio < _COMPACT and 2 * sum(_count_ascii(target) for _, target in written) < sum(
        target for _, target in lengths
    )
    latin = math.exp(ratio) if compact else 1.0
    scale, tail = _scale(lengths, ratio)
    model = LengthModel(ratio, scale, len(lengths), ends, figures, tail=tail, latin=latin)
    return replace(model, split=_share_of_splits(written, languages)) if languages and model.known else model


def _share_of_splits(written: Sequence[tuple[str, str]], languages: LangPair) -> float:
    """How often there are more sentences than in the source, in a sample that is the same in any order of the texts."""
    sample = nsmallest(_SAMPLE, written, key=lambda texts: (crc32(texts[1].encode("utf-8", "surrogatepass")), texts))
    given = [len(sentences_of(source, languages.source)) for source, _ in sample]
    more = [len(sentences_of(text, languages.target)) > count for count, (_, text) in zip(given, sample, strict=True)]
    return sum(more) / max(sum(given), 1)


def _scale(lengths: Sequence[tuple[int, int]], ratio: float) -> tuple[float, float]:
    if not lengths:
        return 1.0, 1.0
    deviations = sorted(
        abs(math.log(target / source) - ratio) / spread(max(source, target)) for source, target in lengths
    )
    usual = max(_NARROWEST, _MAD_TO_DEVIATION * deviations[len(deviations) // 2])
    in_the_tail = deviations[len(deviations) * 9 // 10] / _DEVIATIONS_OF_NINE_TENTHS
    scale = max(usual, min(_MORE_IN_THE_TAIL * in_the_tail, _BROADEST_TAIL * usual))
    return scale, scale / usual
