"""Judges under stress and with others: kill -9, samples, two judges, one house, the gate, the contract of metrics."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import analyse
from harness.metrics.interface import Enquiry, Replies
from harness.metrics.judge.metric import Judge
from harness.metrics.judge.options import JudgeOptions
from harness.metrics.judge.sampling import draw
from harness.metrics.scoring import scoring_items
from harness.reports.words.reasons import noted
from harness.store.cache.answers import Cache
from harness.store.runs.result import MetricScores
from harness.testing import metric_contract
from harness.types import Article, ArticleId, Corpus, LangPair, Money, Score, Segment, SegmentId, SystemName, Translated
from tests.cli.conftest import Shell, harness
from tests.forked import Forked
from tests.judge.scene import (
    HOUSES,
    PRICE,
    House,
    Question,
    configure,
    error,
    judge_server,
    last_pair,
    last_run,
    no_errors,
    question,
    write_judged,
)
from tests.loopback import Loopback, Response, Seen
from tests.vendors import anthropic
from tests.vendors.base import KEY
from tests.workspace import write_system

__all__ = ["harness"]

WORDS = re.compile(r"\d+")


@pytest.fixture
def claude(monkeypatch: pytest.MonkeyPatch) -> House:
    found = HOUSES["anthropic"]
    found.vendor.needs()
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    return found


def numbered(count: int, *systems: str) -> tuple[dict[str, list[str]], list[str]]:
    """Outputs of which every one is different, and their sources."""
    outputs = {name: [f"Sentence {number} by {name}." for number in range(count)] for name in systems}
    return outputs, [f"Satz {number}." for number in range(count)]


def severe(asked: Question) -> object:
    """Errors by the number in the text: none, one or two minor ones; another one for system b."""
    number = int(WORDS.findall(asked["translation"])[0])
    errors = [error("Sentence")] * (number % 3)
    return {"errors": errors + [error("by b", "major")] * ("by b" in asked["translation"])}


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_after_a_kill_only_what_was_in_flight_is_asked_again(
    tmp_path: Path, claude: House, harness: Shell, seed: int
) -> None:
    outputs, sources = numbered(30, "a", "b")
    write_judged(tmp_path, outputs, sources)
    arguments = ["run", "--metric", "judge", "--quiet", "--workspace", tmp_path]

    def slowly(seen: Seen) -> Response:
        answer = judge_server(claude, severe)(seen)
        return Response(200, answer.body, answer.headers, delay=0.03)

    with Loopback(slowly) as server:
        configure(tmp_path, claude, server.url)
        process = Forked(*map(str, arguments))
        deadline, after = time.monotonic() + 60, random.Random(seed).randrange(5, 40)
        while len(server.ledger) < after and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        process.kill_group()
        time.sleep(0.1)
        first = Counter(str(question(claude, seen)["translation"]) for seen in list(server.ledger))
        with Cache.open(tmp_path / "reports" / ".cache" / "harness.sqlite3") as cache:
            kept = cache.stats().systems.get("judge:judge", 0)
        assert 0 < kept < 60
        begun = len(server.ledger)
        assert harness(*arguments).code == 0
        second = Counter(str(question(claude, seen)["translation"]) for seen in server.ledger[begun:])
    assert set(second.values()) == {1}
    assert len(second) == 60 - kept
    assert len(first & second) <= 2, "at most the two requests in flight are repeated"
    assert set(first) | set(second) == {text for texts in outputs.values() for text in texts}
    scores = {system.name: system.scores["judge"] for system in last_pair(tmp_path).systems}
    assert {name: one.corpus for name, one in scores.items() if isinstance(one, MetricScores)} == {
        "a": Score(1.0, 30),
        "b": Score(6.0, 30),
    }


def test_a_sample_is_of_every_article_and_the_intervals_know_it(tmp_path: Path, claude: House, harness: Shell) -> None:
    outputs, sources = numbered(80, "a", "b")
    write_judged(tmp_path, outputs, sources, articles=8)
    with Loopback(judge_server(claude, severe)) as server:
        configure(tmp_path, claude, server.url)
        command = ("run", "-C", tmp_path, "--metric", "judge", "--quiet")
        assert harness(*command, "--judge-sample", "0.25").code == 0
        assert len(server.ledger) == 2 * 8 * 3
        sampled = last_pair(tmp_path)
        (sample_analysis,) = analyse(last_run(tmp_path)).pairs
        assert harness(*command).code == 0
        assert len(server.ledger) == 2 * 80, "the sample is part of the whole, and is not bought again"
        (whole_analysis,) = analyse(last_run(tmp_path)).pairs
    masks = [system.tables["judge"].scored.reshape(8, 10) for system in sampled.systems]
    assert (masks[0] == masks[1]).all()
    assert masks[0].sum(axis=1).tolist() == [3] * 8
    assert "judge: 24 of 80 segments were judged; the intervals allow for it" in [noted(note) for note in sampled.notes]
    scores = sampled.systems[0].scores["judge"]
    assert isinstance(scores, MetricScores)
    assert scores.identity.signature.endswith("|sample:0.25/12345")
    rows = sampled.systems[0].tables["judge"].rows
    assert rows[:, 1].sum() == pytest.approx(80)
    widths = []
    for analysis in (sample_analysis, whole_analysis):
        assert analysis.evidence.unit == "article"
        interval = analysis.metric("judge").intervals[SystemName("a")]
        widths.append(interval.high - interval.low)  # type: ignore[union-attr]
    assert widths[0] > 1.5 * widths[1]


def corpus(**articles: int) -> Corpus:
    """Articles of so many segments."""
    pair, made = LangPair("de", "en"), []
    for name, count in articles.items():
        numbers = range(1, count + 1)
        segments = (Segment(SegmentId(ArticleId(name), n), n, 1, f"{name} {n}", ()) for n in numbers)
        made.append(Article(ArticleId(name), pair, tuple(segments)))
    return Corpus(pair, tuple(made))


def test_the_mean_of_samples_is_the_mean_of_all() -> None:
    """Drawn a thousand times, from articles of very different lengths."""
    texts = corpus(long=30, short=2, one=1)
    outcomes = {SystemName("a"): [Translated(str(n)) for n in range(33)]}
    items, _ = scoring_items(texts, outcomes)
    values = np.arange(33.0) ** 2
    means = []
    for seed in range(1000):
        weights = draw(items, 0.2, seed)
        assert len(weights) == 6 + 1 + 1
        assert sum(weights.values()) == pytest.approx(33)
        means.append(sum(weight * values[line - 1] for line, weight in weights.items()) / 33)
    error_of_mean = np.std(means) / np.sqrt(len(means))
    assert np.mean(means) == pytest.approx(values.mean(), abs=4 * error_of_mean)
    assert draw(items, 0.2, 1) == draw(items[::-1], 0.2, 1)
    assert draw(items, 1.0, 1) == dict.fromkeys(range(1, 34), 1.0)


def test_two_judges_and_how_far_they_agree(tmp_path: Path, claude: House, harness: Shell) -> None:
    outputs, sources = numbered(12, "a", "b")
    write_judged(tmp_path, outputs, sources)

    def other(asked: Question) -> object:
        found = json.loads(json.dumps(severe(asked)))
        return {"errors": found["errors"] * 2}

    with Loopback(judge_server(claude, severe)) as one, Loopback(judge_server(claude, other)) as two:
        configure(tmp_path, claude, one.url, name="first")
        configure(tmp_path, claude, two.url, name="second")
        assert harness("run", "-C", tmp_path, "--metric", "first,second", "--quiet").code == 0
    notes = [noted(note) for note in last_pair(tmp_path).notes]
    said = "the two judges agree with r = 1.00 and Kendall's tau = 1.00 on 24 translations, and on the order in 1 of 1"
    assert any(note.startswith(f"first, second: {said}") for note in notes), notes


def test_a_judge_of_the_house_it_judges(tmp_path: Path, claude: House, harness: Shell) -> None:
    outputs, sources = numbered(4, "a")
    write_judged(tmp_path, outputs, sources)

    def both(seen: Seen) -> Response:
        if "segments" in json.loads(anthropic.user(seen)):
            return anthropic.success(seen, lambda text: f"{text} by claude")
        return judge_server(claude, no_errors)(seen)

    with Loopback(both) as server:
        write_system(tmp_path, "claude", f'engine = "anthropic"\n[options]\n{claude.vendor.options(server.url)}\n')
        configure(tmp_path, claude, server.url)
        dry = harness("run", "-C", tmp_path, "--metric", "judge", "--dry-run", "--format", "json")
        rows = {row["system"]: row for row in json.loads(dry.out)["systems"]}
        assert not server.ledger
        done = harness("run", "-C", tmp_path, "--metric", "judge", "--quiet", "--max-cost", "1000")
        assert done.code == 3, "the price of the system is unknown, so it is not asked under a limit"
        assert harness("run", "-C", tmp_path, "--metric", "judge", "--quiet").code == 0
    assert rows["judge:judge"]["assumed"] == 4, "recorded outputs are known"
    assert rows["judge:judge"]["to_send"] == 8
    assert 0 < rows["judge:judge"]["cost_expected"]["amount"] < rows["judge:judge"]["cost_at_most"]["amount"]
    notes = [noted(note) for note in last_pair(tmp_path).notes]
    assert any(note.startswith("judge: m and claude are both from Anthropic. ") for note in notes), notes


def test_a_judge_gates_only_where_it_is_named(tmp_path: Path, claude: House, harness: Shell) -> None:
    outputs, sources = numbered(24, "a")
    write_judged(tmp_path, outputs, sources, articles=8)
    worse = [False]

    def turning(asked: Question) -> object:
        return {"errors": [error("Sentence", "major")] * 4} if worse[0] else severe(asked)

    with Loopback(judge_server(claude, turning)) as server:
        configure(tmp_path, claude, server.url)
        command = ("run", "-C", tmp_path, "--metric", "chrf,judge", "--quiet")
        assert harness(*command).code == 0
        assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
        assert harness("run", "-C", tmp_path, "--metric", "chrf", "--quiet").code == 0
        assert harness("gate", "-C", tmp_path).code == 0, "a run without the judge lacks nothing"
        named = harness("gate", "-C", tmp_path, "--metric", "judge", "--margin", "judge=1")
        assert named.code == 3
        worse[0] = True
        assert harness("cache", "prune", "-C", tmp_path, "--system", "judge:judge").code == 0
        assert harness(*command).code == 0
        assert harness("gate", "-C", tmp_path).code == 0
        assert harness("gate", "-C", tmp_path, "--metric", "judge", "--margin", "judge=1").code == 1


class Scripted:
    """Answers without a server."""

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        del pair
        asked = [json.loads(text) for text in enquiry.questions]
        errors = [[error("xyzzy", "major")] if "xyzzy" in one["translation"] else [] for one in asked]
        answers = [{"errors": found} for found in errors]
        if enquiry.prompt.name.startswith("esa"):
            without = [[{k: v for k, v in one.items() if k != "category"} for one in found] for found in errors]
            answers = [{"errors": found, "score": 20 if found else 90} for found in without]  # type: ignore[dict-item]
        return Replies(tuple(Translated(json.dumps(one)) for one in answers), len(asked), Money(0.25, "USD"))


@pytest.mark.parametrize("protocol", ["mqm", "esa"])
@pytest.mark.parametrize("more", [{}, {"context": 2, "repeat": 2}, {"reference": True}])
def test_a_judge_keeps_the_contract_of_metrics(protocol: str, more: dict[str, object]) -> None:
    options = JudgeOptions(engine="anthropic", model="m", protocol=protocol, **more)  # type: ignore[arg-type]
    metric_contract(lambda: Judge(options), enquirer=Scripted())


def test_repetitions_of_a_run_are_judged_once(tmp_path: Path, claude: House, harness: Shell) -> None:
    outputs, sources = numbered(3, "a")
    write_judged(tmp_path, outputs, sources)
    told: list[Seen] = []

    def both(seen: Seen) -> Response:
        if "segments" in json.loads(anthropic.user(seen)):
            told.append(seen)
            return anthropic.success(seen, lambda text: f"{text} in version {len(told)}")
        return judge_server(claude, no_errors)(seen)

    with Loopback(both) as server:
        write_system(tmp_path, "claude", f'engine = "anthropic"\n[options]\n{claude.vendor.options(server.url)}\n')
        configure(tmp_path, claude, server.url)
        assert harness("run", "-C", tmp_path, "--metric", "chrf,judge", "--repeat", "3", "--quiet").code == 0
        judged = [question(claude, seen)["translation"] for seen in server.ledger if seen not in told]
    assert len(told) == 3
    assert sorted(judged) == sorted([*outputs["a"], *(f"{source} in version 1" for source in sources)])
    system = next(system for system in last_pair(tmp_path).systems if system.name == "claude")
    assert list(system.repeats) == ["chrf"]
    assert len(system.repeats["chrf"]) == 3


def test_translations_and_judgements_never_cost_more_than_the_cap_together(
    tmp_path: Path, claude: House, harness: Shell
) -> None:
    _, sources = numbered(6)
    write_judged(tmp_path, {}, sources)
    billed: list[float] = []

    def both(seen: Seen) -> Response:
        billed.append((len(seen.body) // 4 + 24) * 0.001 + 20 * 0.002)
        if "segments" in json.loads(anthropic.user(seen)):
            return anthropic.success(seen, str.upper)
        return judge_server(claude, no_errors)(seen)

    with Loopback(both) as server:
        price = PRICE.replace("{", "[price]\n").replace("}", "").replace(",", "\n")
        lines = claude.vendor.options(server.url)
        write_system(tmp_path, "claude", f'engine = "anthropic"\n[options]\n{lines}\nreasoning_tokens = 0\n{price}\n')
        configure(tmp_path, claude, server.url)
        dry = harness("run", "-C", tmp_path, "--metric", "judge", "--dry-run", "--format", "json")
        costs = [row["cost_at_most"]["amount"] for row in json.loads(dry.out)["systems"]]
        assert len(costs) == 2
        for cap in (costs[0] * 0.5, costs[0] * 1.01, sum(costs) * 0.5, sum(costs) * 1.01):
            before = len(billed)
            harness("run", "-C", tmp_path, "--metric", "judge", "--quiet", "--max-cost", cap)
            assert sum(billed[before:]) <= cap
    scores = last_pair(tmp_path).systems[0].scores["judge"]
    assert isinstance(scores, MetricScores)
    assert scores.corpus == Score(0.0, 6)
    assert len(server.ledger) == 1 + 6, "one batch of translations, six judgements, nothing twice"
