"""What stands behind a difference: phrases of the references that one system gets and the other does not, and lengths.

A phrase is one to four words in a row. An output matches it as often as it has it, up to as often as a reference has
it: what BLEU and chrF reward, put into words. Phrases are ordered by the ratio of the two systems' matches with a
pseudo-count, ``log((m1 + 1) / (m2 + 1))``, as in compare-mt (Neubig et al. 2019, "compare-mt: A Tool for Holistic
Comparison of Language Generation Systems", NAACL demonstrations, section 3.3). Function words, which both systems match
about equally often, sink; a phrase matched once more by chance does not rise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from harness.analysis.phrase_counts import FEWEST_ROWS, Gram, Side, count_matches
from harness.analysis.segmentation import Segmenter, WordUnit, segmenter_of
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Segment, SystemName, Translated

MOST_PHRASES = 10

MOST_SEGMENTS = 3000
"""Of larger corpora every second, third, … segment is looked at: enough for the commonest phrases."""

MOST_UNSPACED = 1500
"""The same of languages without spaces, whose words a model tells apart, at about 7 µs a character."""

PSEUDO_COUNT = 1.0

SHORT, LONG = 0.7, 1.3
"""Outputs that are much shorter or longer than their reference, by characters."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the references."""

    text: str
    ahead: int
    """Matches of the system that this list is about."""
    behind: int
    """Matches of the other."""
    rows: tuple[int, ...]
    """Segments, by their places in the corpus, in which the first has more matches than the other."""

    @property
    def ratio(self) -> float:
        """``log((ahead + 1) / (behind + 1))``."""
        return log_ratio(self.ahead, self.behind)


@dataclass(frozen=True, slots=True)
class Length:
    """How long the outputs of one system are, where there is a reference."""

    system: SystemName
    characters: int
    ratio: float
    """Characters of the outputs over those of the first references."""
    shorter: int
    """Segments shorter than 70 % of their reference."""
    longer: int
    """Segments longer than 130 % of their reference."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The two systems at the top, and the lengths of all."""

    first: str
    second: str
    """Names of systems; both empty where nothing is compared."""
    segments: int
    """How many were looked at."""
    unit: WordUnit
    """What phrases are made of."""
    gained: tuple[Phrase, ...]
    """What the first has and the second lacks, the largest ratio first."""
    lost: tuple[Phrase, ...]
    """What the second has and the first lacks."""
    lengths: tuple[Length, ...]


def log_ratio(ahead: int, behind: int) -> float:
    """The smoothed ratio of matches, as its logarithm."""
    return math.log((ahead + PSEUDO_COUNT) / (behind + PSEUDO_COUNT))


def explain(result: PairResult, systems: Sequence[SystemResult]) -> Explanation:
    """Compare the two best systems of a pair by their words.

    Args:
        result: the pair.
        systems: those that are ranked, best first, without floors.
    """
    lengths = tuple(filter(None, (_length(result.corpus.segments, system) for system in systems)))
    segmenter = segmenter_of(result.pair.target)
    if len(systems) < 2:
        return Explanation("", "", 0, segmenter.unit, (), (), lengths)
    one, other = systems[:2]
    segments = [
        (row, segment.references, a.text, b.text)
        for row, (segment, a, b) in enumerate(zip(result.corpus.segments, one.outcomes, other.outcomes, strict=True))
        if segment.references and isinstance(a, Translated) and isinstance(b, Translated)
    ]
    most = MOST_SEGMENTS if segmenter.spaced else MOST_UNSPACED
    segments = segments[:: 1 + max(0, len(segments) - 1) // most]
    counts = count_matches(segments, segmenter)
    written = [reference for _, references, _, _ in segments for reference in references]
    gained, lost = (
        tuple(
            Phrase(as_written(gram, written, segmenter), side.matches[gram], against.matches[gram], side.rows(gram))
            for gram in telling(side, against, counts.common)
        )
        for side, against in ((counts.first, counts.second), (counts.second, counts.first))
    )
    return Explanation(one.name, other.name, len(segments), segmenter.unit, gained, lost, lengths)


def telling(side: Side, against: Side, common: frozenset[str]) -> list[Gram]:
    """The phrases of the largest smoothed ratio; parts of one with the same matches are left out."""
    matches = {
        gram: (side.matches[gram], against.matches[gram])
        for gram, rows in side.more.items()
        if len(rows) >= FEWEST_ROWS and side.matches[gram] > against.matches[gram]
    }
    ordered = sorted(matches, key=lambda gram: (-log_ratio(*matches[gram]), -len(gram), gram))
    kept: list[Gram] = []
    for gram in ordered:
        if len(kept) == MOST_PHRASES:
            break
        if not any(any(map(str.isalnum, word)) and word.casefold() not in common for word in gram):
            continue
        if any(matches[longer] == matches[gram] and _within(gram, longer) for longer in kept):
            continue
        kept.append(gram)
    return kept


def as_written(gram: Gram, references: Iterable[str], segmenter: Segmenter) -> str:
    """The phrase as it stands in the first reference that has it: who searches for it must find it."""
    parts = [regex.escape(gram[0])]
    for before, after in itertools.pairwise(gram):
        parts.append((r"\s+" if segmenter.joins(before, after) else r"\s*") + regex.escape(after))
    pattern = regex.compile("".join(parts))
    plain = (" " if segmenter.spaced else "").join(gram)
    return next((match[0] for reference in references if (match := pattern.search(reference))), plain)


def _within(part: Gram, whole: Gram) -> bool:
    return any(whole[start : start + len(part)] == part for start in range(len(whole) - len(part) + 1))


def _length(segments: Sequence[Segment], system: SystemResult) -> Length | None:
    pairs = [
        (len(outcome.text), len(segment.references[0]))
        for segment, outcome in zip(segments, system.outcomes, strict=True)
        if segment.references and isinstance(outcome, Translated)
    ]
    wanted = sum(reference for _, reference in pairs)
    if not wanted:
        return None
    written = sum(output for output, _ in pairs)
    return Length(
        system.name,
        written,
        written / wanted,
        sum(output < SHORT * reference for output, reference in pairs),
        sum(output > LONG * reference for output, reference in pairs),
    )
