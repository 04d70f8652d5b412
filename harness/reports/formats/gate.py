"""A verdict of the gate as text: terminal, Markdown for a pull request, JUnit, GitHub annotations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as ET

from harness.analysis.gate.verdict import GateLine, Numbers, Verdict
from harness.reports.formats.gate_json import to_json
from harness.reports.formats.gate_parts import (
    EXCERPT,
    change_of,
    decimals_of,
    interval_of,
    measured,
    moves_of,
    sides_of,
    signed,
    status_of,
)
from harness.reports.formats.gate_screen import to_terminal
from harness.reports.formats.markdown_text import BUDGET, escape
from harness.reports.words.gate import names_of, outcome_text, subject_of
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, counted_units
from harness.reports.words.reasons import Names, sentence
from harness.reports.words.text import shorten, visible
from harness.types import Missing

MARKER = "<!-- harness-gate -->"
"""The first line of the comment, by which the next run finds and replaces it."""

_NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold and :func:`visible` leaves as it is."""

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors and no more warnings of one step."""


def to_markdown(verdict: Verdict) -> str:
    """A comment for a pull request."""
    names = names_of(verdict)
    headings = [escape(say(f"gate.heading.{name}")) for name in ("what", "change", "difference", "margin")]
    rows = [f"| | {' | '.join(headings)} | |", "| --- | --- | --- | --- | --- | --- |"]
    rows += [_row(item, names) for item in verdict.findings]
    parts = [MARKER, f"## {escape(say('gate.title', status=status_of(verdict)))}", "\n".join(rows)]
    parts[2:2] = (
        ["  \n".join(escape(visible(shorten(line, 300))) for line in sides_of(verdict))] if sides_of(verdict) else []
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
        body = _folded(item, names) if item.level != "ok" else ""
        if body and len(body) + 100 < room:
            room -= len(body) + 2
            parts.append(body)
    return "\n\n".join(parts) + "\n"


def to_junit(verdict: Verdict) -> str:
    """One test case for each finding: errors fail, what does not count is skipped, and says why."""
    names = names_of(verdict)
    failed = sum(item.level == "error" for item in verdict.findings)
    skipped = sum(item.level == "warning" for item in verdict.findings)
    counts = {"tests": str(len(verdict.findings)), "failures": str(failed), "errors": "0", "skipped": str(skipped)}
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", {"name": "harness gate", **counts, "time": "0"})
    for item in verdict.findings:
        name = visible(subject_of(item, names))
        case = ET.SubElement(suite, "testcase", {"classname": "harness.gate", "name": name, "time": "0"})
        message = visible(_line(item, names))
        if item.level == "error":
            failure = ET.SubElement(case, "failure", {"message": message, "type": item.status})
            failure.text = "\n".join([visible(measured(item)), *moves_of(item, len(item.moves.segments))])
        elif item.level == "warning":
            ET.SubElement(case, "skipped", {"message": message})
    if sides := sides_of(verdict):
        ET.SubElement(suite, "system-out").text = "\n".join(visible(line) for line in sides)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + _NOT_XML.sub("\ufffd", ET.tostring(suites, encoding="unicode"))
        + "\n"
    )


def to_github(verdict: Verdict) -> str:
    """Workflow commands: an annotation for each finding that does not pass, the verdict as a notice."""
    names = names_of(verdict)
    lines = []
    for level in ("error", "warning"):
        found = [item for item in verdict.findings if item.level == level]
        for item in found[:MOST_ANNOTATIONS]:
            text = ", ".join(part for part in (_line(item, names), measured(item)) if part)
            title = _property(visible(subject_of(item, names)))
            lines.append(f"::{level} title={title}::{_data(visible(text))}")
        if len(found) > MOST_ANNOTATIONS:
            lines.append(say("gate.more_at_level", n=f"{len(found) - MOST_ANNOTATIONS:,}", level=level))
    by_segment = any(isinstance(item.numbers, Numbers) and item.numbers.unit == "segment" for item in verdict.findings)
    unit = [say("gate.independent")] if by_segment else []
    text = "; ".join([say("gate.notice", status=status_of(verdict)), *unit, *sides_of(verdict)])
    lines.append(f"::notice title=harness gate::{_data(visible(text))}")
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "terminal": to_terminal,
    "md": to_markdown,
    "json": to_json,
    "junit": to_junit,
    "github": to_github,
}


def _line(item: GateLine, names: Names) -> str:
    return say("gate.line", status=say(f"status.{item.status}"), reason=sentence(item.reason, names))


def _row(item: GateLine, names: Names) -> str:
    status = say(f"status.{item.status}")
    status = f"({status})" if item.accepted or not (item.blocking or item.status == "note") else status
    texts = (subject_of(item, names), sentence(item.reason, names))
    subject, message = (escape(visible(shorten(text, 300))) for text in texts)
    if isinstance(item.numbers, Missing):
        return f"| {status} | {subject} | | | | {message} |"
    numbers = item.numbers
    scores = change_of(numbers)
    delta = escape(f"{signed(numbers.decimals, numbers.delta)} {interval_of(numbers)}".rstrip())
    size = counted_units(numbers.units, numbers.unit, declared=numbers.declared)
    return f"| {status} | {subject} | {escape(scores)} | {delta} | {numbers.margin:g} | {message} ({size}) |"


def _folded(item: GateLine, names: Names) -> str:
    if not item.moves.segments:
        return ""
    headings = [escape(say(f"gate.heading.{name}")) for name in ("segment", "difference", "before", "after")]
    rows = [f"| {' | '.join(headings)} |", "| --- | --- | --- | --- |"]
    decimals = decimals_of(item)
    for move in item.moves.segments:
        outcomes = (move.outcome_before, move.outcome_after)
        before, after = (escape(visible(shorten(outcome_text(outcome), EXCERPT))) for outcome in outcomes)
        place = escape(visible(f"{move.article}:{move.number}"))
        rows.append(f"| {place} | {escape(signed(decimals, move.delta))} | {before} | {after} |")
    if item.moves.articles:
        rows += ["", f"| {escape(say('gate.article'))} | {escape(say('gate.heading.difference'))} |", "| --- | --- |"]
    for article in item.moves.articles:
        rows.append(f"| {escape(visible(article.article))} | {escape(signed(decimals, article.delta))} |")
    summary = escape(say("gate.moved", subject=visible(subject_of(item, names))))
    return f"<details><summary>{summary}</summary>\n\n" + "\n".join(rows) + "\n\n</details>"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
