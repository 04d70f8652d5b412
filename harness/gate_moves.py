"""What moved most between two runs, and where two corpora differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.messages import say
from harness.runs.result import MetricScores, SystemResult
from harness.types import Corpus, Failed, Outcome, Refused, Score, Translated

MOST = 10
"""Segments and articles shown."""

NAMED = 5
"""Articles named in a message."""


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """One segment, before and after."""

    article: str
    number: int
    before: float
    after: float
    delta: float
    """Positive means better."""
    text_before: str
    text_after: str


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
    """What moved most, the largest moves first."""

    segments: tuple[SegmentMove, ...] = ()
    articles: tuple[ArticleMove, ...] = ()


def most_moved(corpus: Corpus, now: SystemResult, then: SystemResult, new: MetricScores, old: MetricScores) -> Moves:
    """The segments and articles whose score moved most, in either direction; none that stayed where it was."""
    sign = 1.0 if new.identity.higher_is_better else -1.0
    delta = np.where(new.scored, sign * (new.segments - old.segments), 0.0)
    segments = corpus.segments
    largest = [int(row) for row in np.argsort(-np.abs(delta), kind="stable")[:MOST] if delta[row] != 0]
    moved = tuple(
        SegmentMove(
            segments[row].id.article,
            segments[row].id.number,
            float(old.segments[row]),
            float(new.segments[row]),
            float(delta[row]),
            outcome_text(then.outcomes[row]),
            outcome_text(now.outcomes[row]),
        )
        for row in largest
    )
    articles = [
        ArticleMove(article.id, before.value, after.value, sign * (after.value - before.value))
        for article, before, after in zip(corpus.articles, old.articles, new.articles, strict=True)
        if isinstance(before, Score) and isinstance(after, Score) and before.value != after.value
    ]
    return Moves(moved, tuple(sorted(articles, key=lambda item: -abs(item.delta))[:MOST]))


def outcome_text(outcome: Outcome) -> str:
    """The translation, or why there is none."""
    match outcome:
        case Translated():
            return outcome.text
        case Refused():
            return f"({say('kinds.refused')}: {outcome.reason})"
        case Failed():
            return f"({say('kinds.failed')}: {outcome.error})"


def what_differs(now: Corpus, then: Corpus) -> str:
    """Say how the corpora of two runs differ; they are known to."""
    new, old = ({article.id: article for article in corpus.articles} for corpus in (now, then))
    changed = [
        name
        for name in old
        if name in new
        and [(item.source, item.references) for item in old[name].segments]
        != [(item.source, item.references) for item in new[name].segments]
    ]
    parts = [
        say(f"across.articles.{what}", articles=named(names, NAMED))
        for what, names in (
            ("added", [name for name in new if name not in old]),
            ("removed", [name for name in old if name not in new]),
            ("changed", changed),
        )
        if names
    ]
    return say("across.corpus", changes="; ".join(parts) if parts else say("across.order"))


def named(names: Sequence[str], most: int) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(names[:most])
    return say("across.more", names=shown, n=len(names) - most) if len(names) > most else shown
