"""The data of the segment explorer: texts and scores of one pair, packed for a script that reads them when asked.

Packed is: the length of a JSON text (uint32), the JSON, padding to eight bytes, then all segment scores as float64;
little-endian, gzip, base64. Scores travel at full precision, so that the page rounds what the run has stored. Texts go
segment by segment, because outputs of one segment are alike and compress well side by side.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.analysis.health import Marks
from harness.analysis.pair import PairAnalysis
from harness.metrics.interface import Side
from harness.reports.html.segments import article_anchors
from harness.reports.model.counted import counts_text
from harness.reports.model.health import kind_name, mark_name
from harness.reports.model.leading import Rows, take_rows
from harness.reports.model.page import PairView, article_title
from harness.reports.model.said import explains, lines_of
from harness.reports.model.shown import display_names
from harness.reports.model.slicing import kind_title
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.reasons import sentence
from harness.reports.words.text import direction_of, visible
from harness.store.runs.frame import segment_values
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Failed, NotBought, Outcome, Refused, Translated
from harness.workspace.languages import direction

COMPRESSION = 4
"""Half the time of zlib's usual 6, for packed data that are about a twentieth longer."""


def pack(pair: PairAnalysis, view: PairView, rows: Rows) -> str:
    """Everything the explorer shows of some segments of one pair, as text for a ``script`` element that is not run.

    Args:
        pair: the whole pair.
        view: its leaderboard gives the order of systems and metrics.
        rows: of the segments, as :func:`harness.reports.model.leading.leading_rows` chooses them.
    """
    every = len(rows) == len(pair.result.corpus.segments)
    result = pair.result if every else take_rows(pair.result, rows)
    by_name = {system.name: system for system in result.systems}
    order = [by_name[row.system] for row in view.leaderboard.rows]
    head = _head(pair, view, order, result, rows)
    body = as_json(head)
    body += b" " * (-(len(body) + 4) % 8)
    columns = [segment_values(system, column.metric) for column in view.leaderboard.columns for system in order]
    values = np.concatenate(columns) if columns else np.zeros(0)
    numbers = np.where(np.isfinite(values), values, np.nan).astype("<f8").tobytes()
    packed = gzip.compress(struct.pack("<I", len(body)) + body + numbers, COMPRESSION, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def as_json(head: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8, shorter than with escapes; with escapes where a text has half a surrogate pair."""
    try:
        return json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(head, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _head(
    pair: PairAnalysis, view: PairView, order: list[SystemResult], result: PairResult, rows: Rows
) -> dict[str, Any]:
    anchors = article_anchors(str(result.pair), pair.result.corpus.articles)
    labels = display_names(result)
    expected_source, expected_target = direction(result.pair.source), direction(result.pair.target)
    texts = [
        (segment.source, segment.references, [_text(system.outcomes[row]) for system in order])
        for row, segment in enumerate(result.corpus.segments)
    ]
    place_of = {int(row): place for place, row in enumerate(rows)}
    kinds: dict[str, int] = {}
    whys: dict[str, int] = {}
    return {
        "pair": str(result.pair),
        "source": {"tag": result.pair.source, "dir": expected_source},
        "target": {"tag": result.pair.target, "dir": expected_target},
        "articles": [
            {
                "id": visible(article.id),
                "anchor": anchor,
                "title": article_title(article),
                "count": len(article.segments),
            }
            for article in result.corpus.articles
            for anchor in (anchors[article.id],)
        ],
        "metrics": [
            {
                "title": column.title,
                "arrow": column.arrow,
                "digits": column.decimals,
                "primary": column.metric == view.leaderboard.primary,
            }
            for column in view.leaderboard.columns
        ],
        "slices": _slices(pair, rows),
        "systems": [_called(system, labels[system.name]) for system in order],
        "texts": texts,
        "turned": [
            [row, *turned]
            for row, own in enumerate(texts)
            if (turned := _turned(own, expected_source, expected_target))
        ],
        "states": [_state(system) for system in order],
        "marks": [_marks(pair.marks[system.name], kinds, place_of) for system in order],
        "flags": [_flags(system, whys) for system in order],
        "spans": [_spans(system, "hypothesis") for system in order],
        "lost": [_spans(system, "source") for system in order],
        "said": [_said(system) for system in order],
        "counted": [_counted(system) for system in order],
        "kinds": list(kinds),
        "whys": list(whys),
    }


def _called(system: SystemResult, label: str) -> str:
    """What to call a system; one whose segments were cut again is marked, since their scores depend on the cuts."""
    return f"{label} ({say('segments.cut_again')})" if system.is_cut_again else label


def _slices(pair: PairAnalysis, rows: Rows) -> list[dict[str, Any]]:
    """Every kind that cuts the corpus in two or more: the names of its slices, and which of them each row is in."""
    made = []
    for kind, parts in pair.slice_members.items():
        places = np.zeros(len(pair.result.corpus.segments), dtype=np.int64)
        for place, (_, mask) in enumerate(parts):
            places[mask] = place
        labels = [visible(sentence(label)) for label, _ in parts]
        made.append({"kind": kind, "title": kind_title(kind), "labels": labels, "of": places[rows].tolist()})
    return made


def _text(outcome: Outcome) -> str:
    match outcome:
        case Translated():  # nearly all are
            return outcome.text
        case Refused():
            return outcome.reason
        case Failed():
            return outcome.error
        case NotBought():
            return sentence(outcome.known)


def _state(system: SystemResult) -> dict[str, str]:
    """Row to ``refused``, ``failed``, ``not_bought`` or ``empty``; rows with a translation are left out."""
    state = {}
    for row, outcome in enumerate(system.outcomes):
        match outcome:
            case Translated():
                if not outcome.text.strip():
                    state[str(row)] = "empty"
            case Refused():
                state[str(row)] = "refused"
            case Failed():
                state[str(row)] = "failed"
            case NotBought():
                state[str(row)] = "not_bought"
    return state


def _turned(texts: tuple[str, Sequence[str], Sequence[str]], source: str, target: str) -> list[Any]:
    """Texts that run against the direction of their language: the source (0 or 1), references, outputs."""
    first = int(direction_of(texts[0], source) != source)
    lists = [[place for place, text in enumerate(found) if direction_of(text, target) != target] for found in texts[1:]]
    return [first, *lists] if first or any(lists) else []


def _marks(marks: Marks, kinds: dict[str, int], place_of: Mapping[int, int]) -> dict[str, list[int]]:
    """Place on the page to the kinds of what was noticed there."""
    names = {mark: mark_name(mark) for noticed in marks.values() for mark in noticed}
    return {
        str(place_of[row]): [
            kinds.setdefault(name, len(kinds)) for name in dict.fromkeys(names[mark] for mark in noticed)
        ]
        for row, noticed in marks.items()
        if row in place_of
    }


def _flags(system: SystemResult, whys: dict[str, int]) -> dict[str, list[list[int]]]:
    """Row to flags: start and end in characters of the text (-1: the whole), and the sentence why."""
    records = {}
    one_of = {flag.kind: flag for flags in system.flags for flag in flags}
    names = {kind: kind_name(flag) for kind, flag in one_of.items()}
    for row, flags in enumerate(system.flags):
        if flags:
            records[str(row)] = [
                [
                    *((-1, -1) if flag.where == "whole" else flag.where),
                    whys.setdefault(f"{names[flag.kind]}: {visible(sentence(flag.why))}", len(whys)),
                ]
                for flag in flags
            ]
    return records


def _spans(system: SystemResult, side: Side) -> dict[str, list[list[Any]]]:
    """Row to error spans in the output or in the source, of every metric: start, end, severity, metric, confidence."""
    spans_of: dict[str, list[list[Any]]] = {}
    for metric, table in system.tables.items():
        for row, spans in table.spans.items():
            for span in spans:
                if span.side != side:
                    continue
                record = [span.start, span.end, visible(span.severity), visible(metric_title(metric)), span.confidence]
                spans_of.setdefault(str(row), []).append(record)
    return spans_of


def _counted(system: SystemResult) -> dict[str, str]:
    """Row to what the engine counted on the way; rows of which it counted nothing are left out."""
    texts = {}
    for row, outcome in enumerate(system.outcomes):
        if isinstance(outcome, Translated) and outcome.notes and (text := counts_text(outcome.notes)):
            texts[str(row)] = text
    return texts


def _said(system: SystemResult) -> dict[str, list[str]]:
    """Row to what metrics say of it, errors in the source included, a line each; empty where none gives reasons."""
    explaining = any(explains(system, metric) for metric in system.tables)
    said_of: dict[str, list[str]] = {}
    for metric, table in system.tables.items() if explaining else ():
        for row in {**table.spans, **table.justifications}:
            lines = [visible(f"{metric_title(metric)}: {line}") for line in lines_of(system, metric, row)]
            said_of.setdefault(str(row), []).extend(lines)
    return said_of
