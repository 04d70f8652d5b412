"""Which words stand for which, learned from the texts themselves.

From what is aligned so far, words that keep meeting in aligned sentences are taken for translations of each other.
A pair of words counts only as far as it met in *other* beads than the one it met in most: otherwise every alignment
would confirm itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.corpus.documents.evidence import Matrix, Side
from harness.corpus.documents.lattice import Floats
from harness.corpus.documents.tokens import stem

MOST_WORDS = 4000
"""Per language; the most frequent ones."""

_CONFIDENT = 0.2
_CAUTION = 0.5


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How often words of two languages go together."""

    source: dict[str, int]
    target: dict[str, int]
    alike: Matrix
    """0 to 1, by index."""

    def affinity(self, source: Side, target: Side) -> Matrix:
        """For the vocabularies of two texts."""
        rows = np.array([self.source.get(stem(token), -1) for token in source.vocabulary], dtype=np.int64)
        columns = np.array([self.target.get(stem(token), -1) for token in target.vocabulary], dtype=np.int64)
        padded = np.pad(self.alike, ((0, 1), (0, 1)))
        return padded[rows][:, columns]


def learn(texts: Sequence[tuple[Side, Side, Floats]]) -> Lexicon:
    """Learn from pairs of texts.

    Args:
        texts: both sides, and the probability that a source and a target sentence share a bead.
    """
    source = _words([side for side, _, _ in texts])
    target = _words([side for _, side, _ in texts])
    together = np.zeros((len(source), len(target)), dtype=np.float32)
    most = np.zeros_like(together)
    seen_source, seen_target = np.zeros(len(source), np.float32), np.zeros(len(target), np.float32)
    for one, other, shared in texts:
        rows, columns = _indices(one, source), _indices(other, target)
        for row in rows:
            seen_source[row] += 1
        for column in columns:
            seen_target[column] += 1
        for i, j in np.argwhere(shared > _CONFIDENT):
            block = np.ix_(rows[i], columns[j])
            together[block] += np.float32(shared[i, j])
            most[block] = np.maximum(most[block], np.float32(shared[i, j]))
    elsewhere = together - most
    often = np.maximum(seen_source[:, None], seen_target[None, :]) - 1 + _CAUTION
    return Lexicon(source, target, np.clip(elsewhere / often, 0.0, 1.0).astype(np.float32))


def _words(sides: Sequence[Side]) -> dict[str, int]:
    frequency: Counter[str] = Counter()
    for side in sides:
        for types in side.types:
            frequency.update({stem(side.vocabulary[number]) for number in types})
    return {word: index for index, (word, count) in enumerate(frequency.most_common(MOST_WORDS)) if count > 1}


def _indices(side: Side, words: dict[str, int]) -> list[np.typing.NDArray[np.int64]]:
    index = [words.get(stem(token), -1) for token in side.vocabulary]
    return [np.array(sorted({index[number] for number in types} - {-1}), dtype=np.int64) for types in side.types]
