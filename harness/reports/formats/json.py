"""The whole run as JSON: every text, every score in full precision, and the reason for each missing score.

::

    {"schema": 1,
     "run": {"id", "created", "status", "command", "seed", "settings": {...}, "environment": {package: version},
             "written_by"},
     "pairs": [{"pair": "de-en", "source": "de", "target": "en", "metrics": ["bleu", ...],
                "primary": "comet" or null, "summary": "...", "evidence": EVIDENCE, "decision": DECISION or null,
                "identical": [[system, ...], ...], "leaderboard": [system, ...],
                "systems": [{"name", "label", "complete", "origin",
                             "engine": {"engine", "version", "options": {...}},
                             "price": {"per_million_characters", "currency", "source_characters", "cost"}
                                      or {"missing", "fix"},
                             "traffic": {"requests", "wasted", "p50", "p95", "characters_per_second", "first", "last",
                                         "cached", "answers", "answered_characters", "repetitions", "timed_requests",
                                         "seconds_per_1000_characters", "measured_now", "spent": COST, "saved": COST,
                                         "models": [...], "price_source"}
                                        or {"missing", "fix"},
                             "repeats": {metric: [score of every repetition, or null where it is no number]},
                             "segments": {"total", "translated", "refused", "failed"}, "flags": {flag: count},
                             "scores": {metric: {"signature", "higher_is_better", "needs_reference",
                                                 "corpus": SCORE, "mean_over_articles": SCORE}
                                                or {"missing", "fix"}}}],
                "absent": [{"system", "reason"}],
                "excluded": [{"system", "missing", "segments", "articles", "reasons", "fix"}],
                "shared": null, or all systems on the segments all have: {"segments", "of", "systems", "scores":
                          {system: {metric: {"score", "n"}}}, "comparisons": [...]},
                "notes": [{"where", "what"}], "metric_costs": {metric: COST},
                "articles": [{"id", "title", "meta": {...}, "scores": {system: {metric: SCORE}},
                              "segments": [{"number", "line", "paragraph", "source", "references": [...],
                                            "outputs": {system: OUTPUT}}]}]}]}

    SCORE   {"score": 31.237, "n": 18} or {"missing": why, "fix": line}; n counts segments, or articles for their mean
    COST    {"amount": 0.42, "currency": "USD"} or {"unknown": why}; no currency where nothing is billed
    EVIDENCE {"unit": "article" or "segment", "unit_declared": true, "units": 24, "seed": 12345,
              "statistics": "test:swap|adjusted:stepdown|...",
              "intervals": {metric: {system: [low, high] or null}}, "groups": {metric: [[system, ...], ...]},
              "letters": {metric: {system: "ab"}},
              "comparisons": [{"metric", "a", "b", "delta", "ci": [low, high], "p", "p_adjusted", "unit", "units",
                               "segment_p", "human_agreement", "tied", "segments", "standard_error", "detectable",
                               "units_needed": {"least", "most", "sign_open"} or null}],
              "disagreements": [{"a", "b", "a_better": metric, "b_better": metric}], "unweighed": [metric, ...]}
    DECISION as ``harness decide --format json`` gives it; null for one system alone
    OUTPUT  {"text", "cached", "notes": {...}} or {"refused": reason} or {"failed": error},
            with "scores": {metric: 0.8412 or {"missing": why, "fix": line}}; where a metric says more, also
            "errors": {metric: [{"side": "hypothesis" or "source", "start", "end", "severity", "category", "text",
                                 "reason", "confidence"}]},
            "reasons": {metric: why the segment has this score, or none}

Intervals are at 95 %. ``delta`` is a minus b, turned so that positive means a is better; ``ci``, ``p`` and
``p_adjusted`` are null with too few units, ``segment_p`` where there are more than six systems, ``human_agreement``
where no published curve applies. ``detectable`` is the smallest true difference that the test finds 80 % of the time,
``units_needed`` how many units would find the true one, as far as the observed one shows it. ``unweighed`` metrics
have scores that their statistics do not give. ``docs/statistics.md`` says how all of it is computed.

``price`` is what the whole source text costs by the system file; ``traffic`` is what was really sent: p50 and p95 are
seconds of a request, or {"unknown": why} from too few, ``seconds_per_1000_characters`` is the median of the timed
requests, ``answers`` and ``answered_characters`` count every repetition, ``spent`` is this run's money, ``saved`` what
the requests behind cached answers had cost.
A metric that is missing for a system as a whole is not repeated below ``systems``. Keys come in this order, always.
The file is ASCII: nothing in it can steer a terminal, and any text survives it.
"""

