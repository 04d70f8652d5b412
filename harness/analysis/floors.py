"""Systems that are no choice beside the others: floors, and those that say the same as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.types import Translated

if TYPE_CHECKING:
    from harness.store.runs.result import PairResult, SystemResult
    from harness.types import SystemName

FLOOR_ENGINES = frozenset({"copy", "memory"})
"""Engines that hand out what is there already: the source, or translations of other texts."""


def is_floor(result: PairResult, system: SystemResult) -> bool:
    """Whether a system translates nothing: an engine of :data:`FLOOR_ENGINES`, or every output equal to its source."""
    if system.engine.engine in FLOOR_ENGINES:
        return True
    segments = result.corpus.segments
    return bool(segments) and all(
        isinstance(outcome, Translated) and outcome.text.strip() == segment.source.strip()
        for segment, outcome in zip(segments, system.outcomes, strict=True)
    )


def floors_of(result: PairResult) -> frozenset[SystemName]:
    """The floors among the systems of a pair."""
    return frozenset(system.name for system in result.systems if is_floor(result, system))


def identical_systems(result: PairResult) -> tuple[tuple[SystemName, ...], ...]:
    """Groups of systems with the same text in every segment, floors aside, in the order of the run."""
    floors = floors_of(result)
    groups: list[list[SystemResult]] = []
    for system in result.systems:
        if system.name in floors:
            continue
        known = next((group for group in groups if same_outputs(group[0], system)), None)
        groups.append([system]) if known is None else known.append(system)
    return tuple(tuple(system.name for system in group) for group in groups if len(group) > 1)


def same_outputs(one: SystemResult, other: SystemResult) -> bool:
    """Whether two systems gave the same text for every segment."""
    return all(
        isinstance(a, Translated) and isinstance(b, Translated) and a.text == b.text
        for a, b in zip(one.outcomes, other.outcomes, strict=True)
    )
