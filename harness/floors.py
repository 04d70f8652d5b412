"""Floors: systems that are there to show how low a score can be, and are no choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.types import Translated

if TYPE_CHECKING:
    from harness.runs.result import PairResult, SystemResult
    from harness.types import SystemName

COPY = "copy"


def is_floor(result: PairResult, system: SystemResult) -> bool:
    """Whether a system hands the source back: the engine ``copy``, or every output equal to its source."""
    if system.engine.engine == COPY:
        return True
    segments = result.corpus.segments
    return bool(segments) and all(
        isinstance(outcome, Translated) and outcome.text.strip() == segment.source.strip()
        for segment, outcome in zip(segments, system.outcomes, strict=True)
    )


def floors_of(result: PairResult) -> frozenset[SystemName]:
    """The floors among the systems of a pair."""
    return frozenset(system.name for system in result.systems if is_floor(result, system))
