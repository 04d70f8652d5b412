"""Language codes on the wire: one small table per engine, and nothing is guessed.

A tag that is not in the table goes out as it is, and the service says whether it knows it: a fuzzy match would compare
different variants under one name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

REGION = re.compile(r"[A-Z]{2}|[0-9]{3}")


def source_code(tag: str, table: Mapping[str, str]) -> str:
    """The code for a source language; a region is dropped unless the table has it, because sources are only read."""
    language, *rest = tag.split("-")
    bare = "-".join([language, *(part for part in rest if not REGION.fullmatch(part))])
    return table.get(tag, table.get(bare, bare))


def count_characters(sources: Sequence[str]) -> int:
    """Code points of source text: what these services bill."""
    return sum(map(len, sources))
