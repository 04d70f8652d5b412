"""The gate: every verdict, from numbers known to deserve it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.gate import gate
from harness.analysis.gate.flags import count_flagged
from harness.analysis.gate.verdict import GateLine, Numbers, Policy, Verdict
from harness.checks.interface import Flag
from harness.metrics.segment import SegmentMean
from harness.reports.formats.gate import FORMATS
from harness.store.runs.result import PairResult
from harness.types import ArticleId, Corpus, LangPair, Missing, SystemName, Translated, told
from tests.gate_runs import a_corpus, a_result, a_run, a_system, said

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CORPUS = a_corpus()
N = len(CORPUS.segments)
BEFORE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)


def _judge(now: PairResult, then: PairResult, policy: Policy | None = None, age: int = 0) -> Verdict:
    accepted = NOW - timedelta(days=age)
    return gate(a_run(now), a_run(then), policy or Policy(), seed=1, accepted=accepted, now=NOW)


def shifted(shift: float, *, higher: bool = True, margin: float = 1.0, metric: str = "chrf") -> Verdict:
    """A candidate whose every article moved by ``shift`` and a little noise."""
    then = a_result(CORPUS, a_system(CORPUS, {metric: BEFORE}, higher=higher))
    now = a_result(CORPUS, a_system(CORPUS, {metric: BEFORE + shift + WOBBLE}, higher=higher, text="new"))
    return _judge(now, then, Policy(margins={metric: margin}))


def only_finding(verdict: Verdict) -> GateLine:
    (finding,) = verdict.findings
    return finding


def numbers_of(finding: GateLine) -> Numbers:
    assert isinstance(finding.numbers, Numbers)
    return finding.numbers


@pytest.mark.parametrize(
    ("shift", "margin", "status"),
    [
        (5.0, 0.0, "pass"),
        (0.0, 3.0, "pass"),
        (0.0, 0.0, "inconclusive"),
        (-5.0, 1.0, "regressed"),
        (-5.0, 20.0, "pass"),
    ],
)
def test_shift_and_margin(shift: float, margin: float, status: str) -> None:
    verdict = shifted(shift, margin=margin)
    assert verdict.status == status
    numbers = numbers_of(only_finding(verdict))
    assert numbers.delta == pytest.approx(shift + WOBBLE.mean())
    assert (numbers.margin, numbers.unit, numbers.units, numbers.segments) == (margin, "article", 8, N)


@pytest.mark.parametrize(("shift", "status"), [(5.0, "regressed"), (-5.0, "pass")])
def test_lower_is_better_turns_round(shift: float, status: str) -> None:
    finding = only_finding(shifted(shift, higher=False, metric="ter"))
    assert finding.status == status
    assert np.sign(numbers_of(finding).delta) == -np.sign(shift)
    assert all(np.sign(move.delta) == -np.sign(shift) for move in finding.moves.segments)


def test_identical_passes_with_margin_0_and_even_with_one_article() -> None:
    for articles in (8, 1):
        corpus = a_corpus(articles)
        same = a_result(corpus, a_system(corpus, {"chrf": BEFORE[: len(corpus.segments)]}))
        verdict = _judge(same, same, Policy(margins={"chrf": 0.0}))
        assert verdict.status == "pass"
        assert said(only_finding(verdict)) == "nothing changed"
        assert only_finding(verdict).moves.segments == ()


@pytest.mark.parametrize(("articles", "status"), [(1, "inconclusive"), (5, "inconclusive"), (6, "regressed")])
def test_too_few_articles_say_so_however_large_the_loss(articles: int, status: str) -> None:
    corpus = a_corpus(articles)
    size = len(corpus.segments)
    then = a_result(corpus, a_system(corpus, {"chrf": BEFORE[:size]}))
    now = a_result(corpus, a_system(corpus, {"chrf": BEFORE[:size] - 10 + WOBBLE[:size]}))
    verdict = _judge(now, then)
    assert verdict.status == status
    message = said(only_finding(verdict))
    assert ("too few articles" in message) == (1 < articles < 6)
    assert ("one article is not a sample; if its sentences are independent, add --unit segment" in message) == (
        articles == 1
    )


@pytest.mark.parametrize("count", [5, 24])
def test_one_article_of_segments_declared_independent_can_be_judged(count: int) -> None:
    corpus = a_corpus(1, count)
    system = a_system(corpus, {"chrf": BEFORE[:count]})
    worse = a_system(corpus, {"chrf": BEFORE[:count] - 10 + WOBBLE[:count]})
    then, now = (replace(a_result(corpus, item), unit="segment") for item in (system, worse))
    finding, note = _judge(now, then).findings
    assert isinstance(finding.numbers, Numbers)
    assert (finding.numbers.unit, finding.numbers.units) == ("segment", count)
    assert finding.status == ("regressed" if count >= 6 else "inconclusive")
    assert (note.status, note.blocking) == ("note", False)
    assert "declared independent" in said(note)


def test_changed_signature_direction_and_segments_are_incomparable() -> None:
    then = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    signature = _judge(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, signature="v2")), then)
    assert signature.status == "incomparable"
    assert "from v1 to v2" in said(only_finding(signature))
    assert _judge(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, higher=False)), then).status == "incomparable"
    fewer = _judge(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, scored=[False, *[True] * (N - 1)])), then)
    assert fewer.status == "incomparable"
    assert f"1 of {N}" in said(only_finding(fewer))


def test_what_vanished_is_incomplete_and_what_is_new_is_only_noted() -> None:
    both = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE}))
    without = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    assert _judge(without, both).status == "incomplete"
    assert _judge(both, without).status == "pass"
    gone = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": Missing(told("not installed"))}))
    assert "not installed" in next(said(item) for item in _judge(gone, both).findings if item.metric == "bleu")

    renamed = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="other"))
    verdict = _judge(renamed, without)
    assert verdict.status == "incomplete"
    assert [(item.status, item.system) for item in verdict.findings] == [("incomplete", "s"), ("note", "other")]
    mapped = Policy(systems={SystemName("other"): SystemName("s")})
    assert _judge(renamed, without, mapped).status == "pass"

    elsewhere = replace(CORPUS, pair=LangPair("fr", "en"))
    verdict = _judge(a_result(elsewhere, a_system(elsewhere, {"chrf": BEFORE})), without)
    assert [(item.status, item.pair) for item in verdict.findings] == [("incomplete", "de-en"), ("note", "fr-en")]


def test_a_deciding_metric_that_nobody_has_is_incomplete() -> None:
    then = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "comet": Missing(told("not here"))}))
    assert _judge(then, then).status == "pass"
    assert _judge(then, then, Policy(deciding=("comet",))).status == "incomplete"
    assert _judge(then, then, Policy(only=("chrf",))).status == "pass"


def test_nothing_judged_is_never_a_pass() -> None:
    empty = a_result(CORPUS, a_system(CORPUS, {"chrf": Missing(told("no reference"))}))
    assert _judge(empty, empty).status == "incomplete"
    verdict = gate(a_run(), a_run(), Policy(), seed=1, accepted=NOW, now=NOW)
    assert verdict.status == "incomplete"


@pytest.mark.parametrize(
    ("falls", "policy", "status"),
    [
        ("bleu", Policy(), "pass"),
        ("comet", Policy(), "regressed"),
        ("chrf", Policy(), "pass"),
        ("bleu", Policy(deciding=("bleu",)), "regressed"),
        ("bleu", Policy(only=("chrf", "bleu")), "regressed"),
        ("bleu", Policy(only=("comet",)), "pass"),
    ],
)
def test_which_metrics_decide(falls: str, policy: Policy, status: str) -> None:
    names = ("bleu", "chrf", "comet")
    then = a_result(CORPUS, a_system(CORPUS, dict.fromkeys(names, BEFORE)))
    now = a_result(CORPUS, a_system(CORPUS, {name: BEFORE - 10 * (name == falls) for name in names}))
    verdict = _judge(now, then, policy)
    assert verdict.status == status
    fallen = [item for item in verdict.findings if item.metric == falls]
    assert all(item.status == "regressed" for item in fallen)


@pytest.mark.parametrize(
    ("names", "decides"),
    [
        (("bleu", "chrf", "comet"), "comet"),
        (("bleu", "chrf"), "chrf"),
        (("ter", "bleu"), "bleu"),
        (("ter",), "ter"),  # without a usual margin, all decide
        (("chrf", "people"), "chrf"),  # ratings have no margin to judge by
    ],
)
def test_what_decides_is_the_primary_metric_with_a_margin(names: tuple[str, ...], decides: str) -> None:
    then = a_result(CORPUS, a_system(CORPUS, dict.fromkeys(names, BEFORE)))
    verdict = _judge(then, then)
    assert [item.metric for item in verdict.findings if item.blocking and item.metric] == [decides]


def test_the_worst_finding_is_the_verdict() -> None:
    then = a_result(CORPUS, *(a_system(CORPUS, {"chrf": BEFORE}, name=name) for name in "abc"))
    now = a_result(
        CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="a"), a_system(CORPUS, {"chrf": BEFORE - 9}, name="c")
    )
    verdict = _judge(now, then)
    assert [item.status for item in verdict.findings] == ["regressed", "incomplete", "pass"]
    assert verdict.status == "regressed"


def test_a_regression_in_one_domain_is_found_and_a_small_slice_only_warns() -> None:
    corpus = a_corpus(30, 2, ["law"] * 6 + ["news"] * 21 + ["tiny"] * 3)
    rng = np.random.default_rng(3)
    before = rng.normal(50, 5, len(corpus.segments))
    after = before + rng.normal(0, 0.3, len(before))
    after[:12] -= 4
    then = a_result(corpus, a_system(corpus, {"chrf": before}))
    now = a_result(corpus, a_system(corpus, {"chrf": after}))
    assert _judge(now, then, Policy(margins={"chrf": 2.0})).status == "pass"
    verdict = _judge(now, then, Policy(margins={"chrf": 2.0}, slices=("domain",)))
    assert verdict.status == "regressed"
    found = {(item.slice.key, item.slice.value): (item.status, item.blocking) for item in verdict.findings}
    assert found == {
        ("", ""): ("pass", True),
        ("domain", "law"): ("regressed", True),
        ("domain", "news"): ("pass", True),
        ("domain", "tiny"): ("inconclusive", False),
    }


def test_an_open_slice_with_enough_articles_says_so_and_asks_for_none() -> None:
    corpus = a_corpus(30, 2, ["law"] * 20 + ["tiny"] * 10)
    rng = np.random.default_rng(4)
    before = rng.normal(50, 5, len(corpus.segments))
    noise = rng.normal(0, 0.3, len(before))
    noise[:40] -= noise[:40].mean() + 2.0  # law lost what the margin accepts, to the point
    noise[40:] -= noise[40:].mean()
    noise[40:] *= 40
    then = a_result(corpus, a_system(corpus, {"chrf": before}))
    now = a_result(corpus, a_system(corpus, {"chrf": before + noise}))
    verdict = _judge(now, then, Policy(margins={"chrf": 2.0}, slices=("domain",)))
    texts = {item.slice.value: said(item) for item in verdict.findings if item.status == "inconclusive"}
    assert texts["law"].endswith("the margin of 2 needs about 6 articles. There are enough: find what was lost")
    assert "There are enough" not in texts["tiny"]
    assert "Add articles" not in texts["tiny"]


def test_an_old_baseline_is_mentioned_and_does_not_decide() -> None:
    same = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    assert len(_judge(same, same, age=90).findings) == 1
    verdict = _judge(same, same, age=91)
    assert verdict.status == "pass"
    assert said(verdict.findings[-1]) == "the baseline was accepted 91 days ago"
    assert verdict.findings[-1].level == "warning"


def test_what_moved_most() -> None:
    after = BEFORE.copy()
    after[4] -= 30
    after[20] += 20
    then = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    now = a_result(CORPUS, a_system(CORPUS, {"chrf": after}, text="new"))
    moves = only_finding(_judge(now, then)).moves
    assert [(item.article, item.number, item.delta) for item in moves.segments] == [
        ("a1", 2, pytest.approx(-30)),
        ("a6", 3, pytest.approx(20)),
    ]
    assert (moves.segments[0].outcome_before, moves.segments[0].outcome_after) == (
        Translated("text 4"),
        Translated("new 4"),
    )
    assert [(item.article, item.delta) for item in moves.articles] == [
        ("a1", pytest.approx(-10)),
        ("a6", pytest.approx(20 / 3)),
    ]


def test_numbers_that_are_none_do_not_pass() -> None:
    then = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}))
    broken = BEFORE.copy()
    broken[3] = np.nan
    verdict = _judge(a_result(CORPUS, a_system(CORPUS, {"chrf": broken})), then)
    assert verdict.status == "incomplete"
    for render in FORMATS.values():
        assert render(verdict)


def _simulate(loss_in_margins: float, runs: int = 200, margin_in_errors: float = 0.5) -> dict[str, int]:
    """Verdicts on candidates that differ from the baseline by noise, correlated inside articles, and by a loss."""
    rng = np.random.default_rng(11)
    corpus = a_corpus(12, 4)
    counts = dict.fromkeys(("pass", "inconclusive", "regressed"), 0)
    between, within = 1.0, 1.0
    error = np.sqrt(between**2 / 12 + within**2 / 48)
    margin = margin_in_errors * error
    before = rng.normal(50, 10, len(corpus.segments))
    then = a_result(corpus, a_system(corpus, {"x": before}))
    policy = Policy(margins={"x": margin})
    for _ in range(runs):
        noise = np.repeat(rng.normal(0, between, 12), 4) + rng.normal(0, within, 48)
        now = a_result(corpus, a_system(corpus, {"x": before + noise - loss_in_margins * margin}))
        counts[_judge(now, then, policy).status] += 1
    return counts


@pytest.mark.parametrize("margin_in_errors", [0.0, 0.5])
def test_noise_alone_fails_at_most_at_the_nominal_rate(margin_in_errors: float) -> None:
    assert SegmentMean().score(np.array([3.0, 2.0])) == 1.5  # the formula the simulated metric is judged by
    counts = _simulate(0, runs=500, margin_in_errors=margin_in_errors)
    # Nominal are 5 % at a margin of 0; 500 runs have a standard error of 1 point.
    assert counts["regressed"] <= 0.075 * 500, counts


def test_at_the_margin_neither_verdict_is_given_too_often_and_far_beyond_it_fails() -> None:
    counts = _simulate(1)
    assert counts["pass"] <= 10, counts
    assert counts["regressed"] <= 10, counts
    assert _simulate(12, runs=40)["regressed"] >= 36


def test_bare_files_are_judged_by_segments() -> None:
    corpus = a_corpus(1, 20)
    bare = replace(corpus, articles=(replace(corpus.articles[0], id=ArticleId("all")),))
    before = BEFORE[:20]
    then = a_result(bare, a_system(bare, {"chrf": before}))
    now = a_result(bare, a_system(bare, {"chrf": before - 9 + WOBBLE[:20]}))
    finding = only_finding(_judge(now, then))
    assert finding.status == "inconclusive"
    assert "the sentences are not declared independent" in said(finding)
    assert (numbers_of(finding).unit, numbers_of(finding).declared) == ("segment", False)
    declared, _ = _judge(replace(now, unit="segment"), then).findings
    assert declared.status == "regressed"
    assert (numbers_of(declared).unit, numbers_of(declared).declared) == ("segment", True)
    assert isinstance(now.systems[0].outcomes[0], Translated)


def _with_other_references(articles: int) -> Corpus:
    changed = [
        replace(article, segments=tuple(replace(segment, references=("new",)) for segment in article.segments))
        for article in CORPUS.articles[:articles]
    ]
    return replace(CORPUS, articles=(*changed, *CORPUS.articles[articles:]))


def _situation(name: str) -> str:
    """The verdict in a situation of the table in ``docs/ci.md``."""
    kept = a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE})
    then = a_result(CORPUS, kept)
    noise = a_system(CORPUS, {"chrf": BEFORE + WOBBLE / 4, "bleu": BEFORE}, text="new")
    policy = Policy(margins={"chrf": 1.0, "bleu": 1.0})
    match name:
        case "the same outputs":
            now = then
        case "different outputs of the same quality":
            now = a_result(CORPUS, noise)
        case "every article lost three margins":
            now = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE - 3 + WOBBLE / 4, "bleu": BEFORE}))
        case "much noise, no loss":
            now = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE + 6 * WOBBLE, "bleu": BEFORE}))
        case "five articles":
            few = a_corpus(5)
            rows = BEFORE[:15]
            then = a_result(few, a_system(few, {"chrf": rows}))
            now = a_result(few, a_system(few, {"chrf": rows - 9 + WOBBLE[:15]}))
        case "a system is missing":
            now = a_result(CORPUS)
        case "a metric is missing":
            now = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": Missing(told("not installed"))}))
        case "one of eight articles was changed, and three margins were lost" | "every article was changed":
            changed = _with_other_references(1 if name.startswith("one") else len(CORPUS.articles))
            now = a_result(changed, a_system(changed, {"chrf": BEFORE - 3 + WOBBLE / 4, "bleu": BEFORE}))
        case "another signature":
            now = a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE}, signature="v2"))
        case 'one domain of three lost two margins, `slices = ["domain"]`':
            corpus = a_corpus(30, 2, ["law"] * 6 + ["news"] * 18 + ["web"] * 6)
            rows = np.linspace(20, 60, 60)
            after = rows + np.random.default_rng(3).normal(0, 0.3, 60)
            after[:12] -= 2
            then, now = (a_result(corpus, a_system(corpus, {"chrf": values})) for values in (rows, after))
            policy = replace(policy, slices=("domain",))
        case "a flagged segment, `max_flagged.empty = 0`":
            flags = ((Flag("empty", "whole", "nothing", 1.0),), *[()] * (N - 1))
            now = a_result(CORPUS, replace(kept, flags=flags))
            policy = replace(policy, max_flagged={"empty": 0})
        case _:
            raise AssertionError(f"the table has a situation that is not tested: {name}")
    return _judge(now, then, policy).status


def test_every_situation_of_the_documentation_gets_its_verdict() -> None:
    text = (Path(__file__).parents[1] / "docs" / "ci.md").read_text(encoding="utf-8")
    table = text.split("| Situation | Verdict |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert len(rows) >= 11
    assert {name: _situation(name) for name, _ in rows} == {name: verdict.strip("`") for name, verdict in rows}


@pytest.mark.parametrize(
    ("found", "pairs", "status"),
    [
        (0, None, "pass"), (0, frozenset({"de-en"}), "pass"), (0, frozenset({"fr-en"}), "incomplete"),
        (1, frozenset(), "regressed"),
    ],
)  # fmt: skip
def test_without_a_glossary_nobody_knows(found: int, pairs: frozenset[str] | None, status: str) -> None:
    rows = [(Flag("glossary", "whole", "missed", 1.0),)] * found
    checked = replace(a_system(CORPUS, {"chrf": BEFORE}), flags=(*rows, *[()] * (N - len(rows))))
    policy = Policy(max_flagged={"glossary": 0, "empty": 0}, with_glossary=pairs)
    line, other = count_flagged(CORPUS, checked, checked, policy)
    assert (line.status, other.status) == (status, "pass")
    assert ("not checked against a glossary" in said(line)) == (status == "incomplete")


@pytest.mark.parametrize(
    ("found", "failed", "most", "status"),
    [(0, 0, 0, "pass"), (0, 1, 0, "incomplete"), (0, 1, 1, "pass"), (1, 1, 1, "incomplete"), (2, 1, 1, "regressed")],
)
def test_a_check_that_failed_counts_as_what_it_may_have_found(found: int, failed: int, most: int, status: str) -> None:
    rows = [(Flag("empty", "whole", "nothing", 1.0),)] * found
    rows += [(Flag("not_checked", "whole", "it failed", 0.0, "empty"),)] * failed
    rows += [(Flag("not_checked", "whole", "it failed", 0.0, "date"),)]
    checked = replace(a_system(CORPUS, {"chrf": BEFORE}), flags=(*rows, *[()] * (N - len(rows))))
    (line,) = count_flagged(CORPUS, checked, checked, Policy(max_flagged={"empty": most}))
    assert line.status == status
    assert ("failed on 1 segment" in said(line)) == (status == "incomplete")
