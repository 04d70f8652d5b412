"""JSONL: one object, one segment per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.model import Imported, Importer, Place, Request
from harness.corpus.importers.rows import META_FIELDS, Row, articles_from_rows, default_name, given_name
from harness.corpus.text import TextFile, read_lines
from harness.errors import DataError, UsageError
from harness.types import Note
from harness.workspace.registry import suggestion

_FIELDS = ["source", "reference", "references", "article", "id", *META_FIELDS]
_LONGEST_LINE = 1_000_000


def read_jsonl(request: Request) -> Imported:
    """Read objects with ``source``, ``reference`` (a string) or ``references`` (a list), ``article``, ``id``.

    ``title``, ``domain``, ``origin``, ``licence``, ``date`` and ``notes`` describe the article. An empty string is
    a reference that is not there. Ids, strings or whole numbers, must be unique within a file; the native form does
    not keep them.
    """
    files = [read_lines(path, bom="drop", crlf="convert", longest=_LONGEST_LINE) for path in request.files]
    ids: dict[Path, int] = {}
    rows = [row for file in files for row in _rows(file, request, ids)]
    articles, notes = articles_from_rows(rows)
    dropped = [Note(str(path), f"{n} segment ids are not kept; lines have numbers") for path, n in ids.items() if n]
    return Imported(articles, (*(note for file in files for note in file.notes), *dropped, *notes))


def _rows(file: TextFile, request: Request, ids: dict[Path, int]) -> Iterator[Row]:
    given = given_name(request.article)
    name = given or default_name(file.path, request.pair)
    seen: dict[str, int] = {}
    for number, text in enumerate(file.lines, start=1):
        where = file.at(number)
        data = _object(text, where)
        if given and "article" in data:
            raise UsageError(f"--article, but {where} has a field 'article'", hint="leave out --article")
        segment_id = _id(data, where)
        if "id" in data and seen.setdefault(segment_id, number) != number:
            raise DataError(
                f"{where}: field 'id': '{segment_id}' is in line {seen[segment_id]} already",
                hint="ids are unique within a file",
            )
        source = _string(data, "source", where)
        if not source:
            raise DataError(f"{where}: field 'source': missing or empty", hint="every object has a source text")
        article = _string(data, "article", where) if "article" in data else name
        if not article:
            raise DataError(f"{where}: field 'article': empty", hint="name the article, or leave the field out")
        meta = {key: value for key in META_FIELDS if (value := _string(data, key, where))}
        place = Place(file.path.name, number, len(file.lines))
        yield Row(where, article, source, _references(data, where), meta, place)
    ids[file.path] = len(seen)


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        data = json.loads(text, object_pairs_hook=lambda pairs: _without_doubles(pairs, where))
    except json.JSONDecodeError as error:
        raise DataError(
            f"{where}: column {error.colno}: not JSON: {error.msg}", hint="every line is one JSON object"
        ) from None
    except (RecursionError, ValueError):  # Python's own limits on depth and on digits
        raise DataError(f"{where}: nested too deeply, or a number too long", hint="fields are strings") from None
    if not isinstance(data, dict):
        raise DataError(f"{where}: not a JSON object", hint='every line is like {"source": "...", "reference": "..."}')
    for key in data:
        if key not in _FIELDS:
            raise DataError(f"{where}: unknown field '{key}'", hint=suggestion(key, _FIELDS))
    return data


def _without_doubles(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise DataError(f"{where}: field '{double}' is there twice", hint="remove one of them")
    return data


def _string(data: dict[str, Any], key: str, where: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise DataError(f"{where}: field '{key}': not a string", hint='write it in quotation marks: "..."')
    return value


def _id(data: dict[str, Any], where: str) -> str:
    """Ids may be whole numbers; ``1`` and ``"1"`` are the same one."""
    value = data.get("id", "")
    return str(value) if type(value) is int else _string(data, "id", where)


def _references(data: dict[str, Any], where: str) -> tuple[str, ...]:
    if "references" not in data:
        return (_string(data, "reference", where),)
    if "reference" in data:
        raise DataError(f"{where}: both 'reference' and 'references'", hint="put all of them into 'references'")
    values = data["references"]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DataError(f"{where}: field 'references': not a list of strings", hint='write ["...", "..."]')
    return tuple(values)


JSONL = Importer(read_jsonl, suffixes=("jsonl", "ndjson"))
