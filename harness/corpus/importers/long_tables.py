"""Tables with a row for each system and segment: the rows of a segment become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.corpus.importers.rows import Row
from harness.errors import DataError
from harness.types import Note


def join_systems(rows: Iterable[Row], notes: list[Note]) -> list[Row]:
    """Join rows of one article, id and source that have outputs of different systems.

    The first row of a segment gives its references and its data. Rows that repeat an output, as those of several
    raters do, are one; a note counts what was joined.

    Raises:
        DataError: two different outputs of one system for one segment.
    """
    joined: list[Row] = []
    places: dict[tuple[str, str, str], int] = {}
    count = 0
    for row in rows:
        key = (row.article, row.segment.get("id", ""), row.source)
        position = places.get(key)
        if not row.outputs or not row.source:
            joined.append(row)
        elif position is None or not _adds(joined[position], row):
            places[key] = len(joined)
            joined.append(row)
        else:
            count += 1
            joined[position] = replace(joined[position], outputs={**joined[position].outputs, **row.outputs})
    if count:
        notes.append(Note("the table", f"rows joined with others of the same segment: {count}"))
    return joined


def _adds(first: Row, row: Row) -> bool:
    """Whether a row has other outputs of the same segment; without ids, a system again means another segment."""
    again = [system for system in row.outputs if system in first.outputs]
    if not again:
        return True
    if all(first.outputs[system] == row.outputs[system] for system in again):
        return "id" in row.segment
    if "id" in row.segment:
        raise DataError(
            f"{row.where}: another output of '{again[0]}' for the segment {row.segment['id']} of '{row.article}'",
            hint="a system has one output for a segment; --columns segment=COLUMN names the column of the ids",
        )
    return False
