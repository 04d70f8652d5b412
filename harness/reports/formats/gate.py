"""A verdict of the gate as text: terminal, Markdown for a pull request, JUnit, GitHub annotations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from xml.etree import ElementTree as ET

from harness.analysis.gate.verdict import GateLine, Numbers, Verdict
from harness.reports.formats.gate_json import to_json
from harness.reports.formats.markdown import BUDGET, escape
from harness.reports.words.gate import names_of, outcome_text, subject_of
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, counted_units, format_difference, format_score
from harness.reports.words.reasons import Names, sentence
from harness.reports.words.text import shorten, visible
from harness.types import SIGNIFICANT, Decimals, Missing

MARKER = "<!-- harness-gate -->"
"""The first line of the comment, by which the next run finds and replaces it."""

EXCERPT = 200

_NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold and :func:`visible` leaves as it is."""

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors and no more warnings of one step."""


def measured(line: GateLine) -> str:
    """The numbers in one line; empty where nothing was measured."""
    numbers = line.numbers
    if isinstance(numbers, Missing):
        return ""
    parts = [
        f"{format_score(numbers.decimals, numbers.before)} → {format_score(numbers.decimals, numbers.after)}",
        f"{_signed(numbers.decimals, numbers.delta)} {_interval(numbers)}".rstrip(),
        say("gate.margin_of", margin=f"{numbers.margin:g}"),
        counted_units(numbers.units, numbers.unit, declared=numbers.declared),
    ]
    return ", ".join(parts)


def to_terminal(verdict: Verdict) -> str:
    """One line for each finding, and what moved most under those that do not pass."""
    names = names_of(verdict)
    lines = [visible(line) for line in _sides(verdict)]
    for item in verdict.findings:
        aside = "" if item.blocking or item.status == "note" else f" ({say('gate.does_not_count')})"
        aside = f" ({say('gate.accepted')})" if item.accepted else aside
        facts = measured(item)
        about = f"{subject_of(item, names)}{aside}: {sentence(item.reason, names)}"
        lines.append(visible(f"{say(f'status.{item.status}'):<12} {about}"))
        if facts:
            lines.append(f"{'':<13}{visible(facts)}")
        if item.status != "pass":
            lines += [f"{'':<13}{line}" for line in _moves(item, 3)]
    return "\n".join([*lines, say("gate.verdict", status=_status(verdict))]) + "\n"


def to_markdown(verdict: Verdict) -> str:
    """A comment for a pull request."""
    names = names_of(verdict)
    headings = [escape(say(f"gate.heading.{name}")) for name in ("what", "change", "difference", "margin")]
    rows = [f"| | {' | '.join(headings)} | |", "| --- | --- | --- | --- | --- | --- |"]
    rows += [_row(item, names) for item in verdict.findings]
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
    names = names_of(verdict)
    lines = []
    for level in ("error", "warning"):
        found = [line for line in verdict.findings if line.level == level]
        for line in found[:MOST_ANNOTATIONS]:
            text = ", ".join(part for part in (_line(line, names), measured(line)) if part)
            title = _property(visible(subject_of(line, names)))
            lines.append(f"::{level} title={title}::{_data(visible(text))}")
        if len(found) > MOST_ANNOTATIONS:
            lines.append(say("gate.more_at_level", n=f"{len(found) - MOST_ANNOTATIONS:,}", level=level))
    by_segment = any(isinstance(line.numbers, Numbers) and line.numbers.unit == "segment" for line in verdict.findings)
    unit = [say("gate.independent")] if by_segment else []
    text = "; ".join([say("gate.notice", status=_status(verdict)), *unit, *_sides(verdict)])
    lines.append(f"::notice title=harness gate::{_data(visible(text))}")
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "terminal": to_terminal,
    "md": to_markdown,
    "json": to_json,
    "junit": to_junit,
    "github": to_github,
}


def _line(line: GateLine, names: Names) -> str:
    return say("gate.line", status=say(f"status.{line.status}"), reason=sentence(line.reason, names))


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


def _decimals(line: GateLine) -> Decimals:
    return SIGNIFICANT if isinstance(line.numbers, Missing) else line.numbers.decimals


def _signed(decimals: Decimals, value: float) -> str:
    text = format_difference(decimals, value)
    return f"+{text}" if value > 0 else text


def _interval(numbers: Numbers) -> str:
    if isinstance(numbers.interval, Missing):
        return ""
    return f"[{_signed(numbers.decimals, numbers.interval.low)}, {_signed(numbers.decimals, numbers.interval.high)}]"


def _moves(line: GateLine, most: int) -> Sequence[str]:
    decimals = _decimals(line)
    return [
        visible(
            f"{move.article}:{move.number} {_signed(decimals, move.delta)}: "
            + " → ".join(shorten(outcome_text(line), EXCERPT) for line in (move.outcome_before, move.outcome_after))
        )
        for move in line.moves.segments[:most]
    ]


def _row(line: GateLine, names: Names) -> str:
    status = say(f"status.{line.status}")
    status = f"({status})" if line.accepted or not (line.blocking or line.status == "note") else status
    texts = (subject_of(line, names), sentence(line.reason, names))
    subject, message = (escape(visible(shorten(text, 300))) for text in texts)
    if isinstance(line.numbers, Missing):
        return f"| {status} | {subject} | | | | {message} |"
    numbers = line.numbers
    scores = f"{format_score(numbers.decimals, numbers.before)} → {format_score(numbers.decimals, numbers.after)}"
    delta = escape(f"{_signed(numbers.decimals, numbers.delta)} {_interval(numbers)}".rstrip())
    size = counted_units(numbers.units, numbers.unit, declared=numbers.declared)
    return f"| {status} | {subject} | {escape(scores)} | {delta} | {numbers.margin:g} | {message} ({size}) |"


def _folded(line: GateLine, names: Names) -> str:
    if not line.moves.segments:
        return ""
    headings = [escape(say(f"gate.heading.{name}")) for name in ("segment", "difference", "before", "after")]
    rows = [f"| {' | '.join(headings)} |", "| --- | --- | --- | --- |"]
    decimals = _decimals(line)
    for move in line.moves.segments:
        outcomes = (move.outcome_before, move.outcome_after)
        before, after = (escape(visible(shorten(outcome_text(outcome), EXCERPT))) for outcome in outcomes)
        where = escape(visible(f"{move.article}:{move.number}"))
        rows.append(f"| {where} | {escape(_signed(decimals, move.delta))} | {before} | {after} |")
    if line.moves.articles:
        rows += ["", f"| {escape(say('gate.article'))} | {escape(say('gate.heading.difference'))} |", "| --- | --- |"]
    for article in line.moves.articles:
        rows.append(f"| {escape(visible(article.article))} | {escape(_signed(decimals, article.delta))} |")
    summary = escape(say("gate.moved", subject=visible(subject_of(line, names))))
    return f"<details><summary>{summary}</summary>\n\n" + "\n".join(rows) + "\n\n</details>"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
