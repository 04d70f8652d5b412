"""The most similar of many texts, by character trigrams: what a translation memory's fuzzy match is here.

The similarity of two texts is the Dice coefficient of their sets of character trigrams, ``2 |A & B| / (|A| + |B|)``
(Dice 1945), after NFC, case folding and collapsing white space, with a mark at both ends. It is 1 for equal texts and 0
where no trigram is shared. An inverted index from trigrams to texts makes it exact for every text without comparing
any two of them letter by letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 25_000
"""Texts that are indexed at once: bounds what building the index takes beside the index."""

_ORDER: Final = 3
_BITS: Final = 21
"""A code point has 21 bits, so three of them fit a signed 64-bit integer."""

_ENDS: Final = ("\x02", "\x03")

Grams = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The text of an index that is most similar to one asked for; of equally similar texts, the first."""

    number: int
    """Its position among the texts of the index, from 0."""
    similarity: float
    """From 0, where no trigram is shared with any text, to 1."""


class NearestIndex:
    """Finds the nearest of many texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index texts: 100,000 sentences take about 4 s and 40 MB, with 200 MB on the way.

        Raises:
            ValueError: there is none.
        """
        if not texts:
            raise ValueError("no text to index")
        self._blocks = [_Block(texts[start : start + BLOCK]) for start in range(0, len(texts), BLOCK)]

    def nearest(self, text: str) -> Nearest:
        """The text that is most similar to ``text``."""
        grams = np.unique(_grams(_normalised(text)))
        best = Nearest(0, 0.0)
        for number, block in enumerate(self._blocks):
            within = block.nearest(grams)
            if within.similarity > best.similarity:
                best = Nearest(number * BLOCK + within.number, within.similarity)
        return best


class _Block:
    """Which texts have which trigrams; the texts of the n-th of ``grams`` are ``texts[starts[n] : starts[n + 1]]``."""

    def __init__(self, texts: Sequence[str]) -> None:
        marked = [_normalised(text) for text in texts]
        owners = np.repeat(np.arange(len(marked)), [len(text) for text in marked])
        within = owners[: 1 - _ORDER] == owners[_ORDER - 1 :]  # not across the end of a text
        self.grams, positions = np.unique(_grams("".join(marked))[within], return_inverse=True)
        pairs = np.unique(positions * len(marked) + owners[: 1 - _ORDER][within])
        self.texts = (pairs % len(marked)).astype(np.int32)
        counts = np.bincount(pairs // len(marked), minlength=len(self.grams))
        self.starts = np.concatenate(([0], np.cumsum(counts)))
        self.sizes = np.bincount(self.texts, minlength=len(marked))

    def nearest(self, grams: Grams) -> Nearest:
        positions = np.searchsorted(self.grams, grams).clip(max=len(self.grams) - 1)
        positions = positions[self.grams[positions] == grams]
        if not len(positions):
            return Nearest(0, 0.0)
        sharing = np.concatenate([self.texts[self.starts[at] : self.starts[at + 1]] for at in positions])
        shared = np.bincount(sharing, minlength=len(self.sizes))
        similarity = 2 * shared / (len(grams) + self.sizes)
        first = int(np.argmax(similarity))
        return Nearest(first, float(similarity[first]))


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    return f"{_ENDS[0]}{' '.join(folded.split())}{_ENDS[1]}"


def _grams(text: str) -> Grams:
    """Every trigram of a text as one number, in order."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    return (points[:-2] << 2 * _BITS) | (points[1:-1] << _BITS) | points[2:]
