"""All ways to align two lists of sentences by beads, weighed at once.

A bead is ``a`` source sentences with ``b`` target sentences; an alignment is a path of beads through the lattice of
positions. Scores are log weights: the probability of a path is the exponential of the sum of its beads' scores,
over that of all paths. So every bead has a posterior probability, and that is its confidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = tuple[int, int]
"""Source and target sentences of a bead."""

BY_NAME: Final[Mapping[str, tuple[Kind, ...]]] = {
    "1-1": ((1, 1),),
    "1-2": ((1, 2), (2, 1)),
    "2-2": ((2, 2),),
    "2-3": ((2, 3), (3, 2)),
    "1-3": ((1, 3), (3, 1)),
    "1-4": ((1, 4), (4, 1), (1, 5), (5, 1)),
    "1-0": ((1, 0), (0, 1)),
}
KINDS: Final[tuple[Kind, ...]] = tuple(kind for kinds in BY_NAME.values() for kind in kinds)
"""Texts that lack full stops need the large ones."""

_NEVER = -1e30


def posteriors(scores: Mapping[Kind, Floats]) -> dict[Kind, Floats]:
    """Probability of every bead, by kind; element ``[i, j]`` is of the bead that begins at ``i`` and ``j``.

    Args:
        scores: per kind ``(a, b)`` an array of shape ``(n + 1 - a, m + 1 - b)``.
    """
    return probabilities_and_weight(scores)[0]


def probabilities_and_weight(scores: Mapping[Kind, Floats]) -> tuple[dict[Kind, Floats], float]:
    """:func:`posteriors` and :func:`total_weight` at once."""
    forward = _forward(scores)
    backward = _backward(scores)
    total = forward[-1, -1]
    n, m = forward.shape[0] - 1, forward.shape[1] - 1
    probabilities = {
        (a, b): np.exp(np.minimum(forward[: n + 1 - a, : m + 1 - b] + score + backward[a:, b:] - total, 0.0))
        if score.size
        else score
        for (a, b), score in scores.items()
    }
    return probabilities, float(total)


def total_weight(scores: Mapping[Kind, Floats]) -> float:
    """Log of the summed weights of all paths."""
    return float(_forward(scores)[-1, -1])


def best_path(gains: Mapping[Kind, Floats]) -> list[tuple[int, int, Kind]]:
    """The path with the greatest sum of gains, as start positions and kinds; pairs before omissions on a tie."""
    n, m = _size(gains)
    best = np.full((n + 1, m + 1), _NEVER)
    best[0, 0] = 0.0
    for i in range(n + 1):
        row = best[i]
        for (a, b), gain in gains.items():
            if a and i >= a and gain.size:
                row[b:] = np.maximum(row[b:], best[i - a, : m + 1 - b] + gain[i - a])
        along = np.concatenate([[0.0], np.cumsum(gains[0, 1][i])])
        row[:] = np.maximum.accumulate(row - along) + along
    path: list[tuple[int, int, Kind]] = []
    i, j = n, m
    while i or j:
        i, j, kind = _step_back(best, gains, i, j)
        path.append((i, j, kind))
    return path[::-1]


def _step_back(best: Floats, gains: Mapping[Kind, Floats], i: int, j: int) -> tuple[int, int, Kind]:
    reached = [
        (best[i - a, j - b] + gain[i - a, j - b], -order, (a, b))
        for order, ((a, b), gain) in enumerate(gains.items())
        if i >= a and j >= b
    ]
    *_, (a, b) = max(reached)
    return i - a, j - b, (a, b)


def _size(scores: Mapping[Kind, Floats]) -> tuple[int, int]:
    return scores[1, 0].shape[0], scores[0, 1].shape[1]


def _forward(scores: Mapping[Kind, Floats]) -> Floats:
    """Log weight of all paths from the beginning to a position."""
    n, m = _size(scores)
    table = np.full((n + 1, m + 1), _NEVER)
    table[0, 0] = 0.0
    for i in range(n + 1):
        row = table[i]
        for (a, b), score in scores.items():
            if a and i >= a and score.size:
                row[b:] = np.logaddexp(row[b:], table[i - a, : m + 1 - b] + score[i - a])
        along = np.concatenate([[0.0], np.cumsum(scores[0, 1][i])])
        row[:] = np.logaddexp.accumulate(row - along) + along
    return table


def _backward(scores: Mapping[Kind, Floats]) -> Floats:
    """Log weight of all paths from a position to the end: the forward table of the mirrored lattice."""
    return _forward({kind: score[::-1, ::-1] for kind, score in scores.items()})[::-1, ::-1]
