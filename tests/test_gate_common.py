"""The gate where the corpus grew, shrank or changed: judged on what both runs have, and the rest is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.gate import gate
from harness.analysis.gate.common import in_common
from harness.analysis.gate.rules import judge
from harness.analysis.gate.verdict import GateLine, Policy, Verdict
from harness.metrics.interface import Rows
from harness.metrics.named import with_traits
from harness.metrics.scoring import missing_answers
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import MetricScores, PairResult
from harness.types import Article, ArticleId, Corpus, Failed, MetricIdentity, Score, Segment, SegmentId, Translated
from tests.gate_runs import PAIR, a_corpus, a_result, a_run, a_system, said
from tests.test_gate import NOW, numbers_of

CORPUS = a_corpus(12)
SCORES = {article.id: 30.0 + 3 * place for place, article in enumerate(CORPUS.articles)}
WOBBLE = np.random.default_rng(9).normal(0, 0.5, 12)
POLICY = Policy(margins={"chrf": 1.0})


def _article(name: str, reference: str = "ref", segments: int = 3) -> Article:
    rows = tuple(
        Segment(SegmentId(ArticleId(name), n), n, 1, f"Quelle {name} {n}", (reference,)) for n in range(1, segments + 1)
    )
    return Article(ArticleId(name), PAIR, rows)


def _result(articles: Sequence[Article], scores: Mapping[str, float], text: str = "text") -> PairResult:
    """A result in which every segment of an article has the article's score."""
    corpus = Corpus(PAIR, tuple(articles))
    values = [scores[article.id] for article in articles for _ in article.segments]
    return a_result(corpus, a_system(corpus, {"chrf": values}, text=text))


def _lost(loss: float) -> dict[str, float]:
    return {name: value - loss + wobble for (name, value), wobble in zip(SCORES.items(), WOBBLE, strict=True)}


def _judge(now: PairResult, then: PairResult, policy: Policy = POLICY, **settings: object) -> Verdict:
    run = a_run(now)
    run = replace(run, settings={**run.settings, **settings})
    return gate(run, a_run(then), policy, seed=1, accepted=NOW, now=NOW)


def _note(verdict: Verdict) -> str:
    (note,) = [item for item in verdict.findings if item.status == "note"]
    return said(note)


THEN = _result(CORPUS.articles, SCORES)
FRESH = _article("fresh")


@pytest.mark.parametrize("place", [0, 5, 12])
@pytest.mark.parametrize("gain", [0.0, 60.0])
def test_an_added_article_hides_no_regression(place: int, gain: float) -> None:
    articles = [*CORPUS.articles[:place], FRESH, *CORPUS.articles[place:]]
    verdict = _judge(_result(articles, {**_lost(5), "fresh": 30 + gain}), THEN)
    assert verdict.status == "regressed"
    assert numbers_of(verdict.findings[0]).units == 12
    assert numbers_of(verdict.findings[0]).delta == pytest.approx(-5 + WOBBLE.mean())
    assert _note(verdict) == "based on the 12 articles in both runs; articles added: fresh"


def test_what_was_removed_or_changed_is_left_out_and_named() -> None:
    changed = _article("a0", "another reference")
    longer = _article("a1", segments=4)
    articles = [changed, longer, *CORPUS.articles[3:], FRESH]
    verdict = _judge(_result(articles, {**_lost(5), "a0": 99.0, "a1": 99.0, "fresh": 99.0}), THEN)
    assert verdict.status == "regressed"
    assert numbers_of(verdict.findings[0]).units == 9
    note = _note(verdict)
    assert "added: fresh" in note
    assert "removed: a2" in note
    assert "changed sources or references: a0, a1" in note


def test_the_order_of_articles_and_their_metadata_say_nothing() -> None:
    turned = [replace(article, meta={"title": "new"}) for article in CORPUS.articles[::-1]]
    same = _judge(_result(turned, SCORES), THEN)
    assert [(item.status, said(item)) for item in same.findings] == [("pass", "nothing changed")]
    there, back = (
        numbers_of(_judge(_result(order, _lost(2)), THEN).findings[0]) for order in (turned, CORPUS.articles)
    )
    assert there == back


