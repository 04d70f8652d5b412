"""Asking engines for what is missing.

For every job: claim its keys, look up what the store has, send the rest in batches, and commit each batch's answers
before anything else sees them. A kill at any moment loses at most the batches in flight. The claim makes whoever wants
the same answers at the same time wait and then find them, instead of buying them again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from harness.engines.interface import Batch, Engine, Limits, Request
from harness.errors import StoreError
from harness.store.cache.answers import Cache
from harness.store.cache.keys import digest, translation_request
from harness.store.cache.records import RequestRecord
from harness.translation.attempts import Asker, Stopped
from harness.translation.awake import CLOCK
from harness.translation.budget import Budget
from harness.translation.claims import Claims
from harness.translation.host import EngineHost
from harness.translation.pace import Pace, account_of, paces
from harness.translation.packing import pack
from harness.translation.patience import Patience
from harness.translation.preparation import Preparation, make_ready, prepare
from harness.translation.pricing import Tariff
from harness.types import (
    Corpus,
    EngineIdentity,
    Failed,
    JsonValue,
    LangPair,
    Money,
    Outcome,
    Refused,
    SegmentId,
    SystemName,
    Translated,
)
from harness.workspace.progress import Progress

ASK_AGAIN = "billed before and kept; harness cache prune --refusals forgets it"


@dataclass(frozen=True, slots=True)
class Job:
    """One system on one pair, once."""

    system: SystemName
    corpus: Corpus
    engine: Engine
    identity: EngineIdentity
    limits: Limits
    tariff: Tariff
    sample: int = 0
    """0 for the first time a segment is asked for, 1 and up for repetitions."""
    again: frozenset[SegmentId] = frozenset()
    """Ask for these segments, and no others, although their answers are kept; the new answers are not kept."""
    account: str = ""
    """Whose limits count, where the system file says so; see :func:`harness.translation.pace.account_of`."""
    _keys: list[str] = field(default_factory=list, init=False, repr=False, compare=False)
    """What :meth:`segment_keys` found: planning, translating and measuring all need it."""

    @property
    def pair(self) -> LangPair:
        """The language pair."""
        return self.corpus.pair

    @property
    def task(self) -> str:
        """Its name in the progress display."""
        return f"{self.system} {self.pair}{f' #{self.sample + 1}' if self.sample else ''}"

    def requests(self) -> tuple[Request, ...]:
        """One request for each segment of the corpus, with the context the engine wants."""
        context = self.limits.context
        found = []
        for article in self.corpus.articles:
            sources = tuple(segment.source for segment in article.segments)
            for index, segment in enumerate(article.segments):
                before = sources[max(0, index - context) : index]
                after = sources[index + 1 : index + 1 + context]
                found.append(Request(segment.id, segment.line, segment.source, before, after))
        return tuple(found)

    def asked(self, request: Request) -> dict[str, JsonValue]:
        """The object behind the key of a request."""
        return translation_request(
            self.identity,
            self.pair,
            request.source,
            before=request.before,
            after=request.after,
            sample=self.sample,
        )

    def segment_keys(self) -> tuple[str, ...]:
        """The key of each segment's translation, in the order of the corpus."""
        if not self._keys:
            self._keys.extend(self.key(request) for request in self.requests())
        return tuple(self._keys)

    def key(self, request: Request) -> str:
        """What the answer to a request is filed under; by position where the engine's answers depend on it."""
        return digest(self.asked(request)) if self.engine.caches else str(request.segment)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the store has for a job, and what must be sent."""

    known: Mapping[str, Translated]
    """By key."""
    refused: Mapping[str, Refused]
    """What was refused and paid for, by key."""
    requests: tuple[Request, ...]
    """To send: one for each distinct key that is not known."""


def look_up(job: Job, cache: Cache) -> Lookup:
    """Split a job into what is known and what must be asked."""
    if job.again:
        return Lookup({}, {}, tuple(request for request in job.requests() if request.segment in job.again))
    by_key: dict[str, Request] = {}
    for key, request in zip(job.segment_keys(), job.requests(), strict=True):
        by_key.setdefault(key, request)
    if not job.engine.caches:
        return Lookup({}, {}, tuple(by_key.values()))
    known = cache.get_translations(list(by_key))
    left = [key for key in by_key if key not in known]
    refused = {key: Refused(f"{item.reason} ({ASK_AGAIN})") for key, item in cache.get_refusals(left).items()}
    return Lookup(known, refused, tuple(by_key[key] for key in left if key not in refused))


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job."""

    outcomes: tuple[Outcome, ...]
    """One for each segment of the corpus."""
    records: tuple[RequestRecord, ...]
    """Attempts made in this run, in the order in which they ended."""


