"""The articles of a pair in JSON: every segment with what each system made of it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.checks.interface import WHOLE, Flag
from harness.reports.model.said import justifications_json, spans_json
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import finite, scores_of, segment_scores
from harness.store.runs.result import MetricScores, PairResult, SystemResult, article_rows
from harness.types import (
    Failed,
    JsonValue,
    Missing,
    NotBought,
    Outcome,
    Refused,
    Score,
    Segment,
    SystemName,
    Translated,
)

JsonObject = dict[str, JsonValue]


def articles_json(result: PairResult) -> list[JsonValue]:
    """The articles of a pair, in order."""
    scores = {
        system.name: {m: found for m in result.metrics if isinstance(found := scores_of(system, m), MetricScores)}
        for system in result.systems
    }
    values = {
        system.name: {m: segment_scores(result.corpus.segments, system, own) for m, own in scores[system.name].items()}
        for system in result.systems
    }
    rows = article_rows(result.corpus)
    return [
        {
            "id": article.id,
            "title": article.meta.get("title", article.id),
            "meta": dict(article.meta),
            "scores": {
                system: {metric: score_entry(own.articles[index]) for metric, own in by_metric.items()}
                for system, by_metric in scores.items()
            },
            "segments": [
                _segment(segment, row, result, values)
                for row, segment in enumerate(article.segments, start=rows[article.id].start)
            ],
        }
        for index, article in enumerate(result.corpus.articles)
    ]


def _segment(
    segment: Segment, row: int, result: PairResult, values: Mapping[SystemName, Mapping[str, list[Score | Missing]]]
) -> JsonObject:
    outputs: JsonObject = {}
    for system in result.systems:
        scores_of_segment = {metric: scores[row] for metric, scores in values[system.name].items()}
        outputs[system.name] = {
            **_output(system.outcomes[row]),
            "scores": {
                m: score.value if isinstance(score, Score) else score_entry(score)
                for m, score in scores_of_segment.items()
            },
            **_said(system, row),
            **_flags(system, row),
        }
    return {
        "number": segment.id.number,
        "line": segment.line,
        "paragraph": segment.paragraph,
        "source": segment.source,
        "references": list(segment.references),
        "outputs": outputs,
    }


def _said(system: SystemResult, row: int) -> JsonObject:
    """What metrics say beside scores; nothing where they say nothing."""
    said: JsonObject = {"errors": spans_json(system, row), "reasons": justifications_json(system, row)}
    said["marks"] = {
        metric: [name for name, mask in table.marks.items() if mask[row]]
        for metric, table in system.tables.items()
        if any(mask[row] for mask in table.marks.values())
    }
    return {name: by_metric for name, by_metric in said.items() if by_metric}


def _flags(system: SystemResult, row: int) -> JsonObject:
    """What checks noticed; nothing where they noticed nothing, or were not made."""
    flags = system.flags[row] if system.flags else ()
    return {"flags": [_flag(flag, system.outcomes[row]) for flag in flags]} if flags else {}


def _flag(flag: Flag, outcome: Outcome) -> JsonObject:
    said: JsonObject = {"reason": sentence(flag.why), "confidence": flag.confidence}
    if flag.failed:
        said["check"] = flag.failed
    if flag.where == WHOLE or not isinstance(outcome, Translated):
        return {"kind": flag.kind, "where": WHOLE, **said}
    start, end = flag.where
    return {"kind": flag.kind, "where": {"start": start, "end": end}, "text": outcome.text[start:end], **said}


def _output(outcome: Outcome) -> JsonObject:
    match outcome:
        case Refused():
            return {"refused": outcome.reason}
        case Failed():
            return {"failed": outcome.error}
        case NotBought():
            return {"not_bought": {"better": outcome.better, "articles": outcome.articles}}
        case Translated():
            return {"text": outcome.text, "cached": outcome.cached, "notes": dict(outcome.notes)}


def score_entry(score: Score | Missing) -> JsonObject:
    """``score`` and ``n``, or why there is none and what mends it."""
    score = finite(score)
    if isinstance(score, Missing):
        return {"missing": sentence(score.why), "fix": sentence(score.fix)}
    return {"score": score.value, "n": score.n}
