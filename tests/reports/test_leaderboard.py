"""Order, marks, summary and notes: what is compared and what is not."""

from __future__ import annotations

import dataclasses

import numpy as np

from harness.reports.model.leaderboard import Leaderboard, Notebook, build_leaderboard
from harness.reports.words.reasons import sentence
from harness.store.runs.result import MetricScores, PairResult, SystemResult
from harness.types import Failed, Missing, Outcome, Refused, Score, Translated, told

from .build import DE_EN, NO_COMET, corpus, normal_run, pair_analysis, pair_result, system, view

TEXTS = corpus(DE_EN)


def board(result: PairResult, notes: Notebook | None = None) -> Leaderboard:
    return build_leaderboard(pair_analysis(result), notes or Notebook())


def with_corpus(result: SystemResult, metric: str, value: float) -> SystemResult:
    scores = result.scores[metric]
    assert isinstance(scores, MetricScores)
    assert isinstance(scores.corpus, Score)
    changed = dataclasses.replace(scores, corpus=dataclasses.replace(scores.corpus, value=value))
    return dataclasses.replace(result, scores={**result.scores, metric: changed})


def broken(name: str, base: float) -> SystemResult:
    outcomes: list[Outcome] = [Translated("fine") for _ in TEXTS.segments]
    outcomes[0] = Failed("timed out")
    outcomes[4] = Refused("content filter")
    outcomes[5] = Translated(" ", notes={"unknown_words": 2})
    return system(TEXTS, name, base, outcomes=outcomes)


def test_rows_follow_the_primary_metric() -> None:
    found = board(normal_run().pairs[0])
    assert found.primary == "comet"
    assert [row.system for row in found.rows] == ["alpha", "beta", "copy"]
    assert [[cell.best for cell in row.cells] for row in found.rows] == [[True] * 3, [False] * 3, [False] * 3]
    assert found.covers == "Corpus scores: BLEU, chrF, COMET over 9 of 12 segments."


def test_a_metric_where_less_is_better_sorts_upwards() -> None:
    metrics = ("ter",)
    found = board(pair_result(TEXTS, [system(TEXTS, "a", 0.7, metrics), system(TEXTS, "b", 0.4, metrics)], metrics))
    assert [row.system for row in found.rows] == ["b", "a"]
    assert [row.cells[0].best for row in found.rows] == [True, False]
    assert found.columns[0].arrow == "↓"
    assert found.summary.startswith("No verdict: 3 articles")


def test_without_comet_chrf_leads_and_one_note_explains() -> None:
    missing = {"comet": NO_COMET}
    notes = Notebook()
    found = board(
        pair_result(TEXTS, [system(TEXTS, "a", 0.4, missing=missing), system(TEXTS, "b", 0.5, missing=missing)]), notes
    )
    assert found.primary == "chrf"
    assert [row.cells[2].text for row in found.rows] == ["not scored", "not scored"]
    assert {row.cells[2].note for row in found.rows} == {1}
    assert notes.entries() == [(1, "COMET", sentence(NO_COMET.why), sentence(NO_COMET.fix))]
    assert found.columns[2].arrow == ""


def test_when_nothing_is_scored_nothing_leads() -> None:
    missing = dict.fromkeys(("bleu", "chrf", "comet"), Missing(told("no reference at all")))
    found = board(pair_result(TEXTS, [system(TEXTS, "a", 0.4, missing=missing)]))
    assert found.primary is None
    assert found.summary == "No complete system has a comparable score."
    assert {cell.text for cell in found.rows[0].cells} == {"not scored"}


def test_incomplete_systems_come_last_and_are_never_best() -> None:
    found = board(pair_result(TEXTS, [broken("high", 0.9), system(TEXTS, "low", 0.3), system(TEXTS, "mid", 0.5)]))
    assert [row.system for row in found.rows] == ["mid", "low", "high"]
    last = found.rows[-1]
    assert not last.complete
    assert last.coverage == "10 of 12 segments translated"
    assert not any(cell.best for cell in last.cells)
    assert {cell.extent for cell in last.cells} == {"over 7 segments"}
    assert last.flags == (("failed", 1), ("refused", 1), ("empty", 1))
    assert found.summary.startswith("Excluded: high lacks 2 of 12 segments, in article-1 and article-2 (timed out). ")
    assert " No verdict: 3 articles are too few to compare 2 systems; at least 6 are needed. " in found.summary
    assert " On the 10 of 12 segments common to 3 systems: No verdict: " in found.summary


