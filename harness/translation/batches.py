"""Buying through a batch API: submit, leave, collect later; a kill at any moment buys nothing twice.

A job is noted in the cache before its service hears of it, again just before the one call that buys, and again with the
service's name of it. A run that finds a note in between looks for the job by its marker before anything is submitted.
Results are kept in one transaction for each job, so a kill while collecting loses nothing either.

All of it happens under the claim on the keys: two runs on one cache submit once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from harness.engines.batch_jobs import Undecided
from harness.engines.interface import RemoteEngine, Request
from harness.errors import BatchesUnderWay, EngineError, TooLarge, Transient, so_many
from harness.store.cache.answers import Cache
from harness.store.cache.jobs import NotedJob, NotedRequest
from harness.store.cache.records import RequestRecord
from harness.translation.attempts import Stopped, reserve
from harness.translation.batch_calls import MOST_TROUBLE, ServiceCalls
from harness.translation.batch_results import Reaper, Unit, note_segments, noted_base, noted_batch
from harness.translation.budget import Budget
from harness.translation.claims import claim_name
from harness.translation.job import Job, Lookup
from harness.translation.packing import halves, pack
from harness.translation.pricing import Cost
from harness.translation.replies import told
from harness.types import Failed, Money, Refused, Response


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A job that was submitted and has not ended."""

    system: str
    pair: str
    name: str
    """The service's; empty where that is not known yet."""
    segments: int
    written: str
    """When it was noted, ISO 8601, UTC."""


def check_ended(under_way: Iterable[UnderWay]) -> None:
    """Return if no batch job is under way.

    Raises:
        BatchesUnderWay: one is.
    """
    jobs = list(under_way)
    if not jobs:
        return
    segments = sum(one.segments for one in jobs)
    lines = [
        f"{one.pair} {one.system}: {one.name or 'unconfirmed'}, {so_many(one.segments, 'segment')}, "
        f"since {one.written[:16]} UTC"
        for one in jobs
    ]
    jobs_left = so_many(len(jobs), "batch job")
    raise BatchesUnderWay(
        "\n".join([f"{jobs_left} with {so_many(segments, 'segment')} pending; there is no report yet", *lines]),
        hint="to collect the results, usually within a day, run the same command again or add --wait",
    )


