"""TMX 1.1 to 1.4: a ``<tu>`` is a segment, every ``<tuv>`` in the target language a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.corpus.importers.codes import TMX_CODES, Codes, inline_text
from harness.corpus.importers.markup import COLLAPSED, XML_LANG, iterate_xml, local_name, one_line
from harness.corpus.importers.memory import Memory, Naming, TranslationUnit, naming_of
from harness.corpus.importers.model import Imported, Importer, Request
from harness.corpus.importers.rows import articles_from_rows, default_name, given_name
from harness.corpus.importers.unit_errors import in_unit
from harness.corpus.importers.varieties import fits, is_tag, tag_of
from harness.corpus.text import check_text
from harness.errors import DataError
from harness.types import LangPair, Note

_ANY = "*all*"
_OTHER = "variants in other languages left out"


def read_tmx(request: Request) -> Imported:
    """Read translation memories, one article from each file, or sorted into articles by ``article_from``.

    The languages are matched in every unit: by the exact tag, else by language and script, so that ``de-AT`` stands
    for ``de`` where there is no ``de``. Units with the same source in one article are one segment with several
    references.

    Raises:
        DataError: a unit breaks a rule and ``skip_bad`` is not set, or no unit can be read.
        UsageError: ``article_from`` is no rule, or lxml is missing.
    """
    memory = Memory()
    notes: list[Note] = []
    given = given_name(request.article)
    for path in request.files:
        naming = naming_of(request, given or default_name(path, request.pair))
        notes += _File(path, request, naming).read_into(memory)
    if not memory.units:
        reasons = "; ".join(what for note in notes if "left out" in (what := str(note.what)))
        raise DataError(f"{request.files[0]}: no unit can be read: {reasons or 'there is none'}")
    notes += memory.notes(request.files[0])
    articles, renamed = articles_from_rows(memory.rows())
    return Imported(articles, (*notes, *renamed))


@dataclass(slots=True)
class _Variant:
    tag: str
    element: Any


class _File:
    """One memory while it is read."""

    def __init__(self, path: Path, request: Request, naming: Naming) -> None:
        self.path, self.pair, self.naming, self.skip_bad = path, request.pair, naming, request.skip_bad
        self.counts: Counter[str] = Counter()
        self.bad: dict[str, list[int]] = {}
        """Lines of units that were left out, by the reason."""
        self.tags: Counter[str] = Counter()
        self.translated = 0
        self.codes = Codes(self.counts, TMX_CODES)
        self.srclang = ""

    def read_into(self, memory: Memory) -> list[Note]:
        number, earlier = 0, memory.units
        for event, element in iterate_xml(self.path, "tmx", ("header",), ("tu",)):
            name = local_name(element)
            if event == "start" and name == "header":
                self.srclang = element.get("srclang", "")
            elif event == "end" and name == "tu":
                number += 1
                self._add(element, number, memory)
        self.naming.finish(self.path, number)
        if memory.units > earlier and not self.translated:
            tags = ", ".join(sorted(self.tags))
            raise DataError(
                f"{self.path}: no <tuv> in '{self.pair.target}'; found: {tags}", hint="name one of these in --pair"
            )
        return [*self._notes()]

    def _add(self, element: Any, number: int, memory: Memory) -> None:
        before = self.counts.copy() if self.skip_bad else self.counts
        try:
            unit = self._unit(element, number)
        except DataError as error:
            if not self.skip_bad:
                where, tuid = f"{self.path}:{element.sourceline}", element.get("tuid", "")
                raise in_unit(error, where, tuid, "--skip-bad leaves out such units") from None
            self.counts.clear()
            self.counts.update(before)
            self.bad.setdefault(_reason(error, self.path), []).append(element.sourceline)
        else:
            memory.add(unit)

    def _unit(self, element: Any, number: int) -> TranslationUnit:
        where = f"{self.path}:{element.sourceline}"
        article, meta = self.naming.article(element, number, where)
        variants = [_Variant(self._tag(tuv, where), tuv) for tuv in element.iterchildren("{*}tuv")]
        self.tags.update(variant.tag for variant in variants)
        written = element.get("srclang") or self.srclang
        declared = tag_of(written, where) if is_tag(written) else _ANY
        if written.lower() not in ("", _ANY) and declared == _ANY:
            self.counts[f"units with the srclang '{written}', which is not a language tag"] += 1
        source, targets = _sides(variants, self.pair, declared, where)
        text = self._text(source.element, where)
        if not text:
            raise DataError(f"{where}: the <tuv> in '{source.tag}' has no text", hint="remove the <tu>, or fill it")
        references = [self._text(variant.element, where) for variant in targets]
        if other := len(variants) - 1 - len(targets):
            self.counts[_OTHER] += other
        self._count_varieties(source, targets)
        self.translated += bool(targets)
        if declared != _ANY and not fits(self.pair.source, declared):
            self.counts[f"units translated from '{declared}', so that the source is a translation, too"] += 1
        known = {"id": " ".join(element.get("tuid", "").split()), "note": " ".join(_notes(element))}
        segment = {key: value for key, value in known.items() if value}
        return TranslationUnit(article, meta, where, text, tuple(filter(None, references)), segment)

    def _tag(self, variant: Any, where: str) -> str:
        written = variant.get(XML_LANG) or variant.get("lang")
        if not written:
            raise DataError(f"{where}: <tuv> has no xml:lang", hint="say the language of every <tuv>")
        return tag_of(written, where)

    def _text(self, variant: Any, where: str) -> str:
        segments = list(variant.iterchildren("{*}seg"))
        if len(segments) != 1:
            raise DataError(f"{where}: <tuv> has {len(segments)} <seg>, not one")
        text, collapsed = one_line(inline_text(segments[0], self.codes, where), segments[0])
        check_text(text, where)
        self.counts.update({COLLAPSED: 1} if collapsed else {})
        return text

    def _count_varieties(self, source: _Variant, targets: list[_Variant]) -> None:
        for wanted, variants in ((self.pair.source, [source]), (self.pair.target, targets)):
            for variant in variants:
                if variant.tag != wanted:
                    self.counts[f"texts in '{variant.tag}' read as '{wanted}'"] += 1

    def _notes(self) -> Iterator[Note]:
        for what, count in self.counts.items():
            yield Note(str(self.path), f"{what}: {count}")
        for reason, lines in self.bad.items():
            yield Note(f"{self.path}:{lines[0]}", f"units left out: {len(lines)}, the first because {reason}")


def _sides(variants: list[_Variant], pair: LangPair, srclang: str, where: str) -> tuple[_Variant, list[_Variant]]:
    """The source of a unit, and its translations; of several varieties of the source the declared one counts."""
    sources, targets = (_matching(variants, wanted) for wanted in (pair.source, pair.target))
    if len(sources) > 1:
        sources = [variant for variant in sources if variant.tag == srclang] or sources
    tags = ", ".join(dict.fromkeys(variant.tag for variant in variants)) or "none"
    if len(sources) != 1:
        raise DataError(
            f"{where}: <tu> has {len(sources)} <tuv> in '{pair.source}', not one; its languages: {tags}",
            hint="name the tag of the source in --pair",
        )
    if any(variant is sources[0] for variant in targets):
        raise DataError(f"{where}: '{sources[0].tag}' would be both source and target", hint="correct the xml:lang")
    return sources[0], targets


def _matching(variants: list[_Variant], wanted: str) -> list[_Variant]:
    exact = [variant for variant in variants if variant.tag == wanted]
    return exact or [variant for variant in variants if fits(wanted, variant.tag)]


def _notes(element: Any) -> Iterator[str]:
    for note in element.iterchildren("{*}note"):
        yield from (note.text or "").split()


def _reason(error: DataError, path: Path) -> str:
    """The message without its line, so that equal faults can be counted."""
    text = str(error).removeprefix(str(path))
    return text.partition(": ")[2] or text


TMX = Importer(
    read_tmx,
    suffixes=("tmx",),
    recognises=lambda head: head.root == "tmx",
    takes=frozenset({"article_from", "docids", "skip_bad"}),
)
