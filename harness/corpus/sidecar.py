"""``<article>.segments.jsonl``: what the imported file says of each segment, one object for each of them in order.

``{"segment": 3, "source": "5f1c9a02", "meta": {"id": "tu-17", "note": "..."}}``. ``source`` is a digest of the
source text: where it no longer fits, the segment was edited after the import, and nothing is known of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.corpus.text import code_point, read_lines
from harness.errors import DataError

LONGEST_VALUE = 10_000
"""Characters kept of what is known of a segment, for each key."""
_LONGEST_LINE = 1_000_000
_LONGEST_META = _LONGEST_LINE - 100
SURROGATE = re.compile("[\ud800-\udfff]")


def writable_meta(meta: Mapping[str, str], where: str) -> dict[str, str]:
    """What can be kept of what is known of a segment: each value cut to :data:`LONGEST_VALUE` characters.

    Raises:
        DataError: headed by ``where``: a surrogate, which no file can hold, or more than a line can hold.
    """
    cut = {key: value[:LONGEST_VALUE] for key, value in meta.items()}
    for key, value in cut.items():
        if match := SURROGATE.search(key) or SURROGATE.search(value):
            name = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", key)
            raise DataError(f"{where}: {name}: surrogate ({code_point(match[0])})", hint="remove the character")
    if (size := len(json.dumps(cut))) > _LONGEST_META:
        raise DataError(
            f"{where}: the metadata of the segment has {size:,} characters; at most {_LONGEST_META:,} can be kept",
            hint="remove columns or fields that are not needed",
        )
    return cut


def sidecar_line(number: int, source: str, meta: Mapping[str, str]) -> str:
    """The line of a segment, in ASCII; empty where nothing is known of it.

    Args:
        number: of the segment, from 1.
        source: its text.
        meta: as :func:`writable_meta` gives it.
    """
    return json.dumps({"segment": number, "source": _digest(source), "meta": dict(meta)}) + "\n" if meta else ""


def read_sidecar(path: Path, sources: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    """What is known of each segment; an empty mapping where nothing is, or where its source was edited.

    Raises:
        DataError: not such a file; with file and line.
    """
    metas: list[Mapping[str, str]] = [{}] * len(sources)
    file = read_lines(path, longest=_LONGEST_LINE)
    for line, text in enumerate(file.lines, start=1):
        try:
            record = json.loads(text)
            number, digest = int(record["segment"]), str(record["source"])
            meta = {str(key): value for key, value in record["meta"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _malformed(file.at(line)) from None
        if not all(isinstance(value, str) and value for value in meta.values()):
            raise _malformed(file.at(line))
        if 1 <= number <= len(sources) and _digest(sources[number - 1]) == digest:
            metas[number - 1] = meta
    return tuple(metas)


def _malformed(where: str) -> DataError:
    return DataError(
        f"{where}: expected an object with 'segment', 'source' and 'meta', a table of strings",
        hint="import the article again, or remove the file: it holds ids only",
    )


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
