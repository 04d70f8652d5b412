"""The one sentence at the top of a pair: what to take, or why nothing; never more than three names in it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.decision.lead import Lead
from harness.analysis.decision.recommendation import NoDecision
from harness.analysis.pair import PairAnalysis
from harness.reports.words.messages import known, plural, say
from harness.reports.words.numbers import counted_units, format_score, listed, metric_title
from harness.reports.words.reasons import capitalised, sentence
from harness.reports.words.text import visible
from harness.types import Part, Reason, SystemName

Names = Mapping[SystemName, str]


def headline(pair: PairAnalysis, names: Names) -> str:
    """The sentence of one pair, as visible text."""
    decision = pair.decision
    chosen = decision.recommendation
    if isinstance(chosen, NoDecision):
        return visible(_open(pair, chosen, names))
    system, others = names[chosen], len(decision.facts) - 1
    metrics = listed([metric_title(name) for name in decision.metrics])
    match decision.strength:
        case "clear":
            return visible(plural("headline.clear", others, system=system, n=f"{others:,}"))
        case "suspect":
            return visible(say("headline.suspect", system=system, why=say(f"headline.doubt.{_doubt(pair)}")))
        case "tied" if isinstance(pair.lead, Lead):
            return visible(_tied(pair, pair.lead, system))
        case "limits":
            return visible(say("headline.limits", system=system))
        case _:
            return visible(plural("headline.ahead", others, system=system, n=f"{others:,}", metrics=metrics))


def _tied(pair: PairAnalysis, lead: Lead, system: str) -> str:
    top, _ = lead.evidence.top(pair.evidence.floors)
    n, why = f"{len(top):,}", _criterion(pair)
    if any(lead.evidence.between(top[0], name).significant for name in top[1:]):
        metrics = listed([metric_title(name) for name in lead.metrics])
        if why:
            return say("headline.close_by", system=system, n=n, metrics=metrics, why=why)
        return say("headline.close", system=system, n=n, metrics=metrics)
    item = lead.evidence.between(top[0], top[1])
    extent = counted_units(item.units, item.unit)
    if why:
        return say("headline.tied_by", system=system, n=n, extent=extent, why=why)
    return say("headline.tied", system=system, n=n, extent=extent)


def _criterion(pair: PairAnalysis) -> str:
    """What else than quality decided; empty where nothing did."""
    for reason in reversed(pair.decision.reasons):
        if reason.key == "decision.weighed":
            return say("headline.by_weights")
        match reason.fields.get("value"):
            case Part(kind="count"):
                return say("headline.by_flags")
            case Reason(key="facts.pace"):
                return say("headline.by_latency")
            case Reason(key="facts.per_million"):
                return say("headline.by_cost")
    return ""


def _doubt(pair: PairAnalysis) -> str:
    """The gravest doubt, by the last part of its key; one that has no short words is told in full below."""
    first = pair.decision.warnings[0]
    inner = first.fields.get("first")
    key = (inner.key if isinstance(inner, Reason) else first.key).rpartition(".")[2]
    return key if known(f"headline.doubt.{key}") else "other"


def _open(pair: PairAnalysis, chosen: NoDecision, names: Names) -> str:
    key, among = chosen.reason.key, [names[name] for name in chosen.among]
    if pair.decision.strength == "alone" and among:
        (only,) = chosen.among[:1]
        metric = pair.primary
        value = pair.standing.values.get(metric or "", {}).get(only)
        if metric is None or value is None:
            return say("headline.alone", system=among[0])
        score = format_score(pair.standing.decimals(metric), value)
        return say("headline.alone_scored", system=among[0], metric=metric_title(metric), score=score)
    if key == "decision.identical_all":
        return say("headline.identical", systems=listed(among))
    if key == "decision.inseparable":
        return say("headline.inseparable", systems=listed(among))
    if key in ("decision.overlap_against", "decision.overlap_alone"):
        return say("headline.edited", system=among[0])
    if key.startswith("decision.few"):
        return f"{capitalised(chosen.reason, names)}."
    return say("headline.none", why=sentence(chosen.reason, names).removesuffix("."))
