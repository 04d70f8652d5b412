"""A blind workbook of ``harness export --to blind-xlsx``, filled in by a linguist, with its key beside it.

The key of ``review.xlsx`` is ``review.key.json``; the workbook says of which key it is. Rows are found by their first
column, so they may be sorted, and some may be gone. An empty score was not rated. The column ``best`` gives 1 to the
system that was chosen, 0 to the others, and one half to all of a row that is ``equal``. The letter of an attention
check is no rating; whoever chose it as the best of a row has not said which system is.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import DataError, UsageError
from harness.metrics.scores.rows import AttentionCheck, Foreign, Rated, Spot
from harness.store.files import open_regular

FORMAT = "blind-xlsx"

BEST, EQUAL = "best", "equal"

LARGEST = 256 * 2**20
"""Bytes that a workbook may unpack to."""

_SCORE = re.compile(r"score ([A-Z])")


def is_blind(content: bytes) -> bool:
    """Whether it is a workbook; of which kind, its key says."""
    return content.startswith(b"PK\x03\x04")


def read_blind(path: Path, content: bytes, column: str) -> Foreign:
    """All ratings.

    Args:
        path: of the workbook; its key lies beside it.
        content: of the workbook.
        column: empty for the scores, or ``best``.

    Raises:
        DataError: no key, the key of another workbook, an id or a letter that the key does not know, or a score that is
            no number from 0 to 100.
        UsageError: openpyxl is not installed.
    """
    if column not in ("", "score", BEST):
        raise DataError(f"{path}: a blind workbook has no scores '{column}'", hint=f"name no column, or {BEST}")
    sheets = _sheets(path, content)
    rows, letters = _key(path, sheets)
    header, *table = sheets.get("Rating") or [()]
    if not header or header[0] != "id":
        raise DataError(f"{path}: no sheet 'Rating' that begins with the column 'id'")
    rated: list[Rated] = []
    checks: list[AttentionCheck] = []
    for number, cells in enumerate(table, start=2):
        where = f"{path}:{number}"
        if not any(cell is not None for cell in cells):
            continue
        named = str(cells[0])
        if named not in rows:
            raise DataError(
                f"{where}: field 'id': the key has no '{named}'", hint="the first column must stay as it was"
            )
        given = {str(name): cell for name, cell in zip(header, cells, strict=False) if name is not None}
        check = letters.get(named)
        if column == BEST:
            rated += _best(rows[named], given, named, where, check)
            continue
        rated += _scores(rows[named], given, named, where, check)
        if check:
            damaged, original = (_score(given.get(f"score {letter}"), where) for letter in (check.letter, check.of))
            if damaged is not None and original is not None:
                checks.append(AttentionCheck("", damaged, original))
    return Foreign(FORMAT, tuple(rated), by_line=False, human=True, checks=tuple(checks))


@dataclass(frozen=True, slots=True)
class _Check:
    """The letter of a damaged copy, and that of its original."""

    letter: str
    of: str


def _scores(
    systems: Mapping[str, str], given: Mapping[str, Any], named: str, where: str, check: _Check | None
) -> Iterator[Rated]:
    for name, cell in given.items():
        match = _SCORE.fullmatch(name)
        if match is None or (check and match[1] == check.letter):
            continue
        score = _score(cell, f"{where}: field '{name}'")
        if match[1] in systems:
            yield Rated(_spot(systems[match[1]], named), score, where)
        elif score is not None:
            raise DataError(f"{where}: field '{name}': the key has no system {match[1]}")


def _best(
    systems: Mapping[str, str], given: Mapping[str, Any], named: str, where: str, check: _Check | None
) -> Iterator[Rated]:
    chosen = str(given.get(BEST) or "").strip()
    if check and chosen == check.letter:
        chosen = ""
    if chosen and chosen != EQUAL and chosen not in systems:
        raise DataError(f"{where}: field '{BEST}': '{chosen}' is none of {', '.join(systems)} and {EQUAL}")
    for letter, system in systems.items():
        value = 0.5 if chosen == EQUAL else float(letter == chosen)
        yield Rated(_spot(system, named), value if chosen else None, where)


def _spot(system: str, named: str) -> Spot:
    article, _, number = named.rpartition(":")
    return Spot(system, "", article, int(number))


def _score(cell: object, field: str) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        value = float(str(cell).replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise DataError(f"{field}: '{cell}' is not a number from 0 to 100")
    return value


def _key(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]
) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, _Check]]:
    """Id to letter to system, and id to attention check."""
    beside = path.with_suffix(".key.json")
    hint = "it was written with the workbook: harness export RUN --to blind-xlsx"
    try:
        with open_regular(beside) as file:
            data = file.read()
        key = json.loads(data)
        rows = {str(name): dict(letters) for name, letters in key["rows"].items()}
        checks = {
            str(name): _Check(str(check["letter"]), str(check["of"])) for name, check in key.get("checks", {}).items()
        }
        named = all(name.rpartition(":")[2].isdigit() for name in rows)
    except OSError as error:
        raise DataError(f"{beside}: {error.strerror or error}; it says which system is which", hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{beside}: not a key of a blind workbook", hint=hint) from error
    about = {str(row[0]): row[1] for row in sheets.get("About") or () if len(row) > 1}
    if not named or about.get("key") != hashlib.sha256(data).hexdigest():
        raise DataError(f"{beside}: not the key of {path.name}", hint=hint)
    return rows, checks


def _sheets(path: Path, content: bytes) -> Mapping[str, list[tuple[Any, ...]]]:
    """Values of all cells by sheet; formulas as they were last computed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise DataError(f"{path}: unpacks to more than {LARGEST // 2**20} MiB")
            for entry in archive.infolist():
                with archive.open(entry) as part:
                    if b"<!DOCTYPE" in part.read(4096):
                        raise DataError(f"{path}: {entry.filename} declares entities, which no workbook needs")
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{path}: a workbook needs openpyxl, which is not installed", hint='pip install "translation-harness[xlsx]"'
        ) from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(f"{path}: not a workbook that can be read: {error}") from error
