"""The box at the top of a report: what to take, how sure that is, what it costs, and what to look at next.

The recommendation is :func:`harness.decision.decide`'s, under the policy the run was made with; this module only says
it in the names people know the systems by, with the few numbers that carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.decision import decide
from harness.evidence import Comparison, Evidence, MetricEvidence
from harness.messages import say
from harness.recommendation import Decision, DecisionPolicy, Facts, NoDecision
from harness.reports.findings import Findings, between, tied_with_leader
from harness.reports.format import (
    counted,
    format_difference,
    format_money,
    format_p,
    format_range,
    format_score,
    format_seconds,
    metric_title,
)
from harness.reports.leaderboard import display_names
from harness.reports.order import Standing
from harness.reports.text import visible
from harness.runs.result import PairResult
from harness.stats.compare import Interval
from harness.types import Missing, SystemName, Unknown

Certainty = Literal["clear", "tied", "limits", "open"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the box."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class Box:
    """What the box says. Every text is visible, none is escaped."""

    certainty: Certainty
    """``clear``: better than all that qualify; ``tied``: chosen among equals; ``limits``: a better one breaks a limit;
    ``open``: no recommendation."""
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
    decision: Decision
    """In names as shown."""


def shown_names(result: PairResult) -> Mapping[SystemName, str]:
    """Names as shown, where they tell the systems apart; else the systems' own."""
    names = display_names(result)
    if len({*names.values(), *result.absent}) < len(names) + len(result.absent):
        return {name: visible(name) for name in names}
    return names


def decide_as_shown(result: PairResult, findings: Findings, policy: DecisionPolicy) -> Decision:
    """The decision on one pair, in the names that a report shows."""
    names = shown_names(result)
    return decide(_renamed(findings.evidence, names), _relabelled(result, names), policy)


def build_box(result: PairResult, standing: Standing, findings: Findings, policy: DecisionPolicy) -> Box:
    """The box of one pair."""
    names = shown_names(result)
    decision = decide_as_shown(result, findings, policy)
    metric = decision.metric
    found = findings.evidence.metrics.get(metric) if isinstance(metric, str) else None
    own = {label: name for name, label in names.items()}
    chosen = decision.recommendation
    helps: tuple[str, ...] = ()
    reason = ""
    system: SystemName | None = None
    if isinstance(chosen, NoDecision):
        reason, helps = chosen.reason, chosen.what_would_help
        system = found.ranking[0] if found else None
    else:
        system = own[str(chosen)]
    return Box(
        certainty=_certainty(system if not isinstance(chosen, NoDecision) else None, found),
        system=system,
        label=names[system] if system else "",
        reason=visible(reason),
        figures=tuple(_figures(result, standing, found, decision=decision, system=system, names=names))
        if system and found
        else (),
        reasons=tuple(map(visible, decision.reasons)),
        helps=tuple(map(visible, helps)),
        cautions=tuple(map(visible, decision.cautions)),
        changes=tuple(map(visible, decision.what_would_change_it)),
        excluded=tuple(visible(f"{item.system}: {item.why}") for item in decision.violations),
        decision=decision,
    )


def _certainty(chosen: SystemName | None, found: MetricEvidence | None) -> Certainty:
    if chosen is None or found is None:
        return "open"
    top, _ = tied_with_leader(found) if found.comparisons else ([chosen], True)
    if chosen not in top:
        return "limits"
    return "clear" if len(top) == 1 else "tied"


def _figures(
    result: PairResult,
    standing: Standing,
    found: MetricEvidence,
    *,
    decision: Decision,
    system: SystemName,
    names: Mapping[SystemName, str],
) -> list[Figure]:
    metric = found.metric.name
    title = visible(metric_title(metric))
    interval = found.intervals.get(system)
    extent = ""
    if isinstance(interval, Interval):
        extent = say("box.interval", interval=format_range(metric, interval.low, interval.high))
    figures = [Figure(title, format_score(metric, standing.values[metric][system]), extent)]
    other = _other(found, system)
    if other is not None:
        item = between(found, system, other)
        figures.append(Figure(say("box.against", system=names[other]), _signed(item, system), _sureness(item, system)))
    facts = next(item for item in decision.facts if item.system == names[system])
    return [*figures, cost_figure(facts), latency_figure(facts), _flags(facts, len(result.corpus.segments))]


def _other(found: MetricEvidence, system: SystemName) -> SystemName | None:
    """The best of the others."""
    return next((name for name in found.ranking if name != system), None)


def _signed(item: Comparison, system: SystemName) -> str:
    delta = item.delta if item.a == system else -item.delta
    text = format_difference(item.metric.name, delta)
    return f"+{text}" if delta > 0 else text


def _sureness(item: Comparison, system: SystemName) -> str:
    if isinstance(item.interval, Missing) or isinstance(item.p_adjusted, Missing):
        return say("box.no_verdict", units=counted(item.units, item.unit))
    low, high = item.interval.low, item.interval.high
    if item.a != system:
        low, high = -high, -low
    p = format_p(item.p_adjusted)
    state = say("box.tied") if item.tied else "p " + (p if p.startswith("<") else f"= {p}")
    parts = [say("box.interval", interval=format_range(item.metric.name, low, high)), state]
    if not isinstance(item.human_agreement, Missing):
        parts.append(say("box.agreement", percent=f"{item.human_agreement:.0f}"))
    return " · ".join(parts)


def cost_figure(facts: Facts) -> Figure:
    """What a million source characters cost."""
    if isinstance(facts.cost, Unknown):
        return Figure(say("box.cost"), say("number.unknown"), visible(facts.cost.why))
    if facts.cost.amount == 0 and not facts.cost.currency:
        return Figure(say("box.cost"), say("box.free"), "")
    return Figure(say("box.cost"), visible(format_money(facts.cost)), say("box.cost_unit"))


def latency_figure(facts: Facts) -> Figure:
    """Within how many seconds 95 of 100 requests are answered."""
    if isinstance(facts.p95, Unknown):
        return Figure(say("box.latency"), say("number.unknown"), visible(facts.p95.why))
    return Figure(say("box.latency"), say("number.seconds", n=format_seconds(facts.p95)), say("box.faster"))


def _flags(facts: Facts, segments: int) -> Figure:
    if isinstance(facts.flags, Unknown):
        return Figure(say("box.flags"), say("number.unknown"), visible(facts.flags.why))
    return Figure(say("box.flags"), f"{facts.flags:,}", say("box.in", segments=counted(segments, "segment")))


def _renamed(evidence: Evidence, names: Mapping[SystemName, str]) -> Evidence:
    """The same evidence about systems under the names as shown."""

    def new(name: SystemName) -> SystemName:
        return SystemName(names[name])

    metrics = {
        metric: replace(
            found,
            intervals={new(name): interval for name, interval in found.intervals.items()},
            comparisons=tuple(replace(item, a=new(item.a), b=new(item.b)) for item in found.comparisons),
            groups=tuple(tuple(map(new, group)) for group in found.groups),
            ranking=tuple(map(new, found.ranking)),
        )
        for metric, found in evidence.metrics.items()
    }
    return replace(evidence, metrics=metrics)


def _relabelled(result: PairResult, names: Mapping[SystemName, str]) -> PairResult:
    systems = tuple(replace(system, name=SystemName(names[system.name])) for system in result.systems)
    return replace(result, systems=systems)
