"""Has a service silently changed? Some kept segments are asked for again, and the answers compared.

A cached answer stays what it was while the service behind it moves on. Engines whose answers vary from call to call
(a language model at a temperature) differ without having changed; ``--repeat`` measures how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from harness.engines.interface import RemoteEngine
from harness.store.cache.answers import Cache
from harness.store.cache.records import RequestRecord
from harness.translation.estimates import worst_cost
from harness.translation.job import Job, look_up
from harness.translation.packing import pack
from harness.translation.planning import Plan
from harness.translation.runner import Done, translate
from harness.translation.traffic import total
from harness.types import LangPair, Money, SegmentId, SystemName, Translated, Unknown
from harness.workspace.progress import Progress


@dataclass(frozen=True, slots=True)
class OutputChange:
    """A segment that is answered differently now."""

    segment: SegmentId
    source: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What asking one system again showed."""

    pair: LangPair
    system: SystemName
    asked: int
    unanswered: int
    """Segments that got no answer this time."""
    changes: tuple[OutputChange, ...]
    kept_first: str
    """When the oldest of the kept answers was asked for, ISO 8601; empty when nothing was recorded."""
    kept_last: str
    models_before: tuple[str, ...]
    """Models that answered then, as the service names them."""
    models_now: tuple[str, ...]
    cost: Money | Unknown

    @property
    def changed(self) -> bool:
        """Whether the service gave another answer, or says that another model answers."""
        moved = bool(self.models_before and self.models_now) and set(self.models_before) != set(self.models_now)
        return bool(self.changes) or moved


def ask_again(
    plan: Plan, cache: Cache, progress: Progress, *, sample: int, max_cost: Money | None = None
) -> list[Drift]:
    """Ask every service again for a seeded sample of what is kept.

    Args:
        plan: which systems and pairs; engines that run on this machine and systems with nothing kept are left out.
        cache: holds the kept answers; it is not changed, except that the new requests are recorded.
        progress: told how far each system is.
        sample: segments of each system and pair.
        max_cost: what all of it may cost; None for no limit.
    """
    chosen = _choose(plan, cache, sample)
    done = translate([job for job, _ in chosen], cache, progress, max_cost)
    return [_compare(job, kept, result, cache) for (job, kept), result in zip(chosen, done, strict=True)]


def estimate(plan: Plan, cache: Cache, *, sample: int) -> list[tuple[Job, Money | Unknown]]:
    """What :func:`ask_again` would ask, and what it may cost at most."""
    estimates = []
    for job, _ in _choose(plan, cache, sample):
        batches = pack(look_up(job, cache).requests, job.pair, job.limits)
        estimates.append((job, total([worst_cost(job, batch) for batch in batches])))
    return estimates


def _choose(plan: Plan, cache: Cache, sample: int) -> list[tuple[Job, Mapping[SegmentId, Translated]]]:
    chosen: list[tuple[Job, Mapping[SegmentId, Translated]]] = []
    for pair in plan.pairs:
        for planned in pair.systems:
            kept = _kept(planned.job, cache)
            if kept and isinstance(planned.job.engine, RemoteEngine):
                segments = sorted(kept)
                picked = np.random.default_rng(plan.seed).permutation(len(segments))[:sample]
                again = frozenset(segments[index] for index in picked)
                single = replace(planned.job, again=again, batched=False)
                chosen.append((replace(single, tariff=replace(single.tariff, batch=False)), kept))
    return chosen


def _kept(job: Job, cache: Cache) -> dict[SegmentId, Translated]:
    known = look_up(job, cache).known
    return {request.segment: known[key] for request in job.requests() if (key := job.key(request)) in known}


def _compare(job: Job, kept: Mapping[SegmentId, Translated], result: Done, cache: Cache) -> Drift:
    changes, unanswered = [], 0
    for segment, outcome in zip(job.corpus.segments, result.outcomes, strict=True):
        if segment.id not in job.again:
            continue
        if not isinstance(outcome, Translated):
            unanswered += 1
        elif outcome.text != kept[segment.id].text:
            changes.append(OutputChange(segment.id, segment.source, kept[segment.id].text, outcome.text))
    keys = [job.key(request) for request in job.requests() if request.segment in job.again]
    before = cache.get_records(keys)
    sent = sorted(record.sent for record in before)
    return Drift(
        pair=job.pair,
        system=job.system,
        asked=len(job.again),
        unanswered=unanswered,
        changes=tuple(changes),
        kept_first=sent[0] if sent else "",
        kept_last=sent[-1] if sent else "",
        models_before=_models(before),
        models_now=_models(result.records),
        cost=total([record.cost for record in result.records]),
    )


def _models(records: tuple[RequestRecord, ...] | list[RequestRecord]) -> tuple[str, ...]:
    return tuple(sorted({record.model for record in records if record.model}))
