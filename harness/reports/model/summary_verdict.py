"""The sentence a run ends with: what to take and why, or that nobody can say."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.comparison import MetricEvidence
from harness.analysis.decision.lead import Lead
from harness.analysis.decision.recommendation import NoDecision
from harness.analysis.pair import PairAnalysis
from harness.reports.model.advice import advice, advise
from harness.reports.model.verdict import interval_text
from harness.reports.words.decision import called
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted_units,
    format_difference,
    format_range,
    format_score,
    listed,
    metric_title,
)
from harness.reports.words.reasons import sentence, worded
from harness.reports.words.text import visible
from harness.types import Missing, Part, Reason, SystemName


def top_of(pair: PairAnalysis, lead: Lead | None) -> list[SystemName]:
    """The best system and all that do not differ from it; none where nothing is compared but floors."""
    floors = pair.evidence.floors
    if lead is None or pair.evidence.withheld is not None or floors.issuperset(lead.evidence.ranking):
        return []
    top, _ = lead.evidence.top(floors)
    return top


def take(pair: PairAnalysis, lead: Lead | None, names: Mapping[SystemName, str]) -> str:
    """What to take and why, or that nobody can say; never more than three names."""
    decision = pair.decision
    chosen = decision.recommendation
    if isinstance(chosen, NoDecision):
        reason = visible(sentence(chosen.reason, names)).removesuffix(".")
        if decision.strength == "alone":
            return say("advice.one", reason=reason)
        seen = _seen(lead, pair, names) if chosen.reason.key.startswith("decision.few.") else ""
        return say("summary.open_seen", reason=reason, seen=seen) if seen else say("summary.open", reason=reason)
    taken = called(chosen, names)
    if lead is None:
        said = advice(advise(pair), names)
        return said[0] if said else ""
    top = top_of(pair, lead)
    if len(top) == 1 and chosen == top[0]:
        return _ahead(pair, lead, names)
    if decision.strength == "limits" or chosen not in top:
        return say("summary.limits", system=taken)
    item = lead.evidence.between(top[0], top[1])
    extent = counted_units(item.units, item.unit)
    text = say("summary.tied", system=taken, n=f"{len(top):,}", extent=extent)
    how = _criterion(pair)
    return say("summary.tied_by", tie=text, why=how) if how else say("summary.tied_alone", tie=text)


def _ahead(pair: PairAnalysis, lead: Lead, names: Mapping[SystemName, str]) -> str:
    ranking = [name for name in lead.evidence.ranking if name not in pair.evidence.floors]
    leader, second = ranking[:2]
    own = lead.primary.between(leader, second)
    interval = own.interval_ahead(leader)
    extent = counted_units(own.units, own.unit)
    shown = interval_text(own.metric.decimals, own) if isinstance(interval, Missing) else format_range(
        own.metric.decimals, interval.low, interval.high
    )  # fmt: skip
    doubted = lead.kinds == {"strings"} or bool(pair.decision.warnings)
    return say(
        "summary.higher" if doubted else "summary.better",
        system=names[leader],
        second=names[second],
        points=visible(listed([_points(judge, leader, second) for judge in lead.judges])),
        interval=shown,
        extent=extent,
    )


def _points(judge: MetricEvidence, leader: SystemName, second: SystemName) -> str:
    """``24.3 chrF``."""
    gap = format_difference(judge.metric.decimals, judge.ahead(leader, second))
    return say("decision.points", gap=gap, metric=metric_title(judge.metric.name))


def _seen(lead: Lead | None, pair: PairAnalysis, names: Mapping[SystemName, str]) -> str:
    """Who stands first by how much, where no test is possible."""
    if lead is None:
        return ""
    first, second = [name for name in lead.evidence.ranking if name not in pair.evidence.floors][:2]
    item = lead.primary.between(first, second)
    score = format_score(item.metric.decimals, pair.standing.values[lead.metric][first])
    return say(
        "summary.seen",
        best=names[first],
        metric=visible(metric_title(lead.metric)),
        score=score,
        second=names[second],
        difference=worded(Part("difference", item.ahead(first), decimals=item.metric.decimals)),
    )


def _criterion(pair: PairAnalysis) -> str:
    """What else than quality decided; empty where nothing did."""
    for reason in reversed(pair.decision.reasons):
        if reason.key == "decision.weighed":
            return say("summary.by_weights")
        match reason.fields.get("value"):
            case Part(kind="count"):
                return say("summary.by_flags")
            case Reason(key="facts.pace"):
                return say("summary.by_latency")
            case Reason(key="facts.per_million"):
                return say("summary.by_cost")
    return ""
