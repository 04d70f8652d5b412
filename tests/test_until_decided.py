"""Runs until decided: what is bought, what is not, what goes on after a kill, and what the reports say of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, TypeGuard

import numpy as np
import pytest

import harness as package
from harness.analysis import PairAnalysis, analyse
from harness.analysis.stats.compare import Interval
from harness.api.until_decided import Course
from harness.corpus.drawing import drawn_order, only_articles
from harness.corpus.native import read_workspace
from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs
from harness.store.runs.looks import looks_of
from harness.translation.planning import plan_run
from harness.translation.request import RunRequest
from harness.types import LangPair, Missing, NotBought, Note, Reason, SystemName
from harness.workspace.folder import open_workspace
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.workspace import write_article, write_system

__all__ = ["harness"]

WORDS = ("old", "grey", "tall", "warm", "late", "soft", "red", "blue")

PAIR = LangPair("de", "en")


class Vendor:
    """Engines behind one address, each of which gets some words wrong, and articles for them."""

    def __init__(self, root: Path, rates: dict[str, float], *, articles: int = 24, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.root, self.rates = root, rates
        self.references: dict[str, str] = {}
        self.delay = 0.0
        for number in range(articles):
            rows = []
            for line in range(int(rng.integers(3, 8))):
                text = " ".join(rng.choice(WORDS, 8)) + f" {number} {line}."
                rows.append((f"Satz {number} {line} wort wort wort wort.", text))
            self.references |= dict(rows)
            write_article(root, f"a{number:02}", rows)

    def write_systems(self, url: str) -> None:
        for name in self.rates:
            write_system(
                self.root,
                name,
                f'engine = "http"\n[options]\nurl = "{url}/{name}"\nbody = {{ q = ["{{text}}"] }}\nresponse = "t"\n'
                "batch = true\n[limits]\nmax_segments = 4\nconcurrency = 4\nrequests_per_second = 500\n"
                '[price]\nper_million_characters = 20\ncurrency = "USD"\n',
            )

    def answer(self, request: Seen) -> Response:
        name = request.path.strip("/")
        texts = [self._translate(name, source) for source in request.json["q"]]
        body = json.dumps({"t": texts}).encode()
        return Response(200, body, {"Content-Type": "application/json"}, delay=self.delay)

    def _translate(self, name: str, source: str) -> str:
        wrong = Random(f"{name} {source}")
        words = self.references[source].split()
        return " ".join("bad" if wrong.random() < self.rates[name] else word for word in words)


def bought(server: Loopback) -> Counter[tuple[str, str]]:
    """System and text to how often the vendor was asked for it."""
    return Counter((seen.path.strip("/"), text) for seen in server.ledger for text in seen.json["q"])


CLEAR = {"fine": 0.05, "poor": 0.3, "bad": 0.5}


def test_what_is_out_is_not_bought_and_said_so(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12, "poor": 0.5}, articles=30)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--until-decided", "--metric", "chrf", "--format", "json")
        asked = bought(server)
    assert done.code == 0, done.err
    assert max(asked.values()) == 1
    assert "look 1 of 4, 12 of 30 articles: out: poor; 2 systems still in question" in done.err
    (pair,) = json.loads(done.out)["pairs"]
    looks = pair["looks"]
    assert [look["articles"] for look in looks["planned"]] == [12, 18, 24, 30]
    assert looks["made"][0]["out"] == {"poor": "fine"}
    systems = {system["name"]: system for system in pair["systems"]}
    counts = Counter(system for system, _ in asked)
    for name, system in systems.items():
        whole = len(vendor.references)
        assert system["segments"]["translated"] == counts[name]
        assert counts[name] + looks["not_bought"].get(name, {"segments": 0})["segments"] == whole
        assert system["traffic"]["cached"] == 0
    assert systems["poor"]["segments"]["not_bought"] == pair_size(pair) - counts["poor"] > 0
    characters = sum(len(text) for _, text in asked)
    spent = sum(system["traffic"]["spent"]["amount"] for system in systems.values())
    assert spent == pytest.approx(characters * 20e-6)
    saved = sum(item["cost"]["amount"] for item in looks["not_bought"].values())
    everything = 3 * sum(map(len, vendor.references)) * 20e-6
    assert spent + saved == pytest.approx(everything)
    run = package.load_run(workspace=tmp_path)
    (result,) = run.pairs
    assert run.status == "complete"
    assert result.looks == looks_of(run.settings, PAIR)
    (poor,) = (system for system in result.systems if system.name == "poor")
    assert NotBought(SystemName("fine"), 12) in poor.outcomes
    text = harness("report", "-C", tmp_path, "--format", "md").out
    assert "| Until decided |" in text
    assert "worse than fine at look 1" in text
    assert "repeated confidence intervals" in text
    page = (tmp_path / "reports" / "runs" / run.id / "report.html").read_text(encoding="utf-8")
    assert "worse than fine at look 1" in page


def pair_size(pair: dict[str, Any]) -> int:
    return sum(len(article["segments"]) for article in pair["articles"])


def test_a_clear_question_stops_at_once_and_the_intervals_are_those_of_the_look(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, CLEAR, articles=30)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--until-decided", "--metric", "chrf")
        assert done.code == 0, done.err
        run = package.load_run(workspace=tmp_path)
        assert len(server.ledger) > 0
        before = len(server.ledger)
        again = harness("run", "-C", tmp_path, "--until-decided", "--metric", "chrf")
        assert again.code == 0, again.err
        assert len(server.ledger) == before
    assert "Stopped at look 1 of 4, after 12 of 30 articles: it is known which system is best." in done.out
    assert "Out early: poor and bad." in done.out
    (result,) = run.pairs
    assert (len(result.corpus.articles), result.looks and result.looks.end) == (12, "known")
    (evidence,) = (pair.evidence for pair in analyse(run).pairs)
    assert result.looks is not None
    assert evidence.alpha == result.looks.levels[0] < 0.005
    plain = analyse(replace(run, pairs=(replace(result, looks=None),))).pairs[0].evidence
    wide, usual = (found.metrics["chrf"].comparisons[0] for found in (evidence, plain))
    assert isinstance(wide.interval, Interval)
    assert isinstance(usual.interval, Interval)
    assert wide.interval.low < usual.interval.low < usual.interval.high < wide.interval.high
    assert wide.p_adjusted == usual.p_adjusted
    assert wide.significant
    assert evidence.signature.endswith("|looks:1/4")


@pytest.mark.slow
def test_the_budget_holds_over_all_looks_and_the_same_command_goes_on(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=30)
    command = ("run", "-C", tmp_path, "--until-decided", "--metric", "chrf", "-q")
    everything = 2 * sum(map(len, vendor.references)) * 20e-6
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        cap = 0.5 * everything
        stopped = harness(*command, "--max-cost", cap)
        assert stopped.code == 3, stopped.err
        assert "Interrupted at look" in stopped.out
        assert sum(len(text) for _, text in bought(server)) * 20e-6 <= cap
        on = harness(*command)
        assert on.code == 0, on.err
        assert max(bought(server).values()) == 1
    first, second = (package.load_run(path, tmp_path) for path in list_runs(tmp_path / "reports" / "runs")[-2:])
    assert first.status == "incomplete"
    looks = [run.pairs[0].looks for run in (first, second)]
    assert looks[0] is not None
    assert looks[1] is not None
    assert looks[0].levels == looks[1].levels
    assert looks[0].made[:-1] == looks[1].made[: len(looks[0].made) - 1]


@pytest.mark.slow
@pytest.mark.every_change
def test_killed_between_looks_it_goes_on_with_the_same_order_and_levels(tmp_path: Path) -> None:
    """Kill -9 in the second look: at most the requests under way are bought twice, and all looks are as they were."""
    rates = {"fine": 0.1, "fair": 0.12, "poor": 0.5}
    runs = {}
    for name in ("whole", "killed"):
        root = tmp_path / name
        vendor = Vendor(root, rates, articles=30)
        vendor.delay = 0.02
        command = [sys.executable, "-m", "harness", "run", "--until-decided", "--metric", "chrf", "-q", "-C", str(root)]
        with Loopback(vendor.answer) as server:
            vendor.write_systems(server.url)
            if name == "killed":
                first = len(only_first(vendor, 12)) * len(rates) / 4
                with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
                    while len(server.ledger) < first + 3 and process.poll() is None:
                        time.sleep(0.01)
                    os.killpg(process.pid, signal.SIGKILL)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
            twice = [count for count in bought(server).values() if count > 1]
            assert len(twice) <= (2 * 4 * 4 if name == "killed" else 0)
        runs[name] = package.load_run(workspace=root)
    whole, killed = (run.pairs[0] for run in runs.values())
    assert whole.looks == killed.looks
    assert [article.id for article in whole.corpus.articles] == [article.id for article in killed.corpus.articles]
    assert [system.scores["chrf"].corpus for system in whole.systems] == [
        system.scores["chrf"].corpus for system in killed.systems
    ]


def only_first(vendor: Vendor, count: int) -> list[str]:
    """Texts of the articles that come first."""
    (corpus,) = read_workspace(vendor.root / "references")
    first = only_articles(corpus, frozenset(drawn_order(corpus, 12345)[:count]))
    return [segment.source for segment in first.segments]


def test_a_look_nobody_can_test_ends_it(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=14)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--until-decided", "--metric", "comet", "--offline")
        assert done.code in (2, 3)
        assert not server.ledger


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--until-decided", "--limit", "5"), "--until-decided and --limit"),
        (("--until-decided", "--record"), "--record needs whole systems"),
        (("--until-decided", "--unit", "segment"), "draws whole articles"),
        (("--look-every", "6"), "--look-every needs --until-decided"),
        (("--equal-within", "1"), "--equal-within needs --until-decided"),
        (("--until-decided", "--system", "fine"), "needs two systems"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, harness: Shell, arguments: tuple[str, ...], said: str) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=6)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--metric", "chrf", *arguments)
        assert done.code == 2
        assert said in done.err
        assert not server.ledger


def test_a_dry_run_shows_the_looks(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=30)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        command = ("run", "-C", tmp_path, "--until-decided", "--look-every", 10, "--metric", "chrf", "--dry-run")
        done = harness(*command)
        assert "de-en: looks after 20 of 30 articles, and at most what is listed above" in done.err
        (looks,) = json.loads(harness(*command, "--format", "json").out)["looks"]
        assert (looks["pair"], looks["articles"]) == ("de-en", [20, 30])
        assert looks["levels"][0] < looks["levels"][1] < 0.05
        assert not server.ledger


@pytest.mark.slow
def test_systems_closer_than_the_margin_end_it(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.2, "fair": 0.2}, articles=40)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        command = (
            "run",
            "-C",
            tmp_path,
            "--until-decided",
            "--metric",
            "chrf",
            "--equal-within",
            40,
            "--format",
            "json",
        )
        (pair,) = json.loads(harness(*command).out)["pairs"]
    assert (len(pair["looks"]["made"]), pair["looks"]["end"]) == (1, "tied")


def test_what_decides_is_not_chosen_by_what_a_look_shows(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=8)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        run = package.run(tmp_path, metrics=["chrf"])
    opened = open_workspace(tmp_path)
    with Cache.open(opened.cache) as cache:
        plan = plan_run(opened, RunRequest(metrics=("chrf",), until_decided=True), cache)
    course = Course.begin(plan, plan.pairs[0])
    course.metrics = ("comet",)
    assert "comet decided at the first look, and cannot decide any more" in course.follow(analyse(run).pairs[0])
    assert course.end == "untested"


def test_looking_by_hand_is_noted(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=9)
    notes = []
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        for count in (5, 6, 7, 8, 9):
            named = [f"a{number:02}" for number in range(count)]
            run = package.run(tmp_path, articles=named, metrics=["chrf"])
            notes.append([note.what.fields["n"] for note in run.pairs[0].notes if _is(note, "noted.looked")])
        # A look of a run until decided is planned, and one at all articles is no look at fewer.
        again = package.run(tmp_path, metrics=["chrf"], until_decided=True)
        assert not any(_is(note, "noted.looked") for note in again.pairs[0].notes)
    assert notes == [[], [], [], [2], [3]]
    assert "3 earlier runs compared these systems" in harness("report", run.id, "-C", tmp_path, "--format", "md").out


def _is(note: Note, key: str) -> TypeGuard[Any]:
    return isinstance(note.what, Reason) and note.what.key == key


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 50, 10))
def test_fifty_runs_cost_less_and_find_the_same(tmp_path: Path, first: int) -> None:
    """Half of the runs have a clear best system; the others have two that are nearly as good."""
    spent, whole, same = 0, 0, 0
    for number in range(first, first + 10):
        root = tmp_path / str(number)
        rates = {"fine": 0.08, "fair": 0.2 if number % 2 else 0.09, "poor": 0.4}
        vendor = Vendor(root, rates, articles=24, seed=number)
        with Loopback(vendor.answer) as server:
            vendor.write_systems(server.url)
            looked = package.run(root, metrics=["chrf"], until_decided=True)
            spent += sum(len(text) for _, text in bought(server))
            fixed = package.run(root, metrics=["chrf"])
            whole += sum(len(text) for _, text in bought(server))
            assert max(bought(server).values()) == 1
        same += _best(analyse(looked).pairs[0]) == _best(analyse(fixed).pairs[0])
    print(f"spent {spent / whole:.3f} of the fixed design, the same best systems in {same} of 10 runs")
    assert spent < 0.75 * whole
    assert same >= 9


def _best(pair: PairAnalysis) -> frozenset[SystemName]:
    assert not isinstance(pair.lead, Missing)
    return frozenset(pair.lead.evidence.top()[0])
