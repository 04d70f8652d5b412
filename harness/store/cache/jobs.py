"""Batch jobs at services, noted before and after they are submitted, so that a kill at any moment buys nothing twice.

======================  ==========================================================================================
``staged``              noted, and nothing was bought: the job may be forgotten
``sending``             the service is being asked to create it: it may exist, and is looked for by its marker
``open``                it exists, and its results have not been read
``closed``              its results are kept, or it never was
======================  ==========================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from harness import __version__
from harness.errors import StoreError
from harness.store.cache.database import explained
from harness.store.cache.keys import canonical_json, digest
from harness.store.cache.seals import COLUMNS, wrong
from harness.store.cache.upkeep import VERIFY, Upkeep
from harness.types import Failed, JsonValue, Refused

JobStage = Literal["staged", "sending", "open", "closed"]


@dataclass(frozen=True, slots=True)
class NotedSegment:
    """One segment of a request that was submitted."""

    article: str
    number: int
    line: int
    source: str
    context: str
    """The digest of its context, which is part of its key; empty where there is none."""


@dataclass(frozen=True, slots=True)
class NotedRequest:
    """One request of a job."""

    segments: tuple[NotedSegment, ...]
    bound: Mapping[str, int]
    """The most it can be billed for, in the units of ``Receipt.usage``."""
    halved: bool = False
    """Whether it is what is left of a request that was refused for reasons unknown."""
    round: int = 1
    """1 for the first job that asks for it, 2 for the one that asks again."""


@dataclass(frozen=True, slots=True)
class NotedJob:
    """A batch job."""

    marker: str
    claim: str
    """Of its keys: :func:`harness.translation.claims.claim_name`."""
    system: str
    stage: JobStage
    name: str
    """What the service calls it; empty before it is known."""
    written: str
    """ISO 8601, UTC: when it was noted first."""
    base: Mapping[str, JsonValue] = field(default_factory=dict)
    """What all its translation requests have in common."""
    sample: int = 0
    most: float = 0.0
    """What it may cost at most; 0 where the price is not known."""
    requests: Mapping[str, NotedRequest] = field(default_factory=dict)
    """By custom id; empty once the job is closed."""
    settled: Mapping[str, Refused | Failed] = field(default_factory=dict)
    """By key: segments that failed for good in the job before, to be reported with the rest and not bought again."""

    def asked(self, segment: NotedSegment) -> dict[str, JsonValue]:
        """The object behind a segment's key."""
        context: dict[str, JsonValue] = {"context": segment.context} if segment.context else {}
        return {**self.base, "source": segment.source, **context}

    def segment_keys(self) -> list[str]:
        """The keys of all its segments."""
        return [digest(self.asked(one)) for request in self.requests.values() for one in request.segments]


class JobStore(Upkeep):
    """Where jobs are noted."""

    def open_jobs(self, claim: str) -> list[NotedJob]:
        """Jobs that are not closed, oldest first.

        Raises:
            StoreError: a note is damaged.
        """
        # All of them are read: damage in the claim itself would hide a job, and buy it again.
        return [job for job in map(_job, self._open_rows()) if job.claim == claim]

    def job_names(self) -> set[str]:
        """What services call the jobs that are known here."""
        with explained(self.path):
            return {str(name) for (name,) in self._connection.execute("SELECT name FROM jobs WHERE name != ''")}

    def note_job(self, job: NotedJob) -> None:
        """Write down how far a job is; on disk when the call returns."""
        with self._transaction():
            self._write_job(job)

    def forget_jobs(self) -> int:
        """Forget jobs that are not closed, and return how many: what they held is bought again when it is wanted."""
        with self._transaction():
            return self._connection.execute("DELETE FROM jobs WHERE stage != 'closed'").rowcount

    def _write_job(self, job: NotedJob) -> None:
        self._connection.execute("DELETE FROM jobs WHERE marker = ?", (job.marker,))
        self._insert("jobs", [_row(job)])

    def _open_rows(self) -> Iterator[tuple[Any, ...]]:
        columns = COLUMNS["jobs"]
        query = f"SELECT {', '.join(columns)}, seal FROM jobs WHERE stage != 'closed' ORDER BY written, marker"  # noqa: S608 - literals only
        with explained(self.path):
            for *row, sealed in self._connection.execute(query).fetchall():
                if problem := wrong("jobs", row, sealed):
                    raise StoreError(f"{self.path}: record {row[0]} in jobs is damaged: {problem}", hint=VERIFY)
                yield tuple(row)


def _row(job: NotedJob) -> tuple[Any, ...]:
    content = {
        "base": dict(job.base),
        "sample": job.sample,
        "most": job.most,
        "settled": {
            key: {"refused": one.reason} if isinstance(one, Refused) else {"failed": one.error}
            for key, one in job.settled.items()
        },
        "requests": {
            name: {
                "segments": [[one.article, one.number, one.line, one.source, one.context] for one in request.segments],
                "bound": dict(request.bound),
                "halved": request.halved,
                "round": request.round,
            }
            for name, request in job.requests.items()
        },
    }
    return (
        job.marker, job.claim, job.system, job.stage, job.name, job.written, canonical_json(content), __version__,
    )  # fmt: skip


def _job(row: tuple[Any, ...]) -> NotedJob:
    marker, claim, system, stage, name, written, content, _ = row
    data = json.loads(content)
    requests = {
        custom_id: NotedRequest(
            tuple(NotedSegment(*segment) for segment in request["segments"]),
            request["bound"],
            request["halved"],
            request["round"],
        )
        for custom_id, request in data["requests"].items()
    }
    return NotedJob(
        marker=marker,
        claim=claim,
        system=system,
        stage=cast("JobStage", stage),
        name=name,
        written=written,
        base=data["base"],
        sample=data["sample"],
        most=data["most"],
        requests=requests,
        settled={
            key: Refused(one["refused"]) if "refused" in one else Failed(one["failed"])
            for key, one in data["settled"].items()
        },
    )
