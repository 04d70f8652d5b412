"""TMX 1.4: every ``<tu>`` is a segment, every ``<tuv>`` in the target language a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.corpus.importers.markup import local_name, one_line, parse_xml
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.errors import DataError, UsageError
from harness.types import Note
from harness.workspace.languages import parse_tag, primary

_CODES = frozenset({"bpt", "ept", "ph", "it", "ut"})
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES_OUT = "inline codes left out"
_COLLAPSED = "segments had line breaks or runs of spaces, read as one space"
_OTHER = "variants in other languages left out"


def read_tmx(request: Request) -> Imported:
    """Read TMX 1.4, one article from each file.

    A tag of the pair is matched exactly, or by its language alone when the file has one such tag only.
    Inline codes, line breaks and runs of spaces are left out and counted in notes.
    """
    counts: dict[Path, Counter[str]] = {path: Counter() for path in request.files}
    rows = [row for path in request.files for row in _rows(path, request, counts[path])]
    articles, notes = articles_from_rows(rows)
    counted = [Note(str(path), f"{n} {what}") for path, counter in counts.items() for what, n in counter.items()]
    return Imported(articles, (*counted, *notes))


def _rows(path: Path, request: Request, counts: Counter[str]) -> Iterator[Row]:
    root = parse_xml(path)
    if local_name(root) != "tmx":
        raise DataError(f"{path}:{root.sourceline}: the root element is <{local_name(root)}>, not <tmx>")
    name = given_name(request.article) or default_name(path, request.pair)
    units = [unit for unit in root.iter() if local_name(unit) == "tu"]
    variants = [[(v, _tag(v, path)) for v in unit if local_name(v) == "tuv"] for unit in units]
    tags = {tag for unit in variants for _, tag in unit}
    source_tag = _match(request.pair.source, tags, path)
    target_tag = _match(request.pair.target, tags, path)
    if source_tag == target_tag:
        raise DataError(f"{path}: '{source_tag}' would be both source and target", hint="correct the xml:lang")
    for unit, found in zip(units, variants, strict=True):
        where = f"{path}:{unit.sourceline}"
        sources = [variant for variant, tag in found if tag == source_tag]
        if len(sources) != 1:
            raise DataError(f"{where}: <tu> has {len(sources)} <tuv> in '{source_tag}', not one")
        text = _text(sources[0], path, counts)
        if not text:
            raise DataError(f"{where}: the <tuv> in '{source_tag}' has no text", hint="remove the <tu>, or fill it")
        targets = [variant for variant, tag in found if tag == target_tag]
        if other := len(found) - 1 - len(targets):
            counts[_OTHER] += other
        yield Row(where, name, text, tuple(_text(variant, path, counts) for variant in targets))


def _tag(variant: Any, path: Path) -> str:
    where = f"{path}:{variant.sourceline}: <tuv>"
    written = variant.get(_LANG) or variant.get("lang")
    if not written:
        raise DataError(f"{where} has no xml:lang", hint="say the language of every <tuv>")
    try:
        return parse_tag(written)
    except UsageError as error:
        raise DataError(f"{where}: xml:lang: {error}", hint=error.hint) from None


def _match(wanted: str, tags: set[str], path: Path) -> str:
    """The tag of the file that stands for one side of the pair."""
    if wanted in tags:
        return wanted
    related = sorted(tag for tag in tags if primary(tag) == primary(wanted))
    if len(related) == 1:
        return related[0]
    listing = ", ".join(related or sorted(tags)) or "none"
    raise DataError(f"{path}: no <tuv> in '{wanted}'; found: {listing}", hint="name one of these tags in --pair")


def _text(variant: Any, path: Path, counts: Counter[str]) -> str:
    where = f"{path}:{variant.sourceline}"
    segments = [child for child in variant if local_name(child) == "seg"]
    if len(segments) != 1:
        raise DataError(f"{where}: <tuv> has {len(segments)} <seg>, not one")
    text, collapsed = one_line("".join(_pieces(segments[0], path, counts)), segments[0], where)
    counts.update({_COLLAPSED: 1} if collapsed else {})
    return text


def _pieces(element: Any, path: Path, counts: Counter[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if name == "hi":
            yield from _pieces(child, path, counts)
        elif name in _CODES:
            counts[_CODES_OUT] += 1
        elif name:
            raise DataError(f"{path}:{child.sourceline}: <{name}> inside <seg> is not TMX 1.4")
        yield child.tail or ""


TMX = Importer(read_tmx, suffixes=("tmx",), recognises=lambda head: head.root == "tmx")
