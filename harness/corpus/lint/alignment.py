"""Likely misalignment, found without a language model.

A source line and its translation share numbers, addresses, names and the mark they end in, and their lengths go
together. None of these says much about one line; over a run of lines they say a lot. The score is only ever used
in differences: does a run of lines fit better when one side is shifted by a line, or when two articles swap their
references?
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+")
_MARK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|[#@]\w+|\{\w*\}|</?\w+>|[\U0001F000-\U0001FAFF☀-➿]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_CLOSING = "\"'”’»“«)]› "
_FINALS = {".": ".", "。": ".", "।": ".", "۔": ".", "?": "?", "？": "?", "؟": "?", ";": ";", "!": "!", "！": "!"}
_FINALS |= {":": ":", "：": ":", "…": "…"}

# Log likelihood ratios, rounded, of "same line" against "another line of the article".
_SHARED_NUMBER, _LONE_NUMBER = 1.5, -0.7
_SHARED_MARK, _LONE_MARK = 2.5, -1.0
_SHARED_WORD, _MOST_WORDS = 0.8, 4
_SAME_END, _OTHER_END = 0.2, -0.8
_WORST_LENGTH = 4.5

SPREAD_SQUARED, SPREAD_PER_CHARACTER = 0.18**2, 6.8
"""Of :func:`spread`."""


@dataclass(frozen=True, slots=True)
class Features:
    """What :func:`fit` compares."""

    length: int
    """Characters, at least 1."""
    numbers: Counter[str]
    marks: Counter[str]
    words: frozenset[str]
    """Words of four letters and more, without case: names stay what they are in translation."""
    end: str
    """Final punctuation, one sign for all scripts; empty if there is none."""


def features(text: str) -> Features:
    """Compute what is compared; works for any script."""
    end = text.rstrip(_CLOSING)[-1:]
    return Features(
        length=max(len(text), 1),
        numbers=Counter(_NUMBER.findall(text)),
        marks=Counter(_MARK.findall(text)),
        words=frozenset(_WORD.findall(text.casefold())),
        end=_FINALS.get(end, ""),
    )


def typical_ratio(pairs: Iterable[tuple[int, int]]) -> float:
    """Median of log(reference length / source length); 0 for no pairs."""
    ratios = [math.log(max(target, 1) / max(source, 1)) for source, target in pairs]
    return statistics.median(ratios) if ratios else 0.0


def spread(length: int) -> float:
    """Expected standard deviation of the log length ratio: short lines vary more (Gale and Church 1993)."""
    return math.sqrt(SPREAD_SQUARED + SPREAD_PER_CHARACTER / length)


def fit(source: Features, reference: Features, ratio: float) -> float:
    """How well two texts go together; higher is better, only differences mean something.

    Args:
        source: One side.
        reference: The other.
        ratio: :func:`typical_ratio` of the pair.
    """
    deviation = (math.log(reference.length / source.length) - ratio) / spread(min(source.length, reference.length))
    score = -min(deviation**2 / 2, _WORST_LENGTH)
    score += _overlap(source.numbers, reference.numbers, _SHARED_NUMBER, _LONE_NUMBER)
    score += _overlap(source.marks, reference.marks, _SHARED_MARK, _LONE_MARK)
    score += _SHARED_WORD * min(len(source.words & reference.words), _MOST_WORDS)
    return score + (_SAME_END if source.end == reference.end else _OTHER_END)


def _overlap(one: Counter[str], other: Counter[str], shared: float, lone: float) -> float:
    if not one and not other:
        return 0.0
    common = (one & other).total()
    # Capped, so that one table of figures does not outweigh a whole article.
    return max(-4.0, min(4.0, shared * common + lone * (one.total() + other.total() - 2 * common)))
