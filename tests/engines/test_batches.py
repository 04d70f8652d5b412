"""Batch APIs through the whole command line: submit, leave, collect later; the server's ledger is the judge."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing

import pytest

from harness.engines.chat.anthropic_batch import AnthropicBatches
from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.gemini_batch import GeminiBatches
from harness.engines.chat.openai_batch import OpenAIBatches
from harness.engines.interface import Batch
from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs
from harness.store.runs.result import Traffic
from tests.cli.conftest import harness
from tests.engines.batch_scene import INPUT, OUTPUT, SOURCES, UNDER_WAY, Scene, scene
from tests.engines.batch_servers import TOOK
from tests.vendors.base import KEY, shout

__all__ = ["harness", "scene"]


def once() -> dict[str, int]:
    return dict.fromkeys(SOURCES, 1)


def test_submit_leave_and_collect_later(scene: Scene) -> None:
    first = scene.run()
    assert first.code == UNDER_WAY
    assert "1 batch job with 7 segments pending" in first.err
    assert "run the same command again" in first.err
    assert list_runs(scene.root / "reports" / "runs") == []
    assert scene.run().code == UNDER_WAY
    assert len(scene.server.jobs) == 1
    scene.server.end()
    last = scene.run()
    assert last.code == 0, last.err
    assert scene.texts == [shout(source) for source in SOURCES]
    assert scene.server.bought == once()
    assert scene.server.live == []
    sent = len(scene.web.ledger)
    assert scene.run().code == 0
    assert len(scene.web.ledger) == sent
    with Cache.open(scene.cache) as cache:
        assert list(cache.verify()) == []
        assert cache.stats().open_jobs == 0
    for path in scene.root.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert KEY not in first.err + last.err + last.out


def test_waiting_takes_one_command(scene: Scene) -> None:
    scene.server.ends = True
    finished = scene.run("--wait")
    assert finished.code == 0, finished.err
    assert scene.texts == [shout(source) for source in SOURCES]
    assert scene.server.bought == once()


def test_the_flag_takes_every_service_that_has_a_batch_api(scene: Scene) -> None:
    scene.write("")
    scene.server.ends = True
    assert scene.run("--batch", "--wait").code == 0
    assert len(scene.server.jobs) == 1
    assert scene.server.live == []


def test_batches_are_no_part_of_the_identity(scene: Scene) -> None:
    scene.server.ends = True
    assert scene.run("--wait").code == 0
    scene.write("")
    assert scene.run().code == 0
    assert scene.server.live == []


def test_a_job_under_way_is_not_bought_one_by_one(scene: Scene) -> None:
    assert scene.run().code == UNDER_WAY
    scene.write("", sources=[*SOURCES, "Neu."])
    assert scene.run().code == UNDER_WAY
    assert scene.server.bought == {**once(), "Neu.": 1}
    assert len(scene.server.live) == 1
    scene.server.end()
    assert scene.run().code == 0
    assert scene.server.bought == {**once(), "Neu.": 1}


def test_half_the_price(scene: Scene) -> None:
    scene.server.ends = True
    assert scene.run("--wait").code == 0
    with closing(sqlite3.connect(scene.cache)) as connection, connection:
        rows = connection.execute("SELECT usage, cost, attempt, setup, outcome, seconds FROM requests").fetchall()
    assert len(rows) == 3
    for usage, cost, attempt, setup, outcome, seconds in rows:
        tokens = json.loads(usage)
        single = (tokens["input_tokens"] * INPUT + tokens["output_tokens"] * OUTPUT) / 1e6
        assert cost == pytest.approx(single / 2)
        assert (attempt, setup, outcome, seconds) == (1, 1, "ok", TOOK)
    assert scene.spent() == pytest.approx(sum(row[1] for row in rows))
    traffic = scene.system.traffic
    assert isinstance(traffic, Traffic)
    assert traffic.price_source.endswith("batch API")


def test_a_dry_run_says_so(scene: Scene) -> None:
    single = float(scene.run("--dry-run").out.splitlines()[1].split("\t")[6].split()[0])
    scene.write("")
    double = float(scene.run("--dry-run").out.splitlines()[1].split("\t")[6].split()[0])
    assert single == pytest.approx(double / 2, rel=0.01)
    scene.write()
    assert scene.run().code == UNDER_WAY
    seen = len(scene.web.ledger)
    shown = scene.run("--dry-run")
    assert shown.out.splitlines()[1].split("\t")[4] == "0"
    assert "7 segments in submitted batch jobs" in shown.err
    assert len(scene.web.ledger) == seen


@pytest.mark.parametrize("fate", ["expired", "cancelled", "server error"])
def test_what_was_not_done_is_submitted_again(scene: Scene, fate: str) -> None:
    scene.server.ends = True
    scene.server.fate = lambda job, sources: fate if job == 1 and SOURCES[0] in sources else "ok"
    finished = scene.run("--wait")
    assert finished.code == 0, finished.err
    assert scene.texts == [shout(source) for source in SOURCES]
    assert [len(job.items) for job in scene.server.jobs] == [3, 1]
    assert [cost for outcome, cost in scene.requests() if outcome != "ok"] == [0.0]


def test_what_is_never_done_fails_after_the_attempts(scene: Scene) -> None:
    scene.server.ends = True
    scene.server.fate = lambda job, sources: "expired" if SOURCES[0] in sources else "ok"
    finished = scene.run("--wait")
    assert finished.code == 3
    assert len(scene.server.jobs) == 3
    assert scene.texts == ["Failed"] * 3 + [shout(source) for source in SOURCES[3:]]


def test_two_systems_of_one_identity_submit_once(scene: Scene) -> None:
    path = scene.root / "systems" / "model.toml"
    (scene.root / "systems" / "twin.toml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert scene.run().code == UNDER_WAY
    assert scene.server.bought == once()
    scene.server.end()
    assert scene.run().code == 0
    assert scene.server.bought == once()


def test_repetitions_have_jobs_of_their_own(scene: Scene) -> None:
    scene.server.ends = True
    finished = scene.run("--repeat", "2", "--wait")
    assert finished.code == 0, finished.err
    assert scene.server.bought == dict.fromkeys(SOURCES, 2)
    assert len(scene.server.jobs) == 2


def test_no_job_is_larger_than_the_service_takes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for one request and a half: one alone is within it, and two together are beyond."""
    octets: list[int] = []
    usage_of = ChatEngine.worst_usage

    def noted(engine: ChatEngine, batch: Batch) -> Mapping[str, int]:
        usage = usage_of(engine, batch)
        octets.append(usage["input_tokens"])
        return usage

    monkeypatch.setattr(ChatEngine, "worst_usage", noted)
    scene.run("--dry-run")
    room = int(1.5 * max(octets))
    assert room < 2 * min(octets)
    for service in (AnthropicBatches, GeminiBatches, OpenAIBatches):
        monkeypatch.setattr(service, "most_bytes", room)
    scene.server.ends = True
    assert scene.run("--wait").code == 0
    assert [len(job.items) for job in scene.server.jobs] == [1, 1, 1]
    assert scene.server.bought == once()
