"""One system of a run as plain records and arrays, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from harness.checks.glossary import term_reason
from harness.checks.interface import WHOLE, Flag
from harness.metrics.interface import ErrorSpan, StatTable
from harness.metrics.named import with_traits
from harness.store.runs.fields import by_name
from harness.store.runs.latency import Timing, TooFew
from harness.store.runs.reasons import (
    Words,
    decode_missing,
    decode_reason,
    encode_missing,
    encode_reason,
    encode_reasons,
    read_reason,
)
from harness.store.runs.result import MetricScores, SystemResult, Traffic
from harness.store.runs.schema import (
    CostFile,
    EngineFile,
    IdentityFile,
    MetricFile,
    MissingFile,
    ScoreFile,
    SpanFile,
    SystemEntry,
    TimingFile,
    TooFewFile,
    TrafficFile,
    TraitsFile,
    UnknownFile,
)
from harness.types import (
    Corpus,
    EngineIdentity,
    Failed,
    MetricIdentity,
    Missing,
    Money,
    NotBought,
    Outcome,
    Reason,
    Refused,
    Score,
    SystemName,
    Traits,
    Translated,
    Unknown,
)

Array = np.ndarray[Any, Any]
Record = dict[str, Any]
ShortSpan = tuple[int, int, str, float]

_SAID_OF_TERM = re.compile(r"'(.+?)' should be '(.+)' by the glossary", re.DOTALL)


def encode_outcome(outcome: Outcome) -> Record:
    """The fields of an outcome in ``outcomes.jsonl``."""
    match outcome:
        case Translated():
            record: Record = {"text": outcome.text, "cached": outcome.cached}
            return record | ({"notes": dict(outcome.notes)} if outcome.notes else {})
        case Refused():
            return {"refused": outcome.reason}
        case Failed():
            return {"failed": outcome.error}
        case NotBought():
            # Versions that do not know it read a failure.
            said = f"not bought: {outcome.better} was better after {outcome.articles} articles"
            return {"failed": said, "better": outcome.better, "articles": outcome.articles}


def _decode_outcome(record: Record) -> Outcome:
    if "text" in record:
        return Translated(record["text"], record["cached"], record.get("notes", {}))
    if "refused" in record:
        return Refused(record["refused"])
    if "better" in record:
        return NotBought(SystemName(record["better"]), record["articles"])
    return Failed(record["failed"])


def encode_flag(flag: Flag, words: Words) -> Record:
    """A flag, its reason as data and in English."""
    where = list(flag.where) if isinstance(flag.where, tuple) else flag.where
    why = words(flag.why) if isinstance(flag.why, Reason) else flag.why
    record: Record = {"kind": flag.kind, "where": where, "why": why, "confidence": flag.confidence}
    if isinstance(flag.why, Reason):
        record["reason"] = encode_reason(flag.why)
    return {**record, "failed": flag.failed} if flag.failed else record


def _decode_flag(record: Record) -> Flag:
    where = record["where"]
    span = WHOLE if where == WHOLE else (where[0], where[1])
    return Flag(record["kind"], span, _decode_why(record), record["confidence"], record.get("failed", ""))


def _decode_why(record: Record) -> Reason | str:
    text: str = record["why"]
    if "reason" in record:
        return read_reason(record["reason"], text)
    # Of the glossary, earlier versions kept the sentence only.
    said = _SAID_OF_TERM.fullmatch(text) if record["kind"] == "glossary" else None
    return term_reason(said[1], said[2].split("' or '")) if said else text


def _encode_score(score: Score | Missing, words: Words) -> ScoreFile | MissingFile:
    match score:
        case Score():
            return ScoreFile(score=score.value, n=score.n)
        case Missing():
            return encode_missing(score, words)


def _decode_score(entry: ScoreFile | MissingFile) -> Score | Missing:
    match entry:
        case ScoreFile():
            return Score(entry.score, entry.n)
        case MissingFile():
            return decode_missing(entry)


def _encode_traffic(traffic: Traffic | Missing, words: Words) -> TrafficFile | MissingFile:
    if isinstance(traffic, Missing):
        return encode_missing(traffic, words)
    values: dict[str, Any] = {item.name: _encode_figure(getattr(traffic, item.name), words) for item in fields(traffic)}
    costs = {name: encode_cost(getattr(traffic, name), words) for name in ("spent", "saved")}
    timings = tuple(TimingFile(seconds=item.seconds, characters=item.characters) for item in traffic.timings)
    return TrafficFile(**values | costs | {"timings": timings})


def _decode_traffic(entry: TrafficFile | MissingFile) -> Traffic | Missing:
    if isinstance(entry, MissingFile):
        return decode_missing(entry)
    values: dict[str, Any] = {name: _decode_figure(getattr(entry, name)) for name in TrafficFile.model_fields}
    costs = {name: decode_cost(getattr(entry, name)) for name in ("spent", "saved")}
    timings = tuple(Timing(item.seconds, item.characters) for item in entry.timings)
    return Traffic(**values | costs | {"timings": timings})


def _encode_figure(value: object, words: Words) -> object:
    match value:
        case TooFew():
            return TooFewFile(**encode_reasons(words, too_few=value.why))
        case Unknown():
            return UnknownFile(**encode_reasons(words, unknown=value.why))
    return value


def _decode_figure(entry: object) -> object:
    match entry:
        case TooFewFile():
            return TooFew(decode_reason(entry, "too_few"))
        case UnknownFile():
            return Unknown(decode_reason(entry, "unknown"))
    return entry


def encode_cost(cost: Money | Unknown, words: Words) -> CostFile:
    """An amount of money, or in English why it is not known."""
    match cost:
        case Money():
            return CostFile(amount=cost.amount, currency=cost.currency)
        case Unknown():
            return CostFile(**encode_reasons(words, unknown=cost.why))


def decode_cost(entry: CostFile) -> Money | Unknown:
    """What :func:`encode_cost` wrote."""
    return Unknown(decode_reason(entry, "unknown")) if entry.amount is None else Money(entry.amount, entry.currency)


def _encode_identity(identity: MetricIdentity) -> IdentityFile:
    values = {item.name: getattr(identity, item.name) for item in fields(identity)}
    traits = {item.name: getattr(identity.traits, item.name) for item in fields(identity.traits)}
    if isinstance(identity.traits.usual_spread, Unknown):
        traits["usual_spread"] = None
    return IdentityFile(**values | {"traits": TraitsFile(**traits)})


def _decode_identity(entry: IdentityFile) -> MetricIdentity:
    bare = MetricIdentity(entry.name, entry.signature, entry.higher_is_better, entry.needs_reference)
    if entry.traits is None:
        return with_traits(bare)
    traits = entry.traits.model_dump()
    if entry.traits.usual_spread is None:
        del traits["usual_spread"]
    return replace(bare, traits=Traits(**traits))


def _encode_span(span: ErrorSpan) -> ShortSpan | SpanFile:
    short = (span.start, span.end, span.severity, span.confidence)
    return short if span == ErrorSpan(*short) else SpanFile(**asdict(span))


def _decode_span(entry: ShortSpan | SpanFile) -> ErrorSpan:
    return ErrorSpan(**entry.model_dump()) if isinstance(entry, SpanFile) else ErrorSpan(*entry)


def encode_system(system: SystemResult, prefix_of_system: str, arrays: dict[str, Array], words: Words) -> SystemEntry:
    """What ``run.json`` has of a system; its arrays go to ``arrays``, under ``prefix_of_system``."""
    scores: dict[str, MetricFile | MissingFile] = {}
    for name, result in system.scores.items():
        if isinstance(result, Missing):
            scores[name] = encode_missing(result, words)
            continue
        table = system.tables[name]
        prefix = f"{prefix_of_system}/{name}"
        arrays[f"{prefix}/rows"] = table.rows
        arrays[f"{prefix}/scored"] = table.scored
        arrays[f"{prefix}/segments"] = result.segments
        for mark, mask in table.marks.items():
            arrays[f"{prefix}/marks/{mark}"] = mask
        scores[name] = MetricFile(
            identity=_encode_identity(result.identity),
            corpus=_encode_score(result.corpus, words),
            articles=tuple(_encode_score(score, words) for score in result.articles),
            arrays=prefix,
            marks=tuple(table.marks),
            spans={row: tuple(map(_encode_span, spans)) for row, spans in table.spans.items()},
            justifications=dict(table.justifications),
        )
    return SystemEntry(
        **by_name(
            system,
            SystemEntry,
            engine=EngineFile(**by_name(system.engine, EngineFile)),
            scores=scores,
            traffic=_encode_traffic(system.traffic, words),
        )
    )


def decode_system(
    entry: SystemEntry,
    corpus: Corpus,
    said: Mapping[tuple[str, str, str], Record],
    arrays: Mapping[str, Array],
) -> SystemResult:
    """Put a system together again; raises ValueError and KeyError where its parts do not fit."""
    tables: dict[str, StatTable] = {}
    scores: dict[str, MetricScores | Missing] = {}
    for name, score_file in entry.scores.items():
        if isinstance(score_file, MissingFile):
            scores[name] = decode_missing(score_file)
            continue
        identity = _decode_identity(score_file.identity)
        rows, scored = arrays[f"{score_file.arrays}/rows"], arrays[f"{score_file.arrays}/scored"]
        if len(rows) != len(corpus.segments):
            raise ValueError(f"{len(rows)} rows for {len(corpus.segments)} segments of {entry.name} {name}")
        marks = {mark: arrays[f"{score_file.arrays}/marks/{mark}"] for mark in score_file.marks}
        spans = {row: tuple(map(_decode_span, found)) for row, found in score_file.spans.items()}
        tables[name] = StatTable(identity, rows, scored, marks, spans, score_file.justifications)
        articles = tuple(_decode_score(score) for score in score_file.articles)
        segments = arrays[f"{score_file.arrays}/segments"]
        scores[name] = MetricScores(identity, _decode_score(score_file.corpus), articles, segments, scored)
    pair = str(corpus.pair)
    records = [said[pair, entry.name, str(segment.id)] for segment in corpus.segments]
    return SystemResult(
        **by_name(
            entry,
            SystemResult,
            engine=EngineIdentity(**by_name(entry.engine, EngineIdentity)),
            outcomes=tuple(map(_decode_outcome, records)),
            flags=tuple(tuple(map(_decode_flag, item["flags"])) for item in records if "flags" in item),
            tables=tables,
            scores=scores,
            traffic=_decode_traffic(entry.traffic),
        )
    )
