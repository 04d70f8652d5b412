"""``[original]`` of ``<article>.toml``: on which lines of the imported file an article stood.

Scores made for that file find their segments by it. It holds as long as the source text is the one that was imported,
which its digest shows; references and everything else may be edited.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from harness.errors import ConfigError
from harness.workspace.config import StrictModel, toml_string

_RANGES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")


@dataclass(frozen=True, slots=True)
class Original:
    """Where the segments of one article stood."""

    file: str
    """Name of the imported file, without its folder."""
    lines: tuple[int, ...]
    """1-based, one for each segment, in order."""
    count: int
    """Lines of the whole file."""
    sources: str
    """Digest of the source segments."""


class OriginalFile(StrictModel):
    """The table as it is written."""

    file: Annotated[str, Field(min_length=1)]
    lines: Annotated[str, Field(pattern=f"^{_RANGES.pattern}$")]
    """``13-24,26``"""
    of: Annotated[int, Field(ge=1)]
    sources: str


def sources_digest(sources: Sequence[str]) -> str:
    """What shows that the source segments of an article are still those that were imported."""
    return hashlib.sha256(json.dumps(list(sources), ensure_ascii=False).encode("utf-8")).hexdigest()[:16]


def original_toml(original: Original) -> str:
    """The table as text."""
    return (
        f'[original]\nfile = {toml_string(original.file)}\nlines = "{_ranges(original.lines)}"\n'
        f'of = {original.count}\nsources = "{original.sources}"\n'
    )


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


def _ranges(lines: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for line in lines:
        if parts and parts[-1][1] == line - 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
