"""A part of a plan: the first articles of every pair, and of systems that are no longer bought fewer of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.metrics.scores.beside import layout_for
from harness.translation.planning import Plan, PlannedPair, PlannedSystem
from harness.types import Corpus, LangPair, NotBought, SystemName


@dataclass(frozen=True, slots=True)
class Ended:
    """How far a system was bought."""

    corpus: Corpus
    why: NotBought


@dataclass(frozen=True, slots=True)
class PairPart:
    """What is asked of one pair."""

    corpus: Corpus
    ended: Mapping[SystemName, Ended]


def part_of(plan: Plan, parts: Mapping[LangPair, PairPart]) -> Plan:
    """The plan with less to ask, for every pair."""
    return replace(plan, pairs=tuple(_pair_part(plan, pair, parts[pair.corpus.pair]) for pair in plan.pairs))


def _pair_part(plan: Plan, pair: PlannedPair, part: PairPart) -> PlannedPair:
    systems = tuple(_system_part(planned, part) for planned in pair.systems)
    layout = pair.layout and layout_for(
        plan.workspace, plan.metrics, part.corpus, [planned.system.name for planned in systems]
    )
    return replace(pair, corpus=part.corpus, systems=systems, layout=layout)


def _system_part(planned: PlannedSystem, part: PairPart) -> PlannedSystem:
    ended = part.ended.get(planned.system.name)
    corpus = part.corpus if ended is None else ended.corpus
    jobs = tuple(replace(job, corpus=corpus) for job in planned.jobs)
    return replace(planned, jobs=jobs, ended=None if ended is None else ended.why)
