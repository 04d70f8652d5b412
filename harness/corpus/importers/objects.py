"""Objects (of JSON, of Parquet) as the cells of a table: ``{"translation": {"de": "Ja."}}`` is ``translation.de``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.corpus.importers.tables import Record, Table
from harness.errors import DataError
from harness.types import Note

_DEEPEST = 3
_LONGEST_LIST = 10


def cells_of(data: Mapping[str, Any], lost: Counter[str]) -> dict[str, str]:
    """The fields of an object as text; ``null`` is an empty cell, members of lists are numbered from 1.

    Args:
        data: The object.
        lost: Counts, by field, what is neither text nor number nor a short list or shallow object of them.
    """
    return dict(_flat("", data, lost, 0))


def _flat(name: str, value: Any, lost: Counter[str], depth: int) -> Iterator[tuple[str, str]]:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, str | int | float):
        yield name, str(value)
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner, lost, depth + 1)
    elif (
        isinstance(value, Sequence)
        and not isinstance(value, bytes)
        and len(value) <= _LONGEST_LIST
        and depth < _DEEPEST
    ):
        for number, inner in enumerate(value, start=1):
            yield from _flat(f"{name}.{number}", inner, lost, depth + 1)
    else:
        lost[name] += 1


def table_of(
    path: Path, records: Sequence[Record | DataError], lost: Mapping[str, int], notes: Sequence[Note] = ()
) -> Table:
    """The table of records that name their own columns; these are in the order in which they first occur."""
    columns = dict.fromkeys(column for record in records if isinstance(record, Record) for column in record.cells)
    left = [Note(str(path), f"rows without their field '{name}', which is not text: {n}") for name, n in lost.items()]
    return Table(path, str(path), tuple(columns), records, (*notes, *left))
