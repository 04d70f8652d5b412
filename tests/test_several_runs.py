"""Systems of several runs against each other: only where texts and signatures are alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.errors import IncomparableError, UsageError
from harness.metrics.interface import StatTable
from harness.store.runs.result import PairResult
from harness.types import ArticleId, LangPair
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_run

__all__ = ["harness"]

CORPUS = a_corpus()
N = len(CORPUS.segments)
BEFORE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)
OLD, NEW = "20260101T0000-aaaaaa", "20260102T0000-bbbbbb"

FIRST = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="a")), run=OLD)


def second(result: PairResult) -> package.api.Run:
    return a_run(result, run=NEW)


def test_systems_of_two_runs_are_compared_and_named_by_their_runs() -> None:
    after = a_result(
        CORPUS,
        a_system(CORPUS, {"chrf": BEFORE + 3 + WOBBLE}, name="a"),
        a_system(CORPUS, {"chrf": BEFORE - 3 + WOBBLE}, name="b"),
    )
    found = package.compare(FIRST, second(after), systems=("a",))
    (item,) = found["de-en"].metrics["chrf"].comparisons
    assert (item.a, item.b) == (f"a@{NEW}", f"a@{OLD}")
    assert item.delta == pytest.approx(3 + WOBBLE.mean())
    assert not item.tied
    frame = package.compare(FIRST, second(after)).to_frame()
    assert len(frame) == 3
    assert set(frame["pair"]) == {"de-en"}


def test_the_difference_is_the_one_of_the_same_systems_in_one_run() -> None:
    rows = a_system(CORPUS, {"chrf": BEFORE + WOBBLE}, name="b")
    apart = package.compare(FIRST, second(a_result(CORPUS, rows)))["de-en"].metrics["chrf"].comparisons[0]
    together = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="a"), rows))
    at_once = package.compare(together)["de-en"].metrics["chrf"].comparisons[0]
    assert (apart.delta, apart.interval, apart.p) == (at_once.delta, at_once.interval, at_once.p)


def test_other_texts_are_refused_and_named() -> None:
    renamed = replace(CORPUS, articles=(replace(CORPUS.articles[0], id=ArticleId("fresh")), *CORPUS.articles[1:]))
    with pytest.raises(IncomparableError, match=r"different texts .* added: fresh") as caught:
        package.compare(FIRST, second(a_result(renamed, a_system(renamed, {"chrf": BEFORE}))))
    assert caught.value.exit_code == 3


def test_another_signature_direction_pair_or_metric_is_refused() -> None:
    for changed in ({"signature": "v2"}, {"higher": False}):
        with pytest.raises(IncomparableError, match="chrf was computed differently"):
            package.compare(FIRST, second(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, **changed))))  # type: ignore[arg-type]
    elsewhere = replace(CORPUS, pair=LangPair("fr", "en"))
    with pytest.raises(IncomparableError, match=r"is in .* and not in"):
        package.compare(FIRST, second(a_result(elsewhere, a_system(elsewhere, {"chrf": BEFORE}))))
    with pytest.raises(IncomparableError, match="not in every run: chrf, bleu"):
        package.compare(FIRST, second(a_result(CORPUS, a_system(CORPUS, {"bleu": BEFORE}))))


def test_a_metric_of_one_run_only_is_left_out_and_said(tmp_path: Path, harness: Shell) -> None:
    more = second(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE}, name="a")))
    for run in (FIRST, more):
        write_run(run, tmp_path / "reports" / "runs")
    done = harness("compare", OLD, NEW, "-C", tmp_path, "--format", "json")
    assert done.code == 0, done.err
    assert "not in every run and not compared: bleu" in done.err
    (item,) = json.loads(done.out)["comparisons"]
    assert (item["metric"], item["p"], item["delta"], item["ci"]) == ("chrf", 1.0, 0.0, [0.0, 0.0])
    done = harness("compare", OLD, NEW, "-C", tmp_path, "--metric", "bleu")
    assert (done.code, "not in every run: bleu" in done.err) == (3, True)
    assert harness("compare", OLD, OLD, "-C", tmp_path).code == 2
    assert harness("compare", OLD, NEW, "-C", tmp_path, "--system", "nobody").code == 2
    assert harness("compare", "-C", tmp_path).code == 0


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(UsageError, match="no run"):
        package.compare()
    with pytest.raises(UsageError, match="given twice"):
        package.compare(FIRST, FIRST)


def test_statistics_that_are_no_numbers_are_left_out() -> None:
    broken = a_system(CORPUS, {"chrf": np.where(np.arange(N) == 3, np.nan, BEFORE)}, name="b")
    assert isinstance(broken.tables["chrf"], StatTable)
    found = package.compare(FIRST, second(a_result(CORPUS, broken)))
    assert found["de-en"].metrics["chrf"].comparisons == ()