from __future__ import annotations

import json
import math

from harness import __version__
from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.reports.formats.articles_json import articles_json, score_entry
from harness.reports.formats.decision_json import decision_json
from harness.reports.formats.evidence_json import evidence_json
from harness.reports.model.advice import advise
from harness.reports.model.excluded import excluded_json
from harness.reports.model.leaderboard import flags, summarise
from harness.reports.model.shared_table import shared_json
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, PairResult, SystemResult, Traffic
from harness.types import (
    Failed,
    JsonValue,
    Missing,
    Money,
    Refused,
    Translated,
    Unknown,
)

SCHEMA = 1

JsonObject = dict[str, JsonValue]


class JsonReport:
    """Everything, for programs."""

    extension = "json"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole document; ValueError instead of NaN."""
        return (json.dumps(run_to_json(analysis), indent=1, allow_nan=False) + "\n").encode("ascii")


def run_to_json(analysis: Analysis) -> JsonObject:
    """The document as Python objects."""
    run = analysis.run
    return {
        "schema": SCHEMA,
        "run": {
            "id": run.id,
            "name": run.name,
            "created": run.created,
            "status": run.status,
            "command": run.command,
            "seed": run.seed,
            "settings": dict(run.settings),
            "environment": dict(run.environment),
            "written_by": f"translation-harness {__version__}",
        },
        "pairs": [_pair(pair) for pair in analysis.pairs],
    }


def _pair(pair: PairAnalysis) -> JsonObject:
    result, standing, decision = pair.result, pair.standing, advise(pair)
    return {
        "pair": str(result.pair),
        "source": result.pair.source,
        "target": result.pair.target,
        "metrics": list(result.metrics),
        "primary": standing.primary,
        "summary": summarise(pair),
        "evidence": evidence_json(pair),
        "decision": None if isinstance(decision, Missing) else decision_json(decision),
        "excluded": excluded_json(pair),
        "shared": shared_json(pair.shared),
        "identical": [list(group) for group in pair.identical],
        "leaderboard": [system.name for system in standing.systems],
        "systems": [_system(result, standing, system) for system in result.systems],
        "absent": [{"system": name, "reason": reason} for name, reason in result.absent.items()],
        "notes": [{"where": note.where, "what": sentence(note.what)} for note in result.notes],
        "metric_costs": {metric: _cost(cost) for metric, cost in result.metric_costs.items()},
        "articles": articles_json(result),
    }


def _system(result: PairResult, standing: Standing, system: SystemResult) -> JsonObject:
    kinds = [type(outcome) for outcome in system.outcomes]
    return {
        "name": system.name,
        "label": system.label,
        "complete": system.name in standing.complete,
        "origin": system.origin,
        "engine": {
            "engine": system.engine.engine,
            "version": system.engine.version,
            "options": dict(system.engine.options),
        },
        "price": _price(result, system),
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
        },
        "flags": dict(flags(system)),
        "scores": {metric: _metric(scores_of(system, metric)) for metric in result.metrics},
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
        "spent": _cost(traffic.spent),
        "saved": _cost(traffic.saved),
        "models": list(traffic.models),
        "price_source": traffic.price_source,
    }


def _figure(value: float | Unknown) -> float | JsonObject:
    return {"unknown": sentence(value.why)} if isinstance(value, Unknown) else value


def _cost(cost: Money | Unknown) -> JsonObject:
    return (
        {"unknown": sentence(cost.why)}
        if isinstance(cost, Unknown)
        else {"amount": cost.amount, "currency": cost.currency}
    )


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
