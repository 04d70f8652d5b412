"""Runs of lines, and whole articles, whose references fit elsewhere better; see :mod:`.alignment` for the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.corpus.lint.alignment import Features, features, fit, typical_ratio
from harness.corpus.lint.finding import LintFinding, reference_at, reference_count, source_at
from harness.types import Article, Corpus, Segment

MIN_RUN = 3
"""Shorter runs are no evidence."""

MIN_GAIN = 6.0
"""By how much another alignment must fit better, in units of log likelihood, roughly.

Measured on 11 public test sets in 8 pairs of languages: no clean article of about 1,900 gains more than 4.2; after
the loss of one line a run of lines gains more than 6 in nineteen articles of twenty.
"""

# Lines that belong together fit with 0.0 on average, lines that do not with about -2.0.
_TRANSLATION = -1.0
_UNFIT = -0.8
"""Mean fit from which lines may belong together: 99 of 100 articles of NTREX have more."""
_FEWEST_LINES = 5
_MOST_ROTATIONS = 24
_MOST_CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class _Side:
    """An article and one of its reference files, as features by position."""

    article: Article
    index: int
    """Which reference."""
    source: tuple[Features, ...]
    references: tuple[Features | None, ...]
    """None where the segment has no reference."""
    ratio: float

    def fit(self, source: int, reference: int) -> float | None:
        """Fit of two positions; None without a reference there."""
        other = self.references[reference]
        return None if other is None else fit(self.source[source], other, self.ratio)

    def own(self) -> list[float]:
        """Fits of the lines as they stand, without those that have no reference."""
        fits = (self.fit(position, position) for position in range(len(self.source)))
        return [value for value in fits if value is not None]


@dataclass(frozen=True, slots=True)
class Shift:
    """A run of lines that fits better one line away."""

    first: int
    """Position of the first segment of the run, from 0."""
    last: int
    offset: int
    """+1: the source fits the reference one segment later, -1: the one before."""
    gain: float
    """How much better the run fits there."""
    fit: float
    """Mean fit of a line there."""


def check_alignment(corpus: Corpus) -> Iterator[LintFinding]:
    """Shifted runs, articles that swapped references, and references that fit no better than at random."""
    files = _sides(corpus)
    explained = set()
    for one, other in _swapped([side for side in files if side.index == 0]):
        explained |= {one.article.id, other.article.id}
        problem = (
            f"the references of '{one.article.id}' and '{other.article.id}' match better the other way round: swapped?"
        )
        yield LintFinding("error", "swapped", reference_at(one.article, one.article.segments[0], 0), problem)
    for side in files:
        if side.article.id in explained:
            continue
        shift = best_shift(side.source, side.references, side.ratio)
        unrelated = _unrelated(side)
        if shift is not None and (shift.fit >= _TRANSLATION or not unrelated):
            yield _shift_finding(side, shift)
        elif unrelated:
            problem = "these references match their source no better than in random order: is it the right file?"
            yield LintFinding("error", "unrelated", reference_at(side.article, _first(side), side.index), problem)


def best_shift(source: Sequence[Features], references: Sequence[Features | None], ratio: float) -> Shift | None:
    """Find the run of lines that gains most from a shift by one (a maximum-sum run of gains).

    Args:
        source: One for each segment.
        references: As many; None where a segment has no reference.
        ratio: Typical log length ratio of the pair.

    Returns:
        The best shift that gains :data:`MIN_GAIN` or more over :data:`MIN_RUN` lines or more, or None.
    """
    best: Shift | None = None
    for offset in (-1, 1):
        gain, total, start, length = 0.0, 0.0, 0, 0
        for position in range(len(source)):
            shifted = references[position + offset] if 0 <= position + offset < len(references) else None
            unshifted = references[position]
            if unshifted is None or shifted is None:
                continue
            if gain <= 0:
                gain, total, start, length = 0.0, 0.0, position, 0
            moved = fit(source[position], shifted, ratio)
            gain += moved - fit(source[position], unshifted, ratio)
            total += moved
            length += 1
            if length >= MIN_RUN and gain >= MIN_GAIN and (best is None or gain > best.gain):
                best = Shift(start, position, offset, gain, total / length)
    return best


def _sides(corpus: Corpus) -> list[_Side]:
    pairs = ((len(s.source), len(text)) for s in corpus.segments for text in s.references)
    ratio = typical_ratio(pairs)
    return [
        _Side(
            article,
            index,
            tuple(features(segment.source) for segment in article.segments),
            tuple(_reference(segment, index) for segment in article.segments),
            ratio,
        )
        for article in corpus.articles
        for index in range(reference_count(article))
    ]


def _reference(segment: Segment, index: int) -> Features | None:
    return features(segment.references[index]) if index < len(segment.references) else None


def _first(side: _Side) -> Segment:
    """The first segment with a reference."""
    return next(s for s, found in zip(side.article.segments, side.references, strict=True) if found is not None)


def _shift_finding(side: _Side, shift: Shift) -> LintFinding:
    first, last = side.article.segments[shift.first], side.article.segments[shift.last]
    fitting = side.article.segments[shift.first + shift.offset]
    problem = (
        f"from here to line {last.line} the source matches the reference one segment "
        f"{'later' if shift.offset > 0 else 'earlier'} (line {first.line} that of line {fitting.line}): "
        f"look for a {'line too many' if shift.offset > 0 else 'lost line'} just above in "
        f"{reference_at(side.article, first, side.index).partition(':')[0]}"
    )
    return LintFinding("error", "shifted", source_at(side.article, first), problem)


def _swapped(sides: Sequence[_Side]) -> Iterator[tuple[_Side, _Side]]:
    """Articles of the same shape whose references fit each other's source."""
    # Only where the same positions have a reference are the sums over as many lines.
    groups: defaultdict[tuple[bool, ...], list[_Side]] = defaultdict(list)
    for side in sides:
        filled = tuple(found is not None for found in side.references)
        if sum(filled) >= MIN_RUN:
            groups[filled].append(side)
    for group in groups.values():
        # In a large group only those that fit worst can be swapped ones.
        suspects = sorted(group, key=lambda side: sum(side.own()) / len(side.own()))[:_MOST_CANDIDATES]
        for one, other in combinations(sorted(suspects, key=lambda side: side.article.id), 2):
            gain = _exchange(one, other) + _exchange(other, one) - sum(one.own()) - sum(other.own())
            if gain >= MIN_GAIN:
                yield one, other


def _exchange(one: _Side, other: _Side) -> float:
    """Fit of the source of ``one`` with the references of ``other``."""
    return sum(
        fit(text, there, one.ratio)
        for text, there in zip(one.source, other.references, strict=True)
        if there is not None
    )


def _unrelated(side: _Side) -> bool:
    """Whether lines fit badly, and rotating the references by some number of lines fits at least as well."""
    positions = [position for position, found in enumerate(side.references) if found is not None]
    count = len(positions)
    if count < _FEWEST_LINES:
        return False
    step = max(1, count // _MOST_ROTATIONS)
    fitting = sum(side.own())
    if fitting >= _UNFIT * count:  # alike in any order, as labels of one length are
        return False
    return any(
        sum(side.fit(positions[n], positions[(n + turn) % count]) or 0.0 for n in range(count)) >= fitting
        for turn in range(1, count, step)
    )
