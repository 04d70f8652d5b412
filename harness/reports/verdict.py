"""The sentence at the top: which system is better, or that this cannot be said.

It never claims more than :attr:`harness.evidence.Comparison.tied` allows: a difference that is not confirmed is not
called one, and what is missing for a verdict is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.evidence import FEWEST_UNITS, Comparison, MetricEvidence, undeclared
from harness.messages import say
from harness.reports.findings import Findings, between, tied_with_leader
from harness.reports.format import (
    counted_units,
    format_articles,
    format_difference,
    format_p,
    format_range,
    format_score,
    listed,
    metric_title,
)
from harness.reports.order import Standing
from harness.reports.text import visible
from harness.stats.compare import Interval
from harness.types import Missing, SystemName

Names = Mapping[SystemName, str]


def verdict(standing: Standing, findings: Findings, names: Names) -> str:
    """What the primary metric shows about the complete systems of a pair."""
    metric = standing.primary
    if metric is None:
        return say("finding.nothing")
    values = standing.values[metric]
    title = visible(metric_title(metric))
    if len(values) == 1:
        ((only, value),) = values.items()
        return say("finding.only", system=names[only], metric=title, score=format_score(metric, value))
    found = findings.metric(metric)
    if found is None:
        return say("finding.unweighed", metric=title)
    question = undeclared(findings.evidence)
    if question is not None:
        return say("finding.withheld", why=question.why, help=question.fix)
    first = found.comparisons[0]
    if isinstance(first.p_adjusted, Missing):
        return say(f"finding.few.{first.unit}", n=f"{first.units:,}", systems=len(values), least=FEWEST_UNITS)
    top, alike = tied_with_leader(found)
    if len(top) == 1:
        return _winner(metric, found, standing, names)
    return _tie(metric, found, standing, top, alike=alike, names=names)


def _winner(metric: str, found: MetricEvidence, standing: Standing, names: Names) -> str:
    leader, second = found.ranking[:2]
    item = between(found, leader, second)
    return say(
        "finding.better_than",
        best=names[leader],
        second=names[second],
        others=names[second] if len(found.ranking) == 2 else _others(standing),
        metric=visible(metric_title(metric)),
        score=format_score(metric, standing.values[metric][leader]),
        difference=format_difference(metric, item.delta),
        interval=interval_text(metric, item),
        p=_corrected(found, _p(item.p_adjusted)),
        extent=_extent(item),
    )


def _tie(
    metric: str, found: MetricEvidence, standing: Standing, top: Sequence[SystemName], *, alike: bool, names: Names
) -> str:
    title = visible(metric_title(metric))
    item = between(found, top[0], top[1])
    if alike:
        who = say("finding.tied", systems=listed([names[name] for name in top]), metric=title)
    else:
        others = listed([names[name] for name in top[1:]], "or")
        who = say("finding.tied_with", best=names[top[0]], others=others, metric=title)
    if item.delta == 0:
        size = say("finding.no_difference")
    else:
        gap = format_difference(metric, item.delta)
        size = say("finding.difference", difference=gap, interval=interval_text(metric, item))
    if len(top) > 2:
        size = say("finding.ahead", best=names[top[0]], second=names[top[1]], size=size)
    text = f"{who} ({size}, {_extent(item)})"
    if not isinstance(needed := item.needed, Missing):
        text = (
            say("finding.sign_open", tie=text)
            if needed.sign_open
            else say("finding.needed", tie=text, number=format_articles(needed, item.unit))
        )
    rest = [name for name in found.ranking if name not in top]
    if rest and not any(between(found, one, other).tied for one in top for other in rest):
        text = say("finding.both_better" if len(top) == 2 else "finding.all_better", tie=text, others=_others(standing))
    return f"{text}."


def _others(standing: Standing) -> str:
    """Only what was compared can be worse."""
    return say("finding.others" if len(standing.complete) == len(standing.systems) else "finding.others_complete")


def interval_text(metric: str, item: Comparison) -> str:
    """``0.0022 to 0.0101``; a dash where there are too few units."""
    return format_range(metric, item.interval.low, item.interval.high) if isinstance(item.interval, Interval) else "–"


def _p(p: float | Missing) -> str:
    text = say("number.unknown") if isinstance(p, Missing) else format_p(p)
    return text if text.startswith("<") else f"= {text}"


def _corrected(found: MetricEvidence, p: str) -> str:
    return say("finding.corrected", p=p) if len(found.comparisons) > 1 else p


def _extent(item: Comparison) -> str:
    return counted_units(item.units, item.unit)
