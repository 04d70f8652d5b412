"""Whether a reference was edited from the output of a system: then its scores speak for that system, not for quality.

Who translates a long sentence twice hardly ever writes the same words: on 18 references of WMT21-24, a system shares
word for word 0-2 % of the sentences of 12 words and more. A translator who mends machine output leaves many as they
were, and these are the machine's, sentence by sentence. So, among distinct references of at least
:data:`LONG` words, each system's share of verbatim equals (case and punctuation aside) is set against that of a typical
other, the median: it must be at least :data:`TIMES` as large, :data:`SUSPECT` with :data:`MANY` other systems or
:data:`STRONG` with fewer, and beyond chance in an exact test (McNemar 1947) at :data:`LEVEL`. Segments that half of
the systems have in the reference's words leave little choice, and are left out.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.analysis.floors import floors_of
from harness.types import SystemName, Translated

if TYPE_CHECKING:
    from harness.store.runs.result import PairResult

LONG = 12

FEWEST = 30
"""Fewer long references than this show nothing."""

TIMES = 3.0

SUSPECT, STRONG = 0.025, 0.10

MANY = 4

LEVEL = 0.001

_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Scripts without spaces; two characters count as a word."""

_WORDS = re.compile(r"\w+")

_SLACK = 0.1
"""Texts whose lengths differ by more than this share, and four characters, are not worth normalising."""

_BEGINNING = 40
"""Characters that are looked at first."""

_REMEMBERED = 10_000
"""References that are kept as they are compared."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """One reference, and the systems whose words it has far too often."""

    reference: int
    """Position among the references, from 0."""
    systems: tuple[SystemName, ...]
    """Most first."""
    share: float
    """Of long segments that the first of them has word for word, 0-1."""
    others: tuple[float, float]
    """Smallest and largest share of the systems that are not suspected."""
    segments: int
    """Long segments that were looked at."""

    @property
    def strong(self) -> bool:
        """So much that scores against this reference decide nothing between these systems and others."""
        return self.share >= STRONG


def edited_reference(result: PairResult) -> Overlap | None:
    """The reference of a pair that most looks edited from a system's output; None where none does."""
    floors = floors_of(result)
    texts = {
        system.name: [outcome.text if isinstance(outcome, Translated) else "" for outcome in system.outcomes]
        for system in result.systems
        if system.name not in floors
    }
    if len(texts) < 2:
        return None
    segments = result.corpus.segments
    most = max((len(segment.references) for segment in segments), default=0)
    overlaps = []
    for index in range(most):
        rows = [
            (row, segment.references[index]) for row, segment in enumerate(segments) if len(segment.references) > index
        ]
        overlap = _of_reference(index, rows, texts, [segment.source for segment in segments])
        if overlap is not None:
            overlaps.append(overlap)
    return max(overlaps, key=lambda item: item.share, default=None)


def long_references(result: PairResult) -> int:
    """How many distinct references are long enough to show whether a system's output was edited: of the fullest set."""
    segments = result.corpus.segments
    most = max((len(segment.references) for segment in segments), default=0)
    sets: list[set[str]] = [set() for _ in range(most)]
    for segment in segments:
        for index, reference in enumerate(segment.references):
            words = _normal(reference)
            if _size(reference, words) >= LONG and not _says(segment.source, words):
                sets[index].add(words)
    return max(map(len, sets), default=0)


def _of_reference(
    index: int, rows: Sequence[tuple[int, str]], texts: Mapping[SystemName, Sequence[str]], sources: Sequence[str]
) -> Overlap | None:
    long: dict[str, tuple[int, str]] = {}
    for row, reference in rows:
        words = _normal(reference)
        if _size(reference, words) >= LONG and not _says(sources[row], words):
            long.setdefault(words, (row, reference))
    same = {
        name: [_equal(found[row], reference, words) for words, (row, reference) in long.items()]
        for name, found in texts.items()
    }
    if len(texts) >= MANY:
        free = [sum(column) < len(texts) / 2 for column in zip(*same.values(), strict=True)]
        same = {name: [is_same for is_same, kept in zip(row, free, strict=True) if kept] for name, row in same.items()}
    count = len(next(iter(same.values())))
    if count < FEWEST:
        return None
    shares = {name: sum(row) / count for name, row in same.items()}
    least = SUSPECT if len(texts) > MANY else STRONG
    suspects = [name for name in shares if _suspicious(name, same, shares, least)]
    if suspects:
        # A system close to the one that was edited has its words as well, if not quite as often.
        near = max(shares.values()) / 2
        suspects = [name for name in shares if _suspicious(name, same, shares, near)]
    rest = [share for name, share in shares.items() if name not in suspects]
    if not suspects or not rest:
        return None
    suspects.sort(key=lambda name: -shares[name])
    return Overlap(index, tuple(suspects), shares[suspects[0]], (min(rest), max(rest)), count)


def _suspicious(
    name: SystemName, same: Mapping[SystemName, Sequence[bool]], shares: Mapping[SystemName, float], least: float
) -> bool:
    others = sorted((share, other) for other, share in shares.items() if other != name)
    typical_share, typical = others[(len(others) - 1) // 2]
    if shares[name] < max(least, TIMES * typical_share):
        return False
    pairs = list(zip(same[name], same[typical], strict=True))
    mine, theirs = sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    together = mine + theirs
    tail = sum(math.comb(together, n) for n in range(theirs + 1))
    return tail <= LEVEL * float(2**together)


def _equal(text: str, reference: str, words: str) -> bool:
    return abs(len(text) - len(reference)) <= 4 + _SLACK * len(reference) and _says(text, words)


def _says(text: str, words: str) -> bool:
    """Whether a text says just these words."""
    if len(text) > _BEGINNING:
        # Most differ at once. The last word may be cut, or an accent be missing that makes one letter with its own.
        first, _, _ = _normalised(text[:_BEGINNING]).rpartition(" ")
        if first and not f"{words} ".startswith(f"{first} "):
            return False
    return _normalised(text) == words


@lru_cache(maxsize=_REMEMBERED)
def _normal(text: str) -> str:
    """:func:`_normalised` of a reference, which is asked for more than once."""
    return _normalised(text)


def _normalised(text: str) -> str:
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))


def _size(text: str, words: str) -> int:
    spaceless = len(_SPACELESS.findall(text))
    return spaceless // 2 if spaceless else words.count(" ") + 1
