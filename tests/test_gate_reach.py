"""What a corpus can find: held against the gate's own verdicts, and said wherever it matters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.gate import gate
from harness.analysis.gate.reach import (
    Reach,
    reach_from,
    reach_lines,
    reach_of,
    reach_reason,
    typical_lines,
    typical_reach,
)
from harness.analysis.gate.verdict import Policy, Verdict
from harness.metrics.interface import Rows
from harness.metrics.load import traits_of
from harness.metrics.segment import SegmentMean
from harness.reports.words.reasons import sentence
from harness.store.runs.result import PairResult
from harness.types import Corpus, EngineIdentity, Missing, Part, Reason, Traits, told
from harness.workspace.file_models import GateFile, WorkspaceFile
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system, said
from tests.workspace import write_article, write_system

__all__ = ["harness"]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SPREAD = 2.0


def _mean(totals: Rows) -> Rows:
    return SegmentMean().score(totals)


def _pair(articles: int, rng: np.random.Generator, shift: float = 0.0) -> tuple[PairResult, PairResult]:
    corpus = a_corpus(articles, 2)
    before = rng.normal(50, 5, articles)
    after = before + rng.normal(0, SPREAD, articles) + shift
    then, now = (
        a_result(corpus, a_system(corpus, {"chrf": np.repeat(values, 2)}, text=text))
        for values, text in ((before, "old"), (after, "new"))
    )
    return now, then


def _verdict(now: PairResult, then: PairResult, margin: float) -> Verdict:
    policy = Policy(margins={"chrf": margin})
    return gate(a_run(now), a_run(then), policy, seed=1, accepted=NOW, now=NOW)


@pytest.mark.parametrize("articles", [8, 20])
def test_four_of_five_runs_are_told_as_it_says(articles: int) -> None:
    rng = np.random.default_rng(articles)
    passing = reach_from("chrf", 1.0, "article", articles, SPREAD / np.sqrt(articles)).passing
    reach = reach_from("chrf", passing, "article", articles, SPREAD / np.sqrt(articles))
    assert reach.needed == pytest.approx(articles, abs=1)
    runs = 200
    equal = sum(_verdict(*_pair(articles, rng), passing).status == "pass" for _ in range(runs))
    lost = sum(_verdict(*_pair(articles, rng, -reach.loss), passing).status == "regressed" for _ in range(runs))
    # 200 runs have a standard error of 3 points.
    assert 0.71 * runs <= equal <= 0.89 * runs
    assert 0.71 * runs <= lost <= 0.89 * runs


def test_the_margin_that_is_offered_ends_it() -> None:
    rng = np.random.default_rng(4)
    ended, opened = 0, 0
    for _ in range(60):
        now, then = _pair(8, rng)
        verdict = _verdict(now, then, 0.2)
        (finding,) = verdict.findings
        if finding.status != "inconclusive":
            continue
        opened += 1
        assert re.search(
            r"8 articles detect a loss of [\d.]+ chrF or more 80 % of the time; the margin of 0\.2 needs ",
            said(finding),
        ), said(finding)
        option = re.search(r"Add articles, or accept a larger loss: --margin chrf=([\d.]+)$", said(finding))
        assert option, said(finding)
        assert float(option[1]) > 0.2
        ended += _verdict(now, then, float(option[1])).status == "pass"
    assert opened > 30
    assert ended == opened


def test_enough_articles_and_still_open_asks_for_the_loss_and_offers_no_smaller_margin() -> None:
    """20 articles are enough for a margin of 2 where nothing is lost; these runs lost about as much."""
    rng = np.random.default_rng(3)
    opened = 0
    for _ in range(30):
        now, then = _pair(20, rng, -2.0)
        (finding,) = _verdict(now, then, 2.0).findings
        if finding.status != "inconclusive":
            continue
        opened += 1
        text = said(finding)
        assert re.search(r"the margin of 2 needs about (1\d|[6-9]|20) articles\. There are enough: find", text), text
        option = re.search(
            r"There are enough: find what was lost, or accept a larger loss: --margin chrf=([\d.]+)$", text
        )
        assert option, text
        assert float(option[1]) > 2.0
        assert _verdict(now, then, float(option[1])).status == "pass"
    assert opened > 15


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (6, "about 6 articles"),
        (68, "about 68 articles"),
        (123, "about 120 articles"),
        (999, "more than 1,000 articles"),
        (1000, "more than 1,000 articles"),
    ],
)
def test_no_more_than_two_digits(needed: int, text: str) -> None:
    assert sentence(reach_reason(Reach("chrf", 1.0, "article", 12, 2.0, needed))).endswith(f" needs {text}")


@pytest.mark.parametrize(
    ("passing", "option"), [(2.31, "2.4"), (0.00911, "0.0092"), (12.01, "13"), (2.0, "2"), (0.1, "0.1"), (111.0, "120")]
)
def test_a_margin_is_rounded_up(passing: float, option: str) -> None:
    part = Part("margin_option", passing, "comet")
    assert sentence(Reason("gate.help.article", {"option": part})).endswith(f": --margin comet={option}")


def test_the_spread_is_that_of_the_systems_of_the_run_and_floors_say_nothing() -> None:
    rng = np.random.default_rng(2)
    corpus = a_corpus(30, 2)
    base = rng.normal(50, 5, 30)
    systems = [
        a_system(corpus, {"chrf": np.repeat(base + rng.normal(0, SPREAD / np.sqrt(2), 30), 2)}, name=name)
        for name in "abc"
    ]
    floor = a_system(corpus, {"chrf": np.repeat(base + rng.normal(0, 40, 30), 2)}, name="floor")
    floor = replace(floor, engine=EngineIdentity("copy", "1", {}))
    found = reach_of(a_result(corpus, *systems, floor), "chrf", 1.0, lambda _: _mean, seed=1)
    assert found is not None
    expected = reach_from("chrf", 1.0, "article", 30, SPREAD / np.sqrt(30))
    assert found.passing == pytest.approx(expected.passing, rel=0.2)
    alone = reach_of(a_result(corpus, systems[0], floor), "chrf", 1.0, lambda _: _mean, seed=1)
    assert alone == typical_reach(corpus, "chrf", CHRF, 1.0, "undeclared")


CHRF = traits_of("chrf", {})


def test_what_is_not_known_is_not_said() -> None:
    assert typical_reach(a_corpus(12), "mine", Traits(), 1.0, "undeclared") is None
    assert typical_reach(a_corpus(1), "chrf", CHRF, 1.0, "undeclared") is None
    assert typical_reach(a_corpus(12), "mine", Traits(), 1.0, "segment") is None
    corpus = a_corpus(12)
    alone = a_run(a_result(corpus, a_system(corpus, {"mine": np.zeros(36)})))
    assert reach_lines(alone, GateFile()) == []


def test_identical_systems_and_missing_scores_have_no_spread() -> None:
    corpus = a_corpus(12)
    values = np.linspace(1, 2, 36)
    systems = [a_system(corpus, {"mine": values}, name=name) for name in "ab"]
    systems.append(a_system(corpus, {"mine": Missing(told("not here"))}, name="c"))
    assert reach_of(a_result(corpus, *systems), "mine", 1.0, lambda _: _mean, seed=1) is None


def test_without_a_margin_no_number_is_enough_and_with_few_articles_nothing_is_found() -> None:
    text = sentence(reach_reason(reach_from("chrf", 0.0, "article", 12, 1.0)))
    assert "an equal run passes only by chance" in text
    few = sentence(reach_reason(reach_from("chrf", 1.0, "article", 4, 1.0)))
    assert few.startswith(
        "4 articles are too few to detect any loss; at least 6 are needed; the margin of 1 needs about "
    )


def _lines(corpora: Sequence[Corpus], settings: WorkspaceFile) -> list[str]:
    return [sentence(line) for line in typical_lines(corpora, settings)]


def test_the_metric_that_decides_is_the_one_that_is_spoken_of() -> None:
    corpora = [a_corpus(12)]
    (comet,) = _lines(corpora, WorkspaceFile(metrics=("bleu", "chrf", "comet")))
    assert "COMET" in comet
    assert "about 340 articles" in comet
    (chrf,) = _lines(corpora, WorkspaceFile(metrics=("bleu", "chrf")))
    assert "chrF" in chrf
    chosen = GateFile(metrics=("bleu",), margin={"bleu": 20.0})
    (bleu,) = _lines(corpora, WorkspaceFile(gate=chosen))
    assert "the margin of 20 needs about 6 articles" in bleu
    (own,) = _lines(corpora, WorkspaceFile(metrics=("bleu", "other"), metric={"other": {"metric": "comet"}}))
    assert "other" in own
    assert "about 340 articles" in own


def test_accept_and_lint_say_it(tmp_path: Path, harness: Shell) -> None:
    for number in range(7):
        write_article(tmp_path, f"a{number}", [(f"Satz {number} ist hier.", f"Sentence {number} is here.")] * 2)
    write_system(tmp_path, "mine", 'engine = "recorded"\n')
    outputs = tmp_path / "systems" / "mine" / "de-en"
    outputs.mkdir(parents=True)
    for number in range(7):
        (outputs / f"a{number}.txt").write_text("Sentence is here.\n" * 2, encoding="utf-8")
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    linted = harness("lint", "-C", tmp_path)
    assert "gate de-en: 7 articles detect a loss of " in linted.err
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n[statistics]\nunit = "segment"\n', encoding="utf-8")
    declared = re.search(
        r"gate de-en: 14 segments detect a loss of ([\d.]+) chrF or more 80 % of the time; the margin of 1 needs about "
        r"(\d+) segments",
        harness("lint", "-C", tmp_path).err,
    )
    assert declared
    # A segment of these differs by 8.1 points: two-sided 90 %, 80 % of the time, is (1.64 + 0.84) * 8.1 / sqrt(n).
    assert float(declared[1]) == pytest.approx(1 + 2.49 * 8.1 / 14**0.5, rel=0.1)
    assert int(declared[2]) == pytest.approx((2.49 * 8.1) ** 2, rel=0.05)
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    assert harness("run", "-C", tmp_path, "-q").code == 0
    accepted = harness("baseline", "accept", "latest", "-C", tmp_path)
    assert accepted.code == 0
    # One system alone says nothing of how far two differ.
    assert "the margin of 1 needs about 110 articles, assuming that systems differ as they usually do" in accepted.err
