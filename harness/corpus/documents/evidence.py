"""What speaks for a bead: lengths, punctuation, and words found again on the other side.

Words are found by channel: numbers, spelling, sound, a lexicon, a rough translation. A word weighs the more the
fewer sentences of the other side have it, so what is everywhere says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.corpus.documents.lattice import BY_NAME, KINDS, Floats, Kind
from harness.corpus.documents.tokens import is_number, small_words, tokens

Matrix = NDArray[np.float32]

LONGEST_RUN = 5
"""Most sentences of one side in a bead."""

PAIRS: Final = tuple(kind for kind in KINDS if all(kind))

_SPREAD, _SPREAD_OF_LETTER = 0.18, 6.8
_WORST_LENGTH = 8.0
_MOST = 4.0
_QUOTES = '"“”„«»「」『』'
_CLOSING = "\"'”’»“«)]›」』） "
_MARKS = {".": 1, "。": 1, "।": 1, "۔": 1, "…": 1, "?": 2, "？": 2, "؟": 2, "!": 3, "！": 3, ":": 4, "：": 4}
_NO_MARK, _FULL_STOP = 0, 1


@dataclass(frozen=True, slots=True)
class Side:
    """The sentences of one text, counted."""

    vocabulary: tuple[str, ...]
    types: tuple[NDArray[np.int64], ...]
    """Per sentence, which of the vocabulary it has."""
    counts: Matrix
    """Sentences by vocabulary: how often."""
    names: NDArray[np.bool_]
    """Per word of the vocabulary, whether it may be a name: never in small letters."""
    lengths: Floats
    """Characters without white space, at least 1."""
    ends: NDArray[np.int64]
    """Kind of the last punctuation mark, the same for all scripts; 0 for none."""
    quotes: Floats
    """Quotation marks."""

    def __len__(self) -> int:
        return len(self.types)


def side_of(sentences: Sequence[str]) -> Side:
    """Count what is compared."""
    bags = [tokens(sentence) for sentence in sentences]
    vocabulary = tuple(sorted(set().union(*bags)))
    index = {token: number for number, token in enumerate(vocabulary)}
    small = small_words(sentences)
    counts = np.zeros((len(sentences), len(vocabulary)), dtype=np.float32)
    for row, bag in enumerate(bags):
        for token, count in bag.items():
            counts[row, index[token]] = count
    return Side(
        vocabulary,
        tuple(np.array(sorted(index[token] for token in bag), dtype=np.int64) for bag in bags),
        counts,
        np.array([token not in small for token in vocabulary], dtype=bool),
        np.array([max(len("".join(text.split())), 1) for text in sentences], dtype=np.float64),
        np.array([_MARKS.get(text.rstrip(_CLOSING)[-1:], _NO_MARK) for text in sentences], dtype=np.int64),
        np.array([sum(map(text.count, _QUOTES)) for text in sentences], dtype=np.float64),
    )


Feature = Mapping[Kind, Floats]
"""Per kind of bead ``(a, b)``, an array of shape ``(n + 1 - a, m + 1 - b)`` by start of the bead; 0 for others."""


def shape_features(source: Side, target: Side, ratio: float) -> Iterator[tuple[str, Feature]]:
    """What can be said without words.

    Args:
        source: One side.
        target: The other.
        ratio: expected log of target length over source length.
    """
    for name, kinds in BY_NAME.items():
        yield name, {(a, b): np.ones((max(len(source) + 1 - a, 0), max(len(target) + 1 - b, 0))) for a, b in kinds}
    yield "length", {kind: _length(source.lengths, target.lengths, kind, ratio) for kind in PAIRS}
    ends = {(a, b): (source.ends[a - 1 :, None], target.ends[None, b - 1 :]) for a, b in PAIRS}
    known = {kind: (s > _NO_MARK) & (t > _NO_MARK) for kind, (s, t) in ends.items()}
    yield "end differs", {kind: (known[kind] & (s != t)).astype(float) for kind, (s, t) in ends.items()}
    yield "rare end", {kind: ((s == t) & (s > _FULL_STOP)).astype(float) for kind, (s, t) in ends.items()}
    yield "quotes", {kind: _difference(source.quotes, target.quotes, kind) for kind in PAIRS}


def lone_numbers(source: Side, target: Side, affinity: Matrix) -> Feature:
    """Numbers of a bead that are nowhere in the other text."""
    lone_source, lone_target = source.counts @ _lone(source, affinity), target.counts @ _lone(target, affinity.T)
    return {
        (a, b): np.minimum(_runs(lone_source, a)[:, None] + _runs(lone_target, b)[None, :], _MOST) for a, b in PAIRS
    }


def words_found(source: Side, target: Side, affinity: Matrix) -> Feature:
    """How much weight of words of either side of a bead is found on its other side, halved.

    Args:
        source: One side.
        target: The other.
        affinity: source by target vocabulary: how alike two words are, 0 to 1.
    """
    forth = _found(source, target, affinity)
    back = [found.T for found in _found(target, source, affinity.T)]
    return {(a, b): (_runs(forth[b - 1], a) + _runs(back[a - 1].T, b).T) / 2 for a, b in PAIRS}


def _found(side: Side, other: Side, affinity: Matrix) -> list[Floats]:
    """Per length k of a run of the other side: what of each sentence is found in each run."""
    width = len(other)
    best = np.zeros((len(side.vocabulary), width), dtype=np.float32)
    for column, types in enumerate(other.types):
        best[:, column] = affinity[:, types].max(axis=1, initial=0.0)
    weight = np.maximum(np.log((width + 1.0) / (1.0 + best.sum(axis=1))), 0.0).astype(np.float32)[:, None]
    run, runs = best, []
    for k in range(1, LONGEST_RUN + 1):
        if k > 1:
            run = np.maximum(run[:, :-1], best[:, k - 1 :])
        runs.append((side.counts @ (weight * run)).astype(np.float64))
    return runs


def _lone(side: Side, affinity: Matrix) -> Matrix:
    best = affinity.max(axis=1, initial=0.0)
    return np.array(
        [is_number(token) and not alike for token, alike in zip(side.vocabulary, best, strict=True)], dtype=np.float32
    )


def _runs(values: Floats | Matrix, k: int) -> Floats:
    """Sums of ``k`` neighbours along the first axis; empty where there are fewer."""
    total = np.cumsum(np.concatenate([np.zeros_like(values, shape=(1, *values.shape[1:])), values]), axis=0)
    return np.asarray(total[k:] - total[: max(len(total) - k, 0)], dtype=np.float64)


def _length(source: Floats, target: Floats, kind: Kind, ratio: float) -> Floats:
    one, other = _runs(source, kind[0])[:, None], _runs(target, kind[1])[None, :]
    spread = np.sqrt(_SPREAD**2 + _SPREAD_OF_LETTER / np.minimum(one, other))
    deviation: Floats = (np.log(other / one) - ratio) / spread
    return -np.minimum(deviation**2 / 2, _WORST_LENGTH)


def _difference(source: Floats, target: Floats, kind: Kind) -> Floats:
    return np.minimum(np.abs(_runs(source, kind[0])[:, None] - _runs(target, kind[1])[None, :]), _MOST)
