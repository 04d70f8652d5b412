"""A decision as JSON."""

from __future__ import annotations

from harness.analysis.decision.recommendation import Decision, NoDecision
from harness.analysis.pair import PairAnalysis
from harness.analysis.routing import Routing
from harness.reports.words.decision import spoken
from harness.reports.words.reasons import sentence
from harness.types import JsonValue, Missing, Money, Unknown


def pair_json(pair: PairAnalysis) -> dict[str, JsonValue]:
    """What ``harness decide --format json`` prints for a pair."""
    return decision_json(pair.decision) | {"routing": routing_json(pair.routing)}


def decision_json(decision: Decision) -> dict[str, JsonValue]:
    """A decision; what is not known is ``{"unknown": why}``."""
    chosen, said = decision.recommendation, spoken(decision)
    return {
        "pair": decision.pair,
        "metric": None if isinstance(decision.metric, Missing) else decision.metric,
        "metrics": list(decision.metrics),
        "strength": decision.strength,
        "warnings": list(said.warnings),
        "recommendation": None if isinstance(chosen, NoDecision) else chosen,
        "refused": {
            "reason": said.reason,
            "what_would_help": list(said.what_would_help),
            "among": list(chosen.among),
        }
        if isinstance(chosen, NoDecision)
        else None,
        "reasons": list(said.reasons),
        "runner_up": None if isinstance(decision.runner_up, Missing) else decision.runner_up,
        "what_would_change_it": list(said.what_would_change_it),
        "cautions": list(said.cautions),
        "systems": [
            {
                "system": item.system,
                "quality": item.quality,
                "flags": _known(item.flags),
                "severe": _known(item.severe),
                "cost_per_million": _known(item.cost),
                "p95": _known(item.p95),
                "seconds_per_1000_characters": _known(
                    item.latency if isinstance(item.latency, Unknown) else item.latency.median
                ),
            }
            for item in decision.facts
        ],
        "pareto": list(decision.pareto),
        "violations": [
            {"system": item.system, "constraint": item.constraint, "why": why}
            for item, why in zip(decision.violations, said.violations, strict=True)
        ],
    }


def _known(value: float | Money | Unknown) -> JsonValue:
    if isinstance(value, Unknown):
        return {"unknown": sentence(value.why)}
    return {"amount": value.amount, "currency": value.currency} if isinstance(value, Money) else value


def routing_json(routing: Routing | Missing) -> dict[str, JsonValue]:
    """Which system to take for which part of the corpus; ``{"none": why}`` where one for all is as good."""
    if isinstance(routing, Missing):
        return {"none": sentence(routing.why)}
    return {
        "by": routing.kind,
        "routes": [
            {
                "slice": sentence(route.label),
                "system": route.system,
                "segments": route.segments,
                "ahead": route.ahead,
            }
            for route in routing.routes
        ],
        "single": routing.single,
        "metric": routing.metric,
        "gain": routing.gain,
        "p_adjusted": routing.p_adjusted,
        "tried": routing.tried,
        "cost_per_million": _known(routing.cost),
        "single_cost_per_million": _known(routing.single_cost),
        "seconds_per_1000_characters": _known(routing.pace),
        "single_seconds_per_1000_characters": _known(routing.single_pace),
    }
