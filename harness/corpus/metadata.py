"""``<article>.toml``: what is known about an article beside its text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.corpus.original import RANGES, Original
from harness.errors import ConfigError
from harness.workspace.config import StrictModel, load_toml, parse_model
from harness.workspace.toml_lines import toml_string

Words = Annotated[str, Field(min_length=1)]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class OriginalFile(StrictModel):
    """``[original]`` as it is written."""

    file: Annotated[str, Field(min_length=1)]
    lines: Annotated[str, Field(pattern=f"^{RANGES}$")]
    """``13-24,26``"""
    of: Annotated[int, Field(ge=1)]
    sources: str


class ArticleFile(StrictModel):
    """The keys of ``<article>.toml``; every one may be left out, none may be empty."""

    title: Words | None = None
    domain: Words | None = None
    origin: Words | None = None
    licence: Words | None = None
    date: dt.date | None = None
    notes: Words | None = None
    metadata: dict[Words, Words] = Field(default_factory=dict)
    """Anything else, as strings."""
    original: OriginalFile | None = None
    """Written by import: where the segments stood in the imported file."""


KEYS = tuple(key for key in ArticleFile.model_fields if key not in ("metadata", "original"))
"""The keys outside tables."""


def read_article_file(path: Path) -> ArticleFile:
    """Read and check ``<article>.toml``.

    Raises:
        ConfigError: not TOML, unknown key or wrong type.
    """
    return parse_model(ArticleFile, load_toml(path), str(path))


def read_metadata(path: Path) -> dict[str, str]:
    """Read ``<article>.toml`` into one flat mapping; keys that were left out are absent.

    Raises:
        ConfigError: not TOML, unknown key, wrong type, or a key of ``[metadata]`` that has a place of its own.
    """
    return flatten(load_toml(path), str(path))


def flatten(data: dict[str, object], where: str) -> dict[str, str]:
    """Check the contents of an article file and make one mapping of them; the date becomes ISO 8601.

    Raises:
        ConfigError: headed by ``where``.
    """
    file = parse_model(ArticleFile, data, where)
    for key in file.metadata:
        if key in (*KEYS, "metadata"):
            raise ConfigError(f"{where}: key 'metadata.{key}': write '{key}' above the table [metadata]")
    values = ((key, getattr(file, key)) for key in KEYS)
    return {key: str(value) for key, value in values if value is not None} | file.metadata


def to_toml(meta: Mapping[str, str]) -> str:
    """The text of an article file: the inverse of :func:`read_metadata`. Empty for an empty mapping."""
    head = [f"{key} = {meta[key] if key == 'date' else toml_string(meta[key])}" for key in KEYS if key in meta]
    rest = [f"{_key(key)} = {toml_string(value)}" for key, value in meta.items() if key not in KEYS]
    table = ["[metadata]", *rest] if rest else []
    parts = ["\n".join(part) + "\n" for part in (head, table) if part]
    return "\n".join(parts)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else toml_string(key)


def read_original(file: OriginalFile, where: str) -> Original:
    """Take the table apart.

    Raises:
        ConfigError: lines that do not go up, or that the file does not have.
    """
    lines: list[int] = []
    for part in file.lines.split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        if not (lines[-1] if lines else 0) < begin <= end <= file.of:
            raise ConfigError(
                f"{where}: key 'original.lines': '{part}' is out of order, or is beyond {file.of}",
                hint="import the article again: harness import ... --force",
            )
        lines += range(begin, end + 1)
    return Original(file.file, tuple(lines), file.of, file.sources)
