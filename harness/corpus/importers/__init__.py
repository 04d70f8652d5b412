"""Importers: one file per format, each a function from files to articles in the shape of the native form.

The entry points in ``harness.importers`` say which there are. One that is called as a suffix is, such as ``tmx``, is
what ``auto`` takes for files with that suffix.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from harness.corpus.importers.bilingual import is_separator
from harness.corpus.importers.model import Imported, Reader, Request
from harness.corpus.text import read_lines
from harness.errors import UsageError
from harness.workspace import registry

AUTO = "auto"

_TEXT = ("parallel", "bilingual")
"""Formats of text files, which no suffix tells apart."""

_ALIASES = {"ndjson": "jsonl"}


def read_files(request: Request, file_format: str = AUTO) -> Imported:
    """Read the files of a request.

    Args:
        request: What to read.
        file_format: a registered importer, or ``auto``: by suffix; text files with a line ``<--`` are bilingual
            articles, other text files are parallel.

    Returns:
        At least one article.

    Raises:
        UsageError: unknown or undecidable format, or an option that does not suit it.
        DataError: a file breaks a rule; with file and line.
    """
    if not request.files:
        raise UsageError("no file to import")
    chosen = detect(request.files) if file_format == AUTO else file_format
    known = registry.names("importers")
    if chosen not in known:
        raise UsageError(f"unknown format '{chosen}'", hint=registry.suggestion(chosen, [AUTO, *known]))
    if request.docids and chosen != "parallel":
        raise UsageError(f"--docids belongs to parallel text, the format is {chosen}")
    if request.drop_chrome and chosen != "bilingual":
        raise UsageError(f"--drop-chrome belongs to bilingual articles, the format is {chosen}")
    with registry.blaming("importers", chosen):
        return cast("Reader", registry.load("importers", chosen))(request)


def detect(files: tuple[Path, ...]) -> str:
    """The format of files, by suffix, and for text by the line ``<--``.

    Raises:
        UsageError: the files are of different formats.
        DataError: a text file cannot be read.
    """
    found = {path: _by_suffix(path) or _text_format(path) for path in files}
    if len(set(found.values())) > 1:
        listing = ", ".join(f"{path} ({name})" for path, name in found.items())
        raise UsageError(f"files of different formats: {listing}", hint="import them one format at a time")
    return found[files[0]]


def _by_suffix(path: Path) -> str:
    """The importer that is called as the suffix is; empty where there is none."""
    suffix = path.suffix.lower().removeprefix(".")
    name = _ALIASES.get(suffix, suffix)
    return name if name in registry.names("importers") and name not in _TEXT else ""


def _text_format(path: Path) -> str:
    file = read_lines(path, bom="drop", crlf="convert")
    return "bilingual" if any(map(is_separator, file.lines)) else "parallel"
