"""For which pairs a run had a glossary: kept in its settings, since no flag says that there was nothing to look for."""

from __future__ import annotations

from collections.abc import Mapping

from harness.types import JsonValue

SETTING = "glossaries"
"""Where the settings of a run keep it."""


def glossaries_of(settings: Mapping[str, JsonValue]) -> frozenset[str] | None:
    """The pairs whose outputs were checked against one; None where an earlier version did not keep it."""
    kept = settings.get(SETTING)
    return frozenset(map(str, kept)) if isinstance(kept, list) else None
