"""Which article and which segment of the workspace an output belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.corpus.importers.model import ImportedArticle, ImportedSegment
from harness.corpus.importers.wmt_jsonl import read_hypotheses
from harness.corpus.recut import recut_lines
from harness.errors import DataError, so_many
from harness.types import Article, ArticleId, Segment, SegmentId

WMT_DOCUMENTS: Final = "wmt-jsonl"
"""The format whose outputs come without their sources, by document."""


class Matcher:
    """Finds segments of the workspace; each is given away once, so that equal texts go in their order."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.names = {name: article.id for article in articles for name in names_of(article)}
        self.by_id: dict[tuple[ArticleId, str], list[Segment]] = {}
        self.by_source: dict[str, list[Segment]] = {}
        self.taken: set[SegmentId] = set()
        for segment in (segment for article in articles for segment in article.segments):
            self.by_source.setdefault(segment.source, []).append(segment)
            if "id" in segment.meta:
                self.by_id.setdefault((segment.id.article, segment.meta["id"]), []).append(segment)

    def find(self, article: ImportedArticle, segment: ImportedSegment) -> Segment | None:
        """The segment by article and id, if its source is the same, otherwise the first free one of this source."""
        name = self.names.get(article.meta.get("original_id", article.id))
        alike = self.by_source.get(segment.source, [])
        exact = self.by_id.get((name, segment.meta.get("id", "")), []) if name else []
        near = [candidate for candidate in alike if candidate.id.article == name]
        for candidate in (*[c for c in exact if c in alike], *near, *alike):
            if candidate.id not in self.taken:
                self.taken.add(candidate.id)
                return candidate
        return None


def names_of(article: Article) -> tuple[str, ...]:
    """Its id, and what it was called where it was imported from."""
    original = article.meta.get("original_id")
    return (str(article.id),) if original is None else (str(article.id), original)


def outputs_by_document(
    files: Sequence[Path], articles: Sequence[Article], *, recut: bool
) -> dict[ArticleId, dict[int, str]]:
    """The outputs in files of a document per line, by article and number of the segment.

    Documents of other pairs and test suites, which no article is, are passed over.

    Raises:
        DataError: no document is an article, one is there twice, or one has another number of segments.
    """
    named = {name: article for article in articles for name in names_of(article)}
    texts: dict[ArticleId, dict[int, str]] = {}
    for path in files:
        for name, (where, segments) in read_hypotheses(path).items():
            article = named.get(name)
            if article is None:
                continue
            if article.id in texts:
                raise DataError(f"{where}: the output of '{name}' is there twice", hint="import one of them")
            if len(segments) != len(article.segments) and not recut:
                raise DataError(
                    f"{where}: {so_many(len(segments), 'segment')}, but '{article.id}' has {len(article.segments)}",
                    hint="if the system merged or split them, add --recut",
                )
            fitted = segments if len(segments) == len(article.segments) else recut_lines(segments, article.segments)
            texts[article.id] = {number: text for number, text in enumerate(fitted, start=1) if text}
    if not texts:
        raise DataError(f"{files[0]}: none of its documents is an article", hint="import their sources first")
    return texts
