"""The scores of all beads of two texts: their features, weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.corpus.documents import affinity
from harness.corpus.documents.evidence import (
    PAIRS,
    Feature,
    Matrix,
    Side,
    lone_numbers,
    shape_features,
    side_of,
    words_found,
)
from harness.corpus.documents.lattice import KINDS, Floats, Kind, posteriors, total_weight
from harness.corpus.documents.lexicon import learn
from harness.corpus.documents.weights import WEIGHTS, WEIGHTS_WITH_TRANSLATION

ROUNDS = 3
"""How often words are learned from what is aligned so far."""

_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of a document and of its translation."""

    source: Sequence[str]
    target: Sequence[str]
    translation: Sequence[str] = ()
    """A rough translation of every source sentence, where there is one; an empty string says nothing."""


class Lattice:
    """The scores of all beads of two texts."""

    def __init__(self, texts: Texts, weights: Mapping[str, float] | None = None) -> None:
        """Count and weigh; ``weights`` are those of the package unless given."""
        self.source, self.target = side_of(texts.source), side_of(texts.target)
        self.weights = weights or (WEIGHTS_WITH_TRANSLATION if texts.translation else WEIGHTS)
        self.ratio = _ratio(self.source.lengths, self.target.lengths)
        self.words = word_features(self.source, self.target, texts.translation)
        self.lasting = weighed(self.words, self.weights, self.size)
        self.lexicon: dict[str, Feature] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Sentences of source and target."""
        return len(self.source), len(self.target)

    def features(self) -> dict[str, Feature]:
        """Everything that is weighed, by name."""
        return {**self._changing(), **self.words}

    def refine(self, lexicon: Matrix, beads: Floats) -> None:
        """Take in what was learned: words, and how long translations are (from beads of one with one)."""
        self.lexicon = {"lexicon": words_found(self.source, self.target, lexicon)}
        if beads.sum() > 1:
            lengths = self.source.lengths[:, None], self.target.lengths[None, :]
            self.ratio = float(np.average(np.log(lengths[1] / lengths[0]), weights=beads * np.minimum(*lengths)))

    def posteriors(self) -> dict[Kind, Floats]:
        """See :func:`~harness.corpus.documents.lattice.posteriors`."""
        return posteriors(self._all_scores())

    def total_weight(self) -> float:
        """Log of the summed weights of all alignments."""
        return total_weight(self._all_scores())

    def _all_scores(self) -> dict[Kind, Floats]:
        scores = weighed(self._changing(), self.weights, self.size)
        return {kind: scores[kind] + self.lasting[kind] for kind in KINDS}

    def _changing(self) -> dict[str, Feature]:
        return {**dict(shape_features(self.source, self.target, self.ratio)), **self.lexicon}


def learn_words(lattices: Sequence[Lattice], beads: Sequence[Mapping[Kind, Floats]]) -> None:
    """Learn words from all lattices as they are aligned so far, and let each weigh them."""
    lexicon = learn(
        [
            (lattice.source, lattice.target, shared(found, *lattice.size))
            for lattice, found in zip(lattices, beads, strict=True)
        ]
    )
    for lattice, found in zip(lattices, beads, strict=True):
        lattice.refine(lexicon.affinity(lattice.source, lattice.target), found[1, 1])


def shared(beads: Mapping[Kind, Floats], n: int, m: int) -> Floats:
    """Probability that a source and a target sentence are in one bead."""
    together = np.zeros((n, m))
    for a, b in PAIRS:
        starts = beads[a, b]
        for x in range(a):
            for y in range(b):
                together[x : x + starts.shape[0], y : y + starts.shape[1]] += starts
    return together


def weighed(features: Mapping[str, Feature], weights: Mapping[str, float], size: tuple[int, int]) -> dict[Kind, Floats]:
    """The sum of features of two texts of ``size`` sentences by their weights; one without a weight counts nothing."""
    n, m = size
    scores = {(a, b): np.zeros((max(n + 1 - a, 0), max(m + 1 - b, 0))) for a, b in KINDS}
    for name, feature in features.items():
        for kind, values in feature.items():
            scores[kind] += weights.get(name, 0.0) * values
    return scores


def words_in_common(texts: Texts) -> int:
    """Words of the source, or of its rough translation, that are found in the target; a number counts twice."""
    source, target = side_of(texts.translation or texts.source), side_of(texts.target)
    if not source.vocabulary or not target.vocabulary:
        return 0
    alike = np.maximum(affinity.spelling_affinity(source, target), affinity.sound_affinity(source, target))
    numbers = affinity.number_affinity(source, target).max(axis=1) > 0
    return int((alike.max(axis=1) >= _ALIKE).sum() + 2 * numbers.sum())


def word_features(source: Side, target: Side, translation: Sequence[str]) -> dict[str, Feature]:
    """Features of words that need no lexicon."""
    numbers = affinity.number_affinity(source, target)
    features = {
        "number": words_found(source, target, numbers),
        "lone number": lone_numbers(source, target, numbers),
        "spelling": words_found(source, target, affinity.spelling_affinity(source, target)),
        "sound": words_found(source, target, affinity.sound_affinity(source, target)),
    }
    if translation:
        translated = side_of(translation)
        features["translation"] = words_found(translated, target, affinity.spelling_affinity(translated, target))
    return features


def _ratio(source: Floats, target: Floats) -> float:
    return float(np.log(max(target.sum(), 1.0) / max(source.sum(), 1.0)))
