"""What asking a system brought, as a run keeps it: what became of every segment, and what it took."""

from __future__ import annotations

from collections.abc import Sequence

from harness.store.cache.answers import Cache
from harness.store.runs.result import NOT_SENT, Traffic
from harness.translation.planning import PlannedSystem
from harness.translation.runner import Done
from harness.translation.traffic import Asked, measure
from harness.types import Corpus, Missing, Outcome, Translated


def outcomes_of(planned: PlannedSystem, corpus: Corpus, done: Done) -> tuple[Outcome, ...]:
    """What a system made of the segments of a corpus of which it was asked for no more than its job has."""
    if planned.ended is None:
        return done.outcomes
    known = {segment.id: answer for segment, answer in zip(planned.job.corpus.segments, done.outcomes, strict=True)}
    return tuple(known.get(segment.id, planned.ended) for segment in corpus.segments)


def traffic_of(planned: PlannedSystem, samples: Sequence[Done], cache: Cache) -> Traffic | Missing:
    """What a system took, every repetition counted; missing where nothing is sent."""
    if not planned.job.engine.caches:
        return NOT_SENT
    keys = [key for job in planned.jobs for key in job.segment_keys()]
    made = [record for sample in samples for record in sample.records]
    lengths = [len(segment.source) for segment in planned.job.corpus.segments]
    answers = [
        (item, length)
        for sample in samples
        for item, length in zip(sample.outcomes, lengths, strict=True)
        if isinstance(item, Translated)
    ]
    asked = Asked(
        repetitions=len(samples),
        answers=len(answers),
        characters=sum(length for _, length in answers),
        cached=sum(item.cached for item, _ in answers),
    )
    return measure(cache.get_records(keys), made, asked, planned.job.tariff.source)
