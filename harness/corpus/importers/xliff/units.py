"""What XLIFF of any version holds, before it is text: files, units, segments, proposals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

PHRASE: Final = ("memsource", "phrase")
"""What the namespaces of Phrase contain."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A translation that stands beside the target: from a memory, or from a machine."""

    origin: str
    quality: float
    """In per cent as far as the file says, else 0; the best of one origin counts."""
    target: Any
    """The element."""


@dataclass(frozen=True, slots=True)
class XliffSegment:
    """A segment as elements."""

    id: str
    """Within its unit; empty where the unit is not segmented."""
    source: Any
    target: Any
    """None: there is none."""
    unfit: str = ""
    """Why the target is no reference; empty where it is one."""
    proposals: tuple[Proposal, ...] = ()
    engine: str = "machine"
    """The name of what made the target, if a machine did."""


@dataclass(frozen=True, slots=True)
class XliffUnit:
    """A unit that is to be translated."""

    id: str
    line: int
    segments: tuple[XliffSegment, ...]
    known: Mapping[str, str]
    """Notes and the unit's name; no value is empty."""
    paragraph: object = None
    """Neighbours with the same one are one paragraph; None: the unit is a paragraph of its own."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """Native codes of tags that stand in the text as ``{1}``."""


@dataclass(frozen=True, slots=True)
class XliffFile:
    """One ``<file>``, without its units."""

    number: int
    """Within its XLIFF, from 0."""
    original: str
    line: int
    languages: tuple[str, str]
    """As written; empty where they are not."""
    natives: Mapping[str, str] = field(default_factory=dict)
    """Native codes by their id."""


def children(element: Any, name: str) -> list[Any]:
    """The children with a name, in any namespace."""
    return list(element.iterchildren(f"{{*}}{name}"))


def is_translated(unit: Any) -> bool:
    """Whether the unit is to be translated: the nearest ``translate`` of itself and what holds it decides."""
    element = unit
    while element is not None:
        written = element.get("translate")
        if written is not None:
            return bool(written != "no")
        element = element.getparent()
    return True


def attribute(element: Any, name: str, *spaces: str) -> str:
    """An attribute of a dialect: its name, in a namespace that contains one of these words; empty if there is none."""
    for key, value in element.attrib.items():
        space, closed, local = key.rpartition("}")
        if closed and local == name and any(word in space.lower() for word in spaces):
            return str(value)
    return ""


def notes_of(holder: Any) -> str:
    """All notes on one line."""
    return " | ".join(filter(None, (" ".join("".join(note.itertext()).split()) for note in children(holder, "note"))))


def proposals_of(elements: Iterable[Any], *keys: str) -> tuple[Proposal, ...]:
    """Proposals that have a target; the first of these attributes that there is names the origin."""
    proposals = []
    for element in elements:
        origin = next((value for key in keys if (value := element.get(key, "").strip())), "proposal")
        written = element.get("match-quality") or element.get("matchQuality") or ""
        quality = written.strip().removesuffix("%")
        proposals += [Proposal(origin, _number(quality), target) for target in children(element, "target")]
    return tuple(proposals)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
