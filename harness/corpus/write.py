"""Writing the native form: everything is checked before the first byte, and every file appears whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.corpus.importers.model import ImportedArticle
from harness.corpus.metadata import KEYS, flatten, to_toml
from harness.corpus.names import ARTICLE_ID, ID_RULE, LONGEST_ID, SEGMENTS_SUFFIX, check_case, file_name
from harness.corpus.original import Original, original_toml, sources_digest
from harness.corpus.sidecar import LONGEST_VALUE, SURROGATE, sidecar_line, writable_meta
from harness.corpus.text import check_text, code_point
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note
from harness.workspace.operating_system import replace_file


@dataclass(frozen=True, slots=True)
class Written:
    """What :func:`write_articles` did."""

    paths: tuple[Path, ...]
    """The files there are now, in the order of the articles."""
    notes: tuple[Note, ...]
    """What was cut, and files that were replaced or removed."""


def write_articles(
    folder: Path,
    pair: LangPair,
    articles: Sequence[ImportedArticle],
    *,
    force: bool = False,
) -> Written:
    """Write articles into ``folder/<pair>/``.

    With ``force``, all earlier files of the same articles are replaced, and those without a successor removed: a
    second reference of an older text would be misaligned.

    Args:
        folder: The references folder; made if missing.
        pair: The language pair.
        articles: What to write; at least one.
        force: Whether articles that exist are replaced.

    Raises:
        DataError: an article cannot be written in the native form, and nothing was written; or the disk refused.
        UsageError: an article exists and ``force`` is false; nothing was written.
    """
    if not articles:
        raise DataError("no article to write", hint="the files hold no segment")
    target = folder / str(pair)
    _check_ids(articles, target)
    contents = {target / name: parts for article in articles for name, parts in _files(_checked(article), pair).items()}
    existing = _existing(target, {article.id for article in articles})
    if existing and not force:
        listing = ", ".join(path.name for path in existing)
        raise UsageError(f"{target} already has: {listing}", hint="--force replaces the whole article")
    stale = [path for path in existing if path not in contents]
    try:
        target.mkdir(parents=True, exist_ok=True)
        _replace(contents)
        for path in stale:
            path.unlink()
    except OSError as error:
        raise DataError(f"{target}: cannot write: {error.strerror or error}") from error
    notes = [
        Note(str(path), "removed: not part of the new article" if path in stale else "replaced") for path in existing
    ]
    return Written(tuple(contents), (*_cut(articles), *notes))


def _cut(articles: Sequence[ImportedArticle]) -> Iterator[Note]:
    for article in articles:
        values = (value for segment in article.segments() for value in segment.meta.values())
        if count := sum(len(value) > LONGEST_VALUE for value in values):
            yield Note(article.where, f"metadata of segments cut to {LONGEST_VALUE:,} characters: {count}")


def _check_ids(articles: Sequence[ImportedArticle], target: Path) -> None:
    seen: dict[str, ImportedArticle] = {}
    for article in articles:
        if not ARTICLE_ID.fullmatch(article.id):
            raise DataError(f"{article.where}: '{article.id}' is not an article id", hint=ID_RULE)
        if len(article.id) > LONGEST_ID:
            hint = f"an article id has at most {LONGEST_ID} characters"
            raise DataError(f"{article.where}: the article id has {len(article.id)} characters", hint=hint)
        other = seen.setdefault(article.id, article)
        if other is not article:
            raise DataError(
                f"{article.where}: the article '{article.id}' occurs twice; the other one is at {other.where}",
                hint="rename one of them",
            )
    present = [path.name.partition(".")[0] for path in _listing(target)]
    check_case([*present, *seen], str(target))


def _listing(target: Path) -> list[Path]:
    if not target.is_dir():
        return []
    return sorted(path for path in target.iterdir() if path.name != "README.md" and not path.name.startswith("."))


def _existing(target: Path, ids: set[str]) -> list[Path]:
    return [path for path in _listing(target) if path.name.partition(".")[0] in ids]


Parts = Callable[[], Iterator[str]]
"""Gives the contents of a file in parts, so that no file need be in memory."""


def _checked(article: ImportedArticle) -> ImportedArticle:
    """The article, in which every text can be written.

    Raises:
        DataError: one cannot.
    """
    if not any(article.paragraphs):
        raise DataError(f"{article.where}: the article '{article.id}' has no segment", hint="leave it out")
    for segment in article.segments():
        for text in (segment.source, *segment.references.values()):
            check_text(text, segment.where)
            _check_unicode(text, article.where)
        writable_meta(segment.meta, segment.where)
    return article


def _check_unicode(text: str, where: str) -> None:
    if match := SURROGATE.search(text):
        raise DataError(f"{where}: surrogate ({code_point(match[0])})", hint="remove the character, or rename the file")


def _files(article: ImportedArticle, pair: LangPair) -> dict[str, Parts]:
    """File name to contents."""
    count = max((number for segment in article.segments() for number in segment.references), default=0)
    files: dict[str, Parts] = {file_name(article.id, pair.source_file_tag, 1): partial(_sources, article)}
    for number in range(1, count + 1):
        files[file_name(article.id, pair.target_file_tag, number)] = partial(_references, article, number)
    original = _original(article)
    parts = [to_toml(_checked_meta(article)), original_toml(original) if original else ""]
    if toml := "\n".join(part for part in parts if part):
        _check_unicode(toml, article.where)
        files[f"{article.id}.toml"] = partial(_whole, toml)
    if any(segment.meta for segment in article.segments()):
        files[f"{article.id}{SEGMENTS_SUFFIX}"] = partial(_sidecar, article)
    return files


def _original(article: ImportedArticle) -> Original | None:
    """Where the segments stood; None unless all of them stood in one file that numbers them by lines."""
    if any(segment.place is None for segment in article.segments()):
        return None
    places = [segment.place for segment in article.segments() if segment.place is not None]
    if len({place.file for place in places}) > 1:
        return None
    digest = sources_digest([segment.source for segment in article.segments()])
    return Original(places[0].file, tuple(place.line for place in places), places[0].count, digest)


def _sources(article: ImportedArticle) -> Iterator[str]:
    return _lines((segment.source for segment in paragraph) for paragraph in article.paragraphs)


def _references(article: ImportedArticle, number: int) -> Iterator[str]:
    return _lines((segment.references.get(number, "") for segment in paragraph) for paragraph in article.paragraphs)


def _lines(paragraphs: Iterable[Iterable[str]]) -> Iterator[str]:
    for position, paragraph in enumerate(paragraphs):
        if position:
            yield "\n"
        for text in paragraph:
            yield f"{text}\n"


def _sidecar(article: ImportedArticle) -> Iterator[str]:
    for number, segment in enumerate(article.segments(), start=1):
        yield sidecar_line(number, segment.source, writable_meta(segment.meta, segment.where))


def _whole(text: str) -> Iterator[str]:
    yield text


def _checked_meta(article: ImportedArticle) -> dict[str, str]:
    data: dict[str, object] = {key: value for key, value in article.meta.items() if key in KEYS}
    data["metadata"] = {key: value for key, value in article.meta.items() if key not in KEYS}
    for key, value in article.meta.items():
        check_text(value.replace("\n", " "), f"{article.where}: {key}")
    if "date" in article.meta:
        try:
            data["date"] = dt.date.fromisoformat(article.meta["date"])
        except ValueError:
            raise DataError(
                f"{article.where}: '{article.meta['date']}' is not a date", hint="write dates as 2024-05-31"
            ) from None
    return flatten(data, article.where)


def _replace(contents: Mapping[Path, Parts]) -> None:
    """Write all files under temporary names (which readers skip), then rename them."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in contents}
    try:
        for path, parts in contents.items():
            with temporary[path].open("w", encoding="utf-8", newline="") as file:
                file.writelines(parts())
        for path, draft in temporary.items():
            replace_file(draft, path)
    finally:
        for draft in temporary.values():
            draft.unlink(missing_ok=True)
