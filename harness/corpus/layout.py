"""Which segments a pair has, for scores and ratings that come from elsewhere in an order of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from harness.corpus.original import Original, sources_digest
from harness.types import Article, ArticleId, Corpus, Layout, OriginalLines, SegmentId, Unclear


def layout_of_workspace(folder: Path, scored: Corpus, systems: Collection[str]) -> Layout:
    """The segments of a pair, those that are not scored included.

    Args:
        folder: The references folder.
        scored: What is scored: perhaps some of the articles only, or the first segments.
        systems: All that the workspace has.

    Raises:
        DataError: a file breaks the contract.
        ConfigError: an article's TOML file is wrong.
    """
    from harness.corpus.metadata import read_article_file, read_original
    from harness.corpus.names import list_articles, list_pairs
    from harness.corpus.native import read_article

    pairs = list_pairs(folder)
    listed = {pair: list_articles(path, pair) for pair, path in pairs.items()}
    articles: list[Article] = []
    originals: list[tuple[Article, Original]] = []
    for files in listed[scored.pair]:
        article = read_article(files, scored.pair)
        articles.append(article)
        for path in files.metadata:
            kept = read_article_file(path).original
            if kept is not None:
                originals.append((article, read_original(kept, str(path))))
    return Layout(
        pair=scored.pair,
        pairs=frozenset(pairs),
        segments=tuple(segment.id for segment in scored.segments),
        articles={article.id: len(article.segments) for article in articles},
        names=_names(articles),
        elsewhere=frozenset(str(files.id) for pair, found in listed.items() if pair != scored.pair for files in found),
        originals=_originals(originals),
        systems=frozenset(systems),
        sources=_sources(articles),
    )


def layout_of_files(corpus: Corpus, source: str, systems: Collection[str]) -> Layout:
    """The segments of bare files, every line of which is one.

    Args:
        corpus: From :func:`harness.corpus.bare.corpus_from_files`.
        source: Name of the source file.
        systems: All that are scored.
    """
    segments = tuple(segment.id for segment in corpus.segments)
    lines = OriginalLines(len(segments), dict(enumerate(segments, start=1)), frozenset())
    return Layout(
        pair=corpus.pair,
        pairs=frozenset({corpus.pair}),
        segments=segments,
        articles={article.id: len(article.segments) for article in corpus.articles},
        names={},
        elsewhere=frozenset(),
        originals={source: lines},
        systems=frozenset(systems),
        sources=_sources(corpus.articles),
    )


def layout_of_run(corpus: Corpus, corpora: Collection[Corpus], systems: Collection[str]) -> Layout:
    """The segments of a pair of a stored run, of whose imported files nothing is known.

    Args:
        corpus: Of the pair.
        corpora: Of all pairs of the run.
        systems: All that the pair has.
    """
    others = [other for other in corpora if other.pair != corpus.pair]
    return Layout(
        pair=corpus.pair,
        pairs=frozenset(other.pair for other in corpora),
        segments=tuple(segment.id for segment in corpus.segments),
        articles={article.id: max(segment.id.number for segment in article.segments) for article in corpus.articles},
        names=_names(list(corpus.articles)),
        elsewhere=frozenset(str(article.id) for other in others for article in other.articles),
        originals={},
        systems=frozenset(systems),
        sources=_sources(corpus.articles),
    )


def _names(articles: list[Article]) -> dict[str, ArticleId]:
    """What articles were called before import made ids of their names."""
    return {article.meta["original_id"]: article.id for article in articles if "original_id" in article.meta}


def _sources(articles: Iterable[Article]) -> dict[ArticleId, tuple[str, ...]]:
    return {article.id: tuple(segment.source for segment in article.segments) for article in articles}


def _originals(originals: list[tuple[Article, Original]]) -> dict[str, OriginalLines | Unclear]:
    counts: dict[str, int] = {}
    lines: dict[str, dict[int, SegmentId]] = {}
    changed: dict[str, set[ArticleId]] = {}
    unclear: dict[str, Unclear] = {}
    again = "import them again under files of different names, or give the columns article and segment"
    for article, original in originals:
        file = original.file
        if counts.setdefault(file, original.count) != original.count:
            both = f"{counts[file]} and {original.count} lines"
            unclear[file] = Unclear(f"articles were imported from two files called {file}, of {both}", again)
        if sources_digest([segment.source for segment in article.segments]) != original.sources:
            changed.setdefault(file, set()).add(article.id)
        known = lines.setdefault(file, {})
        for number, line in enumerate(original.lines, start=1):
            other = known.setdefault(line, SegmentId(article.id, number))
            if other.article != article.id:
                claim = f"articles '{other.article}' and '{article.id}' were both on line {line} of {file}"
                unclear[file] = Unclear(claim, again)
                break
    return {
        file: unclear.get(file) or OriginalLines(count, lines[file], frozenset(changed.get(file, ())))
        for file, count in counts.items()
    }
