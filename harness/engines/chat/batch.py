"""What batch APIs for language models have in common: the live engine's requests, answers and errors, by the job."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from harness.engines.batch_jobs import NAME
from harness.engines.chat.answer import Said
from harness.engines.interface import Batch, Reply
from harness.engines.wire.errors import lost, message_of, short
from harness.errors import EngineError, Transient, Unsupported

MOST_PAGES = 50
"""Of a list of jobs, when one is looked for."""

JobError = Callable[[int, str, Mapping[str, str]], EngineError]
"""Status, body and headers to the error of an answer that is no success."""


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What a batch API uses of the engine for single requests, so that both ask, read and refuse alike."""

    client: Callable[[], Any]
    """The SDK's client."""
    body: Callable[[Batch], dict[str, Any]]
    """A request."""
    reply: Callable[[Batch, Said], Reply]
    """What the model wrote, checked against the batch."""
    error: JobError
    service: str
    """What people call it."""
    large: Callable[[], AbstractContextManager[None]]
    """While results are read, which are larger than any single answer."""

    def answer(self, batch: Batch, read: Callable[[], Said]) -> Reply | EngineError:
        """The answers to one request of a job, or its error."""
        try:
            return self.reply(batch, read())
        except EngineError as error:
            return error

    def job_error(self, status: int, body: str, headers: Mapping[str, str]) -> EngineError:
        """The error of a call about a job; that it is gone says nothing about the model."""
        if status == 404:
            return Unsupported(
                f"the batch job or its results are gone: {message_of(Unsupported, status, body, self.service)}",
                hint="to forget open jobs and pay for their segments again: harness cache prune --batch-jobs",
            )
        return self.error(status, body, headers)


@contextmanager
def sdk_errors(sdk: str, error: JobError) -> Iterator[None]:
    """The exceptions of an SDK that Stainless generated, as those of the harness: they have the same names in all."""
    module: Any = import_module(sdk)
    try:
        yield
    except module.APIStatusError as failure:
        answer: Any = failure
        raise error(answer.status_code, answer.response.text, answer.response.headers) from failure
    except module.APIConnectionError as failure:
        raise lost(failure.__cause__ or failure) from failure


def json_object(data: bytes) -> dict[str, Any]:
    """The object that a service answered a call about a job with; empty where it is something else.

    Raises:
        Transient: it is not JSON.
    """
    try:
        return mapping(json.loads(data))
    except (ValueError, RecursionError):
        raise Transient(f"not JSON: {short(data)}", charged=True) from None


def unbilled(error: EngineError) -> EngineError:
    """The error of one request of a job, none of which are billed when they fail."""
    if isinstance(error, Transient):
        error.charged = False
    return error


def json_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file. A line that cannot be read is left out, so its request has no result."""
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            parsed = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(parsed, dict):
            yield parsed


def seconds_between(begin: object, end: object) -> float:
    """Seconds between two times, as Unix seconds or ISO 8601; negative where one of them is none."""
    first, last = moment(begin), moment(end)
    return max(0.0, (last - first).total_seconds()) if first and last else -1.0


def moment(given: object) -> datetime | None:
    """A time of a service; None where it cannot be read."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        if isinstance(given, str):
            parsed = datetime.fromisoformat(given)
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def mapping(value: object) -> dict[str, Any]:
    """A JSON object; empty where it is something else."""
    return value if isinstance(value, dict) else {}


def named(value: object, body: str) -> str:
    """The name of a job that was created.

    Raises:
        Transient: there is none, so it must be looked for.
    """
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise Transient(f"the service created a job without a name: {body[:200]}", charged=True)
