"""Fits the weights of alignment: the conditional likelihood of what is right, on the documents kept for it.

Every sentence of a joined document comes from known lines. A path is right if each of its beads has the same lines on
both sides and a sentence stands alone only where it is in no such bead. All right paths together are made as probable
as the weights allow, with a weak normal prior around 0. The lexicon depends on the weights, so both take turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.corpus.documents.evidence import PAIRS
from harness.corpus.documents.lattice import KINDS, Floats, Kind, probabilities_and_weight
from harness.corpus.documents.scores import ROUNDS, Lattice, learn_words
from tests.bench.alignment import Problem, problems

TURNS, STEPS = 2, 40
_PRIOR = 0.01
_WRONG = -1e3
"""Log weight of a wrong bead: never taken, and small enough to be added without loss."""
_RATE, _KEPT, _KEPT_SQUARES = 0.1, 0.8, 0.98


@dataclass(frozen=True, slots=True)
class Example:
    """One document with what speaks for its beads, all kinds of bead in one row."""

    features: NDArray[np.float32]
    """Features by beads."""
    right: NDArray[np.bool_]
    shapes: Mapping[Kind, tuple[int, ...]]

    def by_kind(self, values: Floats) -> dict[Kind, Floats]:
        """Values of all beads as arrays of the lattice."""
        stops = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])[:-1]
        parts = np.split(values, stops)
        return {kind: part.reshape(shape) for (kind, shape), part in zip(self.shapes.items(), parts, strict=True)}


def fit(data: Path, languages: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Weights by name of the feature, for English with these languages.

    Args:
        data: The folder with ``ntrex128``.
        languages: Keys of :data:`~tests.bench.alignment.FILES`.
        weights: Where to begin; names the features.
    """
    documents = [
        problem
        for language in languages
        for gaps in (False, True)
        for problem in problems(data, "en", language, gaps=gaps, fitted=True)
    ]
    values = np.array(list(weights.values()))
    for _ in range(TURNS):
        named = dict(zip(weights, map(float, values), strict=True))
        values = _climb(values, [example for problem in documents for example in _example(problem, named)])
    return {name: round(float(value), 3) for name, value in zip(weights, values, strict=True)}


def _climb(values: Floats, examples: Sequence[Example]) -> Floats:
    """Adam with a rate that falls to nothing."""
    mean, squares = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, STEPS + 1):
        slope = gradient(values, examples) / len(examples)
        mean = _KEPT * mean + (1 - _KEPT) * slope
        squares = _KEPT_SQUARES * squares + (1 - _KEPT_SQUARES) * slope**2
        size = np.sqrt(squares / (1 - _KEPT_SQUARES**step)) + 1e-9
        values = values + _RATE * (1 - step / STEPS) * mean / (1 - _KEPT**step) / size
    return values


def gradient(values: Floats, examples: Sequence[Example]) -> Floats:
    """Of the log likelihood of what is right."""
    slope = -_PRIOR * values
    for example in examples:
        scores = (values.astype(np.float32) @ example.features).astype(np.float64)
        wanted, _ = probabilities_and_weight(example.by_kind(np.where(example.right, scores, _WRONG)))
        expected, _ = probabilities_and_weight(example.by_kind(scores))
        slope = slope + example.features @ (_row(wanted) - _row(expected))
    return slope


def _example(problem: Problem, weights: Mapping[str, float]) -> Iterator[Example]:
    """The document, unless no path through it is right."""
    lattice = Lattice(problem.texts, weights)
    for _ in range(ROUNDS):
        learn_words([lattice], [lattice.posteriors()])
    features, right = lattice.features(), right_beads(problem)
    _, weight = probabilities_and_weight({kind: np.where(mask, 0.0, _WRONG) for kind, mask in right.items()})
    if weight > _WRONG / 2:
        none = {kind: np.zeros(mask.shape) for kind, mask in right.items()}
        rows = [_row({**none, **features[name]}) for name in weights]
        yield Example(np.array(rows, dtype=np.float32), _row(right), {kind: mask.shape for kind, mask in right.items()})


def right_beads(problem: Problem) -> dict[Kind, NDArray[np.bool_]]:
    """Which beads may be on a right path, by kind and start."""
    n, m = len(problem.source_lines), len(problem.target_lines)
    right = {(a, b): np.zeros((max(n + 1 - a, 0), max(m + 1 - b, 0)), dtype=bool) for a, b in KINDS}
    together: tuple[set[int], set[int]] = (set(), set())
    for a, b in PAIRS:
        for i in range(n + 1 - a):
            lines = frozenset().union(*problem.source_lines[i : i + a])
            for j in range(m + 1 - b):
                if lines == frozenset().union(*problem.target_lines[j : j + b]):
                    right[a, b][i, j] = True
                    together[0].update(range(i, i + a))
                    together[1].update(range(j, j + b))
    right[1, 0][[i for i in range(n) if i not in together[0]], :] = True
    right[0, 1][:, [j for j in range(m) if j not in together[1]]] = True
    return right


def _row(arrays: Mapping[Kind, NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([arrays[kind].ravel() for kind in KINDS])
