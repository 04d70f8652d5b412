"""What metrics say beside their scores: errors with their place, and why a row has its score or none."""

from __future__ import annotations

from collections.abc import Iterator

from harness.metrics.interface import ErrorSpan
from harness.reports.words.messages import say
from harness.store.runs.result import SystemResult
from harness.types import JsonValue, Translated


def spans_json(system: SystemResult, row: int) -> dict[str, JsonValue]:
    """Metric to its error spans in one segment; metrics without any are left out."""
    return {
        metric: [_span(span) for span in table.spans[row]]
        for metric, table in system.tables.items()
        if row in table.spans
    }


def justifications_json(system: SystemResult, row: int) -> dict[str, JsonValue]:
    """Metric to why it gives one segment its score, or none; metrics that do not say are left out."""
    return {metric: table.justifications[row] for metric, table in system.tables.items() if row in table.justifications}


def _span(span: ErrorSpan) -> JsonValue:
    return {
        "side": span.side,
        "start": span.start,
        "end": span.end,
        "severity": span.severity,
        "category": span.category,
        "text": span.text,
        "reason": span.reason,
        "confidence": span.confidence,
    }


def explains(system: SystemResult, metric: str) -> bool:
    """Whether a metric says more of a system's segments than scores and places."""
    table = system.tables.get(metric)
    if table is None:
        return False
    spans = (span for own in table.spans.values() for span in own)
    return bool(table.justifications) or any(span.reason or span.category for span in spans)


def lines_of(system: SystemResult, metric: str, row: int) -> Iterator[str]:
    """What a metric says of one segment, a line for each error: ``major accuracy/omission [Source] “text”: reason``."""
    table = system.tables[metric]
    if row in table.justifications:
        yield table.justifications[row]
    for span in table.spans.get(row, ()):
        outcome = system.outcomes[row]
        known = outcome.text if isinstance(outcome, Translated) and span.side == "hypothesis" else ""
        side = f"[{say('workbook.source')}]" if span.side == "source" else ""
        head = " ".join(filter(None, (span.severity, span.category, side)))
        yield f"{head} “{span.text or known[span.start : span.end]}”{f': {span.reason}' if span.reason else ''}"
