"""Two systems that two metrics each separate, in opposite directions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harness.analysis.comparison import Evidence
from harness.analysis.primary import LEARNED
from harness.types import SystemName


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two systems that two metrics each separate, in opposite directions."""

    a: SystemName
    b: SystemName
    better: str
    """The metric by which ``a`` is better."""
    worse: str


def disagreements_of(evidence: Evidence, comparable: Collection[str]) -> tuple[Disagreement, ...]:
    """Pairs of systems that a learned metric and another, learned or of strings, separate in opposite ways.

    Args:
        evidence: of the pair.
        comparable: metrics whose columns may be ranked.
    """
    known = {name: found for name, found in evidence.metrics.items() if name in comparable}
    learned = [name for name, found in known.items() if found.metric.traits.kind in LEARNED]
    strings = [name for name, found in known.items() if found.metric.traits.kind == "strings"]
    return tuple(
        Disagreement(item.a, item.b, judge, other)
        for index, judge in enumerate(learned)
        for other in (*learned[index + 1 :], *strings)
        for item in known[judge].comparisons
        if not item.tied and (item.b, item.a) in known[other].better
    )
