"""The JSON of ``harness score``: small, stable, meant for scripts; ``docs/json.md`` describes it.

With ``segments`` every metric also has ``"segments": [...]``, one number for each line, null where the line could not
be scored. ``human`` and ``slices`` are there when they were asked for. Scores have full precision.
"""

from __future__ import annotations

import json
from collections.abc import Container
from typing import TYPE_CHECKING

from harness.analysis.comparison import Evidence
from harness.checks.counts import count_flags
from harness.reports.formats.evidence_json import comparison_json, interval_json
from harness.reports.model.trust import trust_json
from harness.reports.words.reasons import noted, sentence
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import JsonValue, Missing, SystemName

if TYPE_CHECKING:
    from harness.analysis.breakdown import Breakdown
    from harness.analysis.pair import PairAnalysis

SCHEMA = 1


def score_json(pair: PairAnalysis, *, segments: bool) -> str:
    """Render one pair."""
    result, evidence = pair.result, pair.evidence
    unsought = pair.policy.unsought(result.pair)
    asked = pair.breakdown
    document: dict[str, JsonValue] = {
        "schema": SCHEMA,
        "pair": str(result.pair),
        "segments": len(result.corpus.segments),
        "seed": evidence.seed,
        "swaps": evidence.swaps,
        "statistics": evidence.signature,
        "unit": evidence.unit,
        "unit_declared": evidence.declared,
        "systems": {
            system.name: {
                name: _metric(scores, _interval(evidence, name, system.name), segments=segments)
                for name, scores in system.scores.items()
            }
            for system in result.systems
        },
        "comparisons": [comparison_json(item) for metric in evidence.compared.values() for item in metric.comparisons],
        "groups": {name: [list(group) for group in metric.groups] for name, metric in evidence.metrics.items()},
        "flags": {system.name: _flags(system, unsought) for system in result.systems if system.flags},
        "flags_unknown": {kind: sentence(why) for kind, why in unsought.items()},
        "marks": {system.name: marks for system in result.systems if (marks := _marks(system))},
        **trust_json(pair),
        "notes": [noted(note) for note in result.notes],
    }
    if asked.humans or asked.slices:
        document |= _asked(asked)
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _asked(asked: Breakdown) -> dict[str, JsonValue]:
    from harness.reports.model.breakdown import human_json, slices_json

    document: dict[str, JsonValue] = {}
    if asked.humans:
        document["human"] = {column: human_json(agreement) for column, agreement in asked.humans.items()}
    if asked.slices:
        document["slices"] = {kind: slices_json(slicing) for kind, slicing in asked.slices.items()}
    return document


def _flags(system: SystemResult, unsought: Container[str]) -> dict[str, JsonValue]:
    """Kind of flag to how many segments have it; kinds that nobody looked for only where a segment has one."""
    return {kind: n for kind, n in count_flags(system.flags).items() if n or kind not in unsought}


def _marks(system: SystemResult) -> dict[str, JsonValue]:
    """Metric to what it has noticed, such as texts it has cut off, and in how many segments; only where it has."""
    counted: dict[str, JsonValue] = {}
    for metric, table in system.tables.items():
        marks: dict[str, JsonValue] = {name: int(mask.sum()) for name, mask in table.marks.items() if mask.any()}
        if marks:
            counted[metric] = marks
    return counted


def _interval(evidence: Evidence, metric: str, system: SystemName) -> JsonValue:
    scores = evidence.metrics.get(metric)
    return interval_json(scores.intervals.get(system)) if scores else None


def _metric(scores: MetricScores | Missing, interval: JsonValue, *, segments: bool) -> dict[str, JsonValue]:
    if isinstance(scores, Missing):
        return {"missing": sentence(scores.why), "fix": sentence(scores.fix)}
    if isinstance(scores.corpus, Missing):
        return {"missing": sentence(scores.corpus.why), "fix": sentence(scores.corpus.fix)}
    entry: dict[str, JsonValue] = {
        "score": scores.corpus.value,
        "ci": interval,
        "signature": scores.identity.signature,
        "higher_is_better": scores.identity.higher_is_better,
        "n": scores.corpus.n,
    }
    if segments:
        entry["segments"] = [
            float(value) if known else None for value, known in zip(scores.segments, scores.scored, strict=True)
        ]
    return entry
