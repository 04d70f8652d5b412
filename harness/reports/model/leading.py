"""The first segments of every article, for views that cannot hold all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from harness.store.runs.result import MetricScores, PairResult, SystemResult, article_rows
from harness.types import Corpus

Rows = npt.NDArray[np.intp]


def leading_rows(result: PairResult, most: int) -> Rows:
    """At most so many rows of the corpus, in order: as many of each article, from its first, as there is room for."""
    parts = [np.arange(part.start, part.stop) for part in article_rows(result.corpus).values()]
    few, many = 1, max((len(part) for part in parts), default=1)
    while few < many:
        middle = (few + many + 1) // 2
        if sum(min(len(part), middle) for part in parts) <= most:
            few = middle
        else:
            many = middle - 1
    rows = np.concatenate([part[:few] for part in parts]) if parts else np.zeros(0)
    return rows[:most].astype(np.intp)


def take_rows(result: PairResult, rows: Rows) -> PairResult:
    """These segments of a pair, with their texts, flags and scores; scores of articles and systems are those of all."""
    wanted = {int(row) for row in rows}
    articles = []
    for article, part in zip(result.corpus.articles, article_rows(result.corpus).values(), strict=True):
        kept = tuple(article.segments[row - part.start] for row in range(part.start, part.stop) if row in wanted)
        if kept:
            articles.append(replace(article, segments=kept))
    systems = tuple(_taken(system, rows) for system in result.systems)
    return replace(result, corpus=Corpus(result.corpus.pair, tuple(articles)), systems=systems)


def _taken(system: SystemResult, rows: Rows) -> SystemResult:
    scores = {
        metric: replace(kept, segments=kept.segments[rows], scored=kept.scored[rows])
        if isinstance(kept, MetricScores)
        else kept
        for metric, kept in system.scores.items()
    }
    return replace(
        system,
        outcomes=tuple(system.outcomes[row] for row in rows),
        tables={metric: table.take(rows) for metric, table in system.tables.items()},
        scores=scores,
        flags=tuple(system.flags[row] for row in rows) if system.flags else (),
        repeats={},
    )
