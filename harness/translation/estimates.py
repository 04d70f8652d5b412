"""What a plan would send and cost, from what the cache has now; sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.checks.memorisation.answers import enquiries
from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.question import QuestionEngine
from harness.engines.interface import Batch, RemoteEngine, StoredEngine
from harness.errors import EngineError
from harness.metrics.interface import AskingMetric, ScoringItem
from harness.metrics.scoring import scoring_items
from harness.store.cache.answers import Cache
from harness.translation.enquiry import job_of
from harness.translation.job import Job, look_up
from harness.translation.packing import pack
from harness.translation.planning import Plan, PlannedPair
from harness.translation.pricing import Cost
from harness.translation.replies import cleaned
from harness.translation.traffic import total
from harness.types import Corpus, Failed, LangPair, Outcome, SystemName, Translated

NOT_YET = Failed("not asked yet")


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
    assumed: int = 0
    """Of the questions of a metric, those about translations that do not exist yet."""


def estimate(plan: Plan, cache: Cache) -> list[Estimate]:
    """What :func:`execute` would send, from what the store has now: to systems, then to models that are asked."""
    asked = [estimate_jobs(one.jobs, cache) for pair in plan.pairs for one in pair.systems if one.job.engine.caches]
    judged = [one for pair in plan.pairs for one in _enquiries(plan, pair, cache)]
    return [*asked, *judged, *(one for pair in plan.pairs for one in _by_heart(plan, pair, cache))]


def _by_heart(plan: Plan, pair: PlannedPair, cache: Cache) -> Iterator[Estimate]:
    """What models would be asked about the references."""
    most = plan.workspace.settings.checks.memorisation_sentences
    for name, respondent in plan.by_heart.items():
        if any(planned.system.name == name for planned in pair.systems):
            for enquiry in enquiries(pair.corpus, respondent, most, plan.seed):
                yield estimate_jobs([job_of(enquiry, pair.corpus.pair)], cache)


def _enquiries(plan: Plan, pair: PlannedPair, cache: Cache) -> Iterator[Estimate]:
    """What metrics would ask about translations: those there are, and others as long as their source, or twice that."""
    outcomes = {planned.system.name: _known_outcomes(planned.job, cache) for planned in pair.systems}
    assumed = sum(one is NOT_YET for found in outcomes.values() for one in found)
    for metric in plan.metrics.values():
        if not isinstance(metric, AskingMetric):
            continue
        usual, most = (
            [
                estimate_jobs([job_of(enquiry, pair.corpus.pair, batch=plan.request.batch)], cache)
                for enquiry in metric.enquiries(_assumed_items(pair.corpus, outcomes, times), pair.corpus.pair)
            ]
            for times in (1, 2)
        )
        for expected, bound in zip(usual, most, strict=True):
            yield replace(bound, expected=expected.expected, characters=expected.characters, assumed=assumed)


def _known_outcomes(job: Job, cache: Cache) -> list[Outcome]:
    if isinstance(job.engine, StoredEngine):
        return _stored_outcomes(job, job.engine)
    if not job.engine.caches:
        return [NOT_YET] * len(job.corpus.segments)
    lookup = look_up(job, cache)
    settled: dict[str, Outcome] = {**lookup.refused, **lookup.known}
    return [settled.get(key, NOT_YET) for key in job.segment_keys()]


def _stored_outcomes(job: Job, engine: StoredEngine) -> list[Outcome]:
    """What the run itself will read from files; where it cannot be read, the run says so."""
    requests = job.requests()
    try:
        answers = engine.answer(Batch(job.pair, requests, job.sample))
    except EngineError:
        return [NOT_YET] * len(requests)
    return [cleaned(answer, request.source) for answer, request in zip(answers, requests, strict=True)]


def _assumed_items(corpus: Corpus, outcomes: Mapping[SystemName, Sequence[Outcome]], times: int) -> list[ScoringItem]:
    assumed = {
        name: [
            # With the system's name: translations that nobody has seen are not taken to be equal.
            Translated(f"{segment.source * times} {name}") if one is NOT_YET else one
            for one, segment in zip(found, corpus.segments, strict=True)
        ]
        for name, found in outcomes.items()
    }
    return scoring_items(corpus, assumed)[0]


def estimate_jobs(jobs: Sequence[Job], cache: Cache) -> Estimate:
    """What asking for the same segments once or several times would take."""
    known, to_send, costs, usual, seconds, characters, under_way = 0, 0, [], [], 0.0, 0, 0
    for job in jobs:
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
    job = jobs[0]
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
    if isinstance(job.engine, ChatEngine | QuestionEngine):
        return _cost(job, batch, job.engine.usual_usage(batch))
    return worst_cost(job, batch)


def _cost(job: Job, batch: Batch, usage: Mapping[str, int]) -> Cost:
    characters = sum(len(request.source) for request in batch.requests)
    return job.tariff.cost({"characters": characters, **usage})
