"""People, tuning and metrics that contradict: what casts doubt on a winner is said first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

import pytest

from harness.analysis.comparison import Evidence, Joint, MetricEvidence
from harness.analysis.decision.decide import Decision, decide
from harness.analysis.decision.policy import policy_of, tuned_settings
from harness.analysis.decision.recommendation import DecisionPolicy
from harness.analysis.primary import primary_metric
from harness.metrics.named import with_traits
from harness.reports.model.advice import advice
from harness.reports.words.decision import spoken
from harness.types import MetricIdentity, SystemName
from tests.decision_cases import TEXTS, Apart, made, shown
from tests.reports.build import pair_result

ALL = [("A", "B"), ("A", "C"), ("B", "C")]

KIWI = with_traits(
    MetricIdentity("kiwi", "comet:2.2.7|model:Unbabel/wmt22-cometkiwi-da|refs:0", True, needs_reference=False)
)

MQM = with_traits(MetricIdentity("mqm", "scores|file:1", True, needs_reference=False))


def under(
    identity: MetricIdentity | None, scores: Mapping[str, float], apart: Apart = ALL, name: str = "comet"
) -> MetricEvidence:
    found = shown(scores, apart, name, 12, 0.001)
    if identity is None:
        return found
    renamed = tuple(replace(item, metric=identity) for item in found.comparisons)
    return replace(found, metric=identity, comparisons=renamed)


def decided(
    *found: MetricEvidence,
    joint: bool = False,
    policy: DecisionPolicy | None = None,
    partly: Mapping[str, MetricEvidence] = MappingProxyType({}),
) -> Decision:
    """On A, B and C, whose COMET scores are those of the first metric; ``joint``: the first two decide together."""
    values = {"A": 0.85, "B": 0.84, "C": 0.83}
    systems = [made(name, value) for name, value in values.items()]
    scores = {item.metric.name: "comet" for item in found}
    systems = [replace(one, scores=dict.fromkeys(scores, one.scores["comet"])) for one in systems]
    metrics = {item.metric.name: item for item in found}
    both = Joint(found[0].metric.name, found[1].metric.name, "mean", found[0]) if joint else None
    evidence = Evidence("de-en", metrics, "article", 12, 1, joint=both, partly=partly)
    return decide(evidence, pair_result(TEXTS, systems, list(scores)), policy or DecisionPolicy())


A_FIRST = {"A": 0.85, "B": 0.84, "C": 0.83}

B_FIRST = {"A": 0.84, "B": 0.85, "C": 0.83}


def test_clearly_best_takes_two_families_and_nobody_who_disagrees() -> None:
    comet, kiwi = under(None, A_FIRST), under(KIWI, A_FIRST)
    found = decided(comet, kiwi, joint=True)
    assert (found.recommendation, found.strength, found.metrics) == ("A", "clear", ("comet", "kiwi"))
    assert spoken(found).reasons == (
        (
            "A is significantly better than B in COMET and kiwi, by 0.0100 and 0.0100 "
            "(p = 0.004 for COMET and kiwi together, adjusted for 3 comparisons, 12 articles)."
        ),
    )
    assert decided(comet).strength == "ahead"
    contested = decided(comet, kiwi, under(None, {"A": 30.0, "B": 31.0, "C": 32.0}, name="bleu"), joint=True)
    assert (contested.recommendation, contested.strength) == ("A", "ahead")
    otherwise = "BLEU disagrees: C and B are significantly better than A, by up to "
    assert any(line.startswith(otherwise) for line in spoken(contested).cautions)
    assert any("string metrics put 2 or more systems ahead of it" in line for line in spoken(contested).cautions)


def test_clearly_best_takes_each_of_the_two_by_itself_and_no_metric_the_other_way_round() -> None:
    comet, kiwi = under(None, A_FIRST), under(KIWI, A_FIRST)
    unsure = under(KIWI, A_FIRST, apart=[("A", "C"), ("B", "C")])
    alone = decided(comet, unsure, joint=True)
    assert (alone.recommendation, alone.strength) == ("A", "ahead")
    higher = under(None, {"A": 30.0, "B": 30.1, "C": 20.0}, apart=(), name="bleu")
    assert decided(comet, kiwi, higher, joint=True).strength == "ahead"
    lower = under(None, {"A": 30.0, "B": 29.9, "C": 20.0}, apart=(), name="bleu")
    assert decided(comet, kiwi, lower, joint=True).strength == "clear"


def test_a_tie_of_two_metrics_is_no_tie_of_each() -> None:
    """COMET and kiwi separate A and B in opposite ways; together they do not."""
    comet, kiwi = under(None, B_FIRST), under(KIWI, A_FIRST)
    together = replace(comet, comparisons=tuple(replace(one, p_adjusted=0.4, delta=0.1) for one in comet.comparisons))
    metrics = {item.metric.name: item for item in (comet, kiwi)}
    evidence = Evidence("de-en", metrics, "article", 12, 1)
    result = pair_result(TEXTS, [made(name, value) for name, value in A_FIRST.items()], ["comet"])
    result = replace(
        result,
        systems=tuple(replace(one, scores=dict.fromkeys(metrics, one.scores["comet"])) for one in result.systems),
    )

    def reasons(how: Literal["mean", "both"]) -> tuple[str, ...]:
        joint = Joint("comet", "kiwi", how, together)
        return spoken(decide(replace(evidence, joint=joint), result, DecisionPolicy())).reasons

    mean, alone, *_ = reasons("mean")
    assert mean.startswith("B and A: no significant difference in the mean of COMET and kiwi, ")
    assert alone == "Alone, COMET puts B significantly ahead and kiwi puts A significantly ahead."
    both, alone, *_ = reasons("both")
    assert both.startswith("B and A: no significant difference in both COMET and kiwi, ")
    assert alone.startswith("Alone, COMET puts B")


@pytest.mark.parametrize("uneven", ["comet", "kiwi"])
def test_a_lead_with_a_few_articles_far_behind_is_said_and_not_clearly_best(uneven: str) -> None:
    found = [under(None, A_FIRST), under(KIWI, A_FIRST)]
    skewed = [
        replace(item, comparisons=tuple(replace(one, lopsided=item.metric.name == uneven) for one in item.comparisons))
        for item in found
    ]
    decision = decided(*skewed, joint=True)
    assert (decision.recommendation, decision.strength) == ("A", "ahead")
    title = "COMET" if uneven == "comet" else "kiwi"
    (said,) = [line for line in spoken(decision).cautions if "far behind" in line]
    assert said.startswith(f"in a few articles, A is far behind B in {title}. When a lead is that uneven, p and the ")
    tied = [under(None, A_FIRST, apart=()), under(KIWI, A_FIRST, apart=())]
    lopsided = [
        replace(item, comparisons=tuple(replace(one, lopsided=True) for one in item.comparisons)) for item in tied
    ]
    assert not any("far behind" in line for line in spoken(decided(*lopsided, joint=True)).cautions)


def test_where_nothing_is_recommended_the_other_metrics_still_say_what_they_would_take() -> None:
    tied = under(None, A_FIRST, apart=[("A", "C"), ("B", "C")])
    bleu = under(None, {"A": 30.0, "B": 31.0, "C": 20.0}, name="bleu")
    unsure = under(None, {"A": 30.0, "B": 31.0, "C": 20.0}, apart=[("A", "C"), ("B", "C")], name="chrf")
    said = spoken(decided(tied, bleu, unsure))
    assert said.reason == "nothing that was measured decides between A and B"
    assert said.cautions == ("BLEU would recommend B", "chrF would not decide between them")
    assert spoken(decided(tied)).cautions == ()


def test_people_decide_where_they_rated_all_systems() -> None:
    found = decided(under(None, A_FIRST), under(KIWI, A_FIRST), under(MQM, B_FIRST), joint=True)
    assert (found.recommendation, found.metric, found.strength) == ("B", "mqm", "ahead")
    change, disagreement = spoken(found).cautions[:2]
    assert change == "the ratings change the decision: without them, COMET and kiwi would recommend A"
    assert disagreement.startswith("COMET disagrees: A is significantly better than B")
    agreed = decided(under(None, B_FIRST), under(MQM, B_FIRST))
    assert (agreed.recommendation, agreed.strength) == ("B", "clear")
    assert not any("change the decision" in line for line in spoken(agreed).cautions)
    tied = under(None, B_FIRST, apart=[("A", "C"), ("B", "C")])
    assert spoken(decided(tied, under(MQM, B_FIRST))).cautions[0] == (
        "the ratings change the decision: without them, no system would be recommended"
    )
    named = decided(under(None, A_FIRST), under(MQM, B_FIRST), policy=DecisionPolicy(metric="mqm"))
    assert not any("change the decision" in line for line in spoken(named).cautions)


def test_people_need_not_rate_the_floors() -> None:
    found = {"comet": under(None, A_FIRST), "mqm": under(MQM, {"A": 0.84, "B": 0.85}, [("A", "B")])}
    evidence = Evidence("de-en", found, "article", 12, 1)
    assert primary_metric(evidence, "") == "comet"
    assert primary_metric(replace(evidence, floors=frozenset({SystemName("C")})), "") == "mqm"


def test_people_who_did_not_decide_contradict_first() -> None:
    found = decided(under(None, A_FIRST), under(MQM, B_FIRST), policy=DecisionPolicy(metric="comet"))
    assert (found.recommendation, found.strength) == ("A", "suspect")
    assert spoken(found).warnings[0].startswith("People disagree: by mqm B is significantly better than A, by ")
    assert advice(found)[0].startswith("People disagree: by mqm B is significantly better than A, by ")
    some = under(MQM, {"A": 0.84, "B": 0.85}, [("A", "B")])
    partly = decided(under(None, A_FIRST), some)
    assert (partly.metric, partly.recommendation, partly.strength) == ("comet", "A", "suspect")


def test_people_contradict_first_even_where_they_rated_no_segment_of_all_pairs() -> None:
    """B and C share no rated segment, so ratings rank nobody; what they say of A and B holds."""
    found = under(MQM, B_FIRST)
    rated = replace(found, comparisons=tuple(item for item in found.comparisons if {item.a, item.b} != {"B", "C"}))
    said = decided(under(None, A_FIRST), partly={"mqm": rated})
    assert (said.metric, said.recommendation, said.strength) == ("comet", "A", "suspect")
    assert spoken(said).warnings[0].startswith("People disagree: by mqm B is significantly better than A")
    silent = replace(found, comparisons=tuple(item for item in rated.comparisons if "C" in (item.a, item.b)))
    assert decided(under(None, A_FIRST), partly={"mqm": silent}).warnings == ()


def test_a_system_tuned_on_the_metric_that_decides_is_named_first() -> None:
    kept = policy_of(tuned_settings({SystemName("A"): ("COMET",), SystemName("B"): ()}))
    assert kept.tuned_on == {"A": ("COMET",)}
    found = decided(under(None, A_FIRST), policy=kept)
    assert (found.recommendation, found.strength) == ("A", "suspect")
    assert spoken(found).warnings == (
        "A was tuned on COMET, which decides here. It may have learnt to please the metric.",
    )
    assert decided(under(None, B_FIRST), policy=kept).warnings == ()
    assert tuned_settings({SystemName("B"): ()}) == {}
    assert policy_of({}).tuned_on == {}
