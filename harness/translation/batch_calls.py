"""Calls to a batch API: paced, in the engine's own loop, and never buying what may have been bought already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from harness.engines.batch_jobs import BatchingEngine, BatchService, JobView, Undecided
from harness.engines.interface import Batch, Reply
from harness.engines.wire.network import environment_fault
from harness.errors import BadOutput, Declined, EngineError, EngineUnavailable, RateLimited, Transient
from harness.store.cache.answers import Cache
from harness.store.cache.jobs import NotedJob
from harness.translation.host import EngineHost
from harness.translation.job import Job
from harness.translation.pace import Pace
from harness.translation.patience import Tries
from harness.translation.replies import bug, told

LOOKS = (0.0, 1.0, 2.0, 3.0, 4.0)
"""Seconds before each look for a job that may just have been created: services list it a moment later."""

SLACK = timedelta(days=1)
"""How much older than its note a job may seem: clocks differ."""

MOST_TROUBLE = 20
"""Looks in a row at one job that may fail before the system is left."""

Result = TypeVar("Result")


@dataclass(slots=True)
class ServiceCalls:
    """One system's."""

    job: Job
    cache: Cache
    host: EngineHost
    pace: Pace
    say: Callable[[str], None]

    @property
    def service(self) -> BatchService:
        """The engine's.

        Raises:
            EngineUnavailable: there is none.
        """
        service = self.job.engine.batch_service() if isinstance(self.job.engine, BatchingEngine) else None
        if service is None:
            raise EngineUnavailable(f"the platform of {self.job.system} has no batch API")
        return service

    async def look(self, noted: NotedJob) -> JobView:
        """How far a job is."""
        return await self._call(lambda: self.service.look(noted.name))

    async def results(self, view: JobView, batches: Mapping[str, Batch]) -> dict[str, Reply | EngineError]:
        """What a job that has ended brought, by custom id."""
        return await self._call(lambda: self.service.results(view, batches))

    async def find(self, noted: NotedJob) -> str:
        """The service's name of a job that may exist; empty where it does not.

        Raises:
            Undecided: that shows later.
        """
        since = datetime.fromisoformat(noted.written) - SLACK
        known = self.cache.job_names()
        service, count = self.service, len(noted.requests)
        for pause in LOOKS:
            await asyncio.sleep(pause)
            if name := await self._call(lambda: service.find(noted.marker, count, since, known)):
                return name
        return ""

    async def create(self, noted: NotedJob, batches: Mapping[str, Batch]) -> str:
        """The service's name of a new job, which is noted as being sent before the call that buys.

        Raises:
            EngineError: there is none, for certain.
            Undecided: there may be one.
        """
        tries = Tries(self.job.limits.attempts)
        staged: list[object] = []
        while True:
            try:
                async with self.pace.slot():
                    return await self._create(noted, batches, staged)
            except (Transient, EngineUnavailable, BadOutput) as error:
                certain = isinstance(error, RateLimited | Declined) or not staged
                # Whether an answer that was lost said yes, only the service can tell.
                if not certain and (name := await self._find_at_length(noted)):
                    return name
                pause = tries.pause(error) if isinstance(error, Transient) else -1.0
                if pause < 0:
                    raise
                self.say(f"{told(error)}; submitting again")
                if isinstance(error, RateLimited) or (isinstance(error, Transient) and error.retry_after > 0):
                    self.pace.pause(pause)
                else:
                    await asyncio.sleep(pause)

    async def _create(self, noted: NotedJob, batches: Mapping[str, Batch], staged: list[object]) -> str:
        service = self.service
        await self.pace.wait(0)
        if not staged:
            staged.append(await self._call(lambda: service.stage(noted.marker, batches)))
            self.cache.note_job(replace(noted, stage="sending"))
            await self.pace.wait(0)
        return await self._call(lambda: service.create(noted.marker, staged[0]))

    async def _find_at_length(self, noted: NotedJob) -> str:
        """The same as :meth:`find`, with the service's troubles waited out.

        Raises:
            Undecided: also where it cannot be looked for.
        """
        for _ in range(MOST_TROUBLE):
            try:
                return await self.find(noted)
            except Undecided:
                raise
            except Transient as error:
                self.say(f"looking for batch job {noted.marker}: {told(error)}")
                await asyncio.sleep(1.0)
            except EngineError as error:
                raise Undecided(f"it is unknown whether the service accepted a batch job: {told(error)}") from error
        raise Undecided("it is unknown whether the service accepted a batch job yet")

    async def _call(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """In the engine's own loop; what is no EngineError becomes one."""
        try:
            return await self.host.call(make)
        except EngineError:
            raise
        except Exception as error:
            fault = environment_fault(error)
            raise EngineUnavailable(told(fault) if fault else bug(self.job.engine, error)) from error
