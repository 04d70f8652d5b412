"""What a plan would send and cost, from what the cache has now; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.engines.chat.engine import ChatEngine
from harness.engines.interface import Batch, RemoteEngine
from harness.store.cache.answers import Cache
from harness.translation.job import Job, look_up
from harness.translation.packing import pack
from harness.translation.planning import Plan, PlannedSystem
from harness.translation.pricing import Cost
from harness.translation.traffic import total
from harness.types import LangPair, SystemName


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking one system for one pair would take."""

    pair: LangPair
    system: SystemName
    segments: int
    known: int
    """Segments whose translation is in the store."""
    requests: int
    """Distinct texts that would be sent."""
    characters: int
    """Their length."""
    cost: Cost
    """At the most, for requests cut as the limits say."""
    seconds: float
    """At least, at the declared limits; 0 where none is declared."""
    expected: Cost
    """As a rule: for texts of usual length, without thinking and without attempts in vain."""
    batched: bool = False
    """Whether it goes through a batch API; the costs are then its prices."""
    under_way: int = 0
    """Segments in batch jobs whose results were not read yet; they are not sent again."""


def estimate(plan: Plan, cache: Cache) -> list[Estimate]:
    """What :func:`execute` would send, from what the store has now."""
    return [_estimate(planned, cache) for pair in plan.pairs for planned in pair.systems if planned.job.engine.caches]


def _estimate(planned: PlannedSystem, cache: Cache) -> Estimate:
    known, to_send, costs, usual, seconds, characters, under_way = 0, 0, [], [], 0.0, 0, 0
    for job in planned.jobs:
        lookup = look_up(job, cache)
        if job.sample == 0:
            known = sum(key in lookup.known or key in lookup.refused for key in job.segment_keys())
        batches = list(pack(lookup.requests, job.pair, job.limits, job.sample))
        sent = sum(len(request.source) for request in lookup.requests)
        to_send += len(lookup.requests)
        under_way += len(lookup.waiting)
        characters += sent
        costs += [worst_cost(job, batch) for batch in batches]
        usual += [_usual_cost(job, batch) for batch in batches]
        seconds += max(len(batches) / job.limits.requests_per_second, sent / job.limits.characters_per_second)
    job = planned.job
    size = len(job.corpus.segments)
    most, expected = total(costs), total(usual)
    return Estimate(
        pair=job.pair,
        system=job.system,
        segments=size,
        known=known,
        requests=to_send,
        characters=characters,
        cost=most,
        seconds=seconds,
        expected=expected,
        batched=job.batched,
        under_way=under_way,
    )


def worst_cost(job: Job, batch: Batch) -> Cost:
    """What a batch may cost at most."""
    usage = job.engine.worst_usage(batch) if isinstance(job.engine, RemoteEngine) else {}
    return _cost(job, batch, usage)


def _usual_cost(job: Job, batch: Batch) -> Cost:
    """What a batch costs as a rule: services that bill characters know it exactly."""
    if isinstance(job.engine, ChatEngine):
        return _cost(job, batch, job.engine.usual_usage(batch))
    return worst_cost(job, batch)


def _cost(job: Job, batch: Batch, usage: Mapping[str, int]) -> Cost:
    characters = sum(len(request.source) for request in batch.requests)
    return job.tariff.cost({"characters": characters, **usage})
