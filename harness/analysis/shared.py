"""The comparison on the segments that incomplete systems have, beside the strict one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.analysis.subset import shared_parts
from harness.types import SystemName

if TYPE_CHECKING:
    from harness.analysis.pair import PairAnalysis


@dataclass(frozen=True, slots=True)
class Shared:
    """The comparison beside the strict one: fewer segments, more systems. Never a corpus score of all segments."""

    pair: PairAnalysis
    """Of the shared segments alone."""
    of: int
    """Segments of the whole pair."""
    only: SystemName | None = None
    """Where there are several such comparisons: an incomplete system that this one is about."""


def shared_of(pair: PairAnalysis) -> tuple[Shared, ...]:
    """Systems that have most segments of a pair, on those that all of them have.

    Several where no segments are left that all have, none where no system lost a segment.
    """
    lost = {item.system for item in pair.excluded}
    parts = [replace(pair, result=part) for part in shared_parts(pair.result, pair.formula_of)]
    return tuple(
        Shared(
            part,
            len(pair.result.corpus.segments),
            next(system.name for system in part.result.systems if system.name in lost) if len(parts) > 1 else None,
        )
        for part in parts
    )
