"""``[original]`` of ``<article>.toml``: on which lines of the imported file an article stood.

Scores made for that file find their segments by it. It holds as long as the source text is the one that was imported,
which its digest shows; references and everything else may be edited.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from harness.workspace.toml_lines import toml_string

RANGES = r"\d+(-\d+)?(,\d+(-\d+)?)*"
"""What ``lines`` looks like: ``13-24,26``."""


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


def sources_digest(sources: Sequence[str]) -> str:
    """What shows that the source segments of an article are still those that were imported."""
    return hashlib.sha256(json.dumps(list(sources), ensure_ascii=False).encode("utf-8")).hexdigest()[:16]


def original_toml(original: Original) -> str:
    """The table as text."""
    return (
        f'[original]\nfile = {toml_string(original.file)}\nlines = "{_ranges(original.lines)}"\n'
        f'of = {original.count}\nsources = "{original.sources}"\n'
    )


def _ranges(lines: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for line in lines:
        if parts and parts[-1][1] == line - 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
