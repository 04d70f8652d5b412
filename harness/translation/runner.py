"""Asking engines for what is missing.

For every job: claim its keys, look up what the store has, send the rest in batches, and commit each batch's answers
before anything else sees them. A kill at any moment loses at most the batches in flight. The claim makes whoever wants
the same answers at the same time wait and then find them, instead of buying them again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from harness.engines.interface import Batch, Request
from harness.errors import StoreError
from harness.store.cache.answers import Cache
from harness.store.cache.records import RequestRecord
from harness.translation.attempts import Asker, Stopped
from harness.translation.awake import CLOCK
from harness.translation.batch_calls import ServiceCalls
from harness.translation.batches import BatchBuyer, UnderWay
from harness.translation.budget import Budget, Purse
from harness.translation.claims import Claims
from harness.translation.host import EngineHost
from harness.translation.job import Job, Lookup, look_up
from harness.translation.pace import Pace, account_of, paces
from harness.translation.packing import pack
from harness.translation.patience import Patience
from harness.translation.preparation import Preparation, make_ready, prepare
from harness.types import Failed, Money, Refused, Response, SystemName, Translated
from harness.workspace.progress import MoneyProgress, Progress


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job."""

    outcomes: tuple[Response, ...]
    """One for each segment of the corpus."""
    records: tuple[RequestRecord, ...]
    """Attempts made in this run, in the order in which they ended."""
    under_way: tuple[UnderWay, ...] = ()
    """Batch jobs that have not ended: what they hold is Failed here, and comes with a later run."""
    stopped: str = ""
    """Why nothing more was asked for, though something was left; empty where all was asked for."""


def translate(
    jobs: Sequence[Job],
    cache: Cache,
    progress: Progress,
    max_cost: Money | Purse | None = None,
    *,
    wait: bool = False,
) -> list[Done]:
    """Translate every job.

    Jobs of one system run one after another, systems side by side. An engine that fails for good stops alone.

    Args:
        jobs: what to translate.
        cache: where answers are looked up and kept.
        progress: told how far each job is.
        max_cost: what all jobs together may cost, or the purse that they and others pay from; None for no limit.
        wait: return when batch jobs have ended, instead of when they were submitted.

    Raises:
        StoreError: the cache cannot be written; nothing is asked for that could not be kept.
        KeyboardInterrupt: after every program and connection has been ended.
    """
    purse = max_cost if isinstance(max_cost, Purse) else Purse(max_cost)
    run = partial(_run_loop, jobs, cache, progress, purse, wait=wait)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    # In a notebook this thread has a loop already, and a second one cannot run in it.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def _run_loop(jobs: Sequence[Job], cache: Cache, progress: Progress, purse: Purse, *, wait: bool) -> list[Done]:
    return asyncio.run(_translate_all(jobs, cache, progress, purse, wait=wait))


async def _translate_all(
    jobs: Sequence[Job], cache: Cache, progress: Progress, purse: Purse, *, wait: bool
) -> list[Done]:
    results: dict[int, Done] = {}
    budget = None if purse.cap is None else Budget(purse.cap, purse.spent)
    claims = Claims(cache.path)
    hosts = {id(job.engine): EngineHost(job.engine, job.limits) for job in jobs}

    accounts = [account_of(job.system, job.engine, job.identity, job.account) for job in jobs]
    shared = paces(accounts, [job.limits for job in jobs])

    async def one_system(indices: Sequence[int]) -> None:
        patience = Patience()
        works = {
            index: _Work(jobs[index], cache, progress, patience, hosts[id(jobs[index].engine)]) for index in indices
        }
        pauses = looks()
        left = list(indices)
        while left:
            for index in left:
                results[index] = await works[index].run(shared[accounts[index]], budget, claims)
            left = [index for index in left if wait and results[index].under_way]
            if left:
                await asyncio.sleep(next(pauses))

    systems: dict[SystemName, list[int]] = {}
    for index, job in enumerate(jobs):
        systems.setdefault(job.system, []).append(index)
    try:
        await prepare(
            (Preparation(hosts[id(job.engine)], job.pair, job.task, partial(_must_send, job, cache)) for job in jobs),
            progress,
        )
        async with CLOCK.kept_going(), asyncio.TaskGroup() as group:
            for indices in systems.values():
                group.create_task(one_system(indices))
    except* StoreError as errors:
        raise _first(errors) from None
    finally:
        if budget is not None:
            purse.spent = budget.spent
        for host in hosts.values():
            await host.close()
    return [results[index] for index in range(len(jobs))]


def _must_send(job: Job, cache: Cache) -> bool:
    lookup = look_up(job, cache)
    return bool(lookup.requests or lookup.jobs)


def _first(group: BaseExceptionGroup[StoreError]) -> StoreError:
    leaf: BaseException = group
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    if not isinstance(leaf, StoreError):
        raise TypeError(f"not a store error: {leaf!r}")
    return leaf


UNDER_WAY = "in a batch job that is still running"

FIRST_LOOK, LAST_LOOK, SLOWER = 1.0, 60.0, 1.5
"""Seconds between looks at batch jobs: from the first to the last, each longer by the factor."""


def looks() -> Iterator[float]:
    """The pauses between looks."""
    pause = FIRST_LOOK
    while True:
        yield pause
        pause = min(LAST_LOOK, pause * SLOWER)


