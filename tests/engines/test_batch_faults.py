"""Batch APIs that misbehave, and the limit on money."""

from __future__ import annotations

import asyncio

import pytest

from harness.errors import ConfigError
from harness.store.cache.answers import Cache
from harness.types import Failed, Refused
from tests.cli.conftest import harness
from tests.engines import chat_vendors, remote
from tests.engines.batch_scene import SOURCES, UNDER_WAY, Scene, scene
from tests.engines.batch_servers import Job
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY, shout

__all__ = ["harness", "scene"]

GOOD = [shout(source) for source in SOURCES]


def last_is(fate: str, source: str = SOURCES[0], first_job_only: bool = False):  # type: ignore[no-untyped-def]
    return lambda job, sources: fate if source in sources and (job == 1 or not first_job_only) else "ok"


@pytest.mark.parametrize("fate", ["truncated", "wrong count", "wrong order"])
def test_answers_are_checked_as_single_ones_are(scene: Scene, fate: str) -> None:
    """Halved until the fault is alone: then it fails, is reported, and the next run asks for it again."""
    scene.server.ends = True
    scene.server.fate = lambda job, sources: fate if SOURCES[0] in sources and len(sources) > 1 else "ok"
    finished = scene.run("--wait")
    assert finished.code == 0, finished.err
    assert scene.texts == GOOD
    assert [len(job.items) for job in scene.server.jobs] == [3, 2]
    assert scene.server.bought["Satz 6."] == 1
    # The work was done in vain and billed, and that is kept.
    assert [(outcome, cost > 0) for outcome, cost in scene.requests() if outcome != "ok"] == [("BadOutput", True)]


def test_one_text_that_never_fits_fails_alone(scene: Scene) -> None:
    scene.server.ends = True
    scene.server.fate = last_is("truncated")
    assert scene.run("--wait").code == 3
    assert scene.texts == ["Failed", *GOOD[1:]]
    assert "truncated" in str(scene.system.outcomes[0])


def test_a_refusal_is_one_segments_and_not_paid_twice(scene: Scene) -> None:
    scene.server.ends = True
    scene.server.fate = last_is("refusal")
    scene.run("--wait")
    assert scene.texts == ["Refused", *GOOD[1:]]
    assert isinstance(scene.system.outcomes[0], Refused)
    jobs = len(scene.server.jobs)
    scene.run("--wait")
    assert len(scene.server.jobs) == jobs


def test_failures_wait_for_the_rest_and_are_not_bought_again(scene: Scene) -> None:
    """A text that failed for good, while others are asked for once more: the report has both."""
    scene.write("batch_api = true", limits="max_segments = 1")
    scene.server.fate = lambda job, sources: {SOURCES[0]: "truncated", SOURCES[1]: "expired" if job == 1 else "ok"}.get(
        sources[0], "ok"
    )
    assert scene.run().code == UNDER_WAY
    scene.server.end()
    assert scene.run().code == UNDER_WAY  # the second job, for what expired
    scene.server.end()
    assert scene.run().code == 3
    assert scene.texts == ["Failed", *GOOD[1:]]
    assert isinstance(scene.system.outcomes[0], Failed)
    assert scene.server.bought[SOURCES[0]] == 1


def test_a_job_that_is_refused_as_a_whole_says_why(scene: Scene) -> None:
    if scene.vendor.engine == "anthropic":
        pytest.skip("Message Batches fail by the request")
    scene.server.failure = "The model `gpt-test` is not supported by the batch API: model_not_found"
    scene.run("--wait")
    assert scene.texts == ["Failed"] * len(SOURCES)
    assert "model_not_found" in str(scene.system.outcomes[0])
    assert len(scene.server.jobs) == 1
    assert sum(cost for _, cost in scene.requests()) == 0


def test_results_without_some_requests_are_asked_for_again(scene: Scene) -> None:
    scene.server.ends = True
    job: list[Job] = []

    def lose() -> None:
        if not job:
            job.append(scene.server.jobs[0])
            key = next(iter(job[0].items))
            scene.server.vendor.sources(job[0].items.pop(key))

    scene.server.on_results = lose
    finished = scene.run("--wait")
    assert finished.code == 0, finished.err
    assert scene.texts == GOOD
    assert [len(one.items) for one in scene.server.jobs] == [2, 1]


def test_an_answer_that_was_lost_buys_nothing_twice(scene: Scene) -> None:
    """The job was created, and the connection broke before its name arrived."""
    scene.server.on_create = lambda job: Response(200, b"{}" * 50, drop=True) if len(scene.server.jobs) == 1 else None
    scene.run()
    assert len(scene.server.jobs) == 1
    scene.server.end()
    finished = scene.run("--wait")
    assert finished.code == 0, finished.err
    assert len(scene.server.jobs) == 1
    assert scene.texts == GOOD


def test_a_job_without_a_name_is_found(scene: Scene) -> None:
    scene.server.on_create = lambda job: Response.of({"object": "batch"})
    scene.run()
    scene.server.end()
    assert scene.run("--wait").code == 0
    assert len(scene.server.jobs) == 1


