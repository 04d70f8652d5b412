"""The systems of a pair in JSON: what made the outputs, what they took, and the corpus scores."""

from __future__ import annotations

import math

from harness.analysis.pair import PairAnalysis
from harness.reports.formats.articles_json import score_entry
from harness.reports.model.leaderboard import checked, flags
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, PairResult, SystemResult, Traffic
from harness.types import Failed, JsonValue, Missing, Money, NotBought, Refused, Translated, Unknown

JsonObject = dict[str, JsonValue]


def systems_json(pair: PairAnalysis) -> list[JsonValue]:
    """The systems in the order of the run."""
    return [_system(pair, system) for system in pair.result.systems]


def cost_json(cost: Money | Unknown) -> JsonObject:
    """An amount, or why it is unknown."""
    if isinstance(cost, Unknown):
        return {"unknown": sentence(cost.why)}
    return {"amount": cost.amount, "currency": cost.currency}


def _system(pair: PairAnalysis, system: SystemResult) -> JsonObject:
    kinds = [type(outcome) for outcome in system.outcomes]
    return {
        "name": system.name,
        "label": system.label,
        "complete": system.name in pair.standing.complete,
        "floor": system.name in pair.evidence.floors,
        "origin": system.origin,
        "engine": {
            "engine": system.engine.engine,
            "version": system.engine.version,
            "options": dict(system.engine.options),
        },
        "outputs_hash": pair.contents.outputs[system.name],
        "price": _price(pair.result, system),
        "traffic": _traffic(system.traffic),
        "repeats": {
            metric: [value if math.isfinite(value) else None for value in values]
            for metric, values in system.repeats.items()
        },
        "segments": {
            "total": len(kinds),
            "translated": kinds.count(Translated),
            "refused": kinds.count(Refused),
            "failed": kinds.count(Failed),
            "not_bought": kinds.count(NotBought),
        },
        "checked": checked(system),
        "flags": dict(flags(system)),
        "counted": dict(pair.health.counted.get(system.name, {})),
        "scores": {metric: _metric(scores_of(system, metric)) for metric in pair.result.metrics},
    }


def _price(result: PairResult, system: SystemResult) -> JsonObject:
    if system.price_per_million is None:
        return {"missing": "no price is given", "fix": f"add [price] to systems/{system.name}.toml"}
    characters = sum(len(segment.source) for segment in result.corpus.segments)
    return {
        "per_million_characters": system.price_per_million,
        "currency": system.currency,
        "source_characters": characters,
        "cost": characters * system.price_per_million / 1_000_000,
    }


def _traffic(traffic: Traffic | Missing) -> JsonObject:
    if isinstance(traffic, Missing):
        return {"missing": sentence(traffic.why), "fix": sentence(traffic.fix)}
    return {
        "requests": traffic.requests,
        "wasted": traffic.wasted,
        "p50": _figure(traffic.p50),
        "p95": _figure(traffic.p95),
        "characters_per_second": _figure(traffic.characters_per_second),
        "first": traffic.first,
        "last": traffic.last,
        "cached": traffic.cached,
        "answers": _figure(traffic.answers),
        "answered_characters": _figure(traffic.characters),
        "repetitions": _figure(traffic.repetitions),
        "timed_requests": len(traffic.timings),
        "seconds_per_1000_characters": _figure(traffic.pace),
        "measured_now": traffic.measured_now,
        "spent": cost_json(traffic.spent),
        "saved": cost_json(traffic.saved),
        "models": list(traffic.models),
        "price_source": traffic.price_source,
    }


def _figure(value: float | Unknown) -> float | JsonObject:
    return {"unknown": sentence(value.why)} if isinstance(value, Unknown) else value


def _metric(scores: MetricScores | Missing) -> JsonObject:
    if isinstance(scores, Missing):
        return score_entry(scores)
    return {
        "signature": scores.identity.signature,
        "higher_is_better": scores.identity.higher_is_better,
        "needs_reference": scores.identity.needs_reference,
        "corpus": score_entry(scores.corpus),
        "mean_over_articles": score_entry(scores.macro),
    }
