"""The decision: limits, refusals, and what a system costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.comparison import Evidence
from harness.analysis.decision.decide import DecisionPolicy, decide
from harness.analysis.decision.recommendation import Facts
from harness.checks.run import NOT_CHECKED
from harness.reports.words.decision import spoken
from harness.reports.words.reasons import sentence
from harness.store.runs.result import SystemResult
from harness.types import Failed, Missing, Money, Unknown, told
from tests.decision_cases import CHARACTERS, TEXTS, case, made, refusal, traffic
from tests.reports.build import SENT, pair_result


@pytest.mark.parametrize(
    ("policy", "constraint", "why", "fields"),
    [
        (DecisionPolicy(max_cost_per_million=9), "max_cost_per_million",
         "10.00 EUR per million characters, more than 9", {}),
        (DecisionPolicy(max_cost_per_million=9), "max_cost_per_million", "cost unknown: secret",
         {"traffic": traffic(Unknown(told("secret")))}),
        (DecisionPolicy(max_p95=0.5), "max_p95", "1.0 s at p95, more than 0.5 s", {}),
        (DecisionPolicy(max_p95=0.5), "max_p95", "latency unknown: gone", {"traffic": Missing(told("gone"))}),
        (DecisionPolicy(no_flags=("date", "number")), "no_flags", "2 segments flagged number",
         {"flagged": 2, "kind": "number"}),
        (DecisionPolicy(no_flags=("number",)), "no_flags", "flags unknown: the checks did not run", {"flagged": None}),
    ],
)  # fmt: skip
def test_hard_limits(policy: DecisionPolicy, constraint: str, why: str, fields: dict[str, object]) -> None:
    allowed = made("B", 0.80, traffic=traffic(5.0, 0.4))
    decision = decide(*case(made("A", 0.85, **fields), allowed, apart=[("A", "B")]), policy)  # type: ignore[arg-type]
    assert decision.recommendation == "B"
    (fault,) = decision.violations
    assert (fault.system, fault.constraint, sentence(fault.why)) == ("A", constraint, why)
    assert spoken(decision).reasons == (
        "B is the only system that meets the hard limits.",
        (
            "A is significantly better than B in COMET, by 0.0500 (p = 0.004, 12 articles), "
            f"but is excluded: {why} ({constraint})."
        ),
    )
    assert f"A would be recommended without {constraint}" in spoken(decision).what_would_change_it
    assert isinstance(decision.runner_up, Missing)


def test_a_limit_that_changes_nothing_is_not_said_to() -> None:
    # A ties with B and has more flags: out or not, B is taken, and nobody may say that A is better.
    evidence, result = case(made("A", 0.85, flagged=9, kind="number"), made("B", 0.84, flagged=1, kind="date"))
    decision = decide(evidence, result, DecisionPolicy(no_flags=("number",)))
    assert decision.recommendation == "B"
    assert spoken(decision).reasons == ("B is the only system that meets the hard limits.",)
    assert not any(" without " in line for line in spoken(decision).what_would_change_it)


def test_values_at_the_limit_keep_it() -> None:
    evidence, result = case(made("A", 0.85), made("B", 0.80), apart=[("A", "B")])
    policy = DecisionPolicy(max_cost_per_million=10.000001, max_p95=1.0, no_flags=("number",))
    assert decide(evidence, result, policy).violations == ()


def test_no_system_keeps_the_limits() -> None:
    found = refusal(decide(*case(made("A", 0.85), made("B", 0.8)), DecisionPolicy(max_p95=0.1)))
    assert found.reason.startswith("no system meets the hard limits: A: 1.0 s at p95")
    assert "B: 1.0 s" in found.reason


def test_too_few_articles() -> None:
    found = refusal(decide(*case(made("A", 0.85), made("B", 0.8), units=5), DecisionPolicy()))
    assert found.reason == "no verdict: 5 articles are too few to compare 2 systems; at least 6 are needed"
    assert found.what_would_help == ("add at least 1 article",)
    three = [made("A", 0.85), made("B", 0.8), made("C", 0.7)]
    decision = decide(*case(*three, units=6, apart=[("A", "B"), ("A", "C")]), DecisionPolicy())
    assert decision.recommendation == "A"


def test_segments_decide_only_where_somebody_declared_them_independent() -> None:
    evidence, result = case(made("A", 0.85), made("B", 0.8), apart=[("A", "B")], unit="segment")
    undeclared = refusal(decide(replace(evidence, declared=False), result, DecisionPolicy()))
    assert undeclared.reason == "the sentences are not declared independent"
    assert decide(evidence, result, DecisionPolicy()).recommendation == "A"


def test_one_system_is_not_compared_with_anything() -> None:
    assert (
        refusal(decide(*case(made("A", 0.85)), DecisionPolicy())).reason
        == "A is the only system in this run. It is a baseline for later runs"
    )
    evidence, result = case(made("A", float("nan")), made("B", float("nan")))
    assert refusal(decide(evidence, result, DecisionPolicy())).reason == "no system has a comparable COMET score"


def test_scores_on_different_segments_are_not_ranked() -> None:
    one, other = made("A", 0.85), made("B", 0.8)
    scores = one.scores["comet"]
    assert not isinstance(scores, Missing)
    mask = scores.scored.copy()
    mask[0] = False
    evidence, result = case(replace(one, scores={"comet": replace(scores, scored=mask)}), other, apart=[("A", "B")])
    assert "cover different segments" in refusal(decide(evidence, result, DecisionPolicy())).reason


def test_everything_incomplete() -> None:
    broken = made("A", 0.85)
    broken = replace(broken, outcomes=(Failed("timeout"), *broken.outcomes[1:]))
    unscored = replace(made("B", 0.8), scores={"comet": Missing(told("unbabel-comet is not installed"))})
    result = pair_result(TEXTS, [broken, unscored], ["comet"], absent={"C": "no program"})
    decision = decide(Evidence("de-en", {}, "article", 12, 1), result, DecisionPolicy(metric="comet"))
    assert refusal(decision).reason == "no system has a comparable COMET score"
    assert [(item.system, sentence(item.why)) for item in decision.violations] == [
        ("A", "incomplete: 9 of 10 segments translated"),
        ("B", "unbabel-comet is not installed"),
        ("C", "no program"),
    ]
    assert isinstance(decision.metric, Missing)
    nothing = decide(Evidence("de-en", {}, "article", 12, 1), result, DecisionPolicy())
    assert refusal(nothing).reason == "no complete system has a comparable score"


def facts_of(*systems: SystemResult, currency: str = "") -> dict[str, Facts]:
    return {item.system: item for item in decide(*case(*systems), DecisionPolicy(currency=currency)).facts}


def why_unknown(value: object) -> str:
    assert isinstance(value, Unknown)
    return sentence(value.why)


def test_cost_per_million() -> None:
    local = made("local", 0.8, traffic=traffic(0.0, currency=""))
    listed = made("listed", 0.8, traffic=Missing(told("nothing is sent")), price_per_million=7.0, currency="EUR")
    twice = made("twice", 0.8, traffic=replace(traffic(), characters=2 * CHARACTERS))
    mixed = made("mixed", 0.8, traffic=replace(SENT, spent=Money(1.0, "EUR"), saved=Money(1.0, "USD")))
    half = made("half", 0.8, traffic=replace(SENT, saved=Unknown(told("lost"))))
    found = facts_of(local, listed, twice, mixed, half, made("billed", 0.8))
    assert found["local"].cost == Money(0.0, "")
    assert found["listed"].cost == Money(7.0, "EUR")
    costs = [found[name].cost for name in ("twice", "billed")]
    assert [cost.amount for cost in costs if isinstance(cost, Money)] == pytest.approx([5.0, 10.0])
    assert why_unknown(found["mixed"].cost) == "billed in several currencies: USD, EUR"
    assert found["half"].cost == Unknown(told("lost"))


def test_different_currencies_are_not_compared() -> None:
    systems = [made("E", 0.8), made("U", 0.8, traffic=traffic(1.0, currency="USD"))]
    systems.append(made("free", 0.8, traffic=traffic(0.0, currency="")))
    found = facts_of(*systems)
    assert why_unknown(found["E"].cost) == "billed in EUR; to compare EUR, USD, set `currency`"
    assert isinstance(found["U"].cost, Unknown)
    assert found["free"].cost == Money(0.0, "")
    found = facts_of(*systems, currency="EUR")
    assert isinstance(found["E"].cost, Money)
    assert why_unknown(found["U"].cost) == "billed in USD instead of EUR"


@pytest.mark.parametrize("failed", ["number", ""])  # runs of earlier versions do not say which check failed
def test_a_limit_on_flags_is_not_kept_where_the_check_failed(failed: str) -> None:
    unsure = made("A", 0.85, flagged=3, kind=NOT_CHECKED, failed=failed)
    evidence, result = case(unsure, made("B", 0.80), apart=[("A", "B")])
    decision = decide(evidence, result, DecisionPolicy(no_flags=("number",)))
    assert decision.recommendation == "B"
    assert [(item.system, sentence(item.why)) for item in decision.violations] == [
        ("A", "flags unknown: the check for number failed on 3 segments")
    ]
    other = decide(evidence, result, DecisionPolicy(no_flags=("date",)))
    assert bool(other.violations) == (not failed)


def test_flags_of_which_the_check_failed_decide_nothing() -> None:
    unsure = made("A", 0.85, flagged=2, kind=NOT_CHECKED, failed="empty")
    evidence, result = case(unsure, made("B", 0.84, flagged=1, kind="date"))
    facts = {item.system: item for item in decide(evidence, result, DecisionPolicy()).facts}
    assert why_unknown(facts["A"].severe) == "the check for empty failed on 2 segments"
    assert why_unknown(facts["A"].flags) == "some checks failed on 2 segments"
    assert facts["B"].severe == 0
    decision = decide(evidence, result, DecisionPolicy(no_flags=("empty",)))
    assert [item.system for item in decision.violations] == ["A"]
