"""What moved most between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.store.runs.result import MetricScores, SystemResult
from harness.types import Corpus, Outcome, Score

MOST = 10
"""Segments and articles shown."""


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """One segment, before and after."""

    article: str
    number: int
    before: float
    after: float
    delta: float
    """Positive means better."""
    outcome_before: Outcome
    outcome_after: Outcome


@dataclass(frozen=True, slots=True)
class ArticleMove:
    """One article, before and after."""

    article: str
    before: float
    after: float
    delta: float
    """Positive means better."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved most: losses first, the largest before the smaller; then gains."""

    segments: tuple[SegmentMove, ...] = ()
    articles: tuple[ArticleMove, ...] = ()


def most_moved(corpus: Corpus, now: SystemResult, then: SystemResult, new: MetricScores, old: MetricScores) -> Moves:
    """The segments and articles that lost most, then those that gained most; none that stayed where it was."""
    sign = 1.0 if new.identity.higher_is_better else -1.0
    delta = np.where(new.scored, sign * (new.segments - old.segments), 0.0)
    segments = corpus.segments
    largest = _losses_then_gains([(float(delta[row]), row) for row in range(len(delta)) if np.isfinite(delta[row])])
    moved = tuple(
        SegmentMove(
            segments[row].id.article,
            segments[row].id.number,
            float(old.segments[row]),
            float(new.segments[row]),
            float(delta[row]),
            then.outcomes[row],
            now.outcomes[row],
        )
        for row in largest
    )
    articles = [
        ArticleMove(article.id, before.value, after.value, sign * (after.value - before.value))
        for article, before, after in zip(corpus.articles, old.articles, new.articles, strict=True)
        if isinstance(before, Score) and isinstance(after, Score)
    ]
    kept = _losses_then_gains([(article.delta, place) for place, article in enumerate(articles)])
    return Moves(moved, tuple(articles[place] for place in kept))


def _losses_then_gains(deltas: Sequence[tuple[float, int]]) -> list[int]:
    """Places of the largest losses, then of the largest gains; each has half the room and what the other leaves."""
    losses = [place for delta, place in sorted(deltas) if delta < 0]
    gains = [place for delta, place in sorted(deltas, key=lambda item: (-item[0], item[1])) if delta > 0]
    room = max(MOST - len(gains), (MOST + 1) // 2)
    return [*losses[:room], *gains[: MOST - len(losses[:room])]]
