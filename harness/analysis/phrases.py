"""What stands behind a difference: phrases of the references that one system gets and the other does not, and lengths.

A phrase is one to four words in a row. It counts once for a segment in which one output has it more often than the
other, up to as often as a reference has it: what BLEU and chrF reward, put into words.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from harness.store.runs.result import PairResult, SystemResult
from harness.types import Segment, SystemName, Translated

LONGEST = 4

MOST_PHRASES = 10

MOST_SEGMENTS = 3000
"""Of larger corpora every second, third, … segment is looked at: enough for the commonest phrases."""

MOST_WORDS = 400
"""Only so many words of a text are looked at."""

FEW = 5
"""A word in so many segments is not common, however few segments there are."""

COMMON = 0.05
"""A phrase of words alone that each stand in more than this share of the segments says nothing: "of the", "die"."""

_LETTERS = r"[\w\p{M}'’]+"

_WORD = regex.compile(rf"{_LETTERS}|[^\w\s]")

_WORD_ALONE = regex.compile(_LETTERS)

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "bo"})
"""Languages whose words are not set apart: their characters are counted instead."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the references."""

    text: str
    ahead: int
    """Segments in which the system that this list is about has it more often."""
    behind: int
    """Segments in which the other has."""


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
    gained: tuple[Phrase, ...]
    """What the first has and the second lacks, commonest first."""
    lost: tuple[Phrase, ...]
    """What the second has and the first lacks."""
    lengths: tuple[Length, ...]


def explain(result: PairResult, systems: Sequence[SystemResult]) -> Explanation:
    """Compare the two best systems of a pair by their words.

    Args:
        result: the pair.
        systems: those that are ranked, best first.
    """
    lengths = tuple(filter(None, (_length(result.corpus.segments, system) for system in systems)))
    if len(systems) < 2:
        return Explanation("", "", 0, (), (), lengths)
    one, other = systems[:2]
    by_character = result.pair.target.split("-")[0] in _UNSPACED
    segments = [
        (segment.references, a.text, b.text)
        for segment, a, b in zip(result.corpus.segments, one.outcomes, other.outcomes, strict=True)
        if segment.references and isinstance(a, Translated) and isinstance(b, Translated)
    ]
    segments = segments[:: 1 + max(0, len(segments) - 1) // MOST_SEGMENTS]
    gained, lost, common = _phrases(segments, by_character)
    written = [reference for references, _, _ in segments for reference in references]
    return Explanation(
        one.name,
        other.name,
        len(segments),
        _commonest(gained, lost, common, written),
        _commonest(lost, gained, common, written),
        lengths,
    )


def _words(text: str, by_character: bool) -> list[str]:
    found = [character for character in text if not character.isspace()] if by_character else _WORD.findall(text)
    return found[:MOST_WORDS]


Gram = tuple[str, ...]


def _grams(words: Sequence[str]) -> Counter[Gram]:
    return Counter(
        tuple(words[start : start + n]) for n in range(1, LONGEST + 1) for start in range(len(words) - n + 1)
    )


def _phrases(
    segments: Sequence[tuple[tuple[str, ...], str, str]], by_character: bool
) -> tuple[Counter[Gram], Counter[Gram], frozenset[str]]:
    """Segments by phrase in which the first, and in which the second output has it more often; and common words."""
    gained: Counter[Gram] = Counter()
    lost: Counter[Gram] = Counter()
    spread: Counter[str] = Counter()
    for references, a, b in segments:
        words = [_words(reference, by_character) for reference in references]
        spread.update({word.casefold() for own in words for word in own})
        if a == b:
            continue
        wanted = Counter[Gram]()
        for own in words:
            wanted |= _grams(own)
        first, second = (_grams(_words(text, by_character)) for text in (a, b))
        for gram, most in wanted.items():
            has, had = min(first[gram], most), min(second[gram], most)
            if has > had:
                gained[gram] += 1
            elif had > has:
                lost[gram] += 1
    many = max(COMMON * len(segments), FEW)
    return gained, lost, frozenset(word for word, count in spread.items() if count > many)


def _commonest(
    gained: Counter[Gram], lost: Counter[Gram], common: frozenset[str], references: Sequence[str]
) -> tuple[Phrase, ...]:
    """The phrases with the largest surplus in ``gained``; parts of one that has the same surplus are left out."""
    surplus = {gram: count - lost[gram] for gram, count in gained.items() if count - lost[gram] > 1}
    ordered = sorted(surplus, key=lambda gram: (-surplus[gram], -len(gram), gram))
    kept: list[Gram] = []
    for gram in ordered:
        if len(kept) == MOST_PHRASES:
            break
        if not any(any(map(str.isalnum, word)) and word.casefold() not in common for word in gram):
            continue
        if any(surplus[longer] == surplus[gram] and _within(gram, longer) for longer in kept):
            continue
        kept.append(gram)
    return tuple(Phrase(_as_written(gram, references), gained[gram], lost[gram]) for gram in kept)


def _as_written(gram: Gram, references: Sequence[str]) -> str:
    """The phrase as it stands in the first reference that has it: who searches for it must find it."""
    parts = [regex.escape(gram[0])]
    for before, after in itertools.pairwise(gram):
        apart = _WORD_ALONE.fullmatch(before) and _WORD_ALONE.fullmatch(after) and len(before) + len(after) > 2
        parts.append((r"\s+" if apart else r"\s*") + regex.escape(after))
    pattern = regex.compile("".join(parts))
    return next((found[0] for reference in references if (found := pattern.search(reference))), " ".join(gram))


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
        sum(output < 0.7 * reference for output, reference in pairs),
        sum(output > 1.3 * reference for output, reference in pairs),
    )
