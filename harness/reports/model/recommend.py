"""The box at the top of a report: what to take, how sure that is, what it costs, and what to look at next.

The recommendation is :func:`harness.analysis.decision.decide.decide`'s, under the policy the run was made with; this
module only says it, with the few numbers that carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.comparison import Comparison
from harness.analysis.decision.lead import Lead
from harness.analysis.decision.recommendation import Decision, Facts, NoDecision, Strength
from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.analysis.stats.compare import Interval
from harness.reports.model.shown import shown_names
from harness.reports.words.decision import called, spoken
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted,
    format_difference,
    format_money,
    format_p_equation,
    format_range,
    format_score,
    format_seconds,
    listed,
    metric_title,
)
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.store.runs.result import PairResult
from harness.types import Missing, SystemName, Unknown


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the box."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class Box:
    """What the box says. Every text is visible, none is escaped."""

    certainty: Strength
    badge: str
    """The same in two or three words."""
    system: SystemName | None
    """The recommended system, else the one with the highest score; None where nothing is compared."""
    label: str
    """Its name as shown."""
    reason: str
    """Why there is no recommendation; else empty."""
    figures: tuple[Figure, ...]
    reasons: tuple[str, ...]
    helps: tuple[str, ...]
    """What would help to decide."""
    cautions: tuple[str, ...]
    changes: tuple[str, ...]
    excluded: tuple[str, ...]
    """Systems that could not be recommended, and why."""
    unbeaten: tuple[str, ...]
    """Labels of the systems that no other is known to beat on quality, cost and latency together."""
    decision: Decision


def build_box(pair: PairAnalysis) -> Box:
    """The box of one pair."""
    names = shown_names(pair.result)
    decision, lead = pair.decision, pair.lead
    said = spoken(decision, names)
    chosen = decision.recommendation
    best = decision.facts[0].system if decision.facts else None
    system = best if isinstance(chosen, NoDecision) else chosen
    return Box(
        certainty=decision.strength,
        badge=_badge(decision),
        system=system,
        label=names[system] if system else "",
        reason=visible(said.reason),
        figures=tuple(_figures(pair.result, pair.standing, lead, decision=decision, system=system, names=names))
        if system and not isinstance(lead, Missing)
        else (),
        reasons=tuple(map(visible, said.reasons)),
        helps=tuple(map(visible, said.what_would_help)),
        cautions=tuple(map(visible, said.cautions)),
        changes=tuple(map(visible, said.what_would_change_it)),
        excluded=tuple(
            visible(f"{called(item.system, names)}: {why}")
            for item, why in zip(decision.violations, said.violations, strict=True)
        ),
        unbeaten=tuple(names[name] for name in decision.pareto),
        decision=decision,
    )


def _badge(decision: Decision) -> str:
    """How sure it is, in two or three words."""
    match decision.strength:
        case "clear":
            return say("verdict.clear")
        case "ahead":
            metrics = listed([metric_title(name) for name in decision.metrics])
            return visible(say("verdict.ahead", metrics=metrics))
        case "tied":
            return say("verdict.tied")
        case "limits":
            return say("verdict.limits")
        case "suspect":
            return say("verdict.suspect")
        case "alone":
            return say("verdict.alone")
        case "open":
            return say("verdict.open_badge")


def _figures(
    result: PairResult,
    standing: Standing,
    lead: Lead,
    *,
    decision: Decision,
    system: SystemName,
    names: Mapping[SystemName, str],
) -> list[Figure]:
    metric = lead.metric
    title = visible(metric_title(metric))
    interval = lead.primary.intervals.get(system)
    extent = ""
    if isinstance(interval, Interval):
        extent = say("box.interval", interval=format_range(lead.primary.metric.decimals, interval.low, interval.high))
    figures = [Figure(title, format_score(standing.decimals(metric), standing.values[metric][system]), extent)]
    shown = {comparison.system for comparison in decision.facts}
    other = next((name for name in lead.evidence.ranking if name != system and name in shown), None)
    if other is not None:
        comparison, judged = lead.primary.between(system, other), lead.evidence.between(system, other)
        detail = _sureness(comparison, judged, system, lead)
        figures.append(Figure(say("box.against", system=names[other]), _signed(comparison, system), detail))
    facts = next(comparison for comparison in decision.facts if comparison.system == system)
    return [*figures, cost_figure(facts), latency_figure(facts), _flags(facts, len(result.corpus.segments))]


def _signed(comparison: Comparison, system: SystemName) -> str:
    delta = comparison.ahead(system)
    text = format_difference(comparison.metric.decimals, delta)
    return f"+{text}" if delta > 0 else text


def _sureness(comparison: Comparison, judged: Comparison, system: SystemName, lead: Lead) -> str:
    """The interval of the primary metric, and the verdict of what decides: ``p = 0.004 with cometkiwi``."""
    interval = comparison.interval_ahead(system)
    if isinstance(interval, Missing) or isinstance(judged.p_adjusted, Missing):
        return say("box.no_verdict", units=counted(comparison.units, comparison.unit))
    if judged.tied:
        state = say("box.close") if judged.significant else say("box.tied")
    else:
        state = f"p {format_p_equation(judged.p_adjusted)}"
    if lead.second is not None:
        state = say("box.with", state=state, metric=visible(metric_title(lead.second.metric.name)))
    parts = [say("box.interval", interval=format_range(comparison.metric.decimals, interval.low, interval.high)), state]
    if not isinstance(comparison.human_agreement, Missing):
        parts.append(say("box.agreement", percent=f"{comparison.human_agreement:.0f}"))
    return " · ".join(parts)


def cost_figure(facts: Facts) -> Figure:
    """What a million source characters cost."""
    if isinstance(facts.cost, Unknown):
        return Figure(say("box.cost"), say("number.unknown"), visible(sentence(facts.cost.why)))
    if facts.cost.amount == 0 and not facts.cost.currency:
        return Figure(say("box.cost"), say("box.free"), "")
    return Figure(say("box.cost"), visible(format_money(facts.cost)), say("box.cost_unit"))


def latency_figure(facts: Facts) -> Figure:
    """Within how many seconds 95 of 100 requests are answered."""
    if isinstance(facts.p95, Unknown):
        return Figure(say("box.latency"), say("number.unknown"), visible(sentence(facts.p95.why)))
    return Figure(say("box.latency"), say("number.seconds", n=format_seconds(facts.p95)), say("box.faster"))


def _flags(facts: Facts, segments: int) -> Figure:
    if isinstance(facts.flags, Unknown):
        return Figure(say("box.flags"), say("number.unknown"), visible(sentence(facts.flags.why)))
    return Figure(say("box.flags"), f"{facts.flags:,}", say("box.in", segments=counted(segments, "segment")))
