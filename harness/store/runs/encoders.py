"""Whether a run could look for misplaced segments: kept in its settings, since no flag says that nobody looked."""

from __future__ import annotations

from collections.abc import Mapping

from harness.types import JsonValue

SETTING = "encoder"
"""Where the settings of a run keep the name and version of the sentence encoder; empty: it was not installed."""


def had_encoder(settings: Mapping[str, JsonValue]) -> bool:
    """Whether there was one; earlier versions never had one."""
    return bool(settings.get(SETTING))
