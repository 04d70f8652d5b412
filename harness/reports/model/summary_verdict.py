"""What a run ends with: the verdict of its pair, with its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.comparison import MetricEvidence
from harness.analysis.decision.lead import Lead
from harness.analysis.decision.recommendation import NoDecision
from harness.analysis.pair import PairAnalysis
from harness.reports.model.headline import headline
from harness.reports.model.verdict import interval_text
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted_units,
    format_difference,
    format_range,
    format_score,
    listed,
    metric_title,
)
from harness.reports.words.reasons import capitalised, worded
from harness.reports.words.text import visible
from harness.types import Missing, Part, SystemName

SHORTENED = frozenset({"decision.overlap_against", "decision.overlap_alone"})
"""Reasons of which the heading says only what follows from them."""


def top_of(pair: PairAnalysis, lead: Lead | None) -> list[SystemName]:
    """The best system and all that do not differ from it; none where nothing is compared but floors."""
    floors = pair.evidence.floors
    if lead is None or pair.evidence.withheld is not None or floors.issuperset(lead.evidence.ranking):
        return []
    top, _ = lead.evidence.top(floors)
    return top


def verdict(pair: PairAnalysis, lead: Lead | None, names: Mapping[SystemName, str]) -> str:
    """The sentence that heads every report, and behind it the numbers or the reason that it leaves out."""
    return " ".join(filter(None, (headline(pair, names), _detail(pair, lead, names))))


def _detail(pair: PairAnalysis, lead: Lead | None, names: Mapping[SystemName, str]) -> str:
    chosen = pair.decision.recommendation
    if isinstance(chosen, NoDecision):
        if chosen.reason.key.startswith("decision.few."):
            return _seen(lead, pair, names)
        return f"{visible(capitalised(chosen.reason, names))}." if chosen.reason.key in SHORTENED else ""
    if lead is None or top_of(pair, lead) != [chosen]:
        return ""
    return _leads(pair, lead, names)


def _leads(pair: PairAnalysis, lead: Lead, names: Mapping[SystemName, str]) -> str:
    leader, second = [name for name in lead.evidence.ranking if name not in pair.evidence.floors][:2]
    own = lead.primary.between(leader, second)
    interval = own.interval_ahead(leader)
    shown = interval_text(own.metric.decimals, own) if isinstance(interval, Missing) else format_range(
        own.metric.decimals, interval.low, interval.high
    )  # fmt: skip
    return say(
        "summary.leads",
        system=names[leader],
        second=names[second],
        points=visible(listed([_points(judge, leader, second) for judge in lead.judges])),
        interval=shown,
        extent=counted_units(own.units, own.unit),
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
