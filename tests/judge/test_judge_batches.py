"""Judges through the vendors' batch APIs: half the price, nothing bought twice, whatever ends the command."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import harness as package
from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs
from harness.store.runs.result import MetricScores
from harness.translation import batch_calls, runner
from harness.types import Money, Score
from tests.cli.conftest import Finished, Shell, harness
from tests.engines.batch_scene import UNDER_WAY
from tests.engines.batch_servers import BatchServer, Job
from tests.judge.scene import HOUSES, House, Question, configure, error, judge_server, last_pair, question, write_judged
from tests.judge.test_judge_looks import write_scene
from tests.loopback import Loopback, Response, Seen

__all__ = ["harness"]

OUTPUTS = {"good": ["Line 0.", "Line 1.", "Line 2."], "poor": ["Line 0.", "A wrong line.", "wrong and wrong."]}
SOURCES = ["Zeile 0.", "Zeile 1.", "Zeile 2."]
DIFFERENT = sorted({text for texts in OUTPUTS.values() for text in texts})


def mark_words(asked: Question) -> object:
    return {"errors": [error("wrong", "major")] * asked["translation"].count("wrong")}


@dataclass
class Scene:
    root: Path
    house: House
    server: BatchServer
    web: Loopback
    shell: Shell

    def run(self, *arguments: object) -> Finished:
        return self.shell("run", "-C", self.root, "--metric", "judge", *arguments)

    @property
    def scores(self) -> dict[str, object]:
        found = {system.name: system.scores["judge"] for system in last_pair(self.root).systems}
        return {name: one.corpus for name, one in found.items() if isinstance(one, MetricScores)}

    @property
    def cost(self) -> float:
        cost = last_pair(self.root).metric_costs["judge"]
        assert isinstance(cost, Money)
        return cost.amount


RIGHT = {"good": Score(0.0, 3), "poor": Score(5.0, 3)}


@pytest.fixture(params=HOUSES)
def scene(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell
) -> Iterator[Scene]:
    house = HOUSES[request.param]
    house.vendor.needs()
    for name, value in house.vendor.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runner, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(batch_calls, "LOOKS", (0.0, 0.02))

    def asked(seen: Seen) -> list[str]:
        return [question(house, seen)["translation"]]

    vendor = replace(house.vendor, sources=asked, success=lambda seen, _: judge_server(house, mark_words)(seen))
    server = BatchServer(vendor)
    write_judged(tmp_path, OUTPUTS, SOURCES)
    with server.loopback() as web:
        configure(tmp_path, house, web.url)
        yield Scene(tmp_path, house, server, web, harness)


def test_submit_leave_and_collect_at_half_the_price(scene: Scene) -> None:
    (dry,) = json.loads(scene.run("--batch", "--dry-run", "--format", "json").out)["systems"]
    (single,) = json.loads(scene.run("--dry-run", "--format", "json").out)["systems"]
    assert dry["batched"]
    assert dry["cost_at_most"]["amount"] == pytest.approx(single["cost_at_most"]["amount"] * price_factor(scene))
    first = scene.run("--batch")
    assert first.code == UNDER_WAY
    assert "1 batch job with 5 segments pending" in first.err
    assert list_runs(scene.root / "reports" / "runs") == []
    assert scene.run("--batch").code == UNDER_WAY
    assert len(scene.server.jobs) == 1
    scene.server.end()
    assert scene.run("--batch").code == 0
    assert scene.scores == RIGHT
    assert 0 < scene.cost < dry["cost_at_most"]["amount"]
    paid = scene.cost
    assert scene.server.bought == dict.fromkeys(DIFFERENT, 1)
    assert scene.server.live == []
    sent = len(scene.web.ledger)
    assert scene.run().code == 0
    assert len(scene.web.ledger) == sent, "the same answers, however they were asked for"
    assert scene.cost == 0
    with Cache.open(scene.root / "reports" / ".cache" / "harness.sqlite3") as cache:
        assert list(cache.verify()) == []
        assert cache.stats().open_jobs == 0
    assert scene.shell("cache", "prune", "-C", scene.root, "--system", "judge:judge").code == 0
    assert scene.run().code == 0
    assert paid == pytest.approx(scene.cost * price_factor(scene), rel=0.05), "the bodies differ by a few bytes"


def price_factor(scene: Scene) -> float:
    return 1.0 if scene.house.vendor.engine == "openai" else 0.5


def test_an_option_of_the_judge_asks_for_batches_and_all_wait_together(scene: Scene) -> None:
    toml = scene.root / "harness.toml"
    text = toml.read_text(encoding="utf-8").replace(
        "[metric.judge.options]", "[metric.judge.options]\nbatch_api = true"
    )
    toml.write_text(text.replace('model = "m"', 'model = "m"\nrepeat = 2'), encoding="utf-8")
    assert scene.run().code == UNDER_WAY
    assert len(scene.server.jobs) == 2, "both repetitions at once"
    scene.server.end()
    assert scene.run("--wait").code == 0
    assert scene.scores == RIGHT
    assert scene.server.bought == dict.fromkeys(DIFFERENT, 2)
    assert scene.server.live == []


def test_a_kill_after_the_job_was_created_buys_nothing_twice(scene: Scene) -> None:
    def die(job: Job) -> Response | None:
        del job
        return Response.of({"error": {"message": "the line went dead", "type": "api_error"}}, 500)

    scene.server.on_create = die
    first = scene.run("--batch")
    assert first.code in (UNDER_WAY, 0, 3), first.err
    scene.server.on_create = lambda job: None
    scene.server.ends = True
    scene.server.end()
    assert scene.run("--batch", "--wait").code == 0
    assert scene.server.bought == dict.fromkeys(DIFFERENT, 1)
    assert scene.scores == RIGHT


def test_the_budget_counts_jobs_at_their_most(scene: Scene) -> None:
    (dry,) = json.loads(scene.run("--batch", "--dry-run", "--format", "json").out)["systems"]
    cap = dry["cost_at_most"]["amount"] * 0.5
    assert scene.run("--batch", "--max-cost", cap).code in (UNDER_WAY, 3)
    assert 0 < sum(scene.server.bought.values()) < 5
    scene.server.ends = True
    scene.server.end()
    assert scene.run("--batch", "--wait").code == 0
    assert scene.server.bought == Counter(DIFFERENT)
    assert scene.scores == RIGHT


@pytest.mark.slow
@pytest.mark.every_change
def test_every_look_is_a_batch_job(scene: Scene) -> None:
    shutil.rmtree(scene.root / "references")
    shutil.rmtree(scene.root / "systems")
    write_scene(scene.root)
    scene.server.ends = True
    whole = package.run(scene.root, metrics=["judge"], until_decided=True, batch=True, wait=True).pairs[0]
    assert whole.looks is not None
    assert [len(job.items) for job in scene.server.jobs] == [36, 12], "one of three is out after twelve articles"
    assert scene.server.live == []
    assert set(scene.server.bought.values()) == {1}
    assert whole.looks.not_spent["judge:judge"].segments == 6
