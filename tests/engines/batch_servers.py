"""Batch APIs on loopback, in the shapes their documentation gives; documented, not recorded."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import Vendor, shout

TOOK = 600
"""Seconds from creation to end of every job, as the service tells."""

KINDS = ("processing", "succeeded", "errored", "canceled", "expired")

Fate = Callable[[int, list[str]], str]
"""Number of the job, from 1, and the sources of a request, to what becomes of it: ``ok``, ``expired``, ``cancelled``
or one of the vendor's faults."""


def all_well(job: int, sources: list[str]) -> str:
    return "ok"


@dataclass
class Job:
    name: str
    marker: str
    items: dict[str, Seen]
    """Custom id to the request, as if it had come alone."""
    ended: bool = False
    failure: str = ""
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def begin(self) -> str:
        return datetime.fromtimestamp(self.created, UTC).isoformat().replace("+00:00", ".123456789Z")

    @property
    def end(self) -> str:
        return datetime.fromtimestamp(self.created + TOOK, UTC).isoformat().replace("+00:00", ".123456789Z")


@dataclass
class BatchServer:
    """One vendor's batch API. ``with server.loopback() as web``."""

    vendor: Vendor
    fate: Fate = all_well
    ends: bool = False
    """Whether jobs end as soon as they are created."""
    failure: str = ""
    """Why jobs are refused as a whole."""
    on_create: Callable[[Job], Response | None] = lambda job: None
    """Called once a job exists; what it returns is sent instead of the usual answer."""
    before_create: Callable[[], Response | None] = lambda: None
    """What it returns is sent, and no job made."""
    on_results: Callable[[], None] = lambda: None
    """Called before results are sent."""
    jobs: list[Job] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    live: list[Seen] = field(default_factory=list)
    """Requests that came alone."""
    _lock: Any = field(default_factory=threading.RLock)

    def loopback(self, port: int = 0) -> Loopback:
        return Loopback(self.handle, port)

    def end(self) -> None:
        for job in self.jobs:
            job.ended = True

    @property
    def bought(self) -> Counter[str]:
        """How often each source was bought."""
        everything = [seen for job in self.jobs if not job.failure for seen in job.items.values()] + self.live
        return Counter(source for seen in everything for source in self.vendor.sources(seen))

    def handle(self, seen: Seen) -> Response:
        with self._lock:
            answer = getattr(self, f"_{self.vendor.engine}")(seen, urlsplit(seen.path).path)
            assert isinstance(answer, Response)
            return answer

    def _create(self, marker: str, items: dict[str, Any], name: str, shown: Callable[[Job], Any]) -> Response:
        if refused := self.before_create():
            return refused
        requests = {key: Seen("POST", "/", {}, json.dumps(body).encode()) for key, body in items.items()}
        job = Job(f"{name}{len(self.jobs) + 1}", marker, requests, ended=self.ends, failure=self.failure)
        self.jobs.append(job)
        return self.on_create(job) or Response.of(shown(job))

    def _answers(self, job: Job) -> dict[str, tuple[str, Response]]:
        self.on_results()
        found = {}
        for key, seen in job.items.items():
            fate = self.fate(self.jobs.index(job) + 1, list(self.vendor.sources(seen)))
            spoilt = self.vendor.faults.get(fate)
            found[key] = (fate, spoilt(seen) if spoilt else self.vendor.success(seen, shout))
        return found

    def _single(self, seen: Seen) -> Response:
        self.live.append(seen)
        return self.vendor.success(seen, shout)

    def _job(self, name: str) -> Job | None:
        return next((job for job in self.jobs if job.name == name), None)

    def _page(self, seen: Seen, cursor: str) -> list[Job]:
        """One job a page, newest first, so that paging is tested."""
        newest = self.jobs[::-1]
        after = parse_qs(urlsplit(seen.path).query).get(cursor, [""])[0]
        names = [job.name.rpartition("/")[2] for job in newest]
        start = names.index(after) + 1 if after in names else 0
        return newest[start : start + 1]

    # OpenAI: https://platform.openai.com/docs/api-reference/batch

    def _openai(self, seen: Seen, path: str) -> Response:
        if path == "/v1/chat/completions":
            return self._single(seen)
        if path == "/v1/files":
            found = re.search(rb"\r\n\r\n(\{.*?)\r\n--", seen.body, re.DOTALL)
            assert found is not None
            assert b'name="purpose"' in seen.body
            name = f"file-{len(self.files) + 1}"
            self.files[name] = found[1]
            return Response.of({"id": name, "object": "file", "purpose": "batch", "filename": "x.jsonl"})
        if path == "/v1/batches" and seen.method == "POST":
            asked = seen.json
            assert (asked["endpoint"], asked["completion_window"]) == ("/v1/chat/completions", "24h")
            lines = [json.loads(line) for line in self.files[asked["input_file_id"]].split(b"\n") if line]
            assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
            items = {line["custom_id"]: line["body"] for line in lines}
            return self._create(asked["metadata"]["harness"], items, "batch_", self._openai_job)
        if path == "/v1/batches":
            page = self._page(seen, "after")
            more = bool(page) and page[-1] is not self.jobs[0]
            return Response.of({"object": "list", "data": [self._openai_job(job) for job in page], "has_more": more})
        if job := self._job(path.removeprefix("/v1/batches/")):
            return Response.of(self._openai_job(job))
        if (file := re.fullmatch(r"/v1/files/(out|err)-(\w+)/content", path)) and (job := self._job(file[2])):
            lines = [self._openai_line(key, *answer) for key, answer in self._answers(job).items()]
            wanted = [line for line in lines if (line["error"] is None) == (file[1] == "out")]
            return Response(200, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in wanted).encode())
        return Response.of({"error": {"message": "No such object", "type": "invalid_request_error"}}, 404)

    def _openai_job(self, job: Job) -> dict[str, Any]:
        fates = {self.fate(self.jobs.index(job) + 1, list(self.vendor.sources(seen))) for seen in job.items.values()}
        ended = next((fate for fate in ("expired", "cancelled") if fate in fates), "completed")
        status = "failed" if job.failure else ended if job.ended else "in_progress"
        over = status != "in_progress"
        errors = {"object": "list", "data": [{"code": job.failure, "message": job.failure, "line": 1}]}
        return {
            "id": job.name, "object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h",
            "errors": errors if job.failure else None, "input_file_id": "file-1", "status": status,
            "output_file_id": f"out-{job.name}" if over and not job.failure else None,
            "error_file_id": f"err-{job.name}" if over and not job.failure else None,
            "created_at": job.created, f"{status}_at": job.created + TOOK if over else None,
            "metadata": {"harness": job.marker},
            "request_counts": {"total": len(job.items), "completed": 0, "failed": 0},
        }  # fmt: skip

    def _openai_line(self, key: str, fate: str, answer: Response) -> dict[str, Any]:
        line: dict[str, Any] = {"id": "batch_req_1", "custom_id": key, "response": None, "error": None}
        if fate in {"expired", "cancelled"}:
            return {**line, "error": {"code": f"batch_{fate}", "message": f"This request was {fate}."}}
        body = json.loads(answer.body) if fate != "malformed" else {"id": "x"}
        return {**line, "response": {"status_code": answer.status, "request_id": "req_1", "body": body}}

    # Anthropic: https://platform.claude.com/docs/en/api/messages/batches

    def _anthropic(self, seen: Seen, path: str) -> Response:
        root = "/v1/messages/batches"
        if path == "/v1/messages":
            return self._single(seen)
        if path == root and seen.method == "POST":
            items = {item["custom_id"]: item["params"] for item in seen.json["requests"]}
            assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", key) for key in items)
            return self._create("", items, "msgbatch_", self._anthropic_job)
        if path == root:
            page = self._page(seen, "after_id")
            more = bool(page) and page[-1] is not self.jobs[0]
            return Response.of({"data": [self._anthropic_job(job) for job in page], "has_more": more})
        if path.endswith("/results") and (job := self._job(path.split("/")[-2])) and job.ended:
            lines = [
                {"custom_id": key, "result": self._anthropic_result(*answer)}
                for key, answer in reversed(self._answers(job).items())
            ]
            return Response(200, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
        if job := self._job(path.removeprefix(f"{root}/")):
            return Response.of(self._anthropic_job(job))
        return Response.of({"type": "error", "error": {"type": "not_found_error", "message": "no such batch"}}, 404)

    def _anthropic_job(self, job: Job) -> dict[str, Any]:
        counts = Counter(
            {"expired": "expired", "cancelled": "canceled"}.get(
                self.fate(self.jobs.index(job) + 1, list(self.vendor.sources(seen))), "succeeded"
            )
            for seen in job.items.values()
        )
        if not job.ended:
            counts = Counter(processing=len(job.items))
        return {
            "id": job.name, "type": "message_batch", "created_at": job.begin, "expires_at": job.end,
            "ended_at": job.end if job.ended else None, "processing_status": "ended" if job.ended else "in_progress",
            "request_counts": {kind: counts[kind] for kind in KINDS},
            "results_url": "http://127.0.0.1:1/elsewhere" if job.ended else None,
        }  # fmt: skip

    def _anthropic_result(self, fate: str, answer: Response) -> dict[str, Any]:
        if fate in {"expired", "cancelled"}:
            return {"type": fate.replace("cancelled", "canceled")}
        if fate == "malformed":
            return {"type": "succeeded", "message": {"id": "msg_1"}}
        body = json.loads(answer.body)
        return {"type": "succeeded", "message": body} if answer.status == 200 else {"type": "errored", "error": body}

    # Gemini: https://ai.google.dev/api/batch-api

    def _gemini(self, seen: Seen, path: str) -> Response:
        if path.endswith(":generateContent"):
            return self._single(seen)
        if path.endswith(":batchGenerateContent"):
            batch = seen.json["batch"]
            asked = batch["inputConfig"]["requests"]["requests"]
            items = {item["metadata"]["key"]: item["request"] for item in asked}
            return self._create(batch["displayName"], items, "batches/", self._gemini_job)
        if path == "/v1beta/batches":
            page = self._page(seen, "pageToken")
            more = bool(page) and page[-1] is not self.jobs[0]
            token = {"nextPageToken": page[-1].name.rpartition("/")[2]} if more else {}
            return Response.of({"operations": [self._gemini_job(job) for job in page], **token})
        if job := self._job(path.removeprefix("/v1beta/")):
            shown = self._gemini_job(job)
            if job.ended and not job.failure:
                lines = [self._gemini_line(key, *answer) for key, answer in self._answers(job).items()]
                shown["metadata"]["output"] = shown["response"] = {"inlinedResponses": {"inlinedResponses": lines}}
            return Response.of(shown)
        return Response.of({"error": {"code": 404, "message": "no such batch", "status": "NOT_FOUND"}}, 404)

    def _gemini_job(self, job: Job) -> dict[str, Any]:
        state = "FAILED" if job.failure else "SUCCEEDED" if job.ended else "RUNNING"
        error = {"error": {"code": 3, "message": job.failure}} if job.failure else {}
        told = {
            "displayName": job.marker,
            "state": f"BATCH_STATE_{state}",
            "createTime": job.begin,
            "model": "models/m",
        }
        over = job.ended or bool(job.failure)
        return {"name": job.name, "metadata": {**told, **({"endTime": job.end} if over else {})}, "done": over, **error}

    def _gemini_line(self, key: str, fate: str, answer: Response) -> dict[str, Any]:
        line: dict[str, Any] = {"metadata": {"key": key}}
        if fate in {"expired", "cancelled"}:
            return {**line, "error": {"code": 1, "message": f"The request was {fate}."}}
        if fate == "malformed":
            return {**line, "response": {"modelVersion": "m"}}
        body = json.loads(answer.body)
        return {**line, "response": body} if answer.status == 200 else {**line, **body}