def test_moves_are_those_of_the_right_articles() -> None:
    articles = [FRESH, *CORPUS.articles[::-1]]
    verdict = _judge(_result(articles, {**SCORES, "fresh": 1.0, "a7": SCORES["a7"] - 30}, "new"), THEN)
    moves = verdict.findings[0].moves
    assert [item.article for item in moves.articles] == ["a7"]
    assert {item.article for item in moves.segments} == {"a7"}
    # a7 is the fifth from behind, after the new one: its rows are 15 to 17 there, and 21 to 23 in the baseline.
    assert [(item.outcome_before, item.outcome_after) for item in moves.segments] == [
        (Translated(f"text {21 + n}"), Translated(f"new {15 + n}")) for n in range(3)
    ]


def test_with_nothing_in_common_nothing_is_said() -> None:
    verdict = _judge(_result([FRESH], {"fresh": 99.0}), THEN)
    assert verdict.status == "incomparable"
    assert "articles added: fresh" in said(verdict.findings[0])
    assert "a0, a1, a2, a3, a4 and 7 more" in said(verdict.findings[0])
    renumbered = [replace(article, segments=article.segments[::-1]) for article in CORPUS.articles]
    assert _judge(_result(renumbered, SCORES), THEN).status == "incomparable"


def test_few_articles_in_common_are_few() -> None:
    verdict = _judge(_result(CORPUS.articles[:5], _lost(9)), THEN)
    assert verdict.status == "inconclusive"
    assert "too few articles" in said(verdict.findings[0])


@pytest.mark.parametrize("settings", [{"articles": ["a0"]}, {"limit": 20}])
def test_a_run_of_some_articles_is_a_trial_and_no_pass(settings: dict[str, object]) -> None:
    verdict = _judge(_result(CORPUS.articles[:8], SCORES), THEN, **settings)
    assert verdict.status == "incomplete"
    assert "missing or incomplete: a8, a9, a10, a11" in said(verdict.findings[0])
    assert _judge(_result(CORPUS.articles[:8], SCORES), THEN).status == "pass"


def test_segments_scored_on_one_side_only_are_incomparable_and_only_if_they_are_shared() -> None:
    def result(unscored: str) -> PairResult:
        corpus = Corpus(PAIR, (*CORPUS.articles, FRESH))
        ids = [segment.id.article for segment in corpus.segments]
        values = [{**SCORES, "fresh": 1.0}[name] for name in ids]
        return a_result(corpus, a_system(corpus, {"chrf": values}, scored=[name != unscored for name in ids]))

    assert _judge(result("fresh"), THEN).status == "pass"
    assert _judge(result("a3"), THEN).status == "incomparable"


def test_a_failure_in_a_new_article_does_not_hide_a_regression() -> None:
    now = _result([*CORPUS.articles, FRESH], {**_lost(5), "fresh": 1.0})
    (system,) = now.systems
    scores = system.scores["chrf"]
    assert isinstance(scores, MetricScores)

    def with_failure(row: int) -> PairResult:
        outcomes = list(system.outcomes)
        outcomes[row] = Failed("timed out")
        missing = missing_answers(outcomes)
        assert missing is not None
        broken = replace(system, outcomes=tuple(outcomes), scores={"chrf": replace(scores, corpus=missing)})
        return replace(now, systems=(broken,))

    assert _judge(with_failure(-1), THEN).status == "regressed"
    assert _judge(with_failure(0), THEN).status == "incomplete"


def test_scores_of_what_is_left_are_those_of_a_run_without_the_rest() -> None:
    common = in_common(_result([FRESH, *CORPUS.articles[:2]], {**SCORES, "fresh": 1.0}), THEN, lambda _: _mean)
    assert (common.added, common.changed, common.units) == (("fresh",), (), 2)
    (system,) = common.later.systems
    scores = system.scores["chrf"]
    assert isinstance(scores, MetricScores)
    assert scores.corpus == Score(pytest.approx((SCORES["a0"] + SCORES["a1"]) / 2), 6)
    assert [item.value for item in scores.articles if isinstance(item, Score)] == [SCORES["a0"], SCORES["a1"]]
    assert len(system.outcomes) == len(scores.segments) == len(system.tables["chrf"].rows) == 6


