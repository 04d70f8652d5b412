"""A verdict of the gate as JSON, for programs: statuses and names as they are, sentences in words of people."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from harness.analysis.gate.moves import Moves
from harness.analysis.gate.verdict import LEVEL, GateLine, Numbers, Sides, Verdict
from harness.analysis.stats.compare import Interval
from harness.reports.words.gate import names_of, outcome_text, slice_text
from harness.reports.words.reasons import Names, sentence
from harness.types import Missing


def to_json(verdict: Verdict) -> str:
    """``{"verdict", "passed", "run", "baseline", "builds", "findings"}``: full precision, null for what is unknown."""
    sides = verdict.sides
    data = {
        "verdict": verdict.status,
        "passed": verdict.passed,
        "run": {"id": sides.run, "created": sides.made} if isinstance(sides, Sides) else None,
        "baseline": {
            "id": sides.baseline,
            "created": sides.baseline_made,
            "accepted": sides.accepted,
            "note": sides.note,
        }
        if isinstance(sides, Sides)
        else None,
        "builds": _build(verdict),
        "findings": [_record(item, names_of(verdict)) for item in verdict.findings],
    }
    return json.dumps(_finite(data), ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _build(verdict: Verdict) -> dict[str, Any] | None:
    build = verdict.build
    if isinstance(build, Missing):
        return None
    return {
        "number": build.number,
        "planned": None if isinstance(build.planned, Missing) else build.planned,
        "level": build.level,
        "same_as": build.same_as or None,
        "since": build.since,
        "records_lost": build.lost,
    }


def _record(line: GateLine, names: Names) -> dict[str, Any]:
    record: dict[str, Any] = {
        "status": line.status,
        "blocking": line.blocking,
        "accepted": line.accepted,
        "pair": line.pair or None,
        "system": line.system or None,
        "metric": line.metric or None,
        "flag": line.flag or None,
        "slice": slice_text(line.slice) or None,
        "message": sentence(line.reason, names),
    }
    if isinstance(line.numbers, Numbers):
        numbers = line.numbers
        interval = numbers.interval
        record |= {
            "before": numbers.before,
            "after": numbers.after,
            "delta": numbers.delta,
            "ci": [interval.low, interval.high] if isinstance(interval, Interval) else None,
            "ci_level": LEVEL,
            "p": None if isinstance(numbers.p, Missing) else numbers.p,
            "p_loss": None if isinstance(numbers.p_loss, Missing) else numbers.p_loss,
            "margin": numbers.margin,
            "unit": numbers.unit,
            "unit_declared": numbers.declared,
            "units": numbers.units,
            "segments": numbers.segments,
            "detectable": None if isinstance(numbers.detectable, Missing) else numbers.detectable,
            "needed": None if isinstance(numbers.needed, Missing) else numbers.needed,
        }
    return record | {"moved": _moves(line.moves)}


def _moves(moves: Moves) -> dict[str, Any]:
    segments = [
        {
            "article": move.article,
            "number": move.number,
            "before": move.before,
            "after": move.after,
            "delta": move.delta,
            "text_before": outcome_text(move.outcome_before),
            "text_after": outcome_text(move.outcome_after),
        }
        for move in moves.segments
    ]
    return {"segments": segments, "articles": [asdict(move) for move in moves.articles]}


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
