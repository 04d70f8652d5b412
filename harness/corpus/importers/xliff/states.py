"""Which targets are references: those that a person has finished, as far as the file says."""

from __future__ import annotations

from typing import Any, Final

from harness.corpus.importers.xliff.units import PHRASE, attribute

_DONE = frozenset({"final", "signed-off", "translated"})
_MACHINE = frozenset({"mt-suggestion", "leveraged-mt"})
_UNCHECKED = frozenset({"fuzzy-match", "tm-suggestion"})
_SDL_DONE = frozenset({"Translated", "ApprovedTranslation", "ApprovedSignOff"})
_SDL_MACHINE = frozenset({"mt", "nmt", "amt"})
_DONE_2 = frozenset({"translated", "reviewed", "final"})
_TRUE = frozenset({"1", "true"})

MACHINE: Final = "machine-made"


def unfit_1(unit: Any, target: Any, definition: Any) -> str:
    """Why a target of XLIFF 1.x is no reference; empty where it is one.

    Args:
        unit: the ``<trans-unit>``.
        target: its ``<target>``.
        definition: what an SDLXLIFF says of the segment; None where the dialect is another one.
    """
    state, qualifier = target.get("state", ""), target.get("state-qualifier", "")
    if qualifier in _MACHINE:
        return f"{MACHINE} (state-qualifier '{qualifier}')"
    if qualifier in _UNCHECKED or qualifier.startswith("rejected"):
        return f"state-qualifier '{qualifier}'"
    if state and state not in _DONE:
        return f"state '{state}'"
    if unit.get("approved") == "no" and not state:
        return "approved 'no'"
    return _sdl(definition) if definition is not None else _memoq(unit) or _phrase(unit)


def unfit_2(segment: Any) -> str:
    """Why a target of XLIFF 2.x is no reference; empty where it is one. A missing state says nothing."""
    state, detail = segment.get("state", ""), segment.get("subState", "")
    if detail.rpartition(":")[2] in _MACHINE | {"mt"}:
        return f"{MACHINE} (subState '{detail}')"
    return f"state '{state}'" if state and state not in _DONE_2 else ""


def _sdl(definition: Any) -> str:
    confirmed, origin = definition.get("conf", ""), definition.get("origin", "")
    if origin in _SDL_MACHINE:
        return f"{MACHINE} (origin '{origin}')"
    return "" if confirmed in _SDL_DONE else f"conf '{confirmed}'" if confirmed else "not confirmed"


def _memoq(unit: Any) -> str:
    status = attribute(unit, "status", "mqxliff", "memoq")
    return "" if not status or "Confirmed" in status or status == "Proofread" else f"status '{status}'"


def _phrase(unit: Any) -> str:
    confirmed = attribute(unit, "confirmed", *PHRASE)
    if not confirmed:
        return ""
    if confirmed not in _TRUE:
        return "not confirmed"
    origin = attribute(unit, "trans-origin", *PHRASE)
    edited = attribute(unit, "level-edited", *PHRASE)
    return f"{MACHINE} (trans-origin '{origin}')" if origin in {"mt", "machine-trans"} and edited not in _TRUE else ""
