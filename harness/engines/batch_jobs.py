"""What an engine has besides when its service has a batch API: requests handed in together and answered within a day.

Half the price, no answer at once. The runner decides what is submitted, notes it before and after, and reads results;
see :mod:`harness.translation.batches`. An engine only speaks the service's language, one call each, and raises from
every method what it may raise from ``translate``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from harness.engines.interface import Batch, Reply
from harness.errors import EngineError, Transient

NAME = re.compile(r"(batches/)?[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""What services call their jobs and files. Anything else does not become part of an address."""

RESULT_BYTES = 512 * 2**20
"""Of the results of one job, unpacked. Jobs are cut so that they come back in a tenth of it."""


class Undecided(Transient):
    """Whether a job is the one that is looked for shows only when it has ended."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its service describes it."""

    name: str
    """The service's own id."""
    ended: bool
    """Whether all has happened that will happen."""
    seconds: float = -1.0
    """From creation to end by the service's clock; negative where it does not say."""
    failure: EngineError | None = None
    """Why all of it failed; None where each request has a result of its own, or may have."""
    unfinished: str = ""
    """Why requests may be without a result, such as ``expired``; they were not billed. Empty: each has one."""


class BatchService(Protocol):
    """One account at a service with a batch API."""

    @property
    def most_requests(self) -> int:
        """Of one job."""

    @property
    def most_bytes(self) -> int:
        """Of one job, as it is sent."""

    async def stage(self, marker: str, batches: Mapping[str, Batch]) -> object:
        """Whatever comes before the job itself, such as an upload; buys nothing.

        Args:
            marker: names the job, and is written to wherever the service lets it be found again.
            batches: by custom id, which begins with the marker.
        """

    async def create(self, marker: str, staged: object) -> str:
        """Create the job, which buys; returns the service's name of it."""

    async def find(self, marker: str, count: int, since: datetime, known: Collection[str]) -> str:
        """The job with this marker; empty where there is none.

        Args:
            marker: of the job.
            count: how many requests it has.
            since: it is not older.
            known: names of jobs that are others.

        Raises:
            Undecided: there is a job of which it cannot be said yet.
        """

    async def look(self, name: str) -> JobView:
        """How far a job is."""

    async def results(self, view: JobView, batches: Mapping[str, Batch]) -> dict[str, Reply | EngineError]:
        """What became of each request of a job that has ended; custom ids without a result are left out."""


@runtime_checkable
class BatchingEngine(Protocol):
    """An engine whose service may have a batch API."""

    wants_batches: bool
    """Whether its options ask for it."""

    def batch_service(self) -> BatchService | None:
        """The batch API; None where this platform has none. Imports no SDK and needs no key."""


def safe_name(name: str) -> str:
    """A name that a service gave, fit to stand in an address.

    Raises:
        Transient: it is none.
    """
    if not NAME.fullmatch(name) or ".." in name:
        raise Transient(f"the service returned an invalid job or file name: {name[:60]!r}")
    return name


def not_done(why: str) -> Transient:
    """The error of a request that a job left undone; nothing was billed."""
    return Transient(f"not completed by the batch job: {why}", charged=False)
