"""Verdict, intervals and pairwise table: one computation, the same numbers in every format, and no overclaim."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

import harness
from harness.analysis import analyse
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html import HtmlReport
from harness.reports.words.numbers import format_difference, format_p, format_range
from harness.reports.words.text import visible
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import Corpus, Score

from .build import DE_EN, HOSTILE, article, corpus, decimals_of, pair_result, run, system, view
from .read import html_tables, markdown_tables, parsed, tree

TEXTS = corpus(DE_EN, articles=12)

Deltas = Callable[[int], float]
"""Article number to what is added to the score of each of its segments."""


COMET = decimals_of("comet")


def moved(result: SystemResult, metric: str, delta: Deltas) -> SystemResult:
    """``result`` with other scores in one metric, its statistics and its corpus score alike."""
    scores, table = result.scores[metric], result.tables[metric]
    assert isinstance(scores, MetricScores)
    assert isinstance(scores.corpus, Score)
    rows = table.rows.copy()
    rows[:, 0] += np.array([delta(row // 4) for row in range(len(rows))]) * table.scored
    value = float(rows[:, 0].sum() / rows[:, 1].sum())
    changed = dataclasses.replace(scores, corpus=Score(value, scores.corpus.n))
    return dataclasses.replace(
        result,
        scores={**result.scores, metric: changed},
        tables={**result.tables, metric: dataclasses.replace(table, rows=rows)},
    )


def summary(*systems: SystemResult, texts: Corpus = TEXTS, metrics: tuple[str, ...] = ("chrf",)) -> str:
    return view(pair_result(texts, systems, metrics)).leaderboard.summary


def chrf(name: str, base: float, delta: Deltas = lambda _: 0.0, texts: Corpus = TEXTS) -> SystemResult:
    return moved(system(texts, name, base, ("chrf",)), "chrf", delta)


def noise(article: int) -> float:
    return 9.0 if article % 2 else -8.0


def ordered() -> PairResult:
    """``a`` and ``b`` tie, both ahead of ``c``; BLEU and COMET put ``c`` and ``d`` the other way round."""
    metrics = ("bleu", "comet")
    last = moved(system(TEXTS, "d", 0.2, metrics), "bleu", lambda _: 20.0)
    tied = moved(system(TEXTS, "b", 0.8, metrics), "comet", lambda number: noise(number) / 100)
    return pair_result(TEXTS, [system(TEXTS, "c", 0.3, metrics), last, system(TEXTS, "a", 0.8, metrics), tied], metrics)


def test_a_winner_is_named_with_its_margin_and_what_backs_it() -> None:
    assert summary(chrf("a", 0.5, lambda number: 5 + number / 10), chrf("b", 0.5)) == (
        "a scores significantly higher than b: chrF 55.1, ahead of b by 5.5 "
        "(95 % confidence interval 5.3 to 5.8, p < 0.001, 12 articles)."
    )
    text = summary(chrf("a", 0.5, lambda number: 5 + number / 10), chrf("b", 0.5), chrf("c", 0.4))
    assert text.startswith("a scores significantly higher than every other system: chrF 55.1, ahead of b by 5.5 (")
    assert "p < 0.001 adjusted for all pairs, 12 articles)." in text


def test_a_tie_names_all_of_the_top_group_and_what_it_would_take() -> None:
    text = summary(chrf("a", 0.5, noise), chrf("b", 0.5), chrf("c", 0.1))
    assert text.startswith(
        "No significant difference in chrF between a and b (difference 0.5, 95 % confidence interval −"
    )
    assert "12 articles). The difference could go either way. Both score significantly higher than every" in text
    larger = summary(chrf("a", 0.5, lambda number: 3.6 + noise(number)), chrf("b", 0.5))
    assert "12 articles). To confirm a difference of this size, use " in larger
    assert "better" not in summary(chrf("a", 0.5, noise), chrf("b", 0.5))
    assert summary(chrf("a", 0.5), chrf("b", 0.5), chrf("c", 0.5)) == (
        "No significant difference in chrF between a, b and c (a ahead of b: no difference, 12 articles)."
    )


def test_a_tie_that_is_no_group_says_only_what_holds() -> None:
    """``a`` ties with the noisy ``n`` and with ``b``, which differ from each other or not: never lumped together."""
    spread = chrf("n", 0.45, lambda number: 2.5 * noise(number))
    text = summary(chrf("a", 0.5), chrf("b", 0.48), spread)
    assert text.startswith("No significant difference in chrF between a and n (difference ")
    assert "better" not in text


def test_a_certain_difference_too_small_for_string_metrics_is_no_verdict() -> None:
    text = summary(chrf("a", 0.5), chrf("b", 0.49), chrf("c", 0.2))
    assert text.startswith("The difference between a and b is too small for chrF to decide (difference 1.0, 95 %")
    assert "To confirm" not in text
    three = summary(chrf("a", 0.5), chrf("b", 0.49), chrf("d", 0.488), chrf("c", 0.2))
    assert three.startswith("The differences between a, b and d are too small for chrF to decide (a ahead of b: ")


@pytest.mark.parametrize(("articles", "few"), [(3, True), (5, True), (6, False)])
def test_below_six_articles_there_is_no_verdict(articles: int, few: bool) -> None:
    texts = corpus(DE_EN, articles=articles)
    text = summary(chrf("a", 0.9, texts=texts), chrf("b", 0.1, texts=texts), texts=texts)
    assert text.startswith("No verdict") == few
    if few:
        assert text == f"No verdict: {articles} articles are too few to compare 2 systems; at least 6 are needed."


def test_without_articles_the_segments_are_the_unit_and_that_is_said() -> None:
    texts = Corpus(DE_EN, (article(DE_EN, "all", [(f"Quelle {n}", (f"Reference {n}",)) for n in range(9)]),))
    text = summary(chrf("a", 0.9, texts=texts), chrf("b", 0.1, texts=texts), texts=texts)
    assert text == (
        "No verdict: the sentences are not declared independent; if they are independent, add --unit segment; "
        "if not, name the article of each line with --docids FILE."
    )


def rows(table: list[list[str]]) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row] for row in table[1:]]


def test_every_format_shows_the_evidence_of_the_json() -> None:
    made = run(ordered())
    (pair,) = parsed(made)["pairs"]
    evidence = pair["evidence"]
    assert (evidence["unit"], evidence["units"], evidence["seed"]) == ("article", 12, 12345)
    comparisons = [item for item in evidence["comparisons"] if item["metric"] == "comet"]
    assert len(comparisons) == 6
    expected = [
        [
            item["a"], item["b"], format_difference(COMET, item["delta"]), format_range(COMET, *item["ci"]),
            format_p(item["p"]), format_p(item["p_adjusted"]), format_p(item["segment_p"]), "no published curve",
            format_difference(COMET, item["detectable"]),
        ]
        for item in comparisons
    ]  # fmt: skip
    assert rows(html_tables(made, "COMET by pair")[0]) == expected
    assert rows(markdown_tables(made, "COMET by pair of systems")[0]) == expected
    terminal = " ".join(TerminalReport().render(analyse(made)).decode("utf-8").split())
    for row in expected:
        assert f"{row[0]} against {row[1]} {' '.join(row[2:6])}" in terminal
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        text = report.render(analyse(made)).decode("utf-8")
        for interval in evidence["intervals"]["comet"].values():
            assert format_range(COMET, *interval) in text
        ties = "systems in one band do not differ" if report.extension == "html" else "share a letter are tied"
        assert ties in text
        assert " ".join(pair["summary"].split()) in " ".join(text.split())
    board = html_tables(made, "Leaderboard, ")[0]
    assert [row[0] for row in board[1:]] == ["1, band 1", "2, band 1", "3, band 2", "4, band 3"]
    assert evidence["groups"]["comet"] == [["b", "a"], ["c"], ["d"]]


def test_reports_and_compare_give_the_same_numbers() -> None:
    made = run(ordered())
    compared = harness.compare(made)["de-en"].metrics["comet"].comparisons
    reported = [item for item in parsed(made)["pairs"][0]["evidence"]["comparisons"] if item["metric"] == "comet"]
    assert [(c.a, c.b, c.delta, c.p, c.p_adjusted, c.segment_p) for c in compared] == [
        tuple(item[key] for key in ("a", "b", "delta", "p", "p_adjusted", "segment_p")) for item in reported
    ]


def test_metrics_that_disagree_are_said_to() -> None:
    made = run(ordered())
    (found,) = parsed(made)["pairs"][0]["evidence"]["disagreements"]
    assert found == {"a": "c", "b": "d", "a_better": "comet", "b_better": "bleu"}
    sentence = "The metrics disagree: c is significantly better than d in COMET, and significantly worse in BLEU."
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        assert sentence in report.render(analyse(made)).decode("utf-8")
    assert view(pair_result(TEXTS, ordered().systems[2:], ("bleu", "comet"))).disagreements == ()


@pytest.mark.parametrize("count", [6, 7])
def test_many_systems_have_no_segment_test_and_few_rows_in_the_terminal(count: int) -> None:
    made = run(pair_result(TEXTS, [chrf(f"s{n}", 0.2 + n / 20) for n in range(count)], ("chrf",)))
    evidence = parsed(made)["pairs"][0]["evidence"]
    assert {item["segment_p"] is None for item in evidence["comparisons"]} == {count > 6}
    assert ("Segment p" in html_tables(made, "chrF by pair")[0][0]) == (count <= 6)
    total = count * (count - 1) // 2
    assert len(html_tables(made, "chrF by pair")[0]) == total + 1
    text = TerminalReport().render(analyse(made)).decode("utf-8")
    assert f"{total - 10} more pairs are in the HTML and JSON reports." in text


def test_statistics_that_do_not_give_the_scores_are_not_compared() -> None:
    """A run of a metric that is not installed here: its rows would be read as something they are not."""
    made: Run = run(pair_result(TEXTS, [chrf("a", 0.5), chrf("b", 0.4)], ("chrf",)))
    other = dataclasses.replace(made, settings={})
    assert parsed(made)["pairs"][0]["evidence"]["unweighed"] == []
    pair = parsed(other)["pairs"][0]
    assert pair["evidence"]["unweighed"] == ["chrf"]
    assert pair["evidence"]["comparisons"] == []
    assert pair["summary"] == "No verdict: the stored statistics do not reproduce the chrF scores."
    assert "so nothing is compared" in HtmlReport().render(analyse(other)).decode("utf-8")


def test_hostile_names_stay_in_their_cells() -> None:
    labels = [HOSTILE[0], HOSTILE[2] + HOSTILE[5], HOSTILE[3] + HOSTILE[6]]
    systems = [system(TEXTS, f"s{n}", 0.9 - n / 5, ("chrf",), label=label) for n, label in enumerate(labels)]
    made = run(pair_result(TEXTS, systems, ("chrf",)))
    names = [(visible(labels[a]), visible(labels[b])) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert [(row[0], row[1]) for row in html_tables(made, "chrF by pair")[0][1:]] == names
    table = markdown_tables(made, "chrF by pair of systems")[0]
    assert [(row[0].replace("\u200b", ""), row[1].replace("\u200b", "")) for row in table[1:]] == names
    assert not list(tree(made).iter("img", "iframe"))
    assert visible(labels[0]) in parsed(made)["pairs"][0]["summary"]
    assert b"\x1b" not in TerminalReport().render(analyse(made))
