"""From rows to corpus, article and segment scores: sums of rows, handed to the metric's own formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.interface import Mask, Rows


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The scores of one table."""

    corpus: float
    """Of the sum of all scored rows; meaningless when ``n`` is 0."""
    n: int
    articles: Rows
    """(a,) score of each article's sum; meaningless where ``article_n`` is 0."""
    article_n: tuple[int, ...]
    """Scored segments of each article."""
    segments: Rows
    """(n,) meaningless where the row is not scored."""


def aggregate(
    rows: Rows,
    scored: Mask,
    articles: Sequence[slice],
    score: Callable[[Rows], Rows],
    segment_scores: Callable[[Rows], Rows],
) -> Aggregate:
    """Sum and score.

    Args:
        rows: (n, k) statistics, zero where not scored.
        scored: (n,).
        articles: which rows belong to each article.
        score: (..., k) to (...).
        segment_scores: (m, k) to (m,).
    """
    segments = np.zeros(len(rows))
    if scored.any():
        segments[scored] = segment_scores(rows[scored])
    counts = tuple(int(scored[part].sum()) for part in articles)
    per_article = np.zeros(len(articles))
    known = [place for place, n in enumerate(counts) if n]
    if known:
        per_article[known] = score(np.array([rows[articles[place]].sum(axis=0) for place in known]))
    total = int(scored.sum())
    corpus = float(score(rows.sum(axis=0))) if total else 0.0
    return Aggregate(corpus, total, per_article, counts, segments)
