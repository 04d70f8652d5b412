"""What may be compared: complete systems, sound scores of one measure; and that an analysis computes each part once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis import DecisionPolicy, analyse
from harness.analysis.eligible import eligible, is_complete, of_one_measure, scores_with_corpus, side_by_side
from harness.metrics.load import formulas
from harness.metrics.named import with_traits
from harness.reports.formats.csv import CsvReport
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import Failed, MetricIdentity, Missing, Score
from tests.reports.build import DE_EN, corpus, pair_result, run, system

TEXTS = corpus(DE_EN, articles=8)

A, B = system(TEXTS, "a", 0.7, seed=1), system(TEXTS, "b", 0.4, seed=2)


def scores(made: SystemResult, metric: str = "bleu") -> MetricScores:
    found = made.scores[metric]
    assert isinstance(found, MetricScores)
    return found


def with_scores(made: SystemResult, changed: MetricScores, metric: str = "bleu") -> SystemResult:
    return replace(made, scores={**made.scores, metric: changed})


def tables(result: PairResult) -> dict[str, list[str]]:
    found = eligible(result, formulas(run(result).settings))
    return {metric: [str(name) for name in systems] for metric, systems in found.tables.items()}


def test_what_is_whole_is_eligible() -> None:
    every = ["a", "b"]
    assert tables(pair_result(TEXTS, [A, B])) == {"bleu": every, "chrf": every, "comet": every}


def test_a_system_without_every_segment_is_not_eligible_whatever_scores_it_brings() -> None:
    lost = replace(B, outcomes=(Failed("time-out"), *B.outcomes[1:]))
    assert not is_complete(lost)
    assert tables(pair_result(TEXTS, [A, lost])) == {"bleu": ["a"], "chrf": ["a"], "comet": ["a"]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_none(value: float) -> None:
    broken = with_scores(B, replace(scores(B), corpus=Score(value, 3)))
    assert isinstance(scores_with_corpus(broken, "bleu"), Missing)
    assert tables(pair_result(TEXTS, [A, broken]))["bleu"] == ["a"]


def test_scores_that_their_statistics_do_not_give_are_unsound() -> None:
    whole = scores(B)
    assert isinstance(whole.corpus, Score)
    moved = with_scores(B, replace(whole, corpus=replace(whole.corpus, value=whole.corpus.value + 0.01)))
    result = pair_result(TEXTS, [A, moved])
    found = eligible(result, formulas(run(result).settings))
    assert found.unsound == ("bleu",)
    assert list(found.tables) == ["chrf", "comet"]
    (pair,) = analyse(run(result)).pairs
    assert pair.evidence.unsound == ("bleu",)
    assert "bleu" not in pair.evidence.metrics


def test_scores_of_two_signatures_are_two_measures() -> None:
    other = replace(scores(B), identity=replace(scores(B).identity, signature="nrefs:1|case:lc"))
    assert not of_one_measure([scores(A), other])
    assert "bleu" not in tables(pair_result(TEXTS, [A, with_scores(B, other)]))


def test_scores_from_files_are_one_measure_whatever_their_files_hold() -> None:
    identities = [with_traits(MetricIdentity("mine", f"scores|file:{digest}|n:9", True, False)) for digest in "ab"]
    assert of_one_measure([replace(scores(A), identity=identity) for identity in identities])


def test_scores_of_other_segments_are_compared_and_never_ranked() -> None:
    mask = scores(B).scored.copy()
    mask[0] = False
    assert side_by_side([scores(A), scores(B)])
    assert not side_by_side([scores(A), replace(scores(B), scored=mask)])


def test_segments_that_two_systems_do_not_share_decide_nothing() -> None:
    half = np.arange(len(TEXTS.segments)) < len(TEXTS.segments) // 2

    def only(made: SystemResult, mask: np.ndarray) -> SystemResult:
        table = made.tables["bleu"]
        kept = table.scored & mask
        total = table.rows[kept].sum(axis=0)
        corpus_score = Score(float(total[0] / total[1]), int(kept.sum()))
        return replace(
            with_scores(made, replace(scores(made), corpus=corpus_score, scored=kept)),
            tables={**made.tables, "bleu": replace(table, scored=kept)},
        )

    result = pair_result(TEXTS, [only(A, half), only(B, ~half)])
    found = eligible(result, formulas(run(result).settings))
    assert list(found.apart) == ["bleu"]
    (pair,) = analyse(run(result)).pairs
    assert pair.primary != "bleu"
    assert "bleu" not in pair.standing.comparable


def test_another_policy_is_another_analysis_everywhere() -> None:
    lost = replace(system(TEXTS, "c", 0.6, seed=3), outcomes=(Failed("time-out"), *B.outcomes[1:]))
    made = run(pair_result(TEXTS, [A, B, lost]))
    (usual,), (named,) = analyse(made).pairs, analyse(made, DecisionPolicy(metric="bleu")).pairs
    assert (usual.primary, named.primary) == ("comet", "bleu")
    assert named.decision.metric == "bleu"
    (part,) = named.shared
    assert part.pair.primary == "bleu"


def test_a_part_is_computed_once_and_only_when_it_is_asked_for() -> None:
    analysis = analyse(run(pair_result(TEXTS, [A, B])))
    (pair,) = analysis.pairs
    CsvReport().render(analysis)
    assert not {"evidence", "decision", "standing"} & set(vars(pair))
    assert pair.decision is pair.decision
    assert "evidence" in vars(pair)