def test_equal_as_shown_is_equal_as_marked() -> None:
    a = with_corpus(system(TEXTS, "a", 0.5), "comet", 0.50001)
    b = with_corpus(system(TEXTS, "b", 0.5), "comet", 0.50002)
    c = with_corpus(system(TEXTS, "c", 0.5), "comet", 0.4)
    found = board(pair_result(TEXTS, [a, b, c], ("comet",)))
    assert [row.system for row in found.rows] == ["b", "a", "c"]
    assert [row.cells[0].best for row in found.rows] == [True, True, False]
    assert found.summary == "No verdict: the stored statistics do not reproduce the COMET scores."


def test_other_signatures_or_segments_are_not_compared() -> None:
    one, two = system(TEXTS, "one", 0.4), system(TEXTS, "two", 0.6)
    scores = two.scores["comet"]
    assert isinstance(scores, MetricScores)
    other = dataclasses.replace(scores.identity, signature="model:another")
    fewer = scores.scored.copy()
    fewer[0] = False
    for changed in (dataclasses.replace(scores, identity=other), dataclasses.replace(scores, scored=fewer)):
        moved = dataclasses.replace(two, scores={**two.scores, "comet": changed})
        result = pair_result(TEXTS, [one, moved])
        found = board(result)
        assert found.primary == "chrf"
        assert [row.cells[2].best for row in found.rows] == [False, False]
        assert not found.columns[2].comparable
        assert any(note.startswith("COMET: ") and "not compared" in note for note in view(result).notes)


def test_a_value_that_is_no_number_is_missing() -> None:
    result = pair_result(TEXTS, [with_corpus(system(TEXTS, "a", 0.5), "comet", float("nan")), system(TEXTS, "b", 0.4)])
    notes = Notebook()
    found = board(result, notes)
    assert [row.system for row in found.rows] == ["b", "a"]
    assert found.rows[1].cells[2].text == "not scored"
    assert notes.entries()[0][2] == "the metric returned nan, which is not a score"


def test_marks_of_metrics_are_flags() -> None:
    result = system(TEXTS, "a", 0.5)
    mask = np.arange(12) < 2
    tables = {
        **result.tables,
        "comet": dataclasses.replace(result.tables["comet"], marks={"truncated": mask, "empty": mask}),
    }
    found = board(pair_result(TEXTS, [dataclasses.replace(result, tables=tables)]))
    assert found.rows[0].flag_text == "2 truncated (COMET)"


def test_nothing_flagged_is_not_the_same_as_nothing_checked() -> None:
    result = system(TEXTS, "a", 0.5)
    clean = dataclasses.replace(result, flags=tuple(() for _ in result.outcomes))
    assert board(pair_result(TEXTS, [clean])).rows[0].flag_text == "none"
    assert board(pair_result(TEXTS, [result])).rows[0].flag_text == "not checked"


def test_labels_that_are_alike_keep_their_names_apart() -> None:
    found = board(pair_result(TEXTS, [system(TEXTS, "a", 0.5, label="MT"), system(TEXTS, "b", 0.4, label="MT")]))
    assert [row.label for row in found.rows] == ["MT (a)", "MT (b)"]


def test_articles_have_their_mean_and_the_corpus_below() -> None:
    shown = view(normal_run().pairs[0])
    table = shown.articles[0]
    assert [t.metric for t in shown.articles] == ["comet", "bleu", "chrf"]
    assert [row.title for row in table.rows] == ["Title 1", "Title 2", "Title 3"]
    assert [(row.segments, row.referenced) for row in table.rows] == [(4, 3)] * 3
    scores = normal_run().pairs[0].systems[1].scores["comet"]
    assert isinstance(scores, MetricScores)
    assert isinstance(scores.macro, Score)
    assert table.mean[0].text == f"{scores.macro.value:.4f}"
    assert table.corpus == tuple(row.cells[2] for row in shown.leaderboard.rows)