@dataclass(slots=True)
class BatchBuyer:
    """The batch jobs of one system on one pair. Belongs to one run, which may come back to it many times."""

    job: Job
    cache: Cache
    calls: ServiceCalls
    budget: Budget | None
    say: Callable[[str], None]
    outcomes: dict[str, Response] = field(default_factory=dict)
    """By key: what came in this run, for good."""
    records: list[RequestRecord] = field(default_factory=list)
    stopped: str = ""
    under_way: list[UnderWay] = field(default_factory=list)
    _again: list[Unit] = field(default_factory=list)
    _booked: set[str] = field(default_factory=set)
    """Markers of jobs whose most is in the budget."""
    _trouble: dict[str, int] = field(default_factory=dict)

    async def collect(self, lookup: Lookup) -> None:
        """Read the results of every job that has ended."""
        self.outcomes |= lookup.settled
        for noted in lookup.jobs:
            if self.budget is not None and noted.marker not in self._booked:
                self._booked.add(noted.marker)
                self.budget.owe(noted.most)
            try:
                still = await self._collect(noted)
            except Undecided as error:
                self.say(told(error))
                still = True
            except Transient as error:
                self._trouble[noted.marker] = self._trouble.get(noted.marker, 0) + 1
                still = self._trouble[noted.marker] < MOST_TROUBLE
                why = f"batch job {noted.name or noted.marker}: {told(error)}"
                self.say(f"{why}; looking again later")
                self.stopped = self.stopped if still else why
            except EngineError as error:
                still, self.stopped = False, told(error)
            if still:
                segments = sum(len(request.segments) for request in noted.requests.values())
                self.under_way.append(
                    UnderWay(self.job.system, str(self.job.pair), noted.name, segments, noted.written)
                )

    async def submit(self, requests: Sequence[Request]) -> None:
        """Submit what is missing, as far as ``--max-cost`` allows."""
        missing = {key: one for one in requests if (key := self.job.key(one)) not in self.outcomes}
        units: list[Unit] = []
        for unit in self._again:
            keys = [self.job.key(one) for one in unit.batch.requests]
            if all(key in missing for key in keys):
                units.append(unit)
                for key in keys:
                    del missing[key]
        self._again = []
        units += [
            Unit(batch) for batch in pack(list(missing.values()), self.job.pair, self.job.limits, self.job.sample)
        ]
        for part in self._parts(units):
            if not self.stopped:
                await self._submit(part)

    async def _collect(self, noted: NotedJob) -> bool:
        """Read one job's results; returns whether it is still under way."""
        if noted.stage == "staged":
            self._close(noted)
            return False
        if noted.stage == "sending":
            name = await self.calls.find(noted)
            if not name:
                self._close(noted)
                return False
            noted = replace(noted, stage="open", name=name)
            self.cache.note_job(noted)
            self.say(f"batch job {name} was submitted by an interrupted run")
        view = await self.calls.look(noted)
        if not view.ended:
            return True
        batches = {name: noted_batch(self.job, noted, request) for name, request in noted.requests.items()}
        results = {} if view.failure else await self.calls.results(view, batches)
        if view.seconds < 0:
            waited = (datetime.now(UTC) - datetime.fromisoformat(noted.written)).total_seconds()
            view = replace(view, seconds=max(0.0, waited))
        current = dict(zip(self.job.segment_keys(), self.job.requests(), strict=True))
        tariff = replace(self.job.tariff, batch=True)
        harvest = Reaper(self.job, noted, tariff, self.budget is not None, current).reap(view, results)
        self.cache.close_job(replace(noted, stage="closed", requests={}, settled={}), harvest.brought)
        self._give_back(noted, harvest.booked)
        self.records += [record for _, record in harvest.brought]
        self.outcomes |= harvest.outcomes
        self._again += harvest.again
        self.stopped = harvest.stopped or self.stopped
        self._trouble.pop(noted.marker, None)
        self.say(f"batch job {noted.name}: {so_many(len(harvest.outcomes), 'segment')} collected")
        return False

    def _close(self, noted: NotedJob) -> None:
        """It bought nothing."""
        self.cache.note_job(replace(noted, stage="closed", requests={}, settled={}))
        self._give_back(noted, 0.0)

    def _give_back(self, noted: NotedJob, spent: float) -> None:
        if self.budget is not None and noted.marker in self._booked:
            self.budget.give_back(noted.most - spent)

    def _parts(self, units: Sequence[Unit]) -> Iterator[list[Unit]]:
        """Jobs of the size that the service takes."""
        service = self.calls.service
        part: list[Unit] = []
        size = 0
        for unit in units:
            octets = self._bound(unit).get("input_tokens", 0)  # one for each byte
            if part and (len(part) >= service.most_requests or size + octets > service.most_bytes):
                yield part
                part, size = [], 0
            part.append(unit)
            size += octets
        if part:
            yield part

    def _bound(self, unit: Unit) -> Mapping[str, int]:
        engine = self.job.engine
        return engine.worst_usage(unit.batch) if isinstance(engine, RemoteEngine) else {}

    def _most(self, unit: Unit) -> Cost:
        characters = sum(len(one.source) for one in unit.batch.requests)
        return self.job.tariff.cost({"characters": characters, **self._bound(unit)})

    async def _submit(self, units: Sequence[Unit]) -> None:
        units, most = await self._affordable(units)
        if not units:
            return
        marker = f"harness-{secrets.token_hex(8)}"
        requests = {
            f"{marker}-{number}": NotedRequest(
                note_segments(self.job, unit.batch), self._bound(unit), unit.halved, unit.round
            )
            for number, unit in enumerate(units)
        }
        settled = {key: one for key, one in self.outcomes.items() if isinstance(one, Refused | Failed)}
        noted = NotedJob(
            marker=marker,
            claim=claim_name(self.job.identity, self.job.pair),
            system=self.job.system,
            stage="staged",
            name="",
            written=datetime.now(UTC).isoformat(timespec="milliseconds"),
            base=noted_base(self.job),
            sample=self.job.sample,
            most=most,
            requests=requests,
            settled=settled,
        )
        batches = {name: unit.batch for name, unit in zip(requests, units, strict=True)}
        self._booked.add(marker)
        self.cache.note_job(noted)
        try:
            name = await self.calls.create(noted, batches)
        except TooLarge as error:
            self._close(noted)
            await self._smaller(units, error)
            return
        except Undecided as error:
            self.say(told(error))
            name = ""
        except (EngineError, Stopped) as error:
            self._close(noted)
            self.stopped = told(error) if isinstance(error, EngineError) else str(error)
            return
        segments = sum(len(unit.batch.requests) for unit in units)
        if name:
            self.cache.note_job(replace(noted, stage="open", name=name))
            self.say(f"batch job {name} submitted: {so_many(segments, 'segment')} in {so_many(len(units), 'request')}")
        self.under_way.append(UnderWay(self.job.system, str(self.job.pair), name, segments, noted.written))

    async def _affordable(self, units: Sequence[Unit]) -> tuple[list[Unit], float]:
        """Those that fit into ``--max-cost``, whose most is booked, and the sum."""
        fitting: list[Unit] = []
        total = 0.0
        for unit in units:
            most = self._most(unit)
            try:
                await reserve(self.budget, most)
            except Stopped as stop:
                self.stopped = str(stop)
                break
            amount = most.amount if isinstance(most, Money) else 0.0
            if self.budget is not None:
                self.budget.settle(amount, amount)
            total += amount
            fitting.append(unit)
        return fitting, total

    async def _smaller(self, units: Sequence[Unit], error: TooLarge) -> None:
        """After a service found a job too large."""
        if len(units) > 1:
            middle = len(units) // 2
            for part in (units[:middle], units[middle:]):
                await self._submit(part)
        elif len(units[0].batch.requests) > 1:
            for half in halves(units[0].batch):
                await self._submit([replace(units[0], batch=half)])
        else:
            self.outcomes[self.job.key(units[0].batch.requests[0])] = Failed(told(error))
