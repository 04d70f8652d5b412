"""What moved most between two runs, and where two corpora differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.reports.words.messages import say
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import Corpus, Failed, Outcome, Refused, Score, Translated, Unit

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
            outcome_text(then.outcomes[row]),
            outcome_text(now.outcomes[row]),
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
    changed = [name for name in old if name in new and not old[name].same_texts(new[name])]
    parts = list_differences(
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        changed=changed,
    )
    return say("across.corpus", changes=parts or say("across.order"))


def list_differences(
    *, added: Sequence[str], removed: Sequence[str], changed: Sequence[str], unit: Unit = "article"
) -> str:
    """The articles or segments by which two corpora differ, the first few of each kind by name; empty where none."""
    kinds = (("added", added), ("removed", removed), ("changed", changed))
    found = [(what, named(names, NAMED)) for what, names in kinds if names]
    return "; ".join(say(f"across.differ.{unit}.{what}", articles=names) for what, names in found)


def named(names: Sequence[str], most: int) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(names[:most])
    return say("across.more", names=shown, n=len(names) - most) if len(names) > most else shown
