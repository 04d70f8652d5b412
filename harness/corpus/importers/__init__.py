"""Importers: one file per format, each a function from files to articles in the shape of the native form."""

from __future__ import annotations

from pathlib import Path

from harness.corpus.importers.bilingual import is_separator, read_bilingual
from harness.corpus.importers.jsonl import read_jsonl
from harness.corpus.importers.model import Imported, Reader, Request
from harness.corpus.importers.parallel import read_parallel
from harness.corpus.importers.tables import read_csv, read_tsv
from harness.corpus.importers.tmx import read_tmx
from harness.corpus.text import read_lines
from harness.errors import UsageError
from harness.workspace.registry import suggestion

READERS: dict[str, Reader] = {
    "parallel": read_parallel,
    "tsv": read_tsv,
    "csv": read_csv,
    "jsonl": read_jsonl,
    "bilingual": read_bilingual,
    "tmx": read_tmx,
}
"""Format name to reader."""

AUTO = "auto"

_SUFFIXES = {".tsv": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".tmx": "tmx"}


def read_files(request: Request, file_format: str = AUTO) -> Imported:
    """Read the files of a request.

    Args:
        request: What to read.
        file_format: A key of :data:`READERS`, or ``auto``: by suffix; text files with a line ``<--`` are bilingual
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
    if chosen not in READERS:
        raise UsageError(f"unknown format '{chosen}'", hint=suggestion(chosen, [AUTO, *READERS]))
    if request.docids and chosen != "parallel":
        raise UsageError(f"--docids belongs to parallel text, the format is {chosen}")
    if request.drop_chrome and chosen != "bilingual":
        raise UsageError(f"--drop-chrome belongs to bilingual articles, the format is {chosen}")
    return READERS[chosen](request)


def detect(files: tuple[Path, ...]) -> str:
    """The format of files, by suffix, and for text by the line ``<--``.

    Raises:
        UsageError: the files are of different formats.
        DataError: a text file cannot be read.
    """
    found = {path: _SUFFIXES.get(path.suffix.lower()) or _text_format(path) for path in files}
    if len(set(found.values())) > 1:
        listing = ", ".join(f"{path} ({name})" for path, name in found.items())
        raise UsageError(f"files of different formats: {listing}", hint="import them one format at a time")
    return found[files[0]]


def _text_format(path: Path) -> str:
    file = read_lines(path, bom="drop", crlf="convert")
    return "bilingual" if any(map(is_separator, file.lines)) else "parallel"
