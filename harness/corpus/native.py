"""The native form: plain text, one segment per line, source and references line for line.

The contract for people is ``references/README.md``; this module is what enforces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.corpus.align import check_alignment
from harness.corpus.metadata import read_metadata
from harness.corpus.names import ArticleFiles, list_articles, list_pairs
from harness.corpus.sidecar import read_sidecar
from harness.corpus.text import TextFile, is_blank, read_lines
from harness.errors import DataError, UsageError
from harness.store.files import refuse_links_out
from harness.types import Article, Corpus, LangPair, Segment, SegmentId
from harness.workspace.registry import suggestion


def read_workspace(
    folder: Path,
    *,
    pairs: Sequence[LangPair] = (),
    articles: Sequence[str] = (),
) -> tuple[Corpus, ...]:
    """Read reference articles in their native form.

    Args:
        folder: The references folder, which holds one folder for each pair.
        pairs: Only these pairs; empty for all.
        articles: Only the articles with these ids; empty for all. Pairs without any of them are left out.

    Returns:
        One corpus for each pair, ordered by pair, its articles ordered by id; never a corpus without articles.

    Raises:
        DataError: a file breaks the contract; the message names file and line. Or a link leads out of the workspace.
        ConfigError: an article's TOML file is wrong.
        UsageError: a filter names something that is not there.
    """
    refuse_links_out(folder.parent, [folder.name])
    available = list_pairs(folder)
    for pair in pairs:
        if pair not in available:
            hint = suggestion(str(pair), [str(known) for known in available])
            raise UsageError(f"{folder}: no articles for the pair '{pair}'", hint=hint)
    listed = {pair: list_articles(path, pair) for pair, path in available.items() if not pairs or pair in pairs}
    known = sorted({files.id for found in listed.values() for files in found})
    for article in articles:
        if article not in known:
            raise UsageError(f"{folder}: no article '{article}'", hint=suggestion(article, [*known]))
    chosen = {
        pair: [files for files in found if not articles or files.id in articles] for pair, found in listed.items()
    }
    return tuple(
        Corpus(pair, tuple(read_article(files, pair) for files in found)) for pair, found in chosen.items() if found
    )


def read_article(files: ArticleFiles, pair: LangPair) -> Article:
    """Read one article.

    Returns:
        The article; it has at least one segment.

    Raises:
        DataError: misaligned, white space alone on a line, text beside a paragraph break, or no segment.
        ConfigError: its TOML file is wrong.
    """
    source = read_lines(files.source)
    references = [read_lines(path) for path in files.references]
    for file in (source, *references):
        _refuse_blank_text(file)
    for reference in references:
        check_alignment(source, reference)
    segments: list[Segment] = []
    paragraph, after_break = 0, True
    for number, text in enumerate(source.lines, start=1):
        if not text:
            after_break = True
            continue
        paragraph += after_break
        after_break = False
        segments.append(
            Segment(
                id=SegmentId(files.id, len(segments) + 1),
                line=number,
                paragraph=paragraph,
                source=text,
                references=tuple(file.lines[number - 1] for file in references if file.lines[number - 1]),
            )
        )
    if not segments:
        raise DataError(f"{source.path}: no segments, only empty lines", hint="write text, or remove the article")
    for path in files.segments:
        metas = read_sidecar(path, [segment.source for segment in segments])
        segments = [replace(segment, meta=known) for segment, known in zip(segments, metas, strict=True)]
    meta = {key: value for path in files.metadata for key, value in read_metadata(path).items()}
    return Article(files.id, pair, tuple(segments), meta)


def _refuse_blank_text(file: TextFile) -> None:
    for number, text in enumerate(file.lines, start=1):
        if text and is_blank(text):
            raise DataError(
                f"{file.at(number)}: only white space",
                hint="make the line empty (a paragraph break, or no reference), or write text",
            )
