"""How often two systems match each phrase of the references, counted over all segments at once.

A phrase is numbered by the number of the phrase without its last word and that word, length by length, so that counting
is sorting whole numbers; what an output has beyond the references is dropped at its first word that is not there.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.segmentation import Segmenter

LONGEST = 4

FEWEST_ROWS = 2
"""A phrase in which the systems differ in one segment alone says nothing of the systems."""

MOST_WORDS = 400
"""Only so many words of a text are looked at."""

FEW = 5
"""A word in so many segments is not common, however few segments there are."""

COMMON = 0.05
"""A phrase of words alone that each stand in more than this share of the segments says nothing: "of the", "die"."""

Gram = tuple[str, ...]

Compared = tuple[int, tuple[str, ...], str, str]
"""Row, references, and the outputs of two systems."""

Whole = NDArray[np.int64]


class Side:
    """The matches of one of two systems, of the phrases that either has more of in :data:`FEWEST_ROWS` segments."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.matches: Counter[Gram] = Counter()
        self.more: dict[Gram, list[int]] = {}

    def rows(self, gram: Gram) -> tuple[int, ...]:
        """Where it has more matches than the other."""
        return tuple(self.more.get(gram, ()))


@dataclass(frozen=True, slots=True)
class Counts:
    """Matches of two systems, and words that are common in the references."""

    first: Side
    second: Side
    common: frozenset[str]


def count_matches(segments: Sequence[Compared], segmenter: Segmenter) -> Counts:
    """Count how often either output matches each phrase of the references, at most as often as one of them has it."""
    texts = [segmenter.cut(text)[:MOST_WORDS] for _, references, _, _ in segments for text in references]
    written = list(itertools.chain.from_iterable(texts))
    words = {word: number for number, word in enumerate(dict.fromkeys(written))}
    segment_of = np.repeat(np.arange(len(segments)), [len(references) for _, references, _, _ in segments])
    wanted = _Places(texts, segment_of, words)
    columns = [output for _, _, output, _ in segments], [output for _, _, _, output in segments]
    outputs = [
        _Places([segmenter.cut(text)[:MOST_WORDS] for text in column], np.arange(len(segments)), words)
        for column in columns
    ]
    common = _common(wanted, words, len(segments))
    rows: Whole = np.array([row for row, _, _, _ in segments], dtype=np.int64)
    sides = Side(), Side()
    for length in range(1, LONGEST + 1):
        if length > 1:
            wanted.lengthen(length, len(words))
            for output in outputs:
                output.lengthen(length, len(words))
        known, first_at = np.unique(wanted.keys, return_index=True)
        wanted.number(known)
        cells, most = _largest(wanted, len(known))
        for output in outputs:
            output.number(known)
        has = [np.minimum(_counted(output, cells, len(known)), most) for output in outputs]
        segment, gram = np.divmod(cells, max(1, len(known)))
        ahead = has[0] > has[1], has[1] > has[0]
        often = [np.bincount(gram[mask], minlength=len(known)) for mask in ahead]
        kept = np.maximum(*often) >= FEWEST_ROWS
        numbers, at = np.flatnonzero(kept), wanted.starts[first_at[kept]]
        parts = (map(written.__getitem__, (at + place).tolist()) for place in range(length))
        names = dict(zip(numbers.tolist(), zip(*parts, strict=True), strict=True))
        for side, own, mask in zip(sides, has, ahead, strict=True):
            matched = np.bincount(gram, own, minlength=len(known))[kept].astype(np.int64)
            side.matches.update(dict(zip(names.values(), matched.tolist(), strict=True)))
            cell = np.flatnonzero(mask & kept[gram])
            for number, row in zip(gram[cell].tolist(), rows[segment[cell]].tolist(), strict=True):
                side.more.setdefault(names[number], []).append(row)
    return Counts(*sides, common)


class _Places:
    """The phrases of one length in some texts: where each starts, and which it is."""

    def __init__(self, texts: Sequence[Sequence[str]], segment_of: Whole, words: Mapping[str, int]) -> None:
        """Start with single words; ``words`` numbers those of the references."""
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        found = map(words.get, itertools.chain.from_iterable(texts), itertools.repeat(-1))
        self._words: Whole = np.fromiter(found, dtype=np.int64, count=int(lengths.sum()))
        self._text: Whole = np.repeat(np.arange(len(texts)), lengths)
        self._ends: Whole = np.cumsum(lengths)
        self.segment_of = segment_of
        self.starts: Whole = np.flatnonzero(self._words >= 0)
        self.keys: Whole = self._words[self.starts]

    @property
    def texts(self) -> Whole:
        """The text that each is in."""
        return self._text[self.starts]

    @property
    def segments(self) -> Whole:
        """The segment that each is in."""
        return self.segment_of[self.texts]

    def lengthen(self, length: int, vocabulary: int) -> None:
        """Go on to phrases one word longer, of as many words as ``length``; :meth:`number` numbers them."""
        last = self.starts + length - 1
        inside = last < self._ends[self.texts]
        self.starts, numbers, last = self.starts[inside], self.keys[inside], last[inside]
        there = self._words[last] >= 0
        self.starts = self.starts[there]
        self.keys = numbers[there] * vocabulary + self._words[last[there]]

    def number(self, known: Whole) -> None:
        """Number phrases by their place in ``known``, which ascends, and drop the others."""
        place, there = _find(self.keys, known)
        self.starts, self.keys = self.starts[there], place[there]


def _find(keys: Whole, known: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """The place of each key in ``known``, which ascends, and whether it is there at all."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return place, known[place] == keys


def _largest(wanted: _Places, grams: int) -> tuple[Whole, Whole]:
    """Segments and phrases as one number each, ascending, and how often the reference has it that has it most."""
    per_text, often = np.unique(wanted.texts * grams + wanted.keys, return_counts=True)
    text, gram = np.divmod(per_text, max(1, grams))
    cells, place = np.unique(wanted.segment_of[text] * grams + gram, return_inverse=True)
    most: Whole = np.zeros(len(cells), dtype=np.int64)
    np.maximum.at(most, place, often)
    return cells, most


def _counted(output: _Places, cells: Whole, grams: int) -> Whole:
    """How often an output has what each cell stands for."""
    place, there = _find(output.segments * grams + output.keys, cells)
    return np.bincount(place[there], minlength=len(cells))


def _common(wanted: _Places, words: Mapping[str, int], size: int) -> frozenset[str]:
    """Words, without case, that stand in many segments; ``wanted`` are all single words of the references."""
    folded = list(map(str.casefold, words))
    numbers = {word: number for number, word in enumerate(dict.fromkeys(folded))}
    fold = np.array([numbers[word] for word in folded], dtype=np.int64)
    cells = np.unique(wanted.segments * len(numbers) + fold[wanted.keys])
    spread = np.bincount(cells % max(1, len(numbers)), minlength=len(numbers))
    many = spread > max(COMMON * size, FEW)
    return frozenset(itertools.compress(numbers, many.tolist()))