@dataclass(slots=True)
class _Work:
    """One job under way: hands out batches, keeps what comes back."""

    job: Job
    cache: Cache
    progress: Progress
    patience: Patience
    host: EngineHost
    outcomes: dict[str, Response] = field(default_factory=dict)
    """By key."""
    records: list[RequestRecord] = field(default_factory=list)
    done: int = 0
    total: int = 0
    stopped: str = ""
    """Why nothing more can be had; empty while more can."""
    _said: str = ""
    _buyer: BatchBuyer | None = None

    async def run(self, pace: Pace, budget: Budget | None, claims: Claims) -> Done:
        """Do the job, as far as it goes now; again, where batch jobs were under way."""
        job = self.job
        if self._buyer is not None:
            self._buyer.under_way = []
        claim = claims.hold(job.identity, job.pair, self._wait) if job.engine.caches else nullcontext()
        async with claim:
            lookup = look_up(job, self.cache)
            if lookup.requests or lookup.jobs:
                if job.engine.caches:
                    self.cache.must_be_sound()
                make_ready(self.host)
                if why := self.host.failure or self.patience.over:
                    self.stopped = why
                else:
                    await self._buy(lookup, pace, budget)
        settled = {**lookup.known, **lookup.refused, **self.outcomes}
        missing = Failed(self.stopped or (UNDER_WAY if self._under_way else "not asked"))
        outcomes = tuple(settled.get(key, missing) for key in job.segment_keys())
        records = (*(self._buyer.records if self._buyer else ()), *self.records)
        return Done(outcomes, records, self._under_way, self.stopped)

    @property
    def _under_way(self) -> tuple[UnderWay, ...]:
        return tuple(self._buyer.under_way) if self._buyer else ()

    async def _buy(self, lookup: Lookup, pace: Pace, budget: Budget | None) -> None:
        """Collect what batch jobs brought, then ask for the rest, by the batch or one by one."""
        job = self.job
        if job.batched or lookup.jobs:
            if self._buyer is None:
                calls = ServiceCalls(job, self.cache, self.host, pace, self._say)
                self._buyer = BatchBuyer(job, self.cache, calls, budget, self._say)
            buyer = self._buyer
            await buyer.collect(lookup)
            if lookup.jobs:
                lookup = look_up(job, self.cache)
            if job.batched and not buyer.stopped:
                await buyer.submit(lookup.requests)
            self.outcomes |= buyer.outcomes
            if buyer.stopped and not self.stopped:
                self.stopped = buyer.stopped
                self._say(f"stopped: {self.stopped}")
        requests = [one for one in lookup.requests if job.key(one) not in self.outcomes]
        if requests and not job.batched and not self.stopped:
            await self._ask(requests, pace, budget)

    def _say(self, text: str) -> None:
        self.progress.say(f"{self.job.task}: {text}")

    def _wait(self) -> None:
        self.progress.say(f"{self.job.task}: waiting for another run of the same engine and pair")

    async def _ask(self, requests: Sequence[Request], pace: Pace, budget: Budget | None) -> None:
        job = self.job
        asker = Asker(job.system, self.host, job.limits, job.tariff, pace, budget, self, self.patience)
        self.total = len(requests)
        self.progress.update(job.task, 0, self.total)
        batches = deque(pack(requests, job.pair, job.limits, job.sample))

        async def worker() -> None:
            while batches and not self.stopped:
                # After refusals from both ends: a row of texts that are refused must not look like a service that is.
                batch = batches.pop() if self.patience.refused % 2 else batches.popleft()
                try:
                    await asker.ask(batch)
                except Stopped as stop:
                    self.stopped = str(stop)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(job.limits.concurrency, len(requests))):
                group.create_task(worker())
        if self.stopped:
            self.progress.say(f"{job.task}: stopped: {self.stopped}")

    def answered(self, batch: Batch, answers: Sequence[Response], record: RequestRecord) -> None:
        """Commit the answers, then count them."""
        job = self.job
        pairs = list(zip(batch.requests, answers, strict=True))
        if job.again:
            self.cache.put_record(record)
        elif job.engine.caches:
            kept = [
                (job.asked(request), answer) for request, answer in pairs if isinstance(answer, Translated | Refused)
            ]
            self.cache.put_answers(kept, record)
        self._keep(record)
        for request, answer in pairs:
            self.outcomes[job.key(request)] = answer
        self._advance(len(pairs))

    def failed(self, batch: Batch, outcome: Refused | Failed) -> None:
        """Remember why there is no answer."""
        for request in batch.requests:
            self.outcomes[self.job.key(request)] = outcome
        self._advance(len(batch.requests))

    def wasted(self, record: RequestRecord) -> None:
        """Keep the record: it took time, and may have cost money."""
        if self.job.engine.caches:
            self.cache.put_record(record)
        self._keep(record)

    def retrying(self, why: str) -> None:
        """Say it once for each reason."""
        if why != self._said:
            self._said = why
            self.progress.say(f"{self.job.task}: {why}; asking again")

    def _keep(self, record: RequestRecord) -> None:
        self.records.append(record)
        if isinstance(self.progress, MoneyProgress) and isinstance(record.cost, Money):
            self.progress.spend(self.job.task, record.cost.amount, record.cost.currency)

    def _advance(self, count: int) -> None:
        self.done += count
        self.progress.update(self.job.task, self.done, self.total)
