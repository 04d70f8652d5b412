"""A verdict of the gate as text: terminal, Markdown for a pull request, JUnit, GitHub annotations, JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as ET

from harness.analysis.gate.verdict import LEVEL, Finding, Numbers, Sides, Verdict
from harness.analysis.stats.compare import Interval
from harness.reports.formats.markdown import BUDGET, escape
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, counted_units, format_difference, format_score
from harness.reports.words.text import shorten, visible
from harness.types import Missing

MARKER = "<!-- harness-gate -->"
"""The first line of the comment, by which the next run finds and replaces it."""

EXCERPT = 200

_NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold and :func:`visible` leaves as it is."""

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors and no more warnings of one step."""


def measured(finding: Finding) -> str:
    """The numbers in one line; empty where nothing was measured."""
    numbers, metric = finding.numbers, finding.metric
    if isinstance(numbers, Missing):
        return ""
    parts = [
        f"{format_score(metric, numbers.before)} → {format_score(metric, numbers.after)}",
        f"{_signed(metric, numbers.delta)} {_interval(metric, numbers)}".rstrip(),
        say("gate.margin_of", margin=f"{numbers.margin:g}"),
        counted_units(numbers.units, numbers.unit, declared=numbers.declared),
    ]
    return ", ".join(parts)


def to_terminal(verdict: Verdict) -> str:
    """One line for each finding, and what moved most under those that do not pass."""
    lines = [visible(line) for line in _sides(verdict)]
    for item in verdict.findings:
        aside = "" if item.blocking or item.status == "note" else f" ({say('gate.does_not_count')})"
        aside = f" ({say('gate.accepted')})" if item.accepted else aside
        facts = measured(item)
        lines.append(visible(f"{say(f'status.{item.status}'):<12} {item.subject}{aside}: {item.message}"))
        if facts:
            lines.append(f"{'':<13}{visible(facts)}")
        if item.status != "pass":
            lines += [f"{'':<13}{line}" for line in _moves(item, 3)]
    return "\n".join([*lines, say("gate.verdict", status=_status(verdict))]) + "\n"


def to_markdown(verdict: Verdict) -> str:
    """A comment for a pull request."""
    headings = [escape(say(f"gate.heading.{name}")) for name in ("what", "change", "difference", "margin")]
    rows = [f"| | {' | '.join(headings)} | |", "| --- | --- | --- | --- | --- | --- |"]
    rows += [_row(item) for item in verdict.findings]
    parts = [MARKER, f"## {escape(say('gate.title', status=_status(verdict)))}", "\n".join(rows)]
    parts[2:2] = (
        ["  \n".join(escape(visible(shorten(line, 300))) for line in _sides(verdict))] if _sides(verdict) else []
    )
    parts.append(escape(say("gate.legend")))
    room = BUDGET - sum(map(len, parts))
    if room < 0:
        # Rows say what failed; the rest of a table this long is in the other formats.
        kept = rows[:2]
        worst = sorted(zip(verdict.findings, rows[2:], strict=True), key=lambda pair: pair[0].level != "error")
        for _, row in worst:
            if sum(map(len, kept)) + len(row) + len(kept) > BUDGET - 2_000:
                break
            kept.append(row)
        parts[2] = "\n".join(kept)
        parts.append(counted_as("gate.cut", len(rows) - len(kept)))
        return "\n\n".join(parts) + "\n"
    for item in verdict.findings:
        body = _folded(item) if item.level != "ok" else ""
        if body and len(body) + 100 < room:
            room -= len(body) + 2
            parts.append(body)
    return "\n\n".join(parts) + "\n"


def to_junit(verdict: Verdict) -> str:
    """One test case for each finding: errors fail, what does not count is skipped, and says why."""
    failed = sum(item.level == "error" for item in verdict.findings)
    skipped = sum(item.level == "warning" for item in verdict.findings)
    counts = {"tests": str(len(verdict.findings)), "failures": str(failed), "errors": "0", "skipped": str(skipped)}
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", {"name": "harness gate", **counts, "time": "0"})
    for item in verdict.findings:
        name = visible(item.subject)
        case = ET.SubElement(suite, "testcase", {"classname": "harness.gate", "name": name, "time": "0"})
        message = visible(f"{item.status}: {item.message}")
        if item.level == "error":
            failure = ET.SubElement(case, "failure", {"message": message, "type": item.status})
            failure.text = "\n".join([visible(measured(item)), *_moves(item, len(item.moves.segments))])
        elif item.level == "warning":
            ET.SubElement(case, "skipped", {"message": message})
    if sides := _sides(verdict):
        ET.SubElement(suite, "system-out").text = "\n".join(visible(line) for line in sides)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + _NOT_XML.sub("\ufffd", ET.tostring(suites, encoding="unicode"))
        + "\n"
    )


def to_github(verdict: Verdict) -> str:
    """Workflow commands: an annotation for each finding that does not pass, the verdict as a notice."""
    lines = []
    for level in ("error", "warning"):
        found = [item for item in verdict.findings if item.level == level]
        for item in found[:MOST_ANNOTATIONS]:
            text = ", ".join(part for part in (f"{item.status}: {item.message}", measured(item)) if part)
            title = _property(visible(item.subject))
            lines.append(f"::{level} title={title}::{_data(visible(text))}")
        if len(found) > MOST_ANNOTATIONS:
            lines.append(f"{len(found) - MOST_ANNOTATIONS} more at level {level}")
    by_segment = any(isinstance(item.numbers, Numbers) and item.numbers.unit == "segment" for item in verdict.findings)
    unit = [say("gate.independent")] if by_segment else []
    text = "; ".join([f"verdict {_status(verdict)}", *unit, *_sides(verdict)])
    lines.append(f"::notice title=harness gate::{_data(visible(text))}")
    return "\n".join(lines) + "\n"


def to_json(verdict: Verdict) -> str:
    """``{"verdict", "passed", "run", "baseline", "findings"}``, in full precision; what is not known is null."""
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
        "findings": [_record(item) for item in verdict.findings],
    }
    return json.dumps(_finite(data), ensure_ascii=True, indent=1, allow_nan=False) + "\n"


FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "terminal": to_terminal,
    "md": to_markdown,
    "json": to_json,
    "junit": to_junit,
    "github": to_github,
}


def _status(verdict: Verdict) -> str:
    status = say(f"status.{verdict.status}")
    return f"{status} ({say('gate.accepted')})" if verdict.passed and verdict.status != "pass" else status


def _sides(verdict: Verdict) -> list[str]:
    """Which run was judged against which, a line for each; nothing where nobody said."""
    sides = verdict.sides
    if isinstance(sides, Missing):
        return []
    kept = say(
        "gate.baseline_run", run=sides.baseline, made=_minute(sides.baseline_made), accepted=_minute(sides.accepted)
    )
    note = f" ({sides.note})" if sides.note else ""
    run = say("gate.run", run=sides.run, made=_minute(sides.made))
    return [say("gate.run_itself", run=run) if sides.run == sides.baseline else run, kept + note]


def _minute(moment: str) -> str:
    """``2026-01-02 03:04 UTC`` of an ISO 8601 date in UTC; anything else as it stands."""
    return f"{moment[:16].replace('T', ' ')} UTC" if moment.endswith("+00:00") else moment


def _record(item: Finding) -> dict[str, Any]:
    record: dict[str, Any] = {
        "status": item.status,
        "blocking": item.blocking,
        "accepted": item.accepted,
        "pair": item.pair or None,
        "system": item.system or None,
        "metric": item.metric or None,
        "flag": item.flag or None,
        "slice": item.slice or None,
        "message": item.message,
    }
    if isinstance(item.numbers, Numbers):
        numbers = item.numbers
        interval = numbers.interval
        record |= {
            "before": numbers.before,
            "after": numbers.after,
            "delta": numbers.delta,
            "ci": [interval.low, interval.high] if isinstance(interval, Interval) else None,
            "ci_level": LEVEL,
            "p": None if isinstance(numbers.p, Missing) else numbers.p,
            "margin": numbers.margin,
            "unit": numbers.unit,
            "unit_declared": numbers.declared,
            "units": numbers.units,
            "segments": numbers.segments,
            "detectable": None if isinstance(numbers.detectable, Missing) else numbers.detectable,
            "needed": None if isinstance(numbers.needed, Missing) else numbers.needed,
        }
    return record | {"moved": asdict(item.moves)}


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def _signed(metric: str, value: float) -> str:
    text = format_difference(metric, value)
    return f"+{text}" if value > 0 else text


def _interval(metric: str, numbers: Numbers) -> str:
    if isinstance(numbers.interval, Missing):
        return ""
    return f"[{_signed(metric, numbers.interval.low)}, {_signed(metric, numbers.interval.high)}]"


def _moves(item: Finding, most: int) -> Sequence[str]:
    return [
        visible(
            f"{move.article}:{move.number} {_signed(item.metric, move.delta)}: "
            f"{shorten(move.text_before, EXCERPT)} → {shorten(move.text_after, EXCERPT)}"
        )
        for move in item.moves.segments[:most]
    ]


def _row(item: Finding) -> str:
    status = say(f"status.{item.status}")
    status = f"({status})" if item.accepted or not (item.blocking or item.status == "note") else status
    subject, message = (escape(visible(shorten(text, 300))) for text in (item.subject, item.message))
    if isinstance(item.numbers, Missing):
        return f"| {status} | {subject} | | | | {message} |"
    numbers, metric = item.numbers, item.metric
    scores = f"{format_score(metric, numbers.before)} → {format_score(metric, numbers.after)}"
    delta = escape(f"{_signed(metric, numbers.delta)} {_interval(metric, numbers)}".rstrip())
    size = counted_units(numbers.units, numbers.unit, declared=numbers.declared)
    return f"| {status} | {subject} | {escape(scores)} | {delta} | {numbers.margin:g} | {message} ({size}) |"


def _folded(item: Finding) -> str:
    if not item.moves.segments:
        return ""
    headings = [escape(say(f"gate.heading.{name}")) for name in ("segment", "difference", "before", "after")]
    rows = [f"| {' | '.join(headings)} |", "| --- | --- | --- | --- |"]
    for move in item.moves.segments:
        before, after = (escape(visible(shorten(text, EXCERPT))) for text in (move.text_before, move.text_after))
        place = escape(visible(f"{move.article}:{move.number}"))
        rows.append(f"| {place} | {escape(_signed(item.metric, move.delta))} | {before} | {after} |")
    if item.moves.articles:
        rows += ["", f"| {escape(say('gate.article'))} | {escape(say('gate.heading.difference'))} |", "| --- | --- |"]
    for article in item.moves.articles:
        rows.append(f"| {escape(visible(article.article))} | {escape(_signed(item.metric, article.delta))} |")
    summary = escape(say("gate.moved", subject=visible(item.subject)))
    return f"<details><summary>{summary}</summary>\n\n" + "\n".join(rows) + "\n\n</details>"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
