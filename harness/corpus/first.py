"""The first segments of a corpus, or of each of its articles."""

from __future__ import annotations

from dataclasses import replace

from harness.types import Article, Corpus


def first_segments(corpus: Corpus, limit: int = 0, *, of_each: int = 0) -> Corpus:
    """The same articles in the same order, cut short.

    Args:
        corpus: the whole of it.
        limit: how many segments are taken in all, through the articles; 0 for all.
        of_each: how many are taken of each article, before they are counted; 0 for all.
    """
    if not limit and not of_each:
        return corpus
    left = limit or len(corpus.segments)
    articles: list[Article] = []
    for article in corpus.articles:
        if left <= 0:
            break
        segments = article.segments[: of_each or None][:left]
        articles.append(replace(article, segments=segments))
        left -= len(segments)
    return Corpus(corpus.pair, tuple(articles))
