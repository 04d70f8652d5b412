"""OpenAI's Batch API: a file of requests goes up, files of results and errors come down.

As documented in https://platform.openai.com/docs/guides/batch: up to 50,000 requests and 200 MB, 24 hours, half the
price. ``metadata`` carries the marker, so a job can be found without its id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from harness.engines.batch_jobs import JobView, not_done, safe_name
from harness.engines.chat.answer import Said
from harness.engines.chat.batch import (
    MOST_PAGES,
    JobError,
    LiveParts,
    json_lines,
    json_object,
    mapping,
    moment,
    named,
    sdk_errors,
    seconds_between,
)
from harness.engines.interface import Batch, Reply
from harness.engines.wire.errors import short
from harness.errors import BadRequest, EngineError, RateLimited, Transient

MARKER = "harness"
"""The key in ``metadata``."""

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
UNDONE = frozenset({"batch_expired", "batch_cancelled"})
"""Codes in the file of errors that say that a request was never begun."""


spoken = partial(sdk_errors, "openai")


@dataclass(frozen=True, slots=True)
class OpenAIBatches:
    """See :class:`harness.engines.batch_jobs.BatchService`."""

    live: LiveParts
    read: Callable[[str, dict[str, str]], Said]
    """Body and headers of a completion to what the model said, as the live engine reads them."""
    endpoint: str
    """``/v1/chat/completions`` or ``/v1/completions``."""

    most_requests: ClassVar[int] = 10_000
    most_bytes: ClassVar[int] = 50 * 2**20

    async def stage(self, marker: str, batches: Mapping[str, Batch]) -> object:
        """Upload the requests; returns the file's id."""
        lines = []
        for name, batch in batches.items():
            body = self.live.body(batch)
            body |= body.pop("extra_body", {})
            line = {"custom_id": name, "method": "POST", "url": self.endpoint, "body": body}
            lines.append(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        file = (f"{marker}.jsonl", b"".join(lines), "application/jsonl")
        with spoken(self.live.error):
            raw = await self.live.client().files.with_raw_response.create(file=file, purpose="batch")
        return safe_name(str(json_object(raw.http_response.content).get("id", "")))

    async def create(self, marker: str, staged: object) -> str:
        """Create the job."""
        with spoken(self.live.error):
            raw = await self.live.client().batches.with_raw_response.create(
                input_file_id=staged,
                endpoint=self.endpoint,
                completion_window="24h",
                metadata={MARKER: marker},
            )
        return named(json_object(raw.http_response.content).get("id"), raw.http_response.text)

    async def find(self, marker: str, count: int, since: datetime, known: Collection[str]) -> str:  # noqa: ARG002
        """By the marker."""
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            with spoken(self.live.job_error):
                raw = await self.live.client().batches.with_raw_response.list(limit=100, **after)
            page = json_object(raw.http_response.content)
            jobs = [mapping(job) for job in page.get("data") or []]
            for job in jobs:
                if mapping(job.get("metadata")).get(MARKER) == marker:
                    return named(job.get("id"), raw.http_response.text)
            created = moment(jobs[-1].get("created_at")) if jobs else None
            if not jobs or not page.get("has_more") or (created is not None and created < since):
                return ""
            after = {"after": str(jobs[-1].get("id", ""))}
        return ""

    async def look(self, name: str) -> JobView:
        """By its id."""
        job = await self._job(name)
        status = str(job.get("status", ""))
        ends = [job.get(f"{state}_at") for state in ENDED]
        took = seconds_between(job.get("created_at"), next((end for end in ends if end is not None), None))
        failure = _failure(job, self.live.error) if status == "failed" else None
        unfinished = status if status in {"expired", "cancelled"} else ""
        return JobView(name, status in ENDED, took, failure, unfinished)

    async def results(self, view: JobView, batches: Mapping[str, Batch]) -> dict[str, Reply | EngineError]:
        """From the file of results and that of errors."""
        job = await self._job(view.name)
        answers: dict[str, Reply | EngineError] = {}
        for field in ("output_file_id", "error_file_id"):
            if file := job.get(field):
                with self.live.large(), spoken(self.live.job_error):
                    raw = await self.live.client().files.with_raw_response.content(safe_name(str(file)))
                for line in json_lines(raw.http_response.content):
                    if (batch := batches.get(str(line.get("custom_id")))) is not None:
                        answers[str(line["custom_id"])] = self._result(line, batch)
        return answers

    async def _job(self, name: str) -> dict[str, Any]:
        with spoken(self.live.job_error):
            raw = await self.live.client().batches.with_raw_response.retrieve(safe_name(name))
        return json_object(raw.http_response.content)

    def _result(self, line: dict[str, Any], batch: Batch) -> Reply | EngineError:
        response, error = mapping(line.get("response")), mapping(line.get("error"))
        if not response:
            why = short(str(error.get("message") or error.get("code") or "no reason given"))
            return not_done(why) if error.get("code") in UNDONE else Transient(f"the service failed: {why}")
        status, body = response.get("status_code"), json.dumps(response.get("body"), ensure_ascii=False)
        if not isinstance(status, int) or not 200 <= status < 300:
            return self.live.error(status if isinstance(status, int) else 500, body, {})
        request_id = str(response.get("request_id") or "")
        return self.live.answer(batch, lambda: self.read(body, {"x-request-id": request_id}))


def _failure(job: dict[str, Any], error: JobError) -> EngineError:
    """Why a job was not taken. None of its requests was begun, whatever the words are."""
    listed = mapping(job.get("errors")).get("data")
    first = mapping(listed[0]) if isinstance(listed, list) and listed else {}
    code, message = str(first.get("code") or ""), str(first.get("message") or "no reason given")
    if code == "token_limit_exceeded":
        return RateLimited(f"OpenAI: the queue for batch jobs is full: {short(message)}", retry_after=-1.0)
    fault = error(400, json.dumps({"error": {"message": message, "code": code}}), {})
    return BadRequest(f"the batch job was refused: {fault}") if type(fault) is BadRequest else fault
