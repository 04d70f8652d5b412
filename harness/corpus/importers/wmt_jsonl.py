"""The JSON lines of WMT since 2025: a document per line, its segments divided by empty lines.

A test set has ``doc_id``, ``src_lang``, ``tgt_lang``, ``src_text``, and ``refs`` by translator (``{"refA": {"ref":
"..."}}``); the outputs of a system are a file called by it, with ``doc_id`` and ``hypothesis``. Files of judged
segments have a segment per line, ``tgt_text`` by system and translator, and ``doc_id`` with a number at its end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.corpus.importers.jsonl import holds_documents, read_objects
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.table_languages import row_languages
from harness.corpus.importers.test_set import Segments, TestSetDocument, import_documents
from harness.corpus.text import LINE_BREAKS
from harness.errors import DataError, so_many
from harness.types import Note

Object = tuple[str, Mapping[str, Any]]
"""Where it stands, and its fields."""

_LANGUAGES = {"source language": "src_lang", "target language": "tgt_lang"}
_BREAK = "\n\n"
_WHITE = re.compile(f"[ \t]*[\n\r{''.join(LINE_BREAKS)}]\\s*")
_REFERENCE = re.compile(r"ref[A-Z]?\d?")
_JUDGED = re.compile(r"(?P<document>.+)_#_(?P<segment>\d+)")
_OFFICIAL = "general"
_COLLAPSED = "segments with line breaks, each read as a space"


def read_wmt_jsonl(request: Request) -> Imported:
    """Read a test set, and outputs of systems that lie in further files, each named after its system.

    Documents of other languages and of test suites are left out with a note, and so are references and outputs that
    have another number of segments than their source: which belongs to which is not known.

    Raises:
        DataError: no file has the sources, a file of outputs has none of their documents, or a field is no text.
    """
    counts: Counter[str] = Counter()
    documents: dict[str, TestSetDocument] = {}
    outputs: dict[Path, list[Object]] = {}
    for path in request.files:
        objects: list[Object] = list(read_objects(path))
        if all("hypothesis" in data for _, data in objects):
            outputs[path] = objects
        else:
            for document in _documents(path, objects, request, counts):
                _add(documents, document)
    if not documents and outputs:
        first = next(iter(outputs))
        raise DataError(
            f"{first}: outputs without their sources",
            hint="import the file of the test set with it, or add it to its articles: --system NAME",
        )
    notes = [note for path, objects in outputs.items() for note in _add_outputs(path, objects, documents, counts)]
    source = next(path for path in request.files if path not in outputs)
    imported = import_documents(request, list(documents.values()), counts, source)
    return Imported(imported.articles, (*notes, *imported.notes))


def read_hypotheses(path: Path) -> dict[str, tuple[str, list[str]]]:
    """The segments of a file of outputs, by document, each with where it stands.

    Raises:
        DataError: a document without id, one that is there twice, or one whose output is no text.
    """
    outputs: dict[str, tuple[str, list[str]]] = {}
    for where, data in read_objects(path):
        name = _text(data, "doc_id", where)
        if name in outputs:
            raise DataError(f"{where}: the document '{name}' is there twice", hint="remove one of them")
        outputs[name] = where, _segments(_text(data, "hypothesis", where, empty=True), Counter())
    return outputs


def is_outputs(path: Path) -> bool:
    """Whether a file has outputs only, as its first line says."""
    where, data = next(read_objects(path))
    return bool(where) and "hypothesis" in data and "src_text" not in data


def _documents(
    path: Path, objects: Sequence[Object], request: Request, counts: Counter[str]
) -> Iterator[TestSetDocument]:
    cells = {role: [str(data.get(field) or "") for _, data in objects] for role, field in _LANGUAGES.items()}
    languages = row_languages(_LANGUAGES, cells, request.pair, str(path))
    for where, data in objects:
        reason = languages.left_out({role: str(data.get(field) or "") for role, field in _LANGUAGES.items()})
        name = _text(data, "doc_id", where)
        if reason:
            counts[reason.replace("rows", "documents")] += 1
        elif not isinstance(data.get("tgt_text"), Mapping):
            if data.get("collection_id", _OFFICIAL) == _OFFICIAL:
                yield _document(name, where, data, counts)
            else:
                counts["documents of test suites left out"] += 1
        elif _of_pair(name, request):
            yield _judged(name, where, data, counts)
        else:
            counts["segments of other language pairs left out"] += 1


def _document(name: str, where: str, data: Mapping[str, Any], counts: Counter[str]) -> TestSetDocument:
    domain = str(data.get("domain") or "")
    identifier = "canary" if domain.casefold() == "canary" else name
    document = TestSetDocument(identifier, where, {"domain": domain} if domain else {})
    texts = _segments(_text(data, "src_text", where), counts)
    document.source += [(number, str(number), text) for number, text in enumerate(texts, start=1)]
    for translator, reference in (data.get("refs") or {}).items():
        text = _text(reference, "ref", where) if isinstance(reference, Mapping) else str(reference or "")
        segments = _segments(text, counts)
        if len(segments) == len(texts):
            document.references[translator] = _numbered(segments)
        elif any(segments):
            counts[f"documents whose reference '{translator}' has another number of segments, without it"] += 1
    return document


def _judged(name: str, where: str, data: Mapping[str, Any], counts: Counter[str]) -> TestSetDocument:
    """One segment, which is a paragraph of its document."""
    parts = _JUDGED.fullmatch(name)
    if parts is None:
        raise DataError(f"{where}: doc_id '{name}' does not end in the number of a segment", hint="as in en-de_#_a_#_0")
    number = int(parts["segment"])
    document = TestSetDocument(parts["document"], where)
    document.source.append((number + 1, str(number), _one_line(_text(data, "src_text", where), counts)))
    for system in data["tgt_text"]:
        text = {str(number): _one_line(_text(data["tgt_text"], system, where, empty=True), counts)}
        (document.references if _REFERENCE.fullmatch(system) else document.outputs)[system] = text
    return document


def _add(documents: dict[str, TestSetDocument], document: TestSetDocument) -> None:
    known = documents.setdefault(document.id, document)
    if known is document:
        return
    ids = {identifier for _, identifier, _ in known.source}
    if document.id != "canary" and any(identifier in ids for _, identifier, _ in document.source):
        raise DataError(
            f"{document.where}: the document '{document.id}' is there twice; the first is at {known.where}",
            hint="remove one of them",
        )
    known.source += document.source
    for mine, more in ((known.references, document.references), (known.outputs, document.outputs)):
        for name, segments in more.items():
            mine.setdefault(name, {}).update(segments)


def _add_outputs(
    path: Path, objects: Sequence[Object], documents: Mapping[str, TestSetDocument], counts: Counter[str]
) -> Iterator[Note]:
    """Add what one system made of the documents; its name is that of the file."""
    others = unlike = fitting = 0
    first = ""
    for where, data in objects:
        document = documents.get(_text(data, "doc_id", where))
        if document is None:
            others += 1
            continue
        fitting += 1
        segments = _segments(_text(data, "hypothesis", where, empty=True), counts)
        if len(segments) == len(document.source):
            document.outputs[path.stem] = _numbered(segments)
        else:
            unlike += 1
            first = first or f"{where} has {so_many(len(segments), 'segment')} for {len(document.source)}"
    if not fitting:
        raise DataError(
            f"{path}: none of its {len(objects):,} documents is in the test set", hint="check --pair, and the file"
        )
    if others:
        yield Note(str(path), f"documents that are not in the test set of this pair left out: {others:,}")
    if unlike:
        yield Note(str(path), f"documents with another number of segments left out: {unlike:,}; the first, {first}")


def _of_pair(name: str, request: Request) -> bool:
    """Whether a document of judged segments, whose id begins with its languages, is of the pair."""
    written = name.partition("_#_")[0]
    source, _, target = written.partition("-")
    cells = {"source language": [source], "target language": [target]}
    languages = row_languages(_LANGUAGES, cells, request.pair, name)
    return not languages.left_out({role: values[0] for role, values in cells.items()})


def _numbered(segments: Sequence[str]) -> Segments:
    return {str(number): text for number, text in enumerate(segments, start=1)}


def _segments(text: str, counts: Counter[str]) -> list[str]:
    return [_one_line(part, counts) for part in text.replace("\r\n", "\n").split(_BREAK)]


def _one_line(text: str, counts: Counter[str]) -> str:
    plain = text.strip()
    counts.update([_COLLAPSED] if _WHITE.search(plain) else [])
    return _WHITE.sub(" ", plain)


def _text(data: Mapping[str, Any], field: str, where: str, *, empty: bool = False) -> str:
    value = data.get(field)
    if isinstance(value, str) and (value.strip() or empty):
        return value
    if value is None and empty:
        return ""
    raise DataError(f"{where}: '{field}' is not text", hint="export the file again")


WMT_JSONL = Importer(read_wmt_jsonl, recognises=holds_documents)
