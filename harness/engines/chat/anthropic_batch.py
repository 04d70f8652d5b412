"""Anthropic's Message Batches: requests go up in one call, results come down as one file.

As documented in https://platform.claude.com/docs/en/build-with-claude/batch-processing: up to 100,000 requests and
256 MB, 24 hours, half the price; requests that failed, expired or were cancelled are not billed.

A batch has no field for a marker; only its custom ids have it, and they can be read when it has ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from harness.engines.batch_jobs import JobView, Undecided, not_done, safe_name
from harness.engines.chat.answer import Said
from harness.engines.chat.batch import (
    MOST_PAGES,
    LiveParts,
    json_lines,
    json_object,
    mapping,
    moment,
    named,
    sdk_errors,
    seconds_between,
    unbilled,
)
from harness.engines.interface import Batch, Reply
from harness.errors import EngineError

STATUS: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The kind of an error to the status it would have come with alone."""


spoken = partial(sdk_errors, "anthropic")


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """See :class:`harness.engines.batch_jobs.BatchService`."""

    live: LiveParts
    read: Callable[[str, str], Said]
    """Body and id of an answer to what the model said, as the live engine reads them."""

    most_requests: ClassVar[int] = 10_000
    most_bytes: ClassVar[int] = 50 * 2**20

    async def stage(self, marker: str, batches: Mapping[str, Batch]) -> object:  # noqa: ARG002 - in the custom ids
        """The requests; nothing is sent."""
        requests = []
        for name, batch in batches.items():
            params = self.live.body(batch)
            requests.append({"custom_id": name, "params": {**params, **params.pop("extra_body", {})}})
        return requests

    async def create(self, marker: str, staged: object) -> str:  # noqa: ARG002 - in the custom ids
        """Create the job."""
        with spoken(self.live.error):
            raw = await self.live.client().messages.batches.with_raw_response.create(requests=staged)
        return named(json_object(raw.http_response.content).get("id"), raw.http_response.text)

    async def find(self, marker: str, count: int, since: datetime, known: Collection[str]) -> str:
        """By number of requests and age, and then by the custom ids of its results."""
        undecided = ""
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            with spoken(self.live.job_error):
                raw = await self.live.client().get(
                    "/v1/messages/batches", cast_to=_response(), options={"params": {"limit": 100, **after}}
                )
            page = json_object(raw.content)
            jobs = [mapping(job) for job in page.get("data") or []]
            for job in jobs:
                created, name = moment(job.get("created_at")), str(job.get("id", ""))
                if name in known or (created is not None and created < since) or _size(job) != count:
                    continue
                if job.get("processing_status") != "ended":
                    undecided = undecided or name
                elif await self._is_ours(name, marker):
                    return named(name, raw.text)
            oldest = moment(jobs[-1].get("created_at")) if jobs else None
            if not jobs or not page.get("has_more") or (oldest is not None and oldest < since):
                break
            after = {"after_id": str(jobs[-1].get("id", ""))}
        if undecided:
            raise Undecided(
                f"batch job {undecided} may belong to this run; its content can be read only after it has ended"
            )
        return ""

    async def look(self, name: str) -> JobView:
        """By its id."""
        with spoken(self.live.job_error):
            raw = await self.live.client().messages.batches.with_raw_response.retrieve(safe_name(name))
        job = json_object(raw.http_response.content)
        counts = mapping(job.get("request_counts"))
        undone = next((kind for kind in ("expired", "canceled") if counts.get(kind)), "")
        took = seconds_between(job.get("created_at"), job.get("ended_at"))
        return JobView(name, job.get("processing_status") == "ended", took, unfinished=undone)

    async def results(self, view: JobView, batches: Mapping[str, Batch]) -> dict[str, Reply | EngineError]:
        """One for each request, in any order."""
        answers: dict[str, Reply | EngineError] = {}
        for line in await self._lines(view.name):
            if (batch := batches.get(str(line.get("custom_id")))) is not None:
                answers[str(line["custom_id"])] = self._result(mapping(line.get("result")), batch)
        return answers

    async def _is_ours(self, name: str, marker: str) -> bool:
        lines = await self._lines(name)
        return any(str(line.get("custom_id", "")).startswith(f"{marker}-") for line in lines)

    async def _lines(self, name: str) -> list[dict[str, Any]]:
        # By the id: ``results_url`` is what the service writes, and could lead the key elsewhere.
        path = f"/v1/messages/batches/{safe_name(name)}/results"
        with self.live.large(), spoken(self.live.job_error):
            raw = await self.live.client().get(path, cast_to=_response())
        return list(json_lines(raw.content))

    def _result(self, result: dict[str, Any], batch: Batch) -> Reply | EngineError:
        kind = result.get("type")
        if kind == "succeeded":
            body = json.dumps(result.get("message"), ensure_ascii=False)
            return self.live.answer(batch, lambda: self.read(body, ""))
        if kind in {"expired", "canceled"}:
            return not_done(str(kind))
        error = mapping(result.get("error"))
        inner = mapping(error.get("error")) or error
        return unbilled(self.live.error(STATUS.get(str(inner.get("type")), 500), json.dumps({"error": inner}), {}))


def _size(job: dict[str, Any]) -> int:
    counts = mapping(job.get("request_counts")).values()
    return sum(count for count in counts if isinstance(count, int))


def _response() -> Any:
    import httpx2

    return httpx2.Response
