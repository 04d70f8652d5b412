"""What a job would ask: context, repetitions, and what is under way for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.engines.interface import Limits
from harness.store.cache.answers import Cache
from harness.store.cache.jobs import NotedJob, NotedRequest
from harness.translation.batch_results import note_segments, noted_base
from harness.translation.claims import claim_name
from harness.translation.job import Job, look_up
from harness.translation.packing import pack
from harness.translation.request import RunRequest
from tests.translation.engines import Upper
from tests.translation.test_attempts import Remote
from tests.translation.test_runner import job


def test_context_is_what_stands_before_and_after_and_never_the_segment_itself() -> None:
    made = job(Upper(), *"abcde", limits=Limits(context=2))
    assert [("".join(one.before), one.source, "".join(one.after)) for one in made.requests()] == [
        ("", "a", "bc"),
        ("a", "b", "cd"),
        ("ab", "c", "de"),
        ("bc", "d", "e"),
        ("cd", "e", ""),
    ]
    assert all(not one.before and not one.after for one in job(Upper(), *"abc").requests())


def test_a_text_that_stands_there_twice_is_asked_for_where_it_stands_first(tmp_path: Path) -> None:
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        found = look_up(job(Upper(), *"abab"), cache)
    assert [(one.source, one.segment.number) for one in found.requests] == [("a", 1), ("b", 2)]


class Batching(Remote):
    """A service that has a batch API."""

    wants_batches = True

    def batch_service(self) -> None:
        return None


def noted(of: Job) -> NotedJob:
    (batch,) = pack(of.requests(), of.pair, of.limits, of.sample)
    return NotedJob(
        marker=f"harness-{of.sample}",
        claim=claim_name(of.identity, of.pair),
        system=of.system,
        stage="open",
        name="batch_1",
        written="2026-11-20T10:00:00.000+00:00",
        base=noted_base(of),
        sample=of.sample,
        requests={"one": NotedRequest(note_segments(of, batch), {})},
    )


def test_a_batch_job_of_one_repetition_is_not_under_way_for_another(tmp_path: Path) -> None:
    first = job(Batching(), *"abc")
    second = replace(first, sample=1)
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        cache.note_job(noted(second))
        assert [len(look_up(one, cache).jobs) for one in (first, second)] == [0, 1]
        assert [len(look_up(one, cache).requests) for one in (first, second)] == [3, 0]
        assert look_up(second, cache).waiting == set(second.segment_keys())


def test_the_command_line_says_what_was_not_left_as_it_is() -> None:
    assert RunRequest().command() == "harness run"
    assert RunRequest(repeat=2, limit=1).command() == "harness run --limit 1 --repeat 2"
    assert RunRequest(unit="segment", seed=0).command() == "harness run --unit segment --seed 0"
