"""Comparisons as JSON, alike in the report of a run and in that of ``harness score``; full precision throughout."""

from __future__ import annotations

import math

from harness.analysis.comparison import Comparison
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.words.reasons import sentence
from harness.types import JsonValue, Missing

JsonObject = dict[str, JsonValue]


def evidence_json(pair: PairAnalysis) -> JsonObject:
    """The evidence of one pair."""
    from harness.analysis.human.systems import RESAMPLES

    evidence = pair.evidence
    return {
        "unit": evidence.unit,
        "unit_declared": evidence.declared,
        "units": evidence.units,
        "seed": evidence.seed,
        "swaps": evidence.swaps,
        "resamples": RESAMPLES,
        "statistics": evidence.signature,
        "intervals": {
            name: {system: interval_json(interval) for system, interval in metric.intervals.items()}
            for name, metric in evidence.metrics.items()
        },
        "groups": {name: [list(group) for group in metric.groups] for name, metric in evidence.metrics.items()},
        "letters": {name: dict(pair.letters(name)) for name in evidence.metrics},
        "comparisons": [
            _whole(name, item, segment_tests=pair.segment_tests)
            for name, metric in evidence.compared.items()
            for item in metric.comparisons
        ],
        "disagreements": [
            {"a": item.a, "b": item.b, "a_better": item.better, "b_better": item.worse} for item in pair.disagreements
        ],
        "unweighed": list(evidence.unsound),
        "not_compared": {name: sentence(why.why) for name, why in evidence.unweighed.items()},
    }


def comparison_json(comparison: Comparison) -> JsonObject:
    """One comparison, as ``harness score`` gives it."""
    return {
        "metric": comparison.metric.name,
        "a": comparison.a,
        "b": comparison.b,
        "delta": comparison.delta,
        "ci": interval_json(comparison.interval),
        "p": _number(comparison.p),
        "p_adjusted": _number(comparison.p_adjusted),
        "unit": comparison.unit,
        "units": comparison.units,
        "segment_p": comparison.segment_p,
        "human_agreement": _number(comparison.human_agreement),
        "tied": comparison.tied,
    }


def interval_json(interval: Interval | Missing | None) -> JsonValue:
    """``[low, high]``, or null."""
    return [interval.low, interval.high] if isinstance(interval, Interval) else None


def _whole(metric: str, comparison: Comparison, *, segment_tests: bool) -> JsonObject:
    """A comparison with all that is known of it; the column's own name, which may differ from the metric's."""
    return {
        **comparison_json(comparison),
        "metric": metric,
        "segment_p": comparison.segment_p if segment_tests else None,
        "segments": comparison.segments,
        "standard_error": comparison.standard_error,
        "detectable": comparison.detectable if math.isfinite(comparison.detectable) else None,
        "units_needed": _needed(comparison),
    }


def _needed(comparison: Comparison) -> JsonValue:
    needed = comparison.needed
    if isinstance(needed, Missing):
        return None
    return {"least": needed.least, "most": needed.most, "sign_open": needed.sign_open}


def _number(value: float | Missing) -> float | None:
    return None if isinstance(value, Missing) else value
