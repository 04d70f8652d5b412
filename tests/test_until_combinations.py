"""Runs until decided beside other ways of running: batch APIs, repetitions, pairs, short articles, a metric by name."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

import harness as package
from harness.analysis import analyse
from harness.store.runs.directory import list_runs
from harness.store.runs.result import PairResult, Run
from harness.translation import batch_calls, runner
from harness.types import LangPair, Money
from tests.cli.conftest import Shell, harness
from tests.engines.batch_scene import UNDER_WAY
from tests.engines.batch_servers import BatchServer
from tests.engines.chat_vendors import VENDORS
from tests.loopback import Loopback
from tests.test_until_decided import PAIR, Vendor, bought
from tests.vendors.base import shout
from tests.workspace import write_article, write_system

__all__ = ["harness"]

CLOSE = {"fine": 0.1, "fair": 0.16, "poor": 0.5}


def both(root: Path, **asked: object) -> tuple[Run, Counter[tuple[str, str]]]:
    """A run until decided against three systems of which one is bad, and what was bought."""
    vendor = Vendor(root, CLOSE, articles=24)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        run = package.run(root, until_decided=True, **asked)  # type: ignore[arg-type]
        return run, bought(server)


class Uneven(Vendor):
    """Its systems are equally good at what begins with *Frage*."""

    def _translate(self, name: str, source: str) -> str:
        if not source.startswith("Frage"):
            return super()._translate(name, source)
        words = self.references[source].split()
        return " ".join("mal" if Random(f"{name}{source}{word}").random() < 0.2 else word for word in words)


def ended(pair: PairResult) -> str:
    assert pair.looks is not None
    assert pair.looks.made[-1].articles == len(pair.corpus.articles)
    return pair.looks.end


def test_repetitions_are_bought_in_looks_as_well(tmp_path: Path) -> None:
    run, asked = both(tmp_path, metrics=["chrf"], repeat=2)
    (pair,) = run.pairs
    assert ended(pair) in ("known", "tied", "all")
    assert set(asked.values()) == {2}
    poor = {source for system, source in asked if system == "poor"}
    assert len(poor) < sum(len(article.segments) for article in pair.corpus.articles)


def test_every_pair_has_looks_and_an_end_of_its_own(tmp_path: Path, harness: Shell) -> None:
    clear = Uneven(tmp_path, {"fine": 0.05, "poor": 0.5}, articles=24)
    for name, rows in _other_pair(clear).items():
        write_article(tmp_path, name, rows, "de-fr")
    with Loopback(clear.answer) as server:
        clear.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--until-decided", "--metric", "chrf", "--format", "json")
        asked = bought(server)
    assert done.code == 0, done.err
    assert max(asked.values()) == 1
    pairs = {f"{pair['source']}-{pair['target']}": pair for pair in json.loads(done.out)["pairs"]}
    ends = {name: (len(pair["looks"]["made"]), pair["looks"]["end"]) for name, pair in pairs.items()}
    assert ends["de-en"] == (1, "known")
    assert ends["de-fr"][0] > 1
    assert [look["articles"] for look in pairs["de-fr"]["looks"]["planned"]] == [12, 18]
    # What the first pair did not need is not bought while the other goes on.
    english = [source for _, source in asked if not source.startswith("Frage")]
    assert len(english) == 2 * sum(len(article["segments"]) for article in pairs["de-en"]["articles"])
    text = harness("report", "-C", tmp_path, "--format", "md").out
    assert text.count("| Until decided |") == 2


def _other_pair(vendor: Vendor) -> dict[str, list[tuple[str, str]]]:
    """Articles of another pair, whose segments both systems translate equally well."""
    articles = {}
    for number in range(18):
        sources = [f"Frage {number} {line} wort wort wort wort." for line in range(4)]
        rows = [
            (source, f"la {number} {line} une{line} deux{number} trois{number}{line}.")
            for line, source in enumerate(sources)
        ]
        vendor.references |= dict(rows)
        articles[f"f{number:02}"] = rows
    return articles


def test_short_articles_are_what_looks_are_made_of(tmp_path: Path) -> None:
    run, asked = both(tmp_path, metrics=["chrf"], segments_per_article=2)
    (pair,) = run.pairs
    assert ended(pair) in ("known", "tied", "all")
    assert all(len(article.segments) == 2 for article in pair.corpus.articles)
    assert set(asked.values()) == {1}
    assert len([source for system, source in asked if system == "fine"]) == 2 * len(pair.corpus.articles)


def test_the_metric_that_was_named_decides_every_look(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text('metrics = ["bleu", "chrf"]\n[decision]\nmetric = "bleu"\n', "utf-8")
    run, _ = both(tmp_path)
    (pair,) = run.pairs
    assert ended(pair) in ("known", "tied", "all")
    (analysed,) = analyse(run).pairs
    assert analysed.decision.metrics == ("bleu",)
    assert pair.looks is not None
    assert pair.looks.made[0].out == {"poor": "fine"}


def test_two_metrics_that_none_was_named_of_decide_together(tmp_path: Path) -> None:
    run, _ = both(tmp_path, metrics=["bleu", "chrf"])
    (pair,) = run.pairs
    assert ended(pair) in ("known", "tied", "all")
    assert analyse(run).pairs[0].decision.metrics == ("chrf", "bleu")


def test_articles_of_one_segment_are_articles(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path, CLOSE, articles=0)
    for number in range(30):
        row = (f"Satz {number} wort wort wort.", f"old grey tall warm late soft red blue {number}.")
        vendor.references |= dict([row])
        write_article(tmp_path, f"a{number:02}", [row])
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        run = package.run(tmp_path, until_decided=True, metrics=["chrf"])
    assert ended(run.pairs[0]) in ("known", "tied", "all")


def test_a_unit_declared_in_the_settings_is_refused_before_anything_is_sent(tmp_path: Path, harness: Shell) -> None:
    (tmp_path / "harness.toml").write_text('[statistics]\nunit = "segment"\n', "utf-8")
    vendor = Vendor(tmp_path, CLOSE, articles=6)
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        done = harness("run", "-C", tmp_path, "--metric", "chrf", "--until-decided")
        assert done.code == 2
        assert "draws whole articles" in done.err
        assert not server.ledger


@pytest.mark.slow
def test_batch_jobs_come_look_by_look(tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command again and again: each look is a job of its own, and nothing is bought that no look needs."""
    chat = VENDORS["openai"]
    chat.needs()
    for name, value in chat.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runner, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(batch_calls, "LOOKS", (0.0, 0.02))
    plain = Vendor(tmp_path, {"plain": 0.03}, articles=24)
    plain.references = {source: shout(source) for source in plain.references}
    for path in (tmp_path / "references" / "de-en").glob("*.de.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        write_article(tmp_path, path.name.split(".")[0], [(line, shout(line)) for line in lines])
    server = BatchServer(chat)
    with server.loopback() as web, Loopback(plain.answer) as other:
        plain.write_systems(other.url)
        write_system(
            tmp_path,
            "model",
            f'engine = "{chat.engine}"\n{chat.extra}\n[options]\n{chat.options(web.url)}\nbatch_api = true\n',
        )
        command = ("run", "-C", tmp_path, "--until-decided", "--metric", "chrf")
        commands = 0
        while (done := harness(*command)).code == UNDER_WAY and commands < 8:
            assert list_runs(tmp_path / "reports" / "runs") == []
            commands += 1
            assert len(server.jobs) == commands
            server.end()
        assert done.code == 0, done.err
    (pair,) = package.load_run(workspace=tmp_path).pairs
    assert pair.looks is not None
    assert len(pair.looks.made) == commands > 1
    assert set(server.bought.values()) == {1}
    assert server.live == []
    assert set(bought(other).values()) == {1}
    assert len(server.bought) == len(pair.corpus.segments)


def test_money_and_pairs_share_one_budget(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=18)
    for name, rows in _other_pair(vendor).items():
        write_article(tmp_path, name, rows, "de-fr")
    cap = 0.3 * 2 * sum(map(len, vendor.references)) * 20e-6
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        run = package.run(tmp_path, until_decided=True, metrics=["chrf"], max_cost=Money(cap, "USD"))
        assert sum(len(text) for _, text in bought(server)) * 20e-6 <= cap
    assert run.status == "incomplete"
    assert {pair.pair for pair in run.pairs} == {PAIR, LangPair("de", "fr")}
    assert any(ended(pair) == "incomplete" for pair in run.pairs)
