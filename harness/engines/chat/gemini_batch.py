"""The Gemini API's batches: requests go up inside one call, and come down inside the job.

As documented in https://ai.google.dev/gemini-api/docs/batch-api: 20 MB of requests inside a call, 24 hours, half the
price. ``displayName`` carries the marker, so a job can be found without its name.

Jobs are read without the SDK, which would lose all answers of a job to one field that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from harness.engines.batch_jobs import JobView, not_done, safe_name
from harness.engines.chat.answer import Said
from harness.engines.chat.batch import (
    MOST_PAGES,
    JobError,
    LiveParts,
    json_object,
    mapping,
    moment,
    named,
    seconds_between,
    unbilled,
)
from harness.engines.interface import Batch, Reply
from harness.engines.wire.errors import lost
from harness.errors import EngineError

KEY = "key"
"""In the metadata of a request."""

ENDED = frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"})
"""States, without their prefix."""

UNFINISHED = frozenset({"CANCELLED", "EXPIRED"})
CANCELLED_CODE = 1
"""Of google.rpc.Code."""
HTTP: Mapping[int, int] = {
    3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 16: 401,
}  # fmt: skip
"""Codes of google.rpc to the status a single request would have had; larger numbers are a status already."""


@contextmanager
def spoken(error: JobError) -> Iterator[None]:
    """The SDK's exceptions as those of the harness."""
    import httpx2
    from google.genai import errors

    try:
        yield
    except errors.APIError as failure:
        answer: Any = failure.response
        raise error(failure.code, answer.text, answer.headers) from failure
    except (httpx2.RequestError, UnicodeDecodeError) as failure:  # the latter: an error page that is not UTF-8
        raise lost(failure) from failure


@dataclass(frozen=True, slots=True)
class GeminiBatches:
    """See :class:`harness.engines.batch_jobs.BatchService`."""

    live: LiveParts
    read: Callable[[str], Said]
    model: str
    get: Callable[[str], Awaitable[Any]]
    """The response to a GET for a path below the API's version."""

    most_requests: ClassVar[int] = 5_000
    most_bytes: ClassVar[int] = 10 * 2**20

    async def stage(self, marker: str, batches: Mapping[str, Batch]) -> object:  # noqa: ARG002 - written on creation
        """The requests; nothing is sent."""
        return [{**self.live.body(batch), "metadata": {KEY: name}} for name, batch in batches.items()]

    async def create(self, marker: str, staged: object) -> str:
        """Create the job."""
        with spoken(self.live.error):
            job = await self.live.client().aio.batches.create(
                model=self.model, src=staged, config={"display_name": marker}
            )
        return named(job.name, "")

    async def find(self, marker: str, count: int, since: datetime, known: Collection[str]) -> str:  # noqa: ARG002
        """By the marker."""
        token = ""
        for _ in range(MOST_PAGES):
            page = await self._get(f"batches?pageSize=100{f'&pageToken={token}' if token else ''}")
            listed = page.get("operations") or page.get("batches") or []
            jobs = [mapping(job) for job in listed] if isinstance(listed, list) else []
            for job in jobs:
                if _told(job).get("displayName") == marker:
                    return named(job.get("name"), json.dumps(job))
            oldest = moment(_told(jobs[-1]).get("createTime")) if jobs else None
            token = str(page.get("nextPageToken") or "")
            if not token.replace("-", "").replace("_", "").replace("=", "").isalnum():
                return ""
            if oldest is not None and oldest < since:
                return ""
        return ""

    async def look(self, name: str) -> JobView:
        """By its name."""
        job = await self._get(safe_name(name))
        told, state = _told(job), _state(job)
        took = seconds_between(told.get("createTime"), told.get("endTime"))
        failure = None
        if state == "FAILED":
            failure = self._failure(mapping(job.get("error") or told.get("error")))
        return JobView(
            name, state in ENDED or job.get("done") is True, took, failure, state if state in UNFINISHED else ""
        )

    async def results(self, view: JobView, batches: Mapping[str, Batch]) -> dict[str, Reply | EngineError]:
        """By the keys in the metadata, or in the order of the requests where the service leaves them out."""
        job = await self._get(safe_name(view.name))
        lines = [mapping(line) for line in _lines(job)]
        names = [mapping(line.get("metadata")).get(KEY) for line in lines]
        if not any(names) and len(lines) == len(batches):
            names = list(batches)
        return {
            name: self._result(line, batches[name])
            for name, line in zip(names, lines, strict=True)
            if isinstance(name, str) and name in batches
        }

    def _result(self, line: dict[str, Any], batch: Batch) -> Reply | EngineError:
        if error := mapping(line.get("error")):
            return self._failure(error)
        body = json.dumps(line.get("response"), ensure_ascii=False)
        return self.live.answer(batch, lambda: self.read(body))

    def _failure(self, error: dict[str, Any]) -> EngineError:
        code = error.get("code")
        if code == CANCELLED_CODE:
            return not_done("cancelled")
        status = HTTP.get(code, code if code >= 400 else 500) if isinstance(code, int) else 500
        return unbilled(self.live.error(status, json.dumps({"error": error}, ensure_ascii=False), {}))

    async def _get(self, path: str) -> dict[str, Any]:
        with self.live.large(), spoken(self.live.job_error):
            response = await self.get(path)
        if not 200 <= response.status_code < 300:
            raise self.live.job_error(response.status_code, response.text, response.headers)
        return json_object(response.content)


def _told(job: dict[str, Any]) -> dict[str, Any]:
    """What a job says about itself: in its metadata, as operations do, or in the job itself."""
    return mapping(job.get("metadata")) or job


def _state(job: dict[str, Any]) -> str:
    return str(_told(job).get("state", "")).removeprefix("BATCH_STATE_").removeprefix("JOB_STATE_")


def _lines(job: dict[str, Any]) -> list[Any]:
    for output in (mapping(job.get("response")), mapping(_told(job).get("output")), mapping(job.get("output"))):
        inlined = output.get("inlinedResponses")
        responses = mapping(inlined).get("inlinedResponses") if isinstance(inlined, dict) else inlined
        if isinstance(responses, list):
            return responses
    return []
