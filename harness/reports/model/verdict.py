"""The sentence at the top: which system is better, or that this cannot be said.

It never claims more than :attr:`harness.analysis.comparison.Comparison.tied` allows: a difference that is not confirmed
is not called one, and what is missing for a verdict is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.comparison import Comparison, MetricEvidence
from harness.analysis.decision.lead import Lead
from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.analysis.stats.compare import Interval
from harness.analysis.stats.power import FEWEST_UNITS
from harness.reports.words.messages import plural, say
from harness.reports.words.numbers import (
    counted_units,
    format_p_equation,
    format_range,
    format_score,
    format_units,
    listed,
    metric_title,
)
from harness.reports.words.reasons import sentence, worded
from harness.reports.words.text import visible
from harness.types import Decimals, Missing, Part, Reason, SystemName

Names = Mapping[SystemName, str]


def verdict(pair: PairAnalysis, names: Names, doubts: Sequence[str] = ()) -> str:
    """What decides shows about the complete systems of a pair, but floors; what casts doubt on it stands first."""
    return " ".join((*doubts, _verdict(pair, names, doubted=bool(doubts))))


def _verdict(pair: PairAnalysis, names: Names, *, doubted: bool) -> str:
    standing, evidence = pair.standing, pair.evidence
    metric = standing.primary
    if metric is None:
        return say("finding.nothing")
    values = {name: value for name, value in standing.values[metric].items() if name not in evidence.floors}
    title = visible(metric_title(metric))
    if len(values) == 1:
        ((only, value),) = values.items()
        score = format_score(standing.decimals(metric), value)
        return say("finding.only", system=names[only], metric=title, score=score)
    lead = pair.lead
    if isinstance(lead, Missing) or lead.metric != metric or not values:
        return say("finding.unweighed", metric=title) if values else say("finding.floors")
    question = evidence.withheld
    if question is not None:
        return say("finding.withheld", why=sentence(question.why), help=sentence(question.fix))
    ranking = [name for name in lead.evidence.ranking if name not in evidence.floors]
    first = lead.evidence.between(ranking[0], ranking[1])
    if isinstance(first.p_adjusted, Missing):
        return say(f"finding.few.{first.unit}", n=f"{first.units:,}", systems=len(ranking), least=FEWEST_UNITS)
    top, alike = lead.evidence.top(evidence.floors)
    if len(top) == 1:
        return _winner(lead, ranking, standing, names, doubted=doubted or lead.kinds == {"strings"})
    return _tie(pair, lead, top, alike=alike, names=names)


def _winner(lead: Lead, ranking: Sequence[SystemName], standing: Standing, names: Names, *, doubted: bool) -> str:
    leader, second = ranking[:2]
    comparison, own_comparison = lead.evidence.between(leader, second), lead.primary.between(leader, second)
    others = names[second] if len(ranking) == 2 else _others(standing)
    scores = [
        f"{visible(metric_title(name))} {format_score(standing.decimals(name), standing.values[name][leader])}"
        for name in lead.metrics
        if leader in standing.values.get(name, {})
    ]
    return say(
        "finding.scores_higher" if doubted else "finding.better_than",
        best=names[leader],
        second=names[second],
        others=others,
        scores=listed(scores),
        difference=worded(lead.differences(leader, second)),
        interval=_own_interval(lead, own_comparison, leader),
        p=_corrected(lead.evidence, _p(comparison.p_adjusted)),
        extent=_extent(comparison),
    )


def _tie(
    pair: PairAnalysis,
    lead: Lead,
    top: Sequence[SystemName],
    *,
    alike: bool,
    names: Names,
) -> str:
    different = [name for name in top[1:] if not pair.same(top[0], name)]
    second = different[0] if different else top[1]
    comparison, own_comparison = lead.evidence.between(top[0], second), lead.primary.between(top[0], second)
    close = any(lead.evidence.between(top[0], name).significant for name in top[1:])
    alone = lead.alone(top[0], second)
    title = visible(_named(lead.title if close else lead.tied_in(alone=alone is not None or len(top) > 2)))
    if not different:
        subject, size = say("finding.identical", systems=listed([names[name] for name in top])), ""
    elif alike:
        listing = listed([names[name] for name in top])
        subject = (
            plural("finding.close", len(top) - 1, systems=listing, metric=title)
            if close
            else say("finding.tied", systems=listing, metric=title)
        )
        size = _size(lead, own_comparison, top, names, second)
    else:
        others = listed([names[name] for name in top[1:]], "or")
        subject = (
            plural("finding.close_with", len(top) - 1, best=names[top[0]], others=others, metric=title)
            if close
            else say("finding.tied_with", best=names[top[0]], others=others, metric=title)
        )
        size = _size(lead, own_comparison, top, names, second)
    text = f"{subject} ({size}, {_extent(comparison)})" if size else subject
    if size and alone is not None:
        text = say("finding.alone_ahead", tie=text, alone=visible(sentence(alone, names).removesuffix(".")))
    if size and not isinstance(needed := comparison.needed, Missing):
        if needed.sign_open:
            text = say("finding.sign_open", tie=text)
        elif not comparison.close:
            text = say("finding.needed", tie=text, number=format_units(needed, comparison.unit))
    rest = [name for name in lead.evidence.ranking if name not in (*top, *pair.evidence.floors)]
    if rest and not any(lead.evidence.between(one, other).tied for one in top for other in rest):
        both, others = len(top) == 2, _others(pair.standing)
        if lead.kinds == {"strings"}:
            text = say("finding.both_higher" if both else "finding.all_higher", tie=text, others=others)
        else:
            text = say("finding.both_better" if both else "finding.all_better", tie=text, others=others)
    return f"{text}."


def _named(part: Part | Reason) -> str:
    return sentence(part) if isinstance(part, Reason) else worded(part)


def _size(lead: Lead, own_comparison: Comparison, top: Sequence[SystemName], names: Names, second: SystemName) -> str:
    """How far the first of ``top`` is ahead of ``second``, the next that is not identical to it."""
    if own_comparison.delta == 0 and lead.second is None:
        size = say("finding.no_difference")
    else:
        interval = _own_interval(lead, own_comparison, top[0])
        size = say("finding.difference", difference=worded(lead.differences(top[0], second)), interval=interval)
    return say("finding.ahead", best=names[top[0]], second=names[second], size=size) if len(top) > 2 else size


def _own_interval(lead: Lead, own_comparison: Comparison, first: SystemName) -> str:
    """The interval of the primary metric; beside a second metric it is named."""
    interval = own_comparison.interval_ahead(first)
    if isinstance(interval, Missing):
        return "–"
    text = format_range(lead.primary.metric.decimals, interval.low, interval.high)
    return text if lead.second is None else say("finding.of", interval=text, metric=visible(metric_title(lead.metric)))


def _others(standing: Standing) -> str:
    """Only what was compared can be worse."""
    return say("finding.others" if len(standing.complete) == len(standing.systems) else "finding.others_complete")


def interval_text(decimals: Decimals, comparison: Comparison) -> str:
    """``0.0022 to 0.0101``; a dash where there are too few units."""
    return (
        format_range(decimals, comparison.interval.low, comparison.interval.high)
        if isinstance(comparison.interval, Interval)
        else "–"
    )


def _p(p: float | Missing) -> str:
    return f"= {say('number.unknown')}" if isinstance(p, Missing) else format_p_equation(p)


def _corrected(evidence: MetricEvidence, p: str) -> str:
    return say("finding.corrected", p=p) if len(evidence.comparisons) > 1 else p


def _extent(comparison: Comparison) -> str:
    return counted_units(comparison.units, comparison.unit)