def translate(jobs: Sequence[Job], cache: Cache, progress: Progress, max_cost: Money | None = None) -> list[Done]:
    """Translate every job.

    Jobs of one system run one after another, systems side by side. An engine that fails for good stops alone.

    Args:
        jobs: what to translate.
        cache: where answers are looked up and kept.
        progress: told how far each job is.
        max_cost: what all jobs together may cost; None for no limit.

    Raises:
        StoreError: the cache cannot be written; nothing is asked for that could not be kept.
        KeyboardInterrupt: after every program and connection has been ended.
    """
    run = partial(_run_loop, jobs, cache, progress, max_cost)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    # In a notebook this thread has a loop already, and a second one cannot run in it.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def _run_loop(jobs: Sequence[Job], cache: Cache, progress: Progress, max_cost: Money | None) -> list[Done]:
    return asyncio.run(_translate_all(jobs, cache, progress, max_cost))


async def _translate_all(jobs: Sequence[Job], cache: Cache, progress: Progress, max_cost: Money | None) -> list[Done]:
    results: dict[int, Done] = {}
    budget = None if max_cost is None else Budget(max_cost)
    claims = Claims(cache.path)
    hosts = {id(job.engine): EngineHost(job.engine, job.limits) for job in jobs}

    accounts = [account_of(job.system, job.engine, job.identity, job.account) for job in jobs]
    shared = paces(accounts, [job.limits for job in jobs])

    async def one_system(indices: Sequence[int]) -> None:
        patience = Patience()
        for index in indices:
            work = _Work(jobs[index], cache, progress, patience, hosts[id(jobs[index].engine)])
            results[index] = await work.run(shared[accounts[index]], budget, claims)

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
        for host in hosts.values():
            await host.close()
    return [results[index] for index in range(len(jobs))]


def _must_send(job: Job, cache: Cache) -> bool:
    return bool(look_up(job, cache).requests)


def _first(group: BaseExceptionGroup[StoreError]) -> StoreError:
    leaf: BaseException = group
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    if not isinstance(leaf, StoreError):
        raise TypeError(f"not a store error: {leaf!r}")
    return leaf


@dataclass(slots=True)
class _Work:
    """One job under way: hands out batches, keeps what comes back."""

    job: Job
    cache: Cache
    progress: Progress
    patience: Patience
    host: EngineHost
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By key."""
    records: list[RequestRecord] = field(default_factory=list)
    done: int = 0
    total: int = 0
    stopped: str = ""
    """Why nothing more can be had; empty while more can."""
    _said: str = ""

    async def run(self, pace: Pace, budget: Budget | None, claims: Claims) -> Done:
        """Do the job."""
        job = self.job
        claim = claims.hold(job.identity, job.pair, self._wait) if job.engine.caches else nullcontext()
        async with claim:
            lookup = look_up(job, self.cache)
            if lookup.requests:
                if job.engine.caches:
                    self.cache.must_be_sound()
                await self._ask(lookup.requests, pace, budget)
        self.outcomes |= lookup.known
        self.outcomes |= lookup.refused
        missing = Failed(self.stopped or "not asked")
        outcomes = tuple(self.outcomes.get(key, missing) for key in job.segment_keys())
        return Done(outcomes, tuple(self.records))

    def _wait(self) -> None:
        self.progress.say(f"{self.job.task}: waiting for another run that is asking the same engine for the same pair")

    async def _ask(self, requests: Sequence[Request], pace: Pace, budget: Budget | None) -> None:
        job = self.job
        make_ready(self.host)
        if why := self.host.failure or self.patience.over:
            self.stopped = why
            return
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

    def answered(self, batch: Batch, answers: Sequence[Outcome], record: RequestRecord) -> None:
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
        self.records.append(record)
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
        self.records.append(record)

    def retrying(self, why: str) -> None:
        """Say it once for each reason."""
        if why != self._said:
            self._said = why
            self.progress.say(f"{self.job.task}: {why}; asking again")

    def _advance(self, count: int) -> None:
        self.done += count
        self.progress.update(self.job.task, self.done, self.total)
