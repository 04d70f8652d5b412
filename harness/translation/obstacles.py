"""What would keep systems of a plan from running: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import EngineUnavailable
from harness.store.cache.answers import Cache
from harness.translation.planning import Plan, PlannedPair, PlannedSystem, check_ready
from harness.types import LangPair, SystemName


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One system that cannot be asked."""

    pair: LangPair
    system: SystemName
    why: str
    """As the engine says it: a key or a package that is missing, a program that is not executable."""
    fix: str
    """Empty where the reason says it."""
    stand_in: str = ""
    """Where the recorded outputs come from that a run would use instead; empty where there are none."""


def obstacles(plan: Plan, cache: Cache) -> list[Obstacle]:
    """Systems of a plan that was made without looking whether they can be asked, and cannot."""
    return [item for pair in plan.pairs for item in _of_pair(plan, pair, cache)]


def _of_pair(plan: Plan, pair: PlannedPair, cache: Cache) -> Iterator[Obstacle]:
    for name, why in {**pair.unavailable, **pair.unsupported}.items():
        yield Obstacle(pair.corpus.pair, name, why, "")
    for planned in pair.systems:
        try:
            for job in planned.jobs:
                check_ready(job, cache=cache, offline=plan.request.offline)
        except EngineUnavailable as error:
            yield _obstacle(pair, planned, error)


def _obstacle(pair: PlannedPair, planned: PlannedSystem, error: EngineUnavailable) -> Obstacle:
    language_pair, name = pair.corpus.pair, planned.system.name
    try:
        recorded = planned.system.stand_in(language_pair, error)
    except EngineUnavailable:
        return Obstacle(language_pair, name, str(error), error.hint)
    return Obstacle(language_pair, name, str(error), error.hint, recorded.origin)
