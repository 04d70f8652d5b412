"""Whether two references put the systems in contrary order: a verdict is then about the reference, too.

Each reference is taken alone: chrF of every system against it, articles swapped as in any comparison. They contradict
each other where each has a best system that is significantly better by it than the other's best, at 5 %. chrF because
it needs no model and works in every script; what is asked is whether the references agree, not which system is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.comparison import ALPHA
from harness.analysis.eligible import is_complete
from harness.analysis.floors import floors_of
from harness.analysis.stats.compare import Profile, compare, make_profiles
from harness.analysis.stats.design import Sample
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.units import units_of
from harness.metrics.interface import Mask, MetricContext, ScoringItem
from harness.metrics.strings.chrf import Chrf, ChrfOptions
from harness.store.cache.nothing import NoCache
from harness.types import SystemName, Translated

if TYPE_CHECKING:
    from harness.store.runs.result import PairResult, SystemResult


@dataclass(frozen=True, slots=True)
class RankConflict:
    """Two references and the systems that they put first, each significantly ahead of the other by its own."""

    references: tuple[int, int]
    """Positions among the references, from 0."""
    best: tuple[SystemName, SystemName]


def rank_conflict(result: PairResult, seed: int) -> RankConflict | None:
    """The first two references of a pair that contradict each other; None where none do, or there is only one."""
    floors = floors_of(result)
    systems = [system for system in result.systems if system.name not in floors and is_complete(system)]
    segments = result.corpus.segments
    most = max((len(segment.references) for segment in segments), default=0)
    if len(systems) < 2 or most < 2:
        return None
    # Only segments that have all references: both are then asked about the same text.
    mask = np.array([len(segment.references) == most for segment in segments], dtype=np.bool_)
    sample = units_of(result.corpus, result.unit)[1].sample(mask, seed)
    if sample.design.units < FEWEST_UNITS:
        return None
    metric = Chrf(ChrfOptions())
    by_reference = [_profiles(result, systems, index, metric=metric, sample=sample, mask=mask) for index in range(most)]
    for one, other in combinations(range(most), 2):
        first, second = (_best(by_reference[index]) for index in (one, other))
        if first != second and all(
            _ahead(by_reference[index], winner, loser, metric, sample)
            for index, winner, loser in ((one, first, second), (other, second, first))
        ):
            return RankConflict((one, other), (systems[first].name, systems[second].name))
    return None


def _profiles(
    result: PairResult, systems: Sequence[SystemResult], index: int, *, metric: Chrf, sample: Sample, mask: Mask
) -> list[Profile]:
    context = MetricContext(result.pair, NoCache())
    segments = result.corpus.segments
    tables = []
    for system in systems:
        items = [
            ScoringItem(system.name, row + 1, segment.source, outcome.text, (segment.references[index],))
            for row, (segment, outcome) in enumerate(zip(segments, system.outcomes, strict=True))
            if mask[row] and isinstance(outcome, Translated)
        ]
        rows = metric.statistics(items, context).rows
        spread = np.zeros((len(segments), rows.shape[1]))
        spread[mask] = rows
        tables.append(sample.sums(spread, mask))
    return make_profiles(tables, sample.sizes(mask), metric.score, sample.design)


def _best(profiles: Sequence[Profile]) -> int:
    return max(range(len(profiles)), key=lambda index: profiles[index].value)


def _ahead(profiles: Sequence[Profile], winner: int, loser: int, metric: Chrf, sample: Sample) -> bool:
    comparison = compare(profiles[winner], profiles[loser], metric.score, sample.design, higher_is_better=True)
    return comparison.p <= ALPHA
