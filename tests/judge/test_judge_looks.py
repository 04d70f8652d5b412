"""Judgements bought in looks: who is out is judged no more, and nothing is bought twice, whatever interrupts."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import harness as package
from harness.reports.words.reasons import noted
from harness.store.runs.looks import Looks
from harness.types import Money
from tests.cli.conftest import Shell, harness
from tests.forked import Forked
from tests.judge.scene import (
    HOUSES,
    House,
    Question,
    configure,
    error,
    judge_server,
    last_pair,
    question,
    write_judged,
)
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY

__all__ = ["harness"]

ARTICLES = 18
RATES = {"fine": 0.08, "fair": 0.1, "poor": 0.6}
"""Two that are nearly equal, and a bad one."""


@pytest.fixture
def claude(monkeypatch: pytest.MonkeyPatch) -> House:
    found = HOUSES["anthropic"]
    found.vendor.needs()
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    return found


def mark_words(asked: Question) -> object:
    """A judge that marks every wrong word."""
    return {"errors": [error("wrong", "major")] * asked["translation"].count("wrong")}


@dataclass
class Judging:
    """A judge on loopback that keeps its books."""

    house: House
    delay: float = 0.0
    billed: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)

    def __call__(self, seen: Seen) -> Response:
        self.asked[question(self.house, seen)["translation"]] += 1
        self.billed += (len(seen.body) // 4 + 24) * 0.001 + 20 * 0.002
        answer = judge_server(self.house, mark_words)(seen)
        return Response(200, answer.body, answer.headers, delay=self.delay)

    def of(self, system: str) -> int:
        """How many different translations by a system were judged."""
        return sum(f"by {system}" in text for text in self.asked)


def write_scene(root: Path) -> None:
    """A segment an article, all different."""
    rng = random.Random(7)
    lines = range(ARTICLES)
    outputs = {
        name: [
            f"Line {line} by {name}: {' '.join('wrong' if rng.random() < rate else 'word' for _ in range(8))}."
            for line in lines
        ]
        for name, rate in RATES.items()
    }
    write_judged(root, outputs, [f"Zeile {line}." for line in lines], articles=ARTICLES)


def looks_of_last(root: Path) -> Looks:
    looks = last_pair(root).looks
    assert looks is not None
    return looks


LOOKED = ("run", "--metric", "judge", "--until-decided", "--quiet", "-C")


@pytest.mark.slow
@pytest.mark.every_change
def test_a_system_that_is_out_is_judged_no_more(tmp_path: Path, claude: House, harness: Shell) -> None:
    write_scene(tmp_path)
    judging = Judging(claude)
    with Loopback(judging) as server:
        configure(tmp_path, claude, server.url)
        done = harness(*LOOKED, tmp_path)
        assert done.code == 0, done.err
        looked, spent = judging.asked.copy(), judging.billed
        pair, looks = last_pair(tmp_path), looks_of_last(tmp_path)
        notes = "\n".join(map(noted, pair.notes))
        document = json.loads(harness("report", "-C", tmp_path, "--format", "json").out)
        text = harness("report", "-C", tmp_path, "--format", "terminal").out
        again = package.run(tmp_path, metrics=["judge"], until_decided=True).pairs[0]
        assert judging.asked == looked, "from the cache"
        package.run(tmp_path, metrics=["judge"])
    assert set(judging.asked.values()) == {1}
    (first, *_) = looks.made
    assert list(first.out) == ["poor"]
    assert (looks.counts, looks.end) == ((12, 18), "all")
    assert sum("by poor" in one for one in looked) == first.articles < judging.of("poor") == ARTICLES
    assert sum("by fine" in one for one in looked) == ARTICLES
    cost = pair.metric_costs["judge"]
    assert isinstance(cost, Money)
    assert cost.amount == pytest.approx(spent), "of all looks"
    assert f"judge: {len(looked)} judgements by m, {len(looked)} of them asked for in this run" in notes
    assert isinstance(again.metric_costs["judge"], Money)
    assert again.metric_costs["judge"].amount == 0
    left = looks.not_spent["judge:judge"]
    assert left.segments == len(judging.asked) - len(looked) == ARTICLES - first.articles
    assert isinstance(left.cost, Money)
    assert left.cost.amount > 0
    assert again.looks == looks
    (asked,) = document["pairs"][0]["looks"]["not_bought"].items()
    assert (asked[0], asked[1]["segments"]) == ("judge:judge", left.segments)
    assert f"Not bought: {left.segments} judgements, about " in done.out
    assert f"Cost of judge in this run: {spent:.2f} USD." in done.out
    assert "Cost of metrics" in text
    assert "asked about the others only" in text


@pytest.mark.slow
@pytest.mark.every_change
def test_after_a_kill_between_looks_all_is_as_it_would_have_been(tmp_path: Path, claude: House) -> None:
    write_scene(tmp_path)
    judging = Judging(claude, delay=0.02)
    with Loopback(judging) as server:
        configure(tmp_path, claude, server.url)
        process = Forked(*LOOKED, str(tmp_path))
        deadline = time.monotonic() + 60
        while judging.asked.total() < 36 + 3 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        process.kill_group()
        time.sleep(0.1)
        assert 36 < judging.asked.total() < 48, "in the second look"
        killed = package.run(tmp_path, metrics=["judge"], until_decided=True).pairs[0]
        twice = [count for count in judging.asked.values() if count > 1]
        assert len(twice) <= 2, "at most the two requests in flight"
        shutil.rmtree(tmp_path / "reports")
        judging.delay = 0.0
        whole = package.run(tmp_path, metrics=["judge"], until_decided=True).pairs[0]
    assert killed.looks == whole.looks
    assert killed.looks is not None
    assert len(killed.looks.made) == 2
    assert repr([system.scores for system in killed.systems]) == repr([system.scores for system in whole.systems])


@pytest.mark.slow
@pytest.mark.every_change
def test_the_budget_is_one_for_all_looks(tmp_path: Path, claude: House, harness: Shell) -> None:
    write_scene(tmp_path)
    judging = Judging(claude)
    with Loopback(judging) as server:
        configure(tmp_path, claude, server.url)
        dry = json.loads(harness(*LOOKED, tmp_path, "--dry-run", "--format", "json").out)
        (row,) = dry["systems"]
        assert (row["system"], row["to_send"], row["assumed"]) == ("judge:judge", 3 * ARTICLES, 0)
        assert dry["looks"][0]["articles"] == [12, 18]
        cap = 39 * 0.75 + row["cost_at_most"]["amount"] / (3 * ARTICLES)
        package.run(tmp_path, metrics=["judge"], until_decided=True, max_cost=Money(cap, "USD"))
        assert judging.billed <= cap
        assert 36 <= judging.asked.total() < 48, "enough for the first look, not for the second"
        assert looks_of_last(tmp_path).end == "incomplete"
        package.run(tmp_path, metrics=["judge"], until_decided=True)
    assert set(judging.asked.values()) == {1}
    assert looks_of_last(tmp_path).end == "all"
