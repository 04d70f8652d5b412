"""One system on one pair: what it would be asked, what of it the store has, and what is under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.engines.batch_jobs import BatchingEngine
from harness.engines.interface import Engine, Limits, Request
from harness.store.cache.answers import Cache
from harness.store.cache.jobs import NotedJob
from harness.store.cache.keys import digest, translation_request
from harness.translation.claims import claim_name
from harness.translation.pricing import Tariff
from harness.types import (
    Corpus,
    EngineIdentity,
    Failed,
    JsonValue,
    LangPair,
    Refused,
    SegmentId,
    SystemName,
    Translated,
)

ASK_AGAIN = "refused and billed before; to try again: harness cache prune --refusals"


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
    batched: bool = False
    """Whether what is missing is bought through the service's batch API."""
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
        requests = []
        for article in self.corpus.articles:
            sources = tuple(segment.source for segment in article.segments)
            for index, segment in enumerate(article.segments):
                before = sources[max(0, index - context) : index]
                after = sources[index + 1 : index + 1 + context]
                requests.append(Request(segment.id, segment.line, segment.source, before, after))
        return tuple(requests)

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
    """To send: one for each distinct key that is not known, and not under way."""
    jobs: tuple[NotedJob, ...] = ()
    """Batch jobs whose results were not read yet, oldest first."""
    waiting: frozenset[str] = frozenset()
    """Keys that these jobs were submitted for."""
    settled: Mapping[str, Refused | Failed] = field(default_factory=dict)
    """By key: what failed for good in the job before these; to be reported with the rest."""


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
    jobs = _open_jobs(job, cache)
    submitted = {key for noted in jobs if noted.stage != "staged" for key in noted.segment_keys()}
    waiting = frozenset(key for key in left if key in submitted and key not in refused)
    before = {key: outcome for noted in jobs for key, outcome in noted.settled.items()}
    settled = {key: before[key] for key in left if key in before and key not in waiting}
    done = {*refused, *waiting, *settled}
    return Lookup(known, refused, tuple(by_key[key] for key in left if key not in done), jobs, waiting, settled)


def _open_jobs(job: Job, cache: Cache) -> tuple[NotedJob, ...]:
    if not isinstance(job.engine, BatchingEngine):
        return ()
    return tuple(noted for noted in cache.open_jobs(claim_name(job.identity, job.pair)) if noted.sample == job.sample)