def _users(digest: str, column: str = "", *, name: str = "mqm", higher: bool = True) -> MetricIdentity:
    return with_traits(MetricIdentity(name, f"scores|file:{digest}|n:36{column}", higher, needs_reference=False))


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        (_users("aaa"), _users("bbb"), "regressed"),
        (_users("aaa"), _users("bbb", "|averaged:4"), "regressed"),
        (_users("aaa", "|column:x"), _users("bbb", "|column:x|averaged:4"), "regressed"),
        (_users("aaa", "|column:x"), _users("bbb", "|column:y"), "incomparable"),
        (_users("aaa"), _users("aaa", higher=False), "incomparable"),
        (_users("aaa"), _users("aaa", name="other"), "incomparable"),
    ],
)
def test_scores_somebody_brings_can_be_gated(before: MetricIdentity, now: MetricIdentity, status: str) -> None:
    def result(values: Mapping[str, float], identity: MetricIdentity) -> PairResult:
        rows = [values[article.id] for article in CORPUS.articles for _ in article.segments]
        system = a_system(CORPUS, {"mqm": rows})
        scores, table = system.scores["mqm"], system.tables["mqm"]
        assert isinstance(scores, MetricScores)
        changed = replace(
            system,
            tables={"mqm": replace(table, identity=identity)},
            scores={"mqm": replace(scores, identity=identity)},
        )
        return a_result(CORPUS, changed)

    verdict = _judge(result(_lost(5), now), result(SCORES, before), Policy())
    assert verdict.status == status


def test_slices_go_by_what_is_shared() -> None:
    corpus = a_corpus(12, 3, ["law"] * 6 + ["news"] * 6)
    articles = [replace(FRESH, meta={"domain": "law"}), *corpus.articles]
    then = _result(corpus.articles, SCORES)
    now = _result(articles, {**_lost(5), "fresh": 99.0})
    found: Sequence[GateLine] = judge(
        now,
        then,
        replace(POLICY, slices=("domain",)),
        lambda _: _mean,
        1,
    )
    units = {item.slice.value: numbers_of(item).units for item in found if item.metric}
    assert units == {"": 12, "law": 6, "news": 6}


def _mean(totals: Rows) -> Rows:
    return SegmentMean().score(totals)


@pytest.mark.parametrize("place", [0, 7, 20])
def test_of_sentences_the_unit_is_the_sentence(place: int) -> None:
    """A list of sentences is one article: one sentence more must not hide a regression of the others."""

    def result(sentences: Sequence[str], values: Sequence[float]) -> PairResult:
        name = ArticleId("all")
        rows = tuple(Segment(SegmentId(name, n), n, 1, text, ("ref",)) for n, text in enumerate(sentences, start=1))
        corpus = Corpus(PAIR, (Article(name, PAIR, rows),))
        return replace(a_result(corpus, a_system(corpus, {"chrf": values})), unit="segment")

    sentences = [f"Satz {n // 2}" for n in range(20)]
    before = list(np.linspace(30, 60, 20))
    after = [value - 5 + wobble for value, wobble in zip(before, np.resize(WOBBLE, 20), strict=True)]
    grown = result([*sentences[:place], "Neu", *sentences[place:]], [*after[:place], 99.0, *after[place:]])
    verdict = _judge(grown, result(sentences, before))
    assert verdict.status == "regressed"
    numbers = numbers_of(verdict.findings[0])
    assert (numbers.units, numbers.unit) == (20, "segment")
    assert numbers.delta == pytest.approx(-5 + np.resize(WOBBLE, 20).mean())
    notes = [said(item) for item in verdict.findings if item.status == "note"]
    assert f"based on the 20 segments in both runs; segments added: all:{place + 1}" in notes
    shrunk = _judge(result(sentences[1:], after[1:]), result(sentences, before))
    assert numbers_of(shrunk.findings[0]).delta == pytest.approx(-5 + np.resize(WOBBLE, 20)[1:].mean(), abs=0.5)
    assert _judge(result(["Neu"], [1.0]), result(sentences, before)).status == "incomparable"
