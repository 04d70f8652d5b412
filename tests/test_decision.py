"""The decision, branch by branch, on evidence made by hand: what is chosen, and what is said about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.comparison import Evidence, Joint
from harness.analysis.decision.decide import Decision, DecisionPolicy, NoDecision, decide
from harness.analysis.decision.order import more_for_sure
from harness.analysis.decision.strings_alone import STRING_RECORDS
from harness.reports.words.decision import spoken
from harness.types import Missing, Unknown, told
from tests.decision_cases import NO_WISHES, TEXTS, case, made, refusal, shown, traffic
from tests.reports.build import IDENTITIES, pair_result


def test_the_better_one_is_taken() -> None:
    systems = [made("A", 0.85), made("B", 0.82, traffic=traffic(1.0)), made("C", 0.80)]
    decision = decide(*case(*systems, apart=[("A", "B"), ("A", "C"), ("B", "C")]), DecisionPolicy())
    assert (decision.recommendation, decision.runner_up, decision.metric) == ("A", "B", "comet")
    assert spoken(decision).reasons == (
        "A is significantly better than B in COMET, by 0.0300 (p = 0.004 adjusted for 3 comparisons, 12 articles).",
    )
    assert spoken(decision).what_would_change_it == ("B would have to gain 0.0300 COMET to draw level with A",)
    assert (decision.strength, decision.metrics) == ("ahead", ("comet",))
    assert spoken(decision).cautions == (
        "COMET decides alone. Add a second metric, preferably one without references, to confirm it",
        "selected from 3 systems on the same articles, so its score is slightly too high",
    )
    assert decision.violations == ()


def test_only_systems_tied_with_the_best_are_candidates() -> None:
    # C is cheapest and ties with B, but not with A.
    systems = [made("A", 0.85), made("B", 0.84, traffic=traffic(5.0)), made("C", 0.83, traffic=traffic(1.0))]
    decision = decide(*case(*systems, apart=[("A", "C")]), DecisionPolicy())
    # Without B, A would be taken: C does not come near it.
    assert (decision.recommendation, decision.runner_up) == ("B", "A")


@pytest.mark.parametrize(
    ("better", "reason"),
    [
        ({"flagged": 1}, "B: 1 segment with a severe flag, compared with 9 segments with a severe flag (A)."),
        (
            {"traffic": traffic(5.0)},
            "B: 5.00 EUR per million characters, compared with 10.00 EUR per million characters (A).",
        ),
        (
            {"traffic": traffic(p95=0.5)},
            (
                "B: 0.50 s per 1,000 characters (median of 40 requests), "
                "compared with 1.0 s per 1,000 characters (median of 40 requests) (A)."
            ),
        ),
    ],
)
def test_flags_then_cost_then_latency_separate(better: dict[str, object], reason: str) -> None:
    decision = decide(*case(made("A", 0.85, flagged=9), made("B", 0.84, **{"flagged": 9, **better})), DecisionPolicy())  # type: ignore[arg-type]
    assert (decision.recommendation, decision.runner_up) == ("B", "A")
    tied, decisive = spoken(decision).reasons
    assert tied.startswith("A and B: no significant difference in COMET, 0.0100 (p = 0.310, 12 articles)")
    assert decisive == reason


def test_a_flag_more_or_less_separates_nobody() -> None:
    found = refusal(decide(*case(made("A", 0.85, flagged=5), made("B", 0.84, flagged=4)), DecisionPolicy()))
    assert found.reason == "nothing that was measured decides between A and B"
    # 6 against 0 is the smallest such difference that is not chance at 5 %: 2/2**6.
    assert [more_for_sure(count, 0) for count in (0, 5, 6)] == [False, False, True]
    assert more_for_sure(9, 1) == (scipy_binomial_p(1, 10) <= 0.05)
    assert more_for_sure(20, 9) == (scipy_binomial_p(9, 29) <= 0.05)


def scipy_binomial_p(fewer: int, together: int) -> float:
    stats = pytest.importorskip("scipy.stats")
    return float(stats.binomtest(fewer, together).pvalue)


def test_the_order_is_flags_cost_latency_and_what_another_order_would_give_is_said() -> None:
    clean = made("clean", 0.80, traffic=traffic(30.0, 3.0))
    cheap = made("cheap", 0.81, flagged=7, traffic=traffic(1.0, 2.0))
    fast = made("fast", 0.82, flagged=8, traffic=traffic(20.0, 0.1))
    decision = decide(*case(clean, cheap, fast), DecisionPolicy())
    assert (decision.recommendation, decision.runner_up) == ("clean", "cheap")
    assert {"cheap would be recommended if cost came first", "fast would be recommended if latency came first"} <= set(
        spoken(decision).what_would_change_it
    )


def test_weights_replace_the_order() -> None:
    clean = made("clean", 0.82, traffic=traffic(30.0, 3.0))
    cheap = made("cheap", 0.81, flagged=3, traffic=traffic(1.0, 3.0))
    evidence, result = case(clean, cheap)
    decision = decide(evidence, result, DecisionPolicy(weights={"flags": 1.0, "cost": 1.5, "latency": 1.0}))
    assert decision.recommendation == "cheap"
    assert "Weighted by flags 1, cost 1.5 (0 is best): 1.50 (clean), 1.00 (cheap)." in spoken(decision).reasons
    assert "clean would be recommended if flags mattered twice as much" in spoken(decision).what_would_change_it
    assert not any("cost mattered" in line for line in spoken(decision).what_would_change_it)
    assert decide(evidence, result, DecisionPolicy(weights={"quality": 1.0})).recommendation == "clean"
    assert refusal(decide(evidence, result, DecisionPolicy(weights={"latency": 1.0}))).among == ("clean", "cheap")


def test_weights_leave_out_what_is_not_known_of_all() -> None:
    evidence, result = case(made("A", 0.82, flagged=None), made("B", 0.81, traffic=traffic(1.0)))
    decision = decide(evidence, result, DecisionPolicy(weights={"flags": 9.0, "cost": 1.0}))
    assert decision.recommendation == "B"
    assert "Not considered: flags of A unknown (the checks did not run)." in spoken(decision).reasons


def test_more_articles_would_separate() -> None:
    evidence, result = case(made("A", 0.801), made("B", 0.800, traffic=traffic(1.0)))
    (comparison,) = evidence.metrics["comet"].comparisons
    assert not isinstance(comparison.needed, Missing)
    assert comparison.needed.sign_open
    decision = decide(evidence, result, DecisionPolicy())
    open_sign = "more articles, because the difference between B and A could go either way"
    assert open_sign in spoken(decision).what_would_change_it
    evidence, result = case(made("A", 0.802), made("B", 0.800, traffic=traffic(1.0)))
    decision = decide(evidence, result, DecisionPolicy())
    assert (
        "about 11 to 240 articles like these to find out whether B and A differ significantly"
        in spoken(decision).what_would_change_it
    )


def test_where_segments_are_the_unit_no_sentence_counts_articles() -> None:
    three = made("A", 0.802), made("B", 0.800, traffic=traffic(1.0)), made("C", 0.7999)
    decision = decide(*case(*three, unit="segment"), DecisionPolicy())
    assert (
        "about 11 to 240 segments like these to find out whether B and A differ significantly"
        in spoken(decision).what_would_change_it
    )
    assert (
        "more segments, because the difference between B and C could go either way"
        in spoken(decision).what_would_change_it
    )
    assert any("selected from 3 systems on the same segments" in line for line in spoken(decision).cautions)
    undecided = decide(*case(made("A", 0.8), made("B", 0.8), unit="segment"), DecisionPolicy())
    same = refusal(undecided)
    assert same.what_would_help == ("A and B score the same, and more segments would not change that",)
    few = refusal(decide(*case(made("A", 0.85), made("B", 0.8), units=5, unit="segment"), DecisionPolicy()))
    assert str(spoken(undecided)).startswith(f"{undecided.pair}: no recommendation\n  {same.reason}\n  ")
    assert few.reason.startswith("no verdict: 5 segments are too few to compare 2 systems")
    assert few.what_would_help == ("add at least 1 segment",)
    for text in (
        *spoken(decision).reasons,
        *spoken(decision).cautions,
        *spoken(decision).what_would_change_it,
        few.reason,
    ):
        assert "article" not in text


def test_nothing_known_separates() -> None:
    found = refusal(decide(*case(made("A", 0.8), made("B", 0.8)), DecisionPolicy()))
    assert (found.reason, found.among) == ("nothing that was measured decides between A and B", ("A", "B"))
    assert found.what_would_help == ("A and B score the same, and more articles would not change that",)
    unknown = Missing(told("nothing is sent for this system"))
    decision = decide(*case(made("A", 0.81, traffic=unknown), made("B", 0.8, traffic=unknown)), DecisionPolicy())
    assert (
        "find out the cost of A and B: nothing is sent for this system, and no price is given"
        in refusal(decision).what_would_help
    )
    assert spoken(decision).reasons[0].startswith("A and B: no significant difference")


def test_an_unknown_value_is_neither_better_nor_worse() -> None:
    dear, cheap = made("dear", 0.83, traffic=traffic(20.0, 0.1)), made("cheap", 0.82, traffic=traffic(10.0, 0.3))
    hidden = made("hidden", 0.81, traffic=traffic(Unknown(told("no list price")), 0.2))
    decision = decide(*case(dear, cheap, hidden), DecisionPolicy())
    # dear is known to cost more than cheap; hidden stays in, and is faster.
    assert (decision.recommendation, decision.runner_up) == ("hidden", "cheap")
    assert (
        "cost of hidden unknown (no list price). Once it is known, another system might be recommended"
        in spoken(decision).what_would_change_it
    )
    assert decision.pareto == ("dear", "cheap", "hidden")


def test_the_pareto_set_leaves_out_what_is_beaten() -> None:
    best = made("best", 0.9, traffic=traffic(10.0, 1.0))
    beaten = made("beaten", 0.8, traffic=traffic(10.0, 1.0))
    cheap, twin = made("cheap", 0.7, traffic=traffic(1.0, 1.0)), made("twin", 0.9, traffic=traffic(10.0, 1.0))
    decision = decide(*case(best, beaten, cheap, twin), DecisionPolicy())
    assert set(decision.pareto) == {"best", "twin", "cheap"}


def test_which_metric_decides_and_what_a_string_metric_is_worth() -> None:
    scores = {"A": 60.0, "B": 50.0}
    systems = [made(name, value) for name, value in scores.items()]
    result = pair_result(
        TEXTS, [replace(item, scores=dict.fromkeys(IDENTITIES, item.scores["comet"])) for item in systems]
    )
    every = {name: shown(scores, [("A", "B")], name, 12, 1.0) for name in ("ter", "bleu", "chrf", "comet")}

    def metric(*names: str, policy: DecisionPolicy = NO_WISHES) -> Decision:
        return decide(Evidence("de-en", {name: every[name] for name in names}, "article", 12, 1), result, policy)

    assert metric("ter", "bleu", "chrf", "comet").metric == "comet"
    assert metric("ter", "bleu", "chrf").metric == "chrf"
    assert metric("ter", "bleu").metric == "bleu"
    assert metric("ter").metric == "ter"
    asked = metric("bleu", "chrf", "comet", policy=DecisionPolicy(metric="bleu"))
    assert asked.metric == "bleu"
    wrong, decisions = STRING_RECORDS[frozenset({"bleu"}), True]
    assert spoken(asked).cautions == (
        "chrF and COMET would also recommend A",
        (
            f"BLEU only compares strings. In {wrong} of {decisions} such decisions on WMT systems, people preferred "
            "the other one. Prefer COMET"
        ),
    )
    # Nothing was measured of TER.
    plain = "TER only compares strings, so people may prefer another system. Prefer COMET"
    assert spoken(metric("ter")).cautions == (plain,)
    # TER goes the other way: fewer edits are better, so it prefers B.
    assert spoken(metric("ter", "comet")).cautions[0] == "TER disagrees: B is significantly better than A, by 10.0"
    assert spoken(metric("bleu", "comet")).cautions[0] == "BLEU would also recommend A"
    every["ter"] = shown(scores, (), "ter", 12, 1.0)
    assert spoken(metric("ter", "comet")).cautions[0] == "TER would not decide between them"


def test_string_metrics_decide_only_by_points_that_people_notice() -> None:
    """1.5 points on each that decides, whatever p says; a metric that is asked for decides by any confirmed one."""

    def two(bleu: float, chrf: float, policy: DecisionPolicy = NO_WISHES) -> Decision:
        systems = [made(name, value, metric="chrf") for name, value in (("A", 50.0 + chrf), ("B", 50.0))]
        result = pair_result(
            TEXTS, [replace(one, scores=dict.fromkeys(IDENTITIES, one.scores["chrf"])) for one in systems]
        )
        first = shown({"A": 50.0 + chrf, "B": 50.0}, [("A", "B")], "chrf", 12, 0.5)
        second = shown({"A": 30.0 + bleu, "B": 30.0}, [("A", "B")], "bleu", 12, 0.5)
        evidence = Evidence("de-en", {"bleu": second, "chrf": first}, "article", 12, 1)
        joint = Joint("chrf", "bleu", "both", first)
        return decide(replace(evidence, joint=joint), result, policy)

    assert (two(1.5, 1.5).recommendation, two(1.5, 1.5).strength) == ("A", "ahead")
    close = two(1.4, 3.0)
    assert refusal(close).among == ("A", "B")
    said = (
        "A and B differ in chrF and BLEU by 3.0 and 1.4 (p = 0.004, 12 articles). String metrics decide only from 1.5"
    )
    assert spoken(close).reasons[0] == f"{said} points."
    assert refusal(close).what_would_help == (
        "a learned metric such as COMET, because the difference between A and B is too small for string metrics",
    )
    assert isinstance(two(3.0, 1.4).recommendation, NoDecision)
    assert two(0.5, 1.4, DecisionPolicy(metric="chrf")).recommendation == "A"


def test_a_learned_metric_decides_by_any_confirmed_difference() -> None:
    assert decide(*case(made("A", 0.8101), made("B", 0.81), apart=[("A", "B")]), DecisionPolicy()).recommendation == "A"


def test_lower_is_better_where_the_metric_says_so() -> None:
    good, bad = made("good", 40.0, metric="ter"), made("bad", 60.0, metric="ter")
    decision = decide(*case(bad, good, apart=[("good", "bad")], metric="ter"), DecisionPolicy())
    assert (decision.recommendation, decision.pareto) == ("good", ("good",))
    assert spoken(decision).reasons == (
        "good is significantly better than bad in TER, by 20.0 (p = 0.004, 12 articles).",
    )
