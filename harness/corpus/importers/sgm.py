"""SGM, as NIST and WMT until 2020 had it: no XML, so tags are read one by one, and everything else is text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.corpus.importers.decoding import read_text
from harness.corpus.importers.head import Head
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.test_set import TestSetDocument, import_documents, on_side
from harness.errors import DataError

_SETS = {"srcset": "src", "refset": "ref", "tstset": "hyp"}
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>srcset|refset|tstset|mteval|doc|poster|audience|hl|p|seg)\b(?P<rest>[^<>]*)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([A-Za-z_]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_SPACES = re.compile(r"\s+")
_BLOCKS = frozenset({"hl", "p", "poster"})


@dataclass(slots=True)
class _Part:
    """A document as one set has it."""

    kind: str
    where: str
    attributes: dict[str, str]
    language: str
    segments: list[tuple[int, str, str]] = field(default_factory=list)


def read_sgm(request: Request) -> Imported:
    """Read sources, references and outputs from any number of files, matched by document and segment.

    Tags may be unclosed, and ``&`` may stand for itself. A title (``hl``) is a paragraph of its own.
    """
    documents: dict[str, TestSetDocument] = {}
    first: dict[str, Path] = {}
    for path in request.files:
        for part in _parts(path):
            _add(part, documents, request)
            first.setdefault(part.kind, path)
    if "src" not in first:
        raise DataError(
            f"{request.files[0]}: no <srcset> in these files, so there is no source text",
            hint="import the source with them: harness import src.sgm ref.sgm system.sgm --pair de-en",
        )
    return import_documents(request, list(documents.values()), Counter(), first["src"])


def _add(part: _Part, documents: dict[str, TestSetDocument], request: Request) -> None:
    side: Literal["source", "target"] = "source" if part.kind == "src" else "target"
    if not on_side(part.language, side, request.pair):
        raise DataError(
            f"{part.where}: the set is in '{part.language}', not in {getattr(request.pair, side)}",
            hint="correct --pair, or leave the file out",
        )
    name = part.attributes.get("docid", "")
    if not name:
        raise DataError(f"{part.where}: <doc> has no docid", hint="every document has an id")
    document = documents.setdefault(name, TestSetDocument(name, part.where))
    texts = {identifier: text for _, identifier, text in part.segments}
    if len(texts) < len(part.segments):
        raise DataError(f"{part.where}: '{name}' has two segments of one id", hint="ids are unique within a document")
    if part.kind == "src":
        if document.source:
            raise DataError(f"{part.where}: the source of '{name}' is there twice", hint="import one of them")
        document.source, document.where = part.segments, part.where
        values = {"domain": part.attributes.get("genre", ""), "origlang": part.attributes.get("origlang", "")}
        document.meta = {key: value for key, value in values.items() if value}
        return
    system = part.attributes.get("sysid", "")
    if part.kind == "hyp" and not system:
        raise DataError(f"{part.where}: the output of '{name}' names no system (sysid)", hint="add sysid to its <doc>")
    sides = document.references if part.kind == "ref" else document.outputs
    if system in sides:
        raise DataError(f"{part.where}: '{name}' is there twice from '{system}'", hint="import one of them")
    sides[system] = texts


def _parts(path: Path) -> Iterator[_Part]:
    text = f"{read_text(path).text}</doc>"  # whatever is not closed ends with the file
    sets: dict[str, str] = {}
    kind = ""
    part: _Part | None = None
    block = 0
    segment: tuple[str, int] | None = None
    for match in _TAG.finditer(text):
        name, ends = match["name"].lower(), bool(match["end"])
        if segment is not None and part is not None:  # any tag closes a segment
            words = _SPACES.sub(" ", text[segment[1] : match.start()]).strip()
            part.segments.append((max(block, 1), segment[0], _ENTITY.sub(lambda found: _ENTITIES[found[0]], words)))
            segment = None
        if name in _SETS and not ends:
            kind, sets = _SETS[name], _attributes(match["rest"])
        elif name == "doc":
            if part is not None:
                yield part
            part, block = None, 0
            if not ends:
                where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
                if not kind:
                    raise DataError(f"{where}: <doc> outside of srcset, refset and tstset", hint="name a test set")
                given = sets | _attributes(match["rest"])
                language = given.get("srclang" if kind == "src" else "trglang", "")
                part = _Part(kind, where, given, language)
        elif name in _BLOCKS and not ends:
            block += 1
        elif name == "seg" and not ends:
            segment = (_attributes(match["rest"]).get("id", str(len(part.segments) + 1) if part else ""), match.end())


def _attributes(text: str) -> dict[str, str]:
    """By name in lower case; of two of one name the first counts."""
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        values.setdefault(match[1].lower(), next((group for group in match.groups()[1:] if group is not None), ""))
    return values


def _is_sgm(head: Head) -> bool:
    return head.root in (*_SETS, "mteval")


SGM = Importer(read_sgm, suffixes=("sgm", "sgml"), recognises=_is_sgm)
