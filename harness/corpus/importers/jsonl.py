"""JSON: one object, one segment per line, or one array of objects."""

from __future__ import annotations

import json
import re
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
_SUFFIXES = ("jsonl", "ndjson", "json")
_KEY = re.compile(r'[{,]\s*"(\w+)"\s*:')
_TABLE_TEXTS = frozenset({"source", "src", "src_text", "reference", "ref", "target"})
_EXAMPLE = 'every line is like {"source": "...", "reference": "..."}'


def read_jsonl(request: Request) -> Imported:
    """Read the objects as rows of a table whose columns are their fields; numbers are read as they are written.

    ``null`` and an empty string are no text. Objects in objects and short lists are columns of their own:
    ``translation.de``, ``references.2``.
    """
    return read_tables(request, [_table(path) for path in request.files])


def read_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file that are not empty, each with where it stands.

    Raises:
        DataError: the file cannot be read, or something in it is no object.
    """
    for where, value in _objects(path, read_text(path).text):
        if isinstance(value, DataError):
            raise value
        if value:
            yield where, value


def _objects(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any] | DataError]]:
    if text.lstrip().startswith("["):
        return _array(path, text)
    _refuse_catalogue(path, text)
    return _lines(path, text)


def _refuse_catalogue(path: Path, text: str) -> None:
    """Refuse one object over several lines: a catalogue of texts by key, a manifest, a configuration."""
    if text.lstrip().partition("\n")[0].strip() in ("{", "{}") and isinstance(
        _parsed(text, str(path), len(text)), dict
    ):
        raise DataError(
            f"{path}: one JSON object, such as a catalogue of texts in one language",
            hint="one object per segment is read, with source and reference; export both languages as XLIFF or CSV",
        )


def _table(path: Path) -> Table:
    file = read_text(path)
    lost: Counter[str] = Counter()
    values = _objects(path, file.text)
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


def holds_documents(head: Head) -> bool:
    """Whether the first line of JSON is a whole document of a test set of WMT, or a system's output for one."""
    line = head.text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    if head.suffix not in _SUFFIXES or not line.startswith("{"):
        return False
    keys = set(_KEY.findall(line))
    judged = re.search(r'"tgt_text"\s*:\s*\{', line) is not None
    of_test_set = "src_text" in keys and ("refs" in keys or judged)
    return "doc_id" in keys and (of_test_set or ("hypothesis" in keys and not keys & _TABLE_TEXTS))


def _is_objects(head: Head) -> bool:
    """Whether the file begins with an object, or with an array of them, under a name that says JSON."""
    begins = head.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    return head.suffix in _SUFFIXES and begins and not holds_documents(head)


JSONL = Importer(read_jsonl, suffixes=_SUFFIXES, recognises=_is_objects, takes=TAKES - {"header"})
