"""Latency decides only on evidence that can carry it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.decision.decide import DecisionPolicy, decide
from harness.analysis.decision.facts import slower
from harness.analysis.decision.recommendation import Facts
from harness.reports.words.decision import spoken
from harness.reports.words.reasons import sentence
from harness.store.runs.latency import Timing
from harness.types import SystemName
from tests.decision_cases import case, made, refusal, traffic


def facts(**systems: object) -> dict[SystemName, Facts]:
    found = decide(*case(*(made(name, 0.8, traffic=sent) for name, sent in systems.items())), DecisionPolicy())
    return {item.system: item for item in found.facts}


def test_two_requests_throw_nobody_out() -> None:
    best, other = made("A", 0.85, traffic=traffic(p95=8.4, requests=2)), made("B", 0.80, traffic=traffic(p95=0.4))
    decision = decide(*case(best, other, apart=[("A", "B")]), DecisionPolicy(max_p95=2.0))
    assert decision.recommendation == "A"
    assert decision.violations == ()
    assert spoken(decision).cautions[0] == (
        "It is unknown whether A meets the limit of 2 s at p95: 2 requests are too few for a p95, which needs 20. "
        "Lower max_segments in [limits], or add articles"
    )


def test_enough_requests_do() -> None:
    best, other = made("A", 0.85, traffic=traffic(p95=8.4)), made("B", 0.80, traffic=traffic(p95=0.4))
    decision = decide(*case(best, other, apart=[("A", "B")]), DecisionPolicy(max_p95=2.0))
    assert decision.recommendation == "B"
    assert [sentence(item.why) for item in decision.violations] == ["8.4 s at p95, more than 2 s"]


@pytest.mark.parametrize("weights", [{}, {"latency": 1.0}], ids=["in order", "weighed"])
def test_a_difference_that_may_be_chance_separates_nobody(weights: dict[str, float]) -> None:
    random = (0.9, 1.4, 0.8, 1.1, 1.3, 0.7, 1.2, 1.0)
    noisy = {
        name: replace(traffic(), timings=tuple(Timing(value * factor, 1000) for value in random))
        for name, factor in (("A", 1.0), ("B", 0.95))
    }
    decision = decide(*case(*(made(name, 0.8, traffic=sent) for name, sent in noisy.items())),
                      DecisionPolicy(weights=weights))  # type: ignore[arg-type]  # fmt: skip
    assert set(refusal(decision).among) == {"A", "B"}
    assert set(decision.pareto) == {"A", "B"}


def test_few_requests_are_unknown_and_not_fast() -> None:
    found = facts(A=traffic(p95=9.0), B=traffic(p95=0.1, requests=3))
    assert not slower(found[SystemName("A")], found[SystemName("B")])
    assert not slower(found[SystemName("B")], found[SystemName("A")])


def test_figures_of_another_day_say_so() -> None:
    old = replace(traffic(p95=0.5), cached=10, last="2026-11-20T10:00:00.000+00:00")
    decision = decide(*case(made("A", 0.81), made("B", 0.80, traffic=old)), DecisionPolicy())
    assert decision.recommendation == "B"
    assert "0.50 s per 1,000 characters (median of 40 requests, measured 2026-11-20)" in spoken(decision).reasons[-1]


def test_several_models_behind_one_score_are_said() -> None:
    mixed = made("B", 0.80, traffic=replace(traffic(1.0), models=("m-1", "m-2\x1b[31m")))
    decision = decide(*case(made("A", 0.81), mixed), DecisionPolicy())
    (said,) = [line for line in spoken(decision).cautions if "models" in line]
    assert said.startswith("2 models answered for B: m-1")
    assert said.endswith("Its score is that of the mixture.")
    assert "\x1b" not in said
