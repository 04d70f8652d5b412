"""Reading files of any format, and telling which one they are of.

The entry points in ``harness.importers`` say which there are. ``auto`` asks the content of a file first, then its
suffix; only what is plain text by both is read as plain text.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from harness.corpus.importers.bilingual import is_separator
from harness.corpus.importers.foreign import refuse_foreign, refuse_pointer
from harness.corpus.importers.head import Head, read_head
from harness.corpus.importers.model import OPTIONS, Imported, Importer, Reader, Request
from harness.corpus.importers.mt_metrics_eval import is_test_set_folder
from harness.corpus.importers.other_suffixes import refuse_suffix
from harness.corpus.importers.pairing import group_files
from harness.corpus.importers.sacrebleu_sets import is_test_set_name
from harness.corpus.language_names import side_named
from harness.corpus.text import read_lines
from harness.errors import DataError, UsageError, so_many
from harness.types import LangPair
from harness.workspace import registry

AUTO = "auto"

PLAIN_TEXT = ("parallel", "bilingual")
"""Formats of text files, which no suffix tells apart."""


def read_files(request: Request, file_format: str = AUTO) -> Imported:
    """Read the files of a request.

    Args:
        request: What to read.
        file_format: a registered importer, or ``auto``: by content, then by suffix; text files with a line ``<--``
            are bilingual articles, other text files are parallel.

    Returns:
        At least one article.

    Raises:
        UsageError: unknown or undecidable format, a file named twice, or an option that does not suit the format.
        DataError: a file breaks a rule; with file and line.
    """
    if not request.files:
        raise UsageError("no file to import")
    seen: set[Path] = set()
    for path in request.files:
        if path.resolve() in seen:
            raise UsageError(f"{path}: named twice", hint="name each file once")
        seen.add(path.resolve())
    for path in request.files:
        if path.is_file() and file_format not in (AUTO, *PLAIN_TEXT):
            refuse_pointer(read_head(path))
    chosen = detect(request.files, request.pair) if file_format == AUTO else file_format
    known = registry.names("importers")
    if chosen not in known:
        raise UsageError(f"unknown format '{chosen}'", hint=registry.suggestion(chosen, [AUTO, *known]))
    importer = _importer(chosen)
    for option in request.given():
        if option not in importer.takes:
            takers = [name for name in known if option in _importer(name).takes]
            raise UsageError(
                f"{OPTIONS[option]} does not apply to the format {chosen}", hint=f"it applies to: {', '.join(takers)}"
            )
    if chosen in PLAIN_TEXT:
        for path in request.files:
            refuse_foreign(read_head(path))
    with registry.blaming("importers", chosen):
        return _read_articles(importer, request) if importer.separate else importer(request)


def _read_articles(importer: Importer, request: Request) -> Imported:
    """Read each article from files of its own."""
    groups, notes = group_files(request.files, request.pair)
    if len(groups) > 1 and (request.article or request.docids):
        option = "--article" if request.article else "--docids"
        raise UsageError(
            f"{option}, but the names of the files give {so_many(len(groups), 'article')}", hint=f"leave out {option}"
        )
    read = [importer(replace(request, files=group.files)) for group in groups]
    articles = tuple(article for imported in read for article in imported.articles)
    return Imported(articles, (*notes, *(note for imported in read for note in imported.notes)))


def detect(files: tuple[Path, ...], pair: LangPair) -> str:
    """The format of files, by their content, then by their suffix, and for text by the line ``<--``.

    Args:
        files: At least one.
        pair: Its tags are suffixes of plain text, as in ``news.de``.

    Raises:
        UsageError: the files are of different formats.
        DataError: a file cannot be read, or is of no format that is known; the message says what it is.
    """
    formats = {path: _known_without_reading(path) or _format_of(read_head(path), pair) for path in files}
    if len(set(formats.values())) > 1:
        listing = ", ".join(f"{path} ({name})" for path, name in formats.items())
        raise UsageError(f"files of different formats: {listing}", hint="import them one format at a time")
    return formats[files[0]]


def _known_without_reading(path: Path) -> str:
    """The format of what is no file; empty for files."""
    if is_test_set_name(path):
        return "sacrebleu"
    return "mt-metrics-eval" if is_test_set_folder(path) else ""


def _importer(name: str) -> Importer:
    """What is registered; a function reads files whose suffix is its name, and takes no options."""
    loaded = registry.load("importers", name)
    return loaded if isinstance(loaded, Importer) else Importer(cast("Reader", loaded), suffixes=(name,))


def _format_of(head: Head, pair: LangPair) -> str:
    refuse_pointer(head)
    importers = {name: _importer(name) for name in registry.names("importers")}
    by_content = [name for name, importer in importers.items() if importer.recognises(head)]
    if len(by_content) > 1:
        raise UsageError(f"{head.path}: could be {' or '.join(by_content)}", hint="say which with --format")
    by_suffix = [name for name, importer in importers.items() if head.suffix in importer.suffixes and head.suffix]
    if by_content == ["html"] and by_suffix not in ([], ["html"]) and by_suffix[0] not in PLAIN_TEXT:
        raise DataError(
            f"{head.path}: this is a web page, not {by_suffix[0]}, perhaps that of an error",
            hint="download the file again; if the page itself is the text, add --format html",
        )
    if by_content:
        return by_content[0]
    if by_suffix and by_suffix[0] not in PLAIN_TEXT:
        return by_suffix[0]
    of_text = bool(by_suffix) or _is_text_suffix(head.suffix, pair)
    if not of_text and not head.root:
        refuse_suffix(head)
    refuse_foreign(head)
    if not of_text:
        refuse_suffix(head)
        raise DataError(
            f"{head.path}: no importer reads .{head.suffix} files",
            hint="if it is plain text, one segment per line, add --format parallel",
        )
    return _text_format(head.path)


def _is_text_suffix(suffix: str, pair: LangPair) -> bool:
    """None at all, or the language of one side, as in ``news.de``."""
    return not suffix or side_named(suffix, pair) != "neither"


def _text_format(path: Path) -> str:
    file = read_lines(path, bom="drop", crlf="convert")
    return "bilingual" if any(map(is_separator, file.lines)) else "parallel"
