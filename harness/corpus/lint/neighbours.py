"""Texts that fit another line of their article better than their own: swapped, or shifted by a line or two.

A text is moved in thought to a line nearby. What counts is never how similar a text and its source are, which says
little, but that two lines agree: the text fits the other source better than its own source does, and better than
the text that stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.corpus.lint.encoder import Vectors, encode

REACH = 2
"""How many lines away a text is looked for."""

# Cosines. Set on NTREX, see docs/checks.md for what they find and how often they are wrong.
MOVED = 0.15
"""By how much a text must fit another line better than its own, and better than the text there fits."""
EXCHANGED = 0.25
"""By how much two texts must fit better together when they change places, each being the best for the other's line."""

_FEWEST_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class TextPair:
    """A source and the text that should translate it."""

    number: int
    """Position in the article; numbers may have gaps."""
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A text that may belong to another line."""

    index: int
    """Of the pair in what was given."""
    other: int
    """Index of the pair whose source it fits."""


def misplaced(pairs: Sequence[TextPair]) -> Iterator[Misplaced]:
    """Find texts that fit the source of a neighbour.

    Args:
        pairs: those of one article that have a text, in order.
    """
    known = [index for index, pair in enumerate(pairs) if tells(pair)]
    if len(known) < 2:
        return
    sources = encode(tuple(pairs[index].source for index in known))
    texts = encode(tuple(pairs[index].text for index in known))
    numbers = [pairs[index].number for index in known]
    for row, other in moved_rows(sources, texts, numbers):
        yield Misplaced(known[row], known[other])


def tells(pair: TextPair) -> bool:
    """Whether both sides are long enough to say something."""
    return min(len(pair.source.strip()), len(pair.text.strip())) >= _FEWEST_CHARACTERS


def moved_rows(sources: Vectors, texts: Vectors, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """:func:`misplaced` of vectors.

    Args:
        sources: one row for each segment of an article, of length 1.
        texts: as many.
        numbers: positions of the segments, ascending.

    Yields:
        A row, and the row whose source its text fits.
    """
    own = np.einsum("ij,ij->i", sources, texts)
    best: list[tuple[float, int]] = [(-np.inf, -1)] * len(numbers)
    gains: dict[tuple[int, int], float] = {}
    for offset in range(1, REACH + 1):
        forward = _fits(sources[offset:], texts[:-offset])
        backward = _fits(sources[:-offset], texts[offset:])
        for row in range(len(forward)):
            other = row + offset
            if numbers[other] - numbers[row] > REACH:
                continue
            stays = max(own[row], own[other])
            best[row] = max(best[row], (float(forward[row] - stays), other))
            best[other] = max(best[other], (float(backward[row] - stays), row))
            gains[row, other] = float(forward[row] + backward[row] - own[row] - own[other])
    for row, (margin, other) in enumerate(best):
        if other < 0:
            continue
        exchange = gains[min(row, other), max(row, other)]
        if margin >= MOVED or (exchange >= EXCHANGED and best[other][1] == row):
            yield row, other


def _fits(sources: Vectors, texts: Vectors) -> NDArray[np.float32]:
    cosines: NDArray[np.float32] = np.einsum("ij,ij->i", sources, texts)
    return cosines
