"""Whether source and reference look exchanged, or shifted by a line: a look at a sample, as lint looks at everything.

Files that were never imported were never looked at either, and scores of such files are of no use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.analysis.signs import Sign
from harness.types import Part, Reason, Segment

if TYPE_CHECKING:
    from harness.analysis.pair import PairAnalysis

BLOCKS = 6
"""How many runs of segments are looked at, spread evenly: what a lost line shifts is everything after it."""

LENGTH = 20
"""Segments of a run. Of 1,584 such runs of NTREX in 16 languages none looks shifted, and each does if it is."""


def placing_signs(pair: PairAnalysis) -> Iterator[Sign]:
    """A doubt where the first reference is not that of its source, by the words or by what both lines share."""
    segments = pair.result.corpus.segments
    runs = [segments[first : first + LENGTH] for first in _firsts(len(segments))]
    why = _language(pair, runs) or next(filter(None, map(_shift, runs)), None)
    if why is not None:
        yield Sign("doubt", "reference", why)


def _firsts(count: int) -> list[int]:
    """Where the runs begin."""
    if count <= BLOCKS * LENGTH:
        return list(range(0, count, LENGTH))
    return [number * (count - LENGTH) // (BLOCKS - 1) for number in range(BLOCKS)]


def _language(pair: PairAnalysis, runs: Sequence[Sequence[Segment]]) -> Reason | None:
    from harness.corpus.lint.language import reads_like

    articles, languages = pair.result.corpus.articles, pair.result.pair
    if not articles:
        return None
    sampled = [segment for run in runs for segment in run]
    source = reads_like([segment.source for segment in sampled], articles[0])
    reference = reads_like([segment.references[0] for segment in sampled if segment.references], articles[0])
    exchanged = (source, reference) == (languages.target, languages.source)
    if source != languages.target and reference != languages.source:
        return None
    return Reason(
        "trust.exchanged"
        if exchanged
        else "trust.source_language"
        if source == languages.target
        else "trust.reference_language",
        {"source": Part("language", languages.source), "target": Part("language", languages.target)},
    )


def _shift(run: Sequence[Segment]) -> Reason | None:
    from harness.corpus.lint.alignment import features, typical_ratio
    from harness.corpus.lint.misaligned import best_shift

    ratio = typical_ratio((len(segment.source), len(segment.references[0])) for segment in run if segment.references)
    references = [features(segment.references[0]) if segment.references else None for segment in run]
    found = best_shift([features(segment.source) for segment in run], references, ratio)
    if found is None:
        return None
    return Reason(
        "trust.shifted_later" if found.offset > 0 else "trust.shifted_earlier", {"segment": str(run[found.first].id)}
    )
