"""Sums of rows, by hand."""

from __future__ import annotations

import numpy as np

from harness.metrics.aggregate import aggregate


def mean(totals: np.ndarray) -> np.ndarray:
    return totals[..., 0] / totals[..., 1]


def test_corpus_articles_and_segments() -> None:
    rows = np.array([[1.0, 1], [3, 1], [0, 0], [8, 1]])
    scored = np.array([True, True, False, True])
    result = aggregate(rows, scored, [slice(0, 2), slice(2, 3), slice(3, 4)], mean, mean)
    assert result.corpus == 4.0
    assert result.n == 3
    assert result.articles[[0, 2]].tolist() == [2.0, 8.0]
    assert result.article_n == (2, 0, 1)
    assert result.segments[scored].tolist() == [1.0, 3.0, 8.0]


def test_nothing_scored_divides_by_nothing() -> None:
    result = aggregate(np.zeros((2, 2)), np.zeros(2, dtype=bool), [slice(0, 2)], mean, mean)
    assert (result.n, result.article_n) == (0, (0,))
