"""From rows (source, references, article name) to articles: what all formats with one segment per row share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.corpus.importers.model import ImportedArticle, ImportedSegment, Place
from harness.corpus.importers.pairing import article_of
from harness.corpus.importers.spool import Pool, Segments
from harness.corpus.metadata import KEYS
from harness.corpus.names import ARTICLE_ID, ID_RULE, LONGEST_ID, id_of
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note

META_FIELDS = KEYS
"""Columns and fields that describe the article; they must agree on all rows of an article."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; empty strings are empty cells."""

    where: str
    article: str
    source: str
    references: tuple[str, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    """Cells of :data:`META_FIELDS` that are not empty."""
    place: Place | None = None
    """Its number in the file, paragraph breaks counted where they are lines, a header never."""
    segment: Mapping[str, str] = field(default_factory=dict)
    """What is known of the segment itself, ``id`` first; no empty value."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Outputs of systems, by name; no value is empty."""
    system: str = ""
    """The one system whose output the row has, or lacks; empty where rows are not those of systems."""


def articles_from_rows(
    rows: Iterable[Row], *, interleaved: bool = False
) -> tuple[tuple[ImportedArticle, ...], tuple[Note, ...]]:
    """Group rows into articles and paragraphs, in the order of the rows.

    A row without source and references is a paragraph break. Names that are no article id are changed into one,
    with a note, and kept as ``original_id`` in the metadata.

    Args:
        rows: What was read.
        interleaved: Whether rows of an article may come back after those of another one.

    Raises:
        DataError: a reference without source, an article that comes back after another one, metadata that
            disagree, or two names that give the same id.
    """
    drafts: dict[str, _Draft] = {}
    pool = Pool()
    current = ""
    for row in rows:
        if row.article not in drafts:
            drafts[row.article] = _Draft(row.where, pool)
        elif row.article != current and not interleaved:
            raise DataError(
                f"{row.where}: the article '{row.article}' occurs again; it began at {drafts[row.article].where}",
                hint="keep the rows of an article together",
            )
        current = row.article
        drafts[current].add(row)
    for name, draft in drafts.items():
        if not draft.paragraphs:
            raise DataError(f"{draft.where}: the article '{name}' has no segment", hint="remove its empty rows")
    return _named(drafts)


def default_name(path: Path, pair: LangPair) -> str:
    """The article name a file suggests: ``news.de.txt`` gives ``news``, and so does ``news_German.txt``."""
    return article_of(path, pair)


def given_name(article: str) -> str:
    """The name given with ``--article``, checked; empty when none was given.

    Raises:
        UsageError: it is no article id.
    """
    if article and not ARTICLE_ID.fullmatch(article):
        raise UsageError(f"--article '{article}' is not an article id", hint=ID_RULE)
    if len(article) > LONGEST_ID:
        raise UsageError(f"--article has {len(article)} characters; at most {LONGEST_ID} are allowed")
    return article


class _Draft:
    """An article while its rows come in."""

    def __init__(self, where: str, pool: Pool) -> None:
        self.where = where
        self.pool = pool
        self.meta: dict[str, str] = {}
        self.paragraphs: list[Segments] = []
        self.after_break = True

    def add(self, row: Row) -> None:
        for key, value in row.meta.items():
            if self.meta.setdefault(key, value) != value:
                raise DataError(
                    f"{row.where}: {key} '{value}', but the article '{row.article}' began with '{self.meta[key]}'",
                    hint=f"an article has one {key}",
                )
        if not row.source:
            if any(row.references):
                raise DataError(f"{row.where}: a reference without source text", hint="add the source")
            self.after_break = True
            return
        if self.after_break:
            self.paragraphs.append(Segments(self.pool))
            self.after_break = False
        references = {number: text for number, text in enumerate(row.references, start=1) if text}
        self.paragraphs[-1].append(
            ImportedSegment(row.source, references, row.where, row.place, dict(row.segment), dict(row.outputs))
        )


def _named(drafts: Mapping[str, _Draft]) -> tuple[tuple[ImportedArticle, ...], tuple[Note, ...]]:
    articles: dict[str, ImportedArticle] = {}
    renamed: list[Note] = []
    for name, draft in drafts.items():
        article_id = id_of(name)
        if article_id in articles:
            raise DataError(
                f"{draft.where}: the article name '{name}' gives the id '{article_id}', "
                f"which the article at {articles[article_id].where} has already",
                hint="rename one of them",
            )
        original = {} if article_id == name else {"original_id": name}
        if original:
            renamed.append(Note(draft.where, f"the article '{name}' becomes '{article_id}'"))
        paragraphs = tuple(paragraph.complete() for paragraph in draft.paragraphs)
        articles[article_id] = ImportedArticle(article_id, draft.meta | original, paragraphs, draft.where)
    return tuple(articles.values()), tuple(renamed)
