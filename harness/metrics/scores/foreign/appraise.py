"""Scores that Appraise exports (``ExportSystemScoresToCSV``), with the batches of the campaign beside them.

The file has no header: ``user, system, itemID, type, source language, target language, score, documentID,
isCompleteDocument, errors as JSON, start, end``. It does not say which segment an item is, but the batches do: they are
``batches.json`` in the same folder, or ``NAME.batches.json`` beside ``NAME.csv``. An item of ours names its segment;
of any other, the segment of the article is the one with its source text. A document is ``ARTICLE#SYSTEM``.

``TGT`` rows count; checks (``BAD``, ``CHK``, ``REF``) and tutorials are left out. Of several rows of a person for one
item the last counts. An error whose start is ``missing`` is something left out. Where every score is 0 and errors have
categories it is an MQM campaign: its score is the sum of the weights of the errors, and lower is better.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import DataError, so_many
from harness.metrics.scores.foreign.mqm import weight_of
from harness.metrics.scores.rows import Foreign, MarkedError, Rated, Spot
from harness.store.files import open_regular

TYPES = frozenset({"TGT", "BAD", "CHK", "REF"})

WIDTH = 12

HINT = "put the batches of the campaign beside it, as batches.json"


def is_appraise(content: bytes) -> bool:
    """Whether the first line has the fields of such a file."""
    try:
        row = next(csv.reader(io.StringIO(content[:100_000].decode("utf-8-sig", "replace"))), [])
    except csv.Error:
        return False
    return len(row) >= WIDTH - 2 and row[3] in TYPES and row[2].isdigit()


def read_appraise(path: Path, content: bytes) -> Foreign:
    """The ratings of all translations.

    Raises:
        DataError: no batches, an item that they do not have, or a row that is not of this format.
    """
    items = _items(path)
    table = list(_rows(path, content))
    rated: dict[tuple[str, Spot], Rated] = {}
    tasks: dict[str, set[int]] = {}
    for _, row in table:
        if len({item.task for item in items.get((row[7], row[2]), ())}) == 1:
            tasks.setdefault(row[0], set()).add(items[row[7], row[2]][0].task)
    skipped = 0
    for where, row in table:
        candidates = items.get((row[7], row[2]), ())
        if row[3] != "TGT" or any(item.tutorial for item in candidates):
            skipped += 1
            continue
        spot = _spot(candidates, row, where, tasks.get(row[0], set()))
        rated[row[0], spot] = Rated(spot, _score(row[6], where), where, (row[0],), _spans(row[9], where))
    rows = tuple(rated.values())
    counts = not any(row.score for row in rows) and any(span.category for row in rows for span in row.spans)
    if counts:
        rows = tuple(replace(row, score=_weighted(row)) for row in rows)
    note = f"rows of checks and tutorials, left out: {skipped}" if skipped else ""
    return Foreign("appraise", rows, by_line=False, human=True, counts_errors=counts, skipped=note)


def _rows(path: Path, content: bytes) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    try:
        for row in filter(None, reader):
            where = f"{path}:{reader.line_num}"
            if len(row) < WIDTH - 2 or row[3] not in TYPES:
                raise DataError(f"{where}: not a row of Appraise: {so_many(len(row), 'field')}")
            yield where, row
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a task."""

    task: int
    number: int
    """Of the segment, where the item says it; else 0."""
    sources: tuple[str, ...]
    """Of all items of the document in this task, in order."""
    index: int
    """Which of them is its own."""
    tutorial: bool


def _items(path: Path) -> Mapping[tuple[str, str], Sequence[_Item]]:
    """Items by document and number within their task; several where tasks have parts of one document."""
    named = path.with_suffix(".batches.json")
    beside = named if named.is_file() else path.with_name("batches.json")
    items: dict[tuple[str, str], list[_Item]] = {}
    try:
        with open_regular(beside) as file:
            batches = json.loads(file.read())
        for task, batch in enumerate(batches):
            sources: dict[str, list[str]] = {}
            for item in batch["items"]:
                sources.setdefault(str(item["documentID"]), []).append(str(item.get("sourceText", "")))
            indices: Counter[str] = Counter()
            for item in batch["items"]:
                document, marks = str(item["documentID"]), item.get("mqm")
                _, _, number = str(item.get("_item", "")).rpartition(":")
                tutorial = isinstance(marks, dict) and "tutorial" in marks
                numbered = int(number) if number.isdigit() else 0
                made = _Item(task, numbered, tuple(sources[document]), indices[document], tutorial)
                items.setdefault((document, str(item["itemID"])), []).append(made)
                indices[document] += 1
    except OSError as error:
        why = error.strerror or error
        raise DataError(f"{path}: {beside.name} says which segment an item is: {why}", hint=HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{beside}: not the batches of a campaign", hint=HINT) from error
    return items


def _spot(items: Sequence[_Item], row: Sequence[str], where: str, tasks: Collection[int]) -> Spot:
    """The segment of an item; of items in several tasks, that of the task of which the person did anything else."""
    named, separator, system = row[7].rpartition("#")
    article, system = (named, system) if separator else (row[7], row[1])
    if len({item.task for item in items}) > 1:
        items = [item for item in items if item.task in tasks] or items
    spots = {
        Spot(system, "", article, item.number)
        if item.number
        else Spot(system, "", article, 0, item.sources, item.index)
        for item in items
    }
    if len(spots) != 1:
        problem = "is not in the batches" if not spots else "is several segments in the batches"
        raise DataError(f"{where}: field 'itemID': item {row[2]} of '{row[7]}' {problem}", hint=HINT)
    return spots.pop()


def _score(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: field 'score': '{text}' is not a number")
    return value


def _spans(text: str, where: str) -> tuple[MarkedError, ...]:
    try:
        return tuple(_span(error) for error in json.loads(text or "[]"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{where}: field 10: not a list of errors in JSON") from error


def _span(error: Mapping[str, Any]) -> MarkedError:
    start, end, kinds = error.get("start_i"), error.get("end_i"), error.get("error_type")
    category = "/".join(str(kind) for kind in kinds if kind) if isinstance(kinds, list) else str(kinds or "")
    # The last character is included.
    at = (start, end + 1) if isinstance(start, int) and isinstance(end, int) else "missing"
    return MarkedError(at, str(error["severity"]).lower(), category)  # type: ignore[arg-type] # one of the two, as above


def _weighted(row: Rated) -> float:
    weights = []
    for span in row.spans:
        weight = weight_of(span.severity, span.category)
        if weight is None:
            raise DataError(f"{row.where}: field 10: no weight for the severity '{span.severity}'")
        weights.append(weight)
    return math.fsum(weights)
