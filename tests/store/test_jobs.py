"""Notes of batch jobs: what is written is read again, and nothing else is taken for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.cache.answers import Cache
from harness.store.cache.jobs import NotedJob, NotedRequest, NotedSegment
from harness.store.cache.seals import COLUMNS, seal
from harness.types import Failed, Refused

JOB = NotedJob(
    marker="harness-1",
    claim="claim",
    system="model",
    stage="sending",
    name="",
    written="2026-11-20T10:00:00.000+00:00",
    base={"engine": "openai", "pair": ["de", "en"]},
    sample=1,
    most=0.25,
    requests={
        "harness-1-0": NotedRequest(
            (NotedSegment("a", 1, 2, "Größe \u2028 🫖", ""), NotedSegment("a", 2, 3, "Zwei.", "h1:context")),
            {"input_tokens": 7, "output_tokens": 9},
            halved=True,
            round=2,
        )
    },
    settled={"h1:one": Failed("why"), "h1:two": Refused("no")},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def test_what_is_noted_is_read_again(path: Path) -> None:
    with Cache.open(path) as cache:
        cache.note_job(JOB)
    with Cache.open(path) as cache:
        assert cache.open_jobs("claim") == [JOB]
        assert cache.open_jobs("other") == []
        assert cache.job_names() == set()
        later = replace(JOB, stage="open", name="batch_1")
        cache.note_job(later)
        assert cache.open_jobs("claim") == [later]
        assert cache.job_names() == {"batch_1"}
        assert list(cache.verify()) == []


def test_closed_and_forgotten_jobs_are_not_open(path: Path) -> None:
    with Cache.open(path) as cache:
        cache.note_job(JOB)
        cache.note_job(replace(JOB, marker="harness-2", stage="closed"))
        assert cache.stats().open_jobs == 1
        assert cache.forget_jobs() == 1
        assert cache.open_jobs("claim") == []


def test_the_oldest_job_comes_first_whatever_its_marker(path: Path) -> None:
    moments = {
        "harness-9": "2026-11-20T10:00:00",
        "harness-5": "2026-11-20T09:00:00",
        "harness-1": "2026-11-21T08:00:00",
    }
    with Cache.open(path) as cache:
        for marker, written in moments.items():
            cache.note_job(replace(JOB, marker=marker, written=f"{written}.000+00:00"))
        assert [job.marker for job in cache.open_jobs("claim")] == ["harness-5", "harness-9", "harness-1"]


def test_jobs_go_along_with_a_merge(path: Path, tmp_path: Path) -> None:
    with Cache.open(tmp_path / "other.sqlite3") as other, Cache.open(path) as cache:
        other.note_job(JOB)
        cache.take_over(other)
        assert cache.open_jobs("claim") == [JOB]


@pytest.mark.parametrize("column", COLUMNS["jobs"])
def test_a_damaged_note_is_found_and_never_taken_for_none(path: Path, column: str) -> None:
    with Cache.open(path) as cache:
        cache.note_job(JOB)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE jobs SET {column} = {column} || 'x'")
    with Cache.open(path) as cache:
        assert len(list(cache.verify())) == 1
        with pytest.raises(StoreError, match="damaged"):
            cache.open_jobs("claim")


@pytest.mark.parametrize("content", ["null", "{}", '{"requests": []}', "[1]", "x"])
def test_a_seal_over_nonsense_is_no_note(path: Path, content: str) -> None:
    with Cache.open(path) as cache:
        cache.note_job(JOB)
    with closing(sqlite3.connect(path)) as connection, connection:
        (row,) = connection.execute(f"SELECT {', '.join(COLUMNS['jobs'])} FROM jobs")
        row = tuple(content if name == "content" else value for name, value in zip(COLUMNS["jobs"], row, strict=True))
        connection.execute("UPDATE jobs SET content = ?, seal = ?", (content, seal("jobs", row)))
    with Cache.open(path) as cache:
        assert len(list(cache.verify())) == 1
        with pytest.raises(StoreError, match="damaged"):
            cache.open_jobs("claim")
