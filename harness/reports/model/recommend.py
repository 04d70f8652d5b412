"""The box at the top of a report: what to take, how sure that is, what it costs, and what to look at next.

The recommendation is :func:`harness.analysis.decision.decide.decide`'s, under the policy the run was made with; this
module only says it, with the few numbers that carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.decision.recommendation import Decision, Facts, NoDecision, Strength
from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import shown_names
from harness.reports.words.decision import called, spoken
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    format_money,
    format_seconds,
    listed,
    metric_title,
)
from harness.reports.words.text import visible
from harness.types import SystemName, Unknown


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
    decision = pair.decision
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


def doubts_of(pair: PairAnalysis) -> tuple[str, ...]:
    """What casts doubt on the winner of a pair, a sentence each."""
    return tuple(map(visible, spoken(pair.decision, shown_names(pair.result)).warnings))


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
            return say("verdict.identical") if is_identical(decision) else say("verdict.open_badge")


def is_identical(decision: Decision) -> bool:
    """Whether it stays open between systems that say the same in every segment: nothing is unsure then."""
    chosen = decision.recommendation
    return isinstance(chosen, NoDecision) and chosen.reason.key == "decision.identical_all"


def cost_text(facts: Facts) -> str:
    """What a million source characters cost; ``unknown`` where nobody knows."""
    if isinstance(facts.cost, Unknown):
        return say("number.unknown")
    if facts.cost.amount == 0 and not facts.cost.currency:
        return say("box.free")
    return visible(format_money(facts.cost))


def latency_text(facts: Facts) -> str:
    """Within how many seconds 95 of 100 requests are answered."""
    if isinstance(facts.p95, Unknown):
        return say("number.unknown")
    return say("number.seconds", n=format_seconds(facts.p95))
