"""What came of a batch job, by the rules of single requests: kept, refused, failed, or to be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.engines.batch_jobs import JobView, not_done
from harness.engines.interface import Batch, Receipt, Reply, Request
from harness.errors import (
    BadOutput,
    BadRequest,
    Declined,
    EngineError,
    EngineUnavailable,
    Fatal,
    Garbled,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.store.cache.answers import Kept
from harness.store.cache.jobs import NotedJob, NotedRequest, NotedSegment
from harness.store.cache.keys import digest
from harness.store.cache.records import RequestRecord
from harness.translation.billing import charge
from harness.translation.job import Job
from harness.translation.packing import halves
from harness.translation.patience import MOST_GARBLED
from harness.translation.pricing import Tariff
from harness.translation.replies import checked, cleaned, cut, told
from harness.types import ArticleId, Failed, JsonValue, Refused, SegmentId, Translated


@dataclass(frozen=True, slots=True)
class Unit:
    """One request of a job."""

    batch: Batch
    halved: bool = False
    """Whether it is what is left of a request that was refused for reasons unknown."""
    round: int = 1
    """1 for the first time."""


@dataclass(slots=True)
class Harvest:
    """What one job brought."""

    brought: list[tuple[list[Kept], RequestRecord]] = field(default_factory=list)
    """For each request what is kept of it, and its record."""
    outcomes: dict[str, Translated | Refused | Failed] = field(default_factory=dict)
    """By key, for good."""
    again: list[Unit] = field(default_factory=list)
    """To be submitted once more."""
    booked: float = 0.0
    """What it cost, as counted against ``--max-cost``."""
    stopped: str = ""
    """Why nothing more can be had; empty while more can."""


def note_segments(job: Job, batch: Batch) -> tuple[NotedSegment, ...]:
    """What must be written down of a batch so that its answers can be read by another process."""
    return tuple(
        NotedSegment(
            request.segment.article,
            request.segment.number,
            request.line,
            request.source,
            str(job.asked(request).get("context", "")),
        )
        for request in batch.requests
    )


def noted_base(job: Job) -> dict[str, JsonValue]:
    """What the translation requests of a job have in common."""
    request = Request(SegmentId(ArticleId(""), 0), 0, "")
    return {name: value for name, value in job.asked(request).items() if name not in {"source", "context"}}


def noted_batch(job: Job, noted: NotedJob, request: NotedRequest) -> Batch:
    """The batch as it was submitted, but for its context, which no answer is read by."""
    requests = (
        Request(SegmentId(ArticleId(one.article), one.number), one.line, one.source) for one in request.segments
    )
    return Batch(job.pair, tuple(requests), noted.sample)


@dataclass(slots=True)
class Reaper:
    """Reads the results of one job."""

    job: Job
    noted: NotedJob
    tariff: Tariff
    capped: bool
    """Whether there is a ``--max-cost`` whose bounds must hold."""
    current: Mapping[str, Request]
    """What the job wants now, by key: with its context, and without what is no longer in the corpus."""
    harvest: Harvest = field(default_factory=Harvest)

    def reap(self, view: JobView, results: Mapping[str, Reply | EngineError]) -> Harvest:
        """Sort all results."""
        for name, request in self.noted.requests.items():
            batch = noted_batch(self.job, self.noted, request)
            result = results.get(name) or view.failure or _missing(view)
            self._one(request, batch, checked(result, batch, self.job.system), view.seconds)
        return self.harvest

    def _one(self, request: NotedRequest, batch: Batch, result: Reply | EngineError, seconds: float) -> None:
        characters = sum(len(one.source) for one in batch.requests)
        octets = sum(len(one.source.encode("utf-8", "replace")) for one in batch.requests)
        billed = charge(self.tariff, result, request.bound, characters, octets)
        self.harvest.booked += billed.booked
        if billed.broken and self.capped:
            self.harvest.stopped = (
                f"{billed.broken}: the reserve for --max-cost was too small, so nothing more is submitted"
            )
        receipt = result.receipt if isinstance(result, Reply) else Receipt()
        record = RequestRecord(
            system=self.job.system,
            pair=str(batch.pair),
            sent=self.noted.written,
            seconds=max(0.0, seconds),
            # A day in a queue is no measure of how fast a model is.
            setup=True,
            attempt=request.round,
            segments=len(batch.requests),
            characters=characters,
            outcome="ok" if isinstance(result, Reply) else type(result).__name__,
            usage=dict(billed.usage),
            cost=billed.cost,
            model=cut(receipt.model),
            request_id=cut(receipt.request_id),
        )
        self.harvest.brought.append((self._kept(request, batch, result), record))

    def _kept(self, request: NotedRequest, batch: Batch, result: Reply | EngineError) -> list[Kept]:
        match result:
            case Reply():
                return self._answers(request, batch, result)
            case Fatal() | EngineUnavailable() | Unsupported() as error:
                self.harvest.stopped = told(error)
            case Transient() as error:
                most = min(self.job.limits.attempts, MOST_GARBLED) if isinstance(error, Garbled) else None
                if request.round < (most or self.job.limits.attempts):
                    self._again(request, range(len(batch.requests)), request.halved, request.round + 1)
                else:
                    self._settle(request, Failed(f"{told(error)} (in {request.round} batch jobs)"))
            case BadOutput() | TooLarge() if len(batch.requests) > 1:
                self._in_halves(request, batch, halved=request.halved)
            case BadRequest() if len(batch.requests) > 1 and not request.halved:
                self._in_halves(request, batch, halved=True)
            case Declined() as error:
                refused = Refused(told(error))
                self._settle(request, refused)
                if error.usage:  # paid for
                    return [(self.noted.asked(one), refused) for one in request.segments]
            case EngineError() as error:
                self._settle(request, Failed(told(error)))
        return []

    def _answers(self, request: NotedRequest, batch: Batch, reply: Reply) -> list[Kept]:
        kept: list[Kept] = []
        pairs = zip(request.segments, batch.requests, reply.answers, strict=True)
        for index, (segment, asked, given) in enumerate(pairs):
            answer = cleaned(given, asked.source)
            if isinstance(answer, Translated | Refused):
                kept.append((self.noted.asked(segment), answer))
                self._outcome(segment, answer)
            elif isinstance(given, Translated) and len(batch.requests) > 1:
                self._again(request, [index], halved=True, round_=1)
            else:
                self._outcome(segment, answer)
        return kept

    def _in_halves(self, request: NotedRequest, batch: Batch, *, halved: bool) -> None:
        first, second = (len(half.requests) for half in halves(batch))
        self._again(request, range(first), halved, 1)
        self._again(request, range(first, first + second), halved, 1)

    def _again(self, request: NotedRequest, places: range | list[int], halved: bool, round_: int) -> None:
        keys = [self._key(request.segments[place]) for place in places]
        if wanted := tuple(self.current[key] for key in keys if key in self.current):
            batch = Batch(self.job.pair, wanted, self.job.sample)
            self.harvest.again.append(Unit(batch, halved, round_))

    def _settle(self, request: NotedRequest, outcome: Refused | Failed) -> None:
        for segment in request.segments:
            self._outcome(segment, outcome)

    def _outcome(self, segment: NotedSegment, outcome: Translated | Refused | Failed) -> None:
        self.harvest.outcomes[self._key(segment)] = outcome

    def _key(self, segment: NotedSegment) -> str:
        return digest(self.noted.asked(segment))


def _missing(view: JobView) -> EngineError:
    if view.unfinished:
        return not_done(view.unfinished)
    return Transient("the batch job returned no result for this request", charged=True)
