"""How alike two words of two languages are: as numbers, in spelling, in sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from harness.corpus.documents.evidence import Matrix, Side
from harness.corpus.documents.tokens import alphabet, bare, is_exact, skeleton

_SHORTEST_WORD = 4
_TRUST = (0.0, 0.0, 0.4, 0.8, 1.0)
"""How much equal skeletons of so many consonants say; more say no more."""

_SPELLING_FLOOR, _SOUND_FLOOR = 0.35, 0.6
"""Less alike than this is not alike."""
_WIDTH = 1024


def number_affinity(source: Side, target: Side) -> Matrix:
    """1 where two numbers or addresses are equal."""
    return _equal(_only(source, is_exact), _only(target, is_exact))


def spelling_affinity(source: Side, target: Side) -> Matrix:
    """1 where two words are equal, less where they share runs of letters."""
    return spelling(*(_only(side, lambda token: not is_exact(token)) for side in (source, target)))


def spelling(source: Sequence[str], target: Sequence[str]) -> Matrix:
    """How alike words are spelled, 0 to 1; the empty word is like nothing."""
    long = [[word if len(word) >= _SHORTEST_WORD else "" for word in words] for words in (source, target)]
    return np.maximum(_by_grams(long[0], long[1], (2, 3), _SPELLING_FLOOR), _equal(source, target))


def sound_affinity(source: Side, target: Side) -> Matrix:
    """How far two words of different alphabets, neither of them written small, have the same consonants.

    Few consonants are alike by chance, so they say less.
    """
    alike = np.zeros((len(source.vocabulary), len(target.vocabulary)), dtype=np.float32)
    for form in (str, bare):
        bones = _bones(source, form), _bones(target, form)
        lengths = np.minimum(*np.ix_(*([len(bone) for bone in side] for side in bones)))
        trust = np.array(_TRUST, dtype=np.float32)[np.minimum(lengths, len(_TRUST) - 1)]
        alike = np.maximum(alike, trust * _by_grams(*bones, (1, 2), _SOUND_FLOOR))
    alphabets = [np.array([alphabet(token) for token in side.vocabulary]) for side in (source, target)]
    return np.where(alphabets[0][:, None] != alphabets[1][None, :], alike, np.float32(0.0))


def _bones(side: Side, form: Callable[[str], str]) -> list[str]:
    """The skeletons of what may be names; those of other words are empty."""
    return [skeleton(form(token)) if name else "" for token, name in zip(side.vocabulary, side.names, strict=True)]


def _only(side: Side, wanted: Callable[[str], bool]) -> list[str]:
    return [token if wanted(token) else "" for token in side.vocabulary]


def _equal(source: Sequence[str], target: Sequence[str]) -> Matrix:
    columns = {token: column for column, token in enumerate(target) if token}
    alike = np.zeros((len(source), len(target)), dtype=np.float32)
    for row, token in enumerate(source):
        if token in columns:
            alike[row, columns[token]] = 1.0
    return alike


def _by_grams(source: Sequence[str], target: Sequence[str], orders: tuple[int, ...], floor: float) -> Matrix:
    """Cosine of counts of runs of letters, with a mark at both ends, from ``floor`` to 1 as 0 to 1."""
    index: dict[str, int] = {}
    vectors = [_vectors(words, orders, index) for words in (source, target)]
    alike = np.clip((vectors[0] @ vectors[1].T - floor) / (1 - floor), 0.0, 1.0)
    return np.asarray(alike, dtype=np.float32)


def _vectors(words: Sequence[str], orders: tuple[int, ...], index: dict[str, int]) -> Matrix:
    """Unit vectors; runs beyond the width share their columns, which is rare enough to do no harm."""
    vectors = np.zeros((len(words), _WIDTH), dtype=np.float32)
    for row, word in enumerate(words):
        marked = f"^{word}$" if word else ""
        for order in orders:
            for start in range(len(marked) - order + 1):
                vectors[row, index.setdefault(marked[start : start + order], len(index)) % _WIDTH] += 1
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))
    return vectors
