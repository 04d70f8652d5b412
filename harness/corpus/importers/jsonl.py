"""JSON: one object, one segment per line, or one array of objects."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.decoding import read_text
from harness.corpus.importers.head import Head
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.objects import cells_of, table_of
from harness.corpus.importers.tables import TAKES, Record, Table, read_tables
from harness.errors import DataError

_LONGEST_LINE = 4_000_000
_EXAMPLE = 'every line is like {"source": "...", "reference": "..."}'


def read_jsonl(request: Request) -> Imported:
    """Read the objects as rows of a table whose columns are their fields; numbers are read as they are written.

    ``null`` and an empty string are no text. Objects in objects and short lists are columns of their own:
    ``translation.de``, ``references.2``.
    """
    return read_tables(request, [_table(path) for path in request.files])


def _table(path: Path) -> Table:
    file = read_text(path)
    lost: Counter[str] = Counter()
    values = _array(path, file.text) if file.text.lstrip().startswith("[") else _lines(path, file.text)
    records = [
        value if isinstance(value, DataError) else Record(where, number, cells_of(value, lost))
        for number, (where, value) in enumerate(values, start=1)
    ]
    return table_of(path, records, lost, file.notes)


def _lines(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any] | DataError]]:
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            yield where, {}
            continue
        try:
            yield where, _object(_parsed(line, where), where)
        except DataError as error:
            yield where, error


def _array(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any] | DataError]]:
    values = _parsed(text, str(path), longest=len(text))
    for number, value in enumerate(values, start=1):
        where = f"{path}: object {number}"
        try:
            yield where, _object(value, where)
        except DataError as error:
            yield where, error


def _parsed(text: str, where: str, longest: int = _LONGEST_LINE) -> Any:
    if len(text) > longest:
        raise DataError(f"{where}: longer than {longest:,} characters", hint="every line is one segment")
    try:
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: _without_doubles(pairs, where),
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except json.JSONDecodeError as error:
        at = f"{where}: column {error.colno}" if error.lineno == 1 else f"{where}: line {error.lineno}"
        raise DataError(f"{at}: not JSON: {error.msg}", hint=f"{_EXAMPLE}; or the file is one array of them") from None
    except RecursionError:
        raise DataError(f"{where}: nested too deeply", hint="fields are strings") from None


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where}: not a JSON object", hint=_EXAMPLE)
    return value


def _without_doubles(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise DataError(f"{where}: field '{double}' is there twice", hint="remove one of them")
    return data


def _is_objects(head: Head) -> bool:
    """Whether the file begins with an object, or with an array of them, under a name that says JSON."""
    return head.suffix in {"json", "jsonl", "ndjson"} and head.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


JSONL = Importer(read_jsonl, suffixes=("jsonl", "ndjson", "json"), recognises=_is_objects, takes=TAKES - {"header"})
