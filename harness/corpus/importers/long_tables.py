"""Tables with a row for each system and segment: the rows of a segment become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import zip_longest

from harness.corpus.importers.rows import Row
from harness.errors import DataError
from harness.types import Note


def join_systems(rows: Iterable[Row], notes: list[Note], heading: str) -> tuple[list[Row], Collection[str]]:
    """Join the rows of one segment.

    These are rows of one article, id and source. Without ids, they are the n-th rows of every system that have the
    same source and references in the article. Rows that repeat an output, as those of several raters do, are one.
    Columns that differ between the rows of a segment are not data of the segment, and are left out of all segments.

    Args:
        rows: Of all articles; rows without source, or of no system, stay as they are.
        notes: Grows by what was joined and left out.
        heading: What the notes are about.

    Returns:
        The rows, and the columns that were left out.

    Raises:
        DataError: two different outputs of one system, or two different references, for one segment.
    """
    joined: list[Row] = []
    places: dict[tuple[object, ...], int] = {}
    occurrences: Counter[tuple[object, ...]] = Counter()
    differing: dict[str, None] = {}
    count = 0
    for row in rows:
        if not row.source or not (row.system or (row.outputs and "id" in row.segment)):
            joined.append(row)
            continue
        key: tuple[object, ...] = (row.article, row.segment.get("id", ""), row.source)
        if "id" not in row.segment:
            key = (*key, row.references)
            occurrences[*key, row.system] += 1
            key = (*key, occurrences[*key, row.system])
        position = places.setdefault(key, len(joined))
        if position == len(joined):
            joined.append(row)
            continue
        count += 1
        first = joined[position]
        differing |= dict.fromkeys(column for column, _ in first.segment.items() ^ row.segment.items())
        joined[position] = _join(first, row)
    if count:
        notes.append(Note(heading, f"rows joined with others of the same segment: {count}"))
    if differing:
        listing = ", ".join(f"'{column}'" for column in sorted(differing))
        notes.append(Note(heading, f"columns left out, because they differ between the rows of a segment: {listing}"))
        joined = [replace(row, segment={k: v for k, v in row.segment.items() if k not in differing}) for row in joined]
    return joined, differing


def _join(first: Row, row: Row) -> Row:
    for system, output in row.outputs.items():
        if first.outputs.get(system, output) != output:
            raise DataError(
                f"{row.where}: another output of '{system}' for the segment {row.segment['id']} of '{row.article}'",
                hint="a system has one output for a segment; --columns segment=COLUMN names the column of the ids",
            )
    references = tuple(zip_longest(first.references, row.references, fillvalue=""))
    if any(text and other and text != other for text, other in references):
        raise DataError(
            f"{row.where}: another reference for the segment {row.segment['id']} of '{row.article}'; "
            f"the first is at {first.where}",
            hint="all rows of a segment have the same references; --columns segment=COLUMN names the column of the ids",
        )
    return replace(
        first, outputs={**first.outputs, **row.outputs}, references=tuple(text or other for text, other in references)
    )
