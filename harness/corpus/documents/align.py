"""Sentences of two documents into beads, each with the probability that it is right.

Nothing but the two texts is needed: lengths, punctuation, numbers, words that are spelled or sound alike, and a
lexicon that is learned from them, and from the other documents given, while they are aligned. Where a rough
translation of the source is at hand, its words are looked for in the target as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.corpus.documents.lattice import Floats, Kind, best_path
from harness.corpus.documents.scores import ROUNDS, Lattice, Texts, learn_words

SURE = 0.5
"""A pair is taken from this probability on."""

LEAST_ORDER = 4.0
"""Texts with less :func:`evidence_of_order` are refused: nothing shows that they are translations of each other.

Of pairs of NTREX-128 that do not belong together 95 % have less than 4.3 and half have less than 0.2; of those that do,
half have more than 23, and of the shortest with gaps in Japanese 5 % have less than 2.4.
"""

FEWEST_SENTENCES = 4
"""In fewer there is no order to speak of."""

MOST_SENTENCES = 300
"""A longer document is cut where a bead is certain: memory grows with the square of the sentences."""

_SLACK = 1.5
_CERTAIN = 0.98


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences that belong together; one side may be empty."""

    source: range
    """Positions."""
    target: range
    confidence: float
    """Probability that exactly these belong together, 0 to 1; of a bead of one side, that it has no counterpart."""

    @property
    def is_pair(self) -> bool:
        """Whether both sides have sentences."""
        return bool(self.source) and bool(self.target)


def align(documents: Sequence[Texts]) -> list[list[Bead]]:
    """Align documents of one pair of languages; words are learned from all of them.

    Returns:
        For each document beads that cover all sentences of both sides, in order; pairs of which less than
        :data:`SURE` is certain are taken apart into beads of one side.
    """
    parts = [(number, part) for number, texts in enumerate(documents) for part in _cut(texts)]
    lattices = [Lattice(part.texts) for _, part in parts]
    posteriors = [lattice.posteriors() for lattice in lattices]
    for _ in range(ROUNDS):
        learn_words(lattices, posteriors)
        posteriors = [lattice.posteriors() for lattice in lattices]
    aligned: list[list[Bead]] = [[] for _ in documents]
    for (number, part), beads in zip(parts, posteriors, strict=True):
        aligned[number] += part.beads(beads)
    return aligned


def evidence_of_order(texts: Texts) -> float:
    """How much better the texts fit in their order than with the target's sentences in reverse: a log weight.

    About 0 for texts that have nothing to do with each other. At most :data:`MOST_SENTENCES` of each are compared.
    """
    source, translation = texts.source[:MOST_SENTENCES], texts.translation[:MOST_SENTENCES]
    target = texts.target[: int(MOST_SENTENCES * _SLACK)]
    forward, reverse = (Lattice(Texts(source, t, translation)).total_weight() for t in (target, target[::-1]))
    return forward - reverse


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a document."""

    texts: Texts
    source: int
    """Position of its first sentence in the document."""
    target: int

    def beads(self, probabilities: Mapping[Kind, Floats]) -> list[Bead]:
        """The beads, by positions in the document."""
        return [
            Bead(
                range(self.source + i, self.source + i + a),
                range(self.target + j, self.target + j + b),
                min(_confidence(probabilities, i, j, (a, b)), 1.0),
            )
            for i, j, (a, b) in decode(probabilities)
        ]


def _confidence(probabilities: Mapping[Kind, Floats], i: int, j: int, kind: Kind) -> float:
    found = probabilities[kind]
    return float(found[i].sum() if kind == (1, 0) else found[:, j].sum() if kind == (0, 1) else found[i, j])


def decode(probabilities: Mapping[Kind, Floats]) -> list[tuple[int, int, Kind]]:
    """The path on which most beads can be expected to be right, of those that are :data:`SURE`."""
    return best_path(
        {
            kind: np.where(found >= SURE, found - SURE, -1.0) if all(kind) else np.zeros_like(found)
            for kind, found in probabilities.items()
        }
    )


def _cut(texts: Texts) -> list[_Part]:
    """Parts of at most :data:`MOST_SENTENCES` source sentences, cut behind beads that are certain."""
    parts: list[_Part] = []
    i, j = 0, 0
    n, m = len(texts.source), len(texts.target)
    while max(n - i, (m - j) / _SLACK) > MOST_SENTENCES:
        window = _part(texts, i, min(i + MOST_SENTENCES, n), j, min(j + int(MOST_SENTENCES * _SLACK), m))
        beads = window.beads(Lattice(window.texts).posteriors())
        certain = [
            bead
            for bead in beads
            if bead.is_pair and bead.confidence >= _CERTAIN and bead.source.stop - i <= MOST_SENTENCES // 2
        ]
        # Where nothing is certain the halves of both windows go together.
        stops = (
            (certain[-1].source.stop, certain[-1].target.stop)
            if certain
            else (min(i + MOST_SENTENCES // 2, n), min(j + MOST_SENTENCES // 2, m))
        )
        parts.append(_part(texts, i, stops[0], j, stops[1]))
        i, j = stops
    return [*parts, _part(texts, i, n, j, m)]


def _part(texts: Texts, i: int, i_stop: int, j: int, j_stop: int) -> _Part:
    return _Part(Texts(texts.source[i:i_stop], texts.target[j:j_stop], texts.translation[i:i_stop]), i, j)