@pytest.mark.parametrize("fault", ["server error", "rate limited"])
def test_a_job_that_was_not_taken_is_submitted_again(scene: Scene, fault: str) -> None:
    tried: list[int] = []

    def refuse() -> Response | None:
        tried.append(1)
        return scene.vendor.faults[fault](Seen("POST", "/", {}, b"")) if len(tried) == 1 else None

    scene.server.ends = True
    scene.server.before_create = refuse
    assert scene.run("--wait").code == 0
    assert (len(tried), len(scene.server.jobs)) == (2, 1)


@pytest.mark.parametrize("fault", ["bad key", "quota exhausted"])
def test_a_wrong_key_stops_the_system(scene: Scene, fault: str) -> None:
    scene.server.before_create = lambda: scene.vendor.faults[fault](Seen("POST", "/", {}, b""))
    finished = scene.run("--wait")
    assert finished.code == 3
    assert scene.texts == ["Failed"] * len(SOURCES)
    assert KEY not in finished.err + finished.out
    with Cache.open(scene.cache) as cache:
        assert cache.stats().open_jobs == 0


def test_a_job_that_is_gone_stops_the_system_and_is_not_bought_again(scene: Scene) -> None:
    assert scene.run().code == UNDER_WAY
    kept = scene.server.jobs[:]
    scene.server.jobs.clear()
    finished = scene.run()
    assert finished.code == 3
    assert "--batch-jobs" in finished.err
    assert scene.server.jobs == []
    assert scene.shell("cache", "prune", "--batch-jobs", "-C", scene.root).code == 0
    scene.server.ends = True
    assert scene.run("--wait").code == 0
    assert len(scene.server.jobs) == 1
    assert len(kept) == 1


def most(scene: Scene) -> float:
    """What all of it may cost, as a dry run says."""
    return float(scene.run("--dry-run").out.splitlines()[1].split("\t")[6].split()[0])


def test_the_cap_holds_before_submission_and_across_runs(scene: Scene) -> None:
    cap = most(scene) * 0.7
    assert scene.run("--max-cost", f"{cap}").code == UNDER_WAY
    (job,) = scene.server.jobs
    assert len(job.items) == 2
    # What was submitted counts at its most, so the third request still does not fit.
    scene.run("--max-cost", f"{cap}")
    assert len(scene.server.jobs) == 1
    scene.server.end()
    # Its real cost is far lower: now it fits.
    assert scene.run("--max-cost", f"{cap}").code == UNDER_WAY
    assert [len(one.items) for one in scene.server.jobs] == [2, 1]
    scene.server.end()
    assert scene.run("--max-cost", f"{cap}").code == 0
    assert scene.texts == GOOD


def test_a_job_counts_once_however_often_it_is_looked_at(scene: Scene) -> None:
    """What it was not billed for pays for the next job."""
    cap = most(scene) * 1.5
    scene.server.fate = lambda job, sources: "expired" if job == 1 else "ok"
    handle, looks = scene.server.handle, []

    def watched(seen: Seen) -> Response:
        if scene.server.jobs and seen.method == "GET":
            looks.append(seen)
            if len(looks) == 8:
                scene.server.ends = True
                scene.server.end()
        return handle(seen)

    scene.web.handler = watched
    finished = scene.run("--wait", "--max-cost", f"{cap}")
    assert finished.code == 0, finished.err
    assert [len(job.items) for job in scene.server.jobs] == [3, 3]
    assert scene.texts == GOOD


def test_a_cap_of_nothing_buys_nothing(scene: Scene) -> None:
    assert scene.run("--max-cost", "0").code == 3
    assert scene.server.jobs == []
    assert not [seen for seen in scene.web.ledger if seen.method == "POST"]


def test_without_a_price_and_with_a_cap_nothing_is_submitted(scene: Scene) -> None:
    path = scene.root / "systems" / "model.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[price]")[0], encoding="utf-8")
    scene.run("--max-cost", "5")
    assert scene.server.jobs == []
    assert "price is unknown" in str(scene.system.outcomes[0])


@pytest.mark.parametrize("when", ["create", "look"])
def test_redirects_are_not_followed(scene: Scene, when: str) -> None:
    with Loopback(scene.server.handle) as other:
        moved = Response(307, b"", {"Location": f"http://localhost:{other.port}/"})
        if when == "create":
            scene.web.handler = lambda seen: moved
            assert scene.run("--wait").code == 3
        else:
            assert scene.run().code == UNDER_WAY
            scene.web.handler = lambda seen: moved
            assert scene.run("--wait").code == 3
        assert "redirected to localhost" in str(scene.system.outcomes[0])
        assert other.ledger == []


def test_a_body_without_end_is_not_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.engines.chat.engine.RESULT_BYTES", 500)
    scene.server.ends = True
    finished = scene.run("--wait")
    assert finished.code == 3
    assert "MiB" in str(scene.system.outcomes[0])
    assert len(scene.server.jobs) == 1


@pytest.mark.parametrize("platform", ["vertex", "bedrock"])
def test_platforms_without_a_batch_api_say_so(platform: str) -> None:
    for engine in ("anthropic", "gemini"):
        if (engine, platform) == ("gemini", "bedrock"):
            continue
        vendor = chat_vendors.VENDORS[engine]
        options = {"model": "m", "platform": platform, "region": "global"}
        with pytest.raises(ConfigError, match="batch"):
            remote.build(vendor, {**options, "batch_api": True})
        plain = remote.build(vendor, options)
        assert plain.batch_service() is None
        asyncio.run(plain.close())
