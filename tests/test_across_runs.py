"""Two runs paired: the differences, and every reason for which there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.evidence import weigh
from harness.analysis.several.scores import Apart, ScoreChange, SystemChange, find_changes
from harness.analysis.stats.compare import Interval
from harness.metrics.segment import SegmentMean
from harness.reports.words.reasons import sentence
from harness.store.runs.result import PairResult
from harness.types import LangPair, Missing, SystemName, told
from tests.gate_runs import a_corpus, a_result, a_run, a_system

CORPUS = a_corpus()
N = len(CORPUS.segments)
BEFORE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)


def changes(later: PairResult, earlier: PairResult) -> tuple[SystemChange, ...]:
    return find_changes(a_run(later), a_run(earlier), seed=1)


def apart(row: SystemChange) -> Apart:
    assert isinstance(row.change, Apart)
    return row.change


def change(row: SystemChange) -> ScoreChange:
    assert isinstance(row.change, ScoreChange)
    return row.change


@pytest.mark.parametrize("higher", [True, False])
def test_a_change_is_the_comparison_of_the_two_outputs_in_one_run(higher: bool) -> None:
    """The same numbers as if both outputs had stood in one run as two systems."""
    old = a_system(CORPUS, {"chrf": BEFORE}, higher=higher)
    new = a_system(CORPUS, {"chrf": BEFORE + 2 + WOBBLE}, higher=higher)
    (row,) = changes(a_result(CORPUS, new), a_result(CORPUS, old))
    both = a_result(CORPUS, replace(old, name=SystemName("old")), replace(new, name=SystemName("new")))
    (expected,) = weigh(both, lambda _: SegmentMean().score, seed=1).metrics["chrf"].comparisons
    sign = 1 if expected.a == "new" else -1
    found = change(row)
    assert found.delta == pytest.approx(sign * expected.delta)
    assert found.p == expected.p
    assert row.p_adjusted == expected.p
    assert isinstance(found.interval, Interval)
    assert isinstance(expected.interval, Interval)
    bounds = sorted([sign * expected.interval.low, sign * expected.interval.high])
    assert [found.interval.low, found.interval.high] == pytest.approx(bounds)
    assert (found.before, found.after) == (pytest.approx(BEFORE.mean()), pytest.approx((BEFORE + 2 + WOBBLE).mean()))
    assert (found.delta > 0) == higher


def test_p_is_adjusted_over_the_systems_of_one_metric() -> None:
    old = a_result(CORPUS, *(a_system(CORPUS, {"chrf": BEFORE, "ter": BEFORE}, name=name) for name in "abc"))
    moved = [a_system(CORPUS, {"chrf": BEFORE + shift + WOBBLE, "ter": BEFORE}, name=name)
             for name, shift in zip("abc", (0.0, 2.0, 5.0), strict=True)]  # fmt: skip
    rows = {(row.system, row.metric): row for row in changes(a_result(CORPUS, *moved), old)}
    raw = [change(rows[SystemName(name), "chrf"]).p for name in "abc"]
    smallest = min(p for p in raw if isinstance(p, float))
    adjusted = rows[SystemName("c"), "chrf"].p_adjusted
    assert isinstance(adjusted, float)
    assert smallest < adjusted <= 3 * smallest, "three questions are asked at once"
    assert rows[SystemName("a"), "ter"].p_adjusted == 1.0


def test_what_must_not_be_paired_says_why() -> None:
    old = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    other = replace(CORPUS, articles=CORPUS.articles[::-1])
    cases = {
        "different order": a_result(other, a_system(other, {"chrf": BEFORE})),
        "from v1 to v2": a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, signature="v2")),
        f"1 of {N} in one run only": a_result(
            CORPUS, a_system(CORPUS, {"chrf": BEFORE}, scored=[False, *[True] * (N - 1)])
        ),
    }
    for words, later in cases.items():
        (row,) = changes(later, old)
        assert apart(row).kind == "incomparable"
        assert words in sentence(apart(row).why)
        assert isinstance(row.p_adjusted, Missing)


def test_what_one_run_lacks_is_incomplete_and_named() -> None:
    old = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE}))
    gone = a_result(
        CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": Missing(told("not installed"), told("install it"))})
    )
    rows = {row.metric: row for row in changes(gone, old)}
    assert isinstance(rows["chrf"].change, ScoreChange)
    assert apart(rows["bleu"]).kind == "incomplete"
    assert sentence(apart(rows["bleu"]).why) == "the later run has no score: not installed"

    renamed = replace(
        a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="new")), absent={SystemName("s"): "no key"}
    )
    found = {(row.system, row.metric): sentence(apart(row).why) for row in changes(renamed, old)}
    assert found[SystemName("s"), "chrf"] == "the later run does not have this system: no key"
    assert found[SystemName("new"), "chrf"] == "the earlier run does not have this system"

    elsewhere = replace(CORPUS, pair=LangPair("fr", "en"))
    there = a_result(elsewhere, a_system(elsewhere, {"chrf": BEFORE}))
    assert {sentence(apart(row).why) for row in changes(there, old)} == {
        "only the later run has this pair",
        "only the earlier run has this pair",
    }


@pytest.mark.parametrize("factor", [2.0, 1.05, 1.0001])
def test_statistics_that_do_not_give_the_scores_are_not_compared(factor: float) -> None:
    old = a_system(CORPUS, {"chrf": BEFORE})
    table = replace(old.tables["chrf"], rows=old.tables["chrf"].rows * [[factor, 1.0]])
    (row,) = changes(a_result(CORPUS, replace(old, tables={"chrf": table})), a_result(CORPUS, old))
    assert "do not reproduce their scores" in sentence(apart(row).why)


def test_too_few_articles_have_a_difference_and_no_verdict() -> None:
    corpus = a_corpus(3)
    size = len(corpus.segments)
    old = a_result(corpus, a_system(corpus, {"chrf": BEFORE[:size]}))
    (row,) = changes(a_result(corpus, a_system(corpus, {"chrf": BEFORE[:size] + 4 + WOBBLE[:size]})), old)
    assert change(row).delta == pytest.approx(4 + WOBBLE[:size].mean())
    assert isinstance(change(row).interval, Missing)
    assert isinstance(row.p_adjusted, Missing)
    (same,) = changes(old, old)
    assert (change(same).delta, change(same).p, change(same).interval) == (0.0, 1.0, Interval(0.0, 0.0))
