"""XLIFF 2.0 to 2.2, in whatever namespace it was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.corpus.importers.markup import local_name
from harness.corpus.importers.xliff.states import unfit_2
from harness.corpus.importers.xliff.units import (
    XliffFile,
    XliffSegment,
    XliffUnit,
    children,
    notes_of,
    proposals_of,
)

PARAGRAPH = "x-harness:paragraph"
"""The ``type`` of a group whose units are one paragraph."""


def file_2(file: Any, number: int, natives: Mapping[str, str]) -> XliffFile:
    """A file of an XLIFF 2.x, whose languages the root says."""
    root = file.getparent()
    original = " ".join((file.get("original") or file.get("id", "")).split())
    return XliffFile(number, original, file.sourceline, (root.get("srcLang", ""), root.get("trgLang", "")), natives)


def unit_2(unit: Any, _file: XliffFile, _counts: Counter[str]) -> XliffUnit:
    """A ``<unit>``."""
    notes = " | ".join(filter(None, (notes_of(block) for block in children(unit, "notes"))))
    known = {"name": unit.get("name", ""), "note": notes}
    group = unit.getparent()
    return XliffUnit(
        unit.get("id", ""),
        unit.sourceline,
        tuple(_segments(unit)),
        {key: value for key, value in known.items() if value},
        group if local_name(group) == "group" and group.get("type") == PARAGRAPH else None,
    )


def _segments(unit: Any) -> Iterator[XliffSegment]:
    """Segments in the order of the source; a target belongs to the source beside it, whatever its ``order``."""
    segments = children(unit, "segment")
    matches = [match for block in children(unit, "matches") for match in children(block, "match")]
    for number, segment in enumerate(segments, start=1):
        sources, targets = children(segment, "source"), children(segment, "target")
        if not sources:
            continue
        fitting = [m for m in matches if len(segments) == 1 or _refers_to(m.get("ref", ""), segment)]
        yield XliffSegment(
            segment.get("id", "") or str(number),
            sources[0],
            targets[0] if targets else None,
            unfit_2(segment) if targets else "",
            proposals_of(fitting, "origin", "type"),
        )


def _refers_to(reference: str, segment: Any) -> bool:
    """Whether a match is for a segment: by its id, or by that of a marker in its source."""
    name = reference.rpartition("#")[2].rpartition("=")[2].rpartition("/")[2]
    return bool(name) and any(element.get("id") == name for element in segment.iter("{*}segment", "{*}mrk", "{*}sm"))
