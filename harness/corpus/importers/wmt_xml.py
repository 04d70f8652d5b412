"""The XML of WMT since 2021: documents with paragraphs, references by translator, outputs by system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.head import Head
from harness.corpus.importers.markup import local_name, one_line, parse_xml
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.test_set import Segments, TestSetDocument, import_documents, on_side
from harness.errors import DataError

_COLLAPSED = "segments with line breaks or runs of spaces, read as one space"


def read_wmt_xml(request: Request) -> Imported:
    """Read documents; those of test suites and texts in other languages are left out with a note.

    Every ``hyp`` becomes a recorded system, and a document without ``ref`` has no reference. Several files add to the
    documents of the first: one may have the sources, another the outputs.
    """
    counts: Counter[str] = Counter()
    documents: dict[str, TestSetDocument] = {}
    for path in request.files:
        for document in _documents(path, request, counts):
            known = documents.setdefault(document.id, document)
            if known is not document:
                _add(known, document)
    return import_documents(request, list(documents.values()), counts, request.files[0])


def _documents(path: Path, request: Request, counts: Counter[str]) -> Iterator[TestSetDocument]:
    root = parse_xml(path)
    if local_name(root) != "dataset":
        raise DataError(f"{path}:{root.sourceline}: the root element is <{local_name(root)}>, not <dataset>")
    seen: set[str] = set()
    for element in root.iter("{*}doc"):
        where = f"{path}:{element.sourceline}"
        name = element.get("id", "")
        if not name or name in seen:
            problem = "has no id" if not name else f"has the id '{name}', like another one"
            raise DataError(f"{where}: <doc> {problem}", hint="every document has an id of its own")
        seen.add(name)
        if element.get("testsuite"):
            counts["documents of test suites left out"] += 1
            continue
        languages = {source.get("lang", "") for source in element.iterchildren("{*}src")}
        if not all(on_side(language, "source", request.pair) for language in languages):
            counts[f"documents in {', '.join(sorted(languages))} left out"] += 1
            continue
        document = TestSetDocument(name, where, _meta(element))
        for child in element:
            _read_side(child, document, request, counts, where)
        yield document


def _read_side(child: Any, document: TestSetDocument, request: Request, counts: Counter[str], where: str) -> None:
    kind = local_name(child)
    if kind not in ("src", "ref", "hyp"):
        return
    if kind != "src" and not on_side(child.get("lang", ""), "target", request.pair):
        counts[f"<{kind}> in '{child.get('lang')}' left out"] += 1
        return
    segments = list(_segments(child, where, counts))
    if kind == "src":
        document.source += segments
        return
    name = child.get("translator", "") if kind == "ref" else child.get("system", "")
    if kind == "hyp" and not name:
        raise DataError(f"{where}: <hyp> has no system", hint="every output names its system")
    texts = document.references if kind == "ref" else document.outputs
    if name in texts:
        raise DataError(f"{where}: '{document.id}' has two <{kind}> of '{name}'", hint="remove one of them")
    texts[name] = {identifier: text for _, identifier, text in segments}


def _segments(side: Any, where: str, counts: Counter[str]) -> Iterator[tuple[int, str, str]]:
    seen: set[str] = set()
    paragraph = 0
    last = None
    for element in side.iter("{*}seg"):
        identifier = element.get("id", "")
        if not identifier or identifier in seen:
            problem = "has no id" if not identifier else f"{identifier} is there twice"
            raise DataError(f"{where}: <seg> {problem}", hint="ids are unique within a document")
        seen.add(identifier)
        parent = element.getparent()
        paragraph += parent is not last or not paragraph
        last = parent
        text, collapsed = one_line("".join(element.itertext()), element)
        counts.update({_COLLAPSED: 1} if collapsed else {})
        yield paragraph, identifier, text


def _meta(element: Any) -> dict[str, str]:
    collection = next((parent.get("id", "") for parent in element.iterancestors("{*}collection")), "")
    domain = element.get("domain") or element.get("genre") or collection
    meta = {"domain": domain, "origlang": element.get("origlang", "")}
    return {key: value for key, value in meta.items() if value}


def _add(known: TestSetDocument, other: TestSetDocument) -> None:
    """Add what another file has of a document. The sources must be the same."""
    if known.source and other.source and known.source != other.source:
        raise DataError(f"{other.where}: the source of '{other.id}' differs from {known.where}", hint="use one edition")
    known.source = known.source or other.source
    pairs: list[tuple[dict[str, Segments], dict[str, Segments]]] = [
        (known.references, other.references),
        (known.outputs, other.outputs),
    ]
    for mine, theirs in pairs:
        for name, segments in theirs.items():
            if mine.setdefault(name, segments) != segments:
                raise DataError(f"{other.where}: another text of '{name}' for '{other.id}'", hint="use one edition")


def _is_wmt_xml(head: Head) -> bool:
    return head.root == "dataset" and ("<doc " in head.text or "<collection" in head.text)


WMT_XML = Importer(read_wmt_xml, recognises=_is_wmt_xml)
