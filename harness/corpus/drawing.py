"""Articles in an order that says nothing about them, so that the first ones are a sample of all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from harness.types import ArticleId, Corpus


def drawn_order(corpus: Corpus, seed: int) -> tuple[ArticleId, ...]:
    """The articles that have segments, in a random order: the same for the same seed, pair and names."""

    def drawn(article: ArticleId) -> bytes:
        return hashlib.blake2b(f"{seed}\n{corpus.pair}\n{article}".encode("utf-8", "surrogatepass")).digest()

    return tuple(sorted((article.id for article in corpus.articles if article.segments), key=drawn))


def only_articles(corpus: Corpus, names: Collection[ArticleId]) -> Corpus:
    """The articles of these names, in the order of the corpus."""
    return replace(corpus, articles=tuple(article for article in corpus.articles if article.id in names))
