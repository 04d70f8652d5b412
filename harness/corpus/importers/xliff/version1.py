"""XLIFF 1.0 to 1.2, and the dialects of Trados, memoQ and Phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.corpus.importers.markup import XML_LANG, local_name
from harness.corpus.importers.xliff.states import unfit_1
from harness.corpus.importers.xliff.units import (
    PHRASE,
    XliffFile,
    XliffSegment,
    XliffUnit,
    attribute,
    children,
    notes_of,
    proposals_of,
)

_SKIPPED = frozenset({"previous-version", "rejected", "reference", "accepted"})
"""Kinds of ``alt-trans`` that propose nothing."""

_OUTSIDE = "units with text outside of their segments, which is left out"


def file_1(file: Any, number: int, natives: Mapping[str, str]) -> XliffFile:
    """A file of an XLIFF 1.x."""
    languages = (file.get("source-language", ""), file.get("target-language", ""))
    return XliffFile(number, " ".join(file.get("original", "").split()), file.sourceline, languages, natives)


def unit_1(unit: Any, file: XliffFile, counts: Counter[str]) -> XliffUnit:
    """A ``<trans-unit>``; what is left out is counted."""
    known = {"name": unit.get("resname", ""), "note": notes_of(unit)}
    return XliffUnit(
        unit.get("id", ""),
        unit.sourceline,
        tuple(_segments(unit, file.languages[1], counts)),
        {key: value for key, value in known.items() if value},
        _paragraph(unit),
        _marks(unit),
    )


def _segments(unit: Any, language: str, counts: Counter[str]) -> Iterator[XliffSegment]:
    """The segments of a unit. If its target is not segmented like its source, the unit is one segment."""
    target = next(iter(children(unit, "target")), None)
    proposals = [p for p in children(unit, "alt-trans") if p.get("alttranstype", "proposal") not in _SKIPPED]
    definitions = {d.get("id"): d for block in children(unit, "seg-defs") for d in children(block, "seg")}
    segmented = children(unit, "seg-source")
    sources = _marked(segmented[0]) if segmented else {}
    targets = {} if target is None else _marked(target)
    if not sources or not _is_segmented_alike(sources, targets, target):
        whole = segmented or children(unit, "source")
        if whole:
            said = list(definitions.values()) or [None]
            unfit = next(filter(None, (_unfit(unit, target, definition, language) for definition in said)), "")
            yield XliffSegment("", whole[0], target, unfit, _proposals(proposals), _engine(said[0]))
        return
    counts.update({_OUTSIDE: 1} if _has_text_outside(segmented[0]) else {})
    for mid, source in sources.items():
        segment_target = targets.get(mid, target if len(sources) == 1 and not targets else None)
        unfit = _unfit(unit, target, definitions.get(mid), language) if segment_target is not None else ""
        fitting = [p for p in proposals if p.get("mid") == mid or (len(sources) == 1 and not p.get("mid"))]
        yield XliffSegment(mid, source, segment_target, unfit, _proposals(fitting), _engine(definitions.get(mid)))


def _is_segmented_alike(sources: Mapping[str, Any], targets: Mapping[str, Any], target: Any) -> bool:
    if target is None or len(sources) == 1:
        return True
    return set(targets) <= set(sources) and (bool(targets) or not "".join(target.itertext()).strip())


def _proposals(elements: list[Any]) -> Any:
    return proposals_of(elements, "origin", "tool-id", "tool")


def _engine(definition: Any) -> str:
    """The engine that Trados names."""
    return "machine" if definition is None else " ".join(definition.get("origin-system", "").split()) or "machine"


def _unfit(unit: Any, target: Any, definition: Any, language: str) -> str:
    if target is None:
        return ""
    written = target.get(XML_LANG, "")
    if written and language and written.partition("-")[0].lower() != language.partition("-")[0].lower():
        return f"in another language ('{written}')"
    return unfit_1(unit, target, definition)


def _marked(element: Any) -> dict[str, Any]:
    """The outermost ``<mrk mtype="seg">`` by their ``mid``; none of them if two have the same."""
    marks = [
        mark for mark in element.iter("{*}mrk") if mark.get("mtype") == "seg" and not _inside_segment(mark, element)
    ]
    marked = {mark.get("mid", ""): mark for mark in marks}
    return marked if len(marked) == len(marks) else {}


def _has_text_outside(element: Any) -> bool:
    """Whether there are words that belong to no segment."""
    if any(map(str.isalnum, element.text or "")):
        return True
    return any(
        any(map(str.isalnum, child.tail or ""))
        or (not (local_name(child) == "mrk" and child.get("mtype") == "seg") and _has_text_outside(child))
        for child in element
        if local_name(child) or child.tail
    )


def _inside_segment(mark: Any, top: Any) -> bool:
    for holder in mark.iterancestors():
        if holder is top:
            return False
        if local_name(holder) == "mrk" and holder.get("mtype") == "seg":
            return True
    return False


def _paragraph(unit: Any) -> object:
    """What makes units one paragraph: Phrase numbers paragraphs, and groups can be declared as one."""
    group = unit.getparent()
    number = attribute(unit, "para-id", *PHRASE) or attribute(group, "para-id", *PHRASE)
    declared = local_name(group) == "group" and group.get("restype") == "x-paragraph"
    return number or (group if declared else None)


def natives_of(definitions: Any) -> Mapping[str, str]:
    """The native codes that Trados keeps in a ``<tag-defs>`` of the header, by the id of their tag."""
    natives = {}
    for tag in children(definitions, "tag"):
        code = next((child for child in tag if local_name(child) in {"ph", "st"}), None)
        if code is not None:
            natives[tag.get("id", "")] = (code.text or "") + "".join(child.tail or "" for child in code)
    return natives


def _marks(unit: Any) -> Mapping[str, str]:
    """The native codes that Phrase keeps beside a unit, by the number that stands in the text."""
    marks = {}
    for block in children(unit, "tunit-metadata"):
        for mark in children(block, "mark"):
            contents = children(mark, "content")
            marks[mark.get("id", "")] = (contents[0].text or "") if contents else ""
    return marks
