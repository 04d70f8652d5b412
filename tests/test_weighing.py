"""One metric of one pair weighed: floors, shared segments, the order of articles, and levels for many pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.comparison import Comparison, MetricEvidence
from harness.analysis.evidence import weigh
from harness.analysis.floors import floors_of, same_outputs
from harness.analysis.joint import agreed
from harness.analysis.stats.segment_tests import paired_randomisation
from harness.analysis.subset import skip_articles, subset_pair
from harness.analysis.units import units_of, why_no_verdict
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import PairResult, SystemResult
from harness.types import EngineIdentity, Failed, Missing, Score, SystemName, Translated
from tests.decision_cases import shown
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.runs.test_directory import a_run as a_whole_run

CORPUS = a_corpus(20, 4)
N = len(CORPUS.segments)


def values(seed: int, shift: float = 0.0) -> np.ndarray:
    return 40 + shift + np.random.default_rng(seed).normal(0, 4, N)


def evidence(result: PairResult, seed: int = 1, *, segment_tests: bool = False) -> MetricEvidence:
    return weigh(result, lambda _: SegmentMean().score, seed=seed, segment_tests=segment_tests).metrics["chrf"]


def between(found: MetricEvidence, one: str, other: str) -> Comparison:
    (item,) = (item for item in found.comparisons if {item.a, item.b} == {one, other})
    return item


def three() -> list[SystemResult]:
    return [a_system(CORPUS, {"chrf": values(seed, seed)}, name=name) for seed, name in enumerate("abc")]


def copying(name: str = "floor", spaces: str = "") -> SystemResult:
    system = a_system(CORPUS, {"chrf": values(9, -20.0)}, name=name)
    return replace(system, outcomes=tuple(Translated(f"{segment.source}{spaces}") for segment in CORPUS.segments))


@pytest.mark.parametrize("spaces", ["", " "])
def test_a_floor_takes_nothing_from_the_choice_among_the_others(spaces: str) -> None:
    floor = copying(spaces=spaces)
    without, beside = a_result(CORPUS, *three()), a_result(CORPUS, *three(), floor)
    assert floors_of(beside) == {"floor"}
    alone, together = evidence(without), evidence(beside)
    assert alone.comparisons
    for item in alone.comparisons:
        assert between(together, item.a, item.b) == item
    assert together.groups == alone.groups
    assert together.ranking == (*alone.ranking, "floor")
    clear = between(together, "c", "floor")
    assert (clear.a, clear.tied) == ("c", False)


def test_one_translated_segment_makes_no_floor() -> None:
    outcomes = (Translated("something else"), *copying().outcomes[1:])
    assert floors_of(a_result(CORPUS, replace(copying(), outcomes=outcomes))) == frozenset()
    one_copied = (*copying().outcomes[:1], *three()[0].outcomes[1:])
    assert floors_of(a_result(CORPUS, replace(copying(), outcomes=one_copied))) == frozenset()


def test_a_translation_memory_is_a_floor_whatever_it_answers() -> None:
    memory, *others = three()
    memory = replace(memory, engine=EngineIdentity("memory", "1", {}))
    result = a_result(CORPUS, memory, *others)
    assert floors_of(result) == {memory.name}
    assert evidence(result).ranking[-1] == memory.name


def test_the_same_outputs_are_the_same_texts() -> None:
    one, other = copying(), copying(spaces=" ")
    assert same_outputs(one, replace(one, name=SystemName("twin")))
    assert not same_outputs(one, other)


def test_the_order_in_which_articles_are_listed_changes_nothing() -> None:
    """More than 13 articles: the swaps are a sample, and which ones are drawn must not follow the list."""
    systems = three()
    listed = evidence(a_result(CORPUS, *systems))
    order = np.random.default_rng(4).permutation(len(CORPUS.articles))
    rows = np.concatenate([np.arange(4 * index, 4 * index + 4) for index in order])
    moved = replace(CORPUS, articles=tuple(CORPUS.articles[index] for index in order))
    shuffled = evidence(
        a_result(
            moved,
            *(a_system(moved, {"chrf": system.tables["chrf"].rows[rows, 0]}, name=system.name) for system in systems),
        )
    )
    assert [item.p for item in shuffled.comparisons] == [item.p for item in listed.comparisons]
    assert [item.p_adjusted for item in shuffled.comparisons] == [item.p_adjusted for item in listed.comparisons]
    assert any(item.p != again.p for item, again in zip(listed.comparisons, evidence(
        a_result(CORPUS, *systems), seed=2).comparisons, strict=True)), "another seed draws other swaps"  # fmt: skip


def test_two_systems_are_compared_on_the_segments_that_both_have() -> None:
    first, second = np.ones(N, dtype=bool), np.ones(N, dtype=bool)
    first[:8], second[-12:] = False, False
    a = a_system(CORPUS, {"chrf": values(1, 1)}, name="a", scored=list(first))
    b = a_system(CORPUS, {"chrf": values(2)}, name="b", scored=list(second))
    item = between(evidence(a_result(CORPUS, a, b), segment_tests=True), "a", "b")
    both = first & second
    one, other = (system.tables["chrf"].rows[both] for system in ((a, b) if item.a == "a" else (b, a)))
    assert (item.segments, item.units) == (int(both.sum()), 15)
    assert item.delta == pytest.approx(one[:, 0].mean() - other[:, 0].mean())
    assert item.segment_p == paired_randomisation(one, other, SegmentMean().score)
    assert 0 < item.segment_p < 1


def test_many_pairs_are_each_tested_at_a_stricter_level() -> None:
    alone = between(evidence(a_result(CORPUS, *three()[:2])), "a", "b")
    among = between(evidence(a_result(CORPUS, *three())), "a", "b")
    assert alone.level == 0.95
    assert among.level > 0.96
    assert among.detectable > alone.detectable
    assert isinstance(among.p, float)
    assert isinstance(among.p_adjusted, float)
    assert among.p_adjusted > among.p


def test_less_is_better_where_the_metric_says_so() -> None:
    systems = [
        a_system(CORPUS, {"chrf": values(3, shift)}, name=name, higher=False) for name, shift in (("a", 5), ("b", 0))
    ]
    found = evidence(a_result(CORPUS, *systems))
    assert found.ranking == ("b", "a")
    (item,) = found.comparisons
    assert (item.a, item.tied, item.delta > 0) == ("b", False, True)


@pytest.mark.parametrize(("articles", "possible"), [(1, False), (5, False), (6, True)])
def test_from_six_articles_on_a_verdict_is_possible(articles: int, possible: bool) -> None:
    corpus = a_corpus(articles, 4)
    assert (why_no_verdict(corpus, "undeclared") is None) is possible
    assert why_no_verdict(a_corpus(articles, 6), "segment") is None
    assert units_of(corpus, "undeclared")[0] == units_of(corpus, "article")[0] == "article"
    systems = [
        a_system(corpus, {"chrf": [30.0 + shift + n for n in range(4 * articles)]}, name=name)
        for name, shift in (("a", 5), ("b", 0))
    ]
    (item,) = evidence(a_result(corpus, *systems)).comparisons
    for figure in (item.p, item.p_adjusted, item.interval):
        assert isinstance(figure, Missing) is not possible
    assert np.isfinite(item.detectable) == possible


def test_one_article_is_an_article_unless_it_is_a_bare_file() -> None:
    corpus = a_corpus(1, 8)
    assert units_of(corpus, "undeclared")[0] == "article"
    bare = replace(corpus, articles=(replace(corpus.articles[0], id=type(corpus.articles[0].id)("all")),))
    assert units_of(bare, "undeclared")[0] == "segment"
    assert units_of(bare, "article")[0] == "article"


def test_a_score_that_is_no_number_is_not_weighed() -> None:
    systems = three()
    scores = systems[0].scores["chrf"]
    assert not isinstance(scores, Missing)
    broken = replace(scores, corpus=replace(scores.corpus, value=float("inf")))
    found = evidence(a_result(CORPUS, replace(systems[0], scores={"chrf": broken}), *systems[1:]))
    assert found.ranking == ("c", "b")


@pytest.mark.parametrize(("p", "adjusted", "close", "tied"), [
    (0.04, 0.08, False, True), (0.01, 0.05, False, False), (0.01, 0.051, False, True), (0.01, 0.01, True, True),
])  # fmt: skip
def test_the_corrected_p_tells_two_systems_apart(p: float, adjusted: float, close: bool, tied: bool) -> None:
    item = between(evidence(a_result(CORPUS, *three())), "a", "c")
    assert replace(item, p=p, p_adjusted=adjusted, close=close).tied is tied


def test_two_metrics_agree_where_the_weaker_one_confirms() -> None:
    two = {"good": 80.0, "bad": 60.0}
    sure = shown(two, [("good", "bad")], "chrf", 12, 0.1)
    unsure = shown(two, [], "bleu", 12, 0.1)
    for first, second in ((sure, unsure), (unsure, sure)):
        (item,) = agreed(first, second) or ()
        assert (item.p, item.p_adjusted, item.tied) == (0.155, 0.31, True)
    (item,) = agreed(sure, replace(unsure, comparisons=sure.comparisons)) or ()
    assert (item.p_adjusted, item.tied) == (0.004, False)
    against = shown({"good": 60.0, "bad": 80.0}, [("good", "bad")], "bleu", 12, 0.1)
    (item,) = agreed(sure, against) or ()
    assert (item.p_adjusted, item.tied) == (1.0, True)
    assert agreed(sure, shown({"good": 80.0, "other": 60.0}, [], "bleu", 12, 0.1)) is None


def test_a_part_of_a_run_keeps_what_belongs_to_its_segments() -> None:
    (pair,) = a_whole_run().pairs
    part = subset_pair(pair, np.array([False, True, True]), lambda _: SegmentMean().score)
    (whole,), (system,) = pair.systems, part.systems
    table, before = system.tables["m"], whole.tables["m"]
    assert table.rows.tolist() == before.rows[1:].tolist()
    assert table.scored.tolist() == before.scored[1:].tolist() == [False, True]
    assert {mark: mask.tolist() for mark, mask in table.marks.items()} == {"empty": [False, True]}
    assert table.spans == {1: before.spans[2]}
    assert whole.repeats
    assert system.repeats == {}, "repetitions are of all segments"
    assert [segment.id.number for segment in part.corpus.segments] == [2, 3]
    assert system.outcomes == whole.outcomes[1:]


def test_a_part_without_the_lost_segments_has_a_score_and_one_with_them_has_none() -> None:
    (pair,) = a_whole_run().pairs
    (kept,) = subset_pair(pair, np.array([True, False, False]), lambda _: SegmentMean().score).systems
    (lost,) = subset_pair(pair, np.array([True, True, False]), lambda _: SegmentMean().score).systems
    whole, part = kept.scores["m"], lost.scores["m"]
    assert not isinstance(whole, Missing)
    assert not isinstance(part, Missing)
    assert whole.corpus == Score(0.1, 1)
    assert isinstance(part.corpus, Missing)


def test_a_run_is_complete_once_the_articles_with_lost_segments_are_left_out() -> None:
    system = three()[0]
    outcomes = (Failed("time-out"), *system.outcomes[1:])
    run = replace(a_run(a_result(CORPUS, replace(system, outcomes=outcomes))), status="incomplete")
    assert skip_articles(run, ["a1"]).status == "incomplete"
    assert skip_articles(run, ["a0"]).status == "complete"
    gone = replace(run, pairs=(replace(run.pairs[0], absent={SystemName("x"): "no key"}),))
    assert skip_articles(gone, ["a0"]).status == "incomplete"
