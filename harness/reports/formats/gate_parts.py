"""What every format of a verdict of the gate shows of it: the numbers of a line, the two runs, what moved most."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.gate.moves import SegmentMove
from harness.analysis.gate.verdict import GateLine, Numbers, Verdict
from harness.reports.words.gate import outcome_text
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_units, format_difference, format_score
from harness.reports.words.text import shorten, visible
from harness.types import SIGNIFICANT, Decimals, Missing

EXCERPT = 200
"""Of a translation."""


def measured(line: GateLine) -> str:
    """The numbers in one line; empty where nothing was measured."""
    numbers = line.numbers
    if isinstance(numbers, Missing):
        return ""
    parts = [
        change_of(numbers),
        f"{signed(numbers.decimals, numbers.delta)} {interval_of(numbers)}".rstrip(),
        say("gate.margin_of", margin=f"{numbers.margin:g}"),
        counted_units(numbers.units, numbers.unit, declared=numbers.declared),
    ]
    return ", ".join(parts)


def change_of(numbers: Numbers) -> str:
    """``57.3 → 53.9``."""
    return f"{format_score(numbers.decimals, numbers.before)} → {format_score(numbers.decimals, numbers.after)}"


def signed(decimals: Decimals, value: float) -> str:
    """A difference with its sign, also where it is a gain."""
    text = format_difference(decimals, value)
    return f"+{text}" if value > 0 else text


def interval_of(numbers: Numbers) -> str:
    """``[−4.3, −2.4]``; empty where there is none."""
    if isinstance(numbers.interval, Missing):
        return ""
    return f"[{signed(numbers.decimals, numbers.interval.low)}, {signed(numbers.decimals, numbers.interval.high)}]"


def decimals_of(line: GateLine) -> Decimals:
    """How many are shown of the scores that a line is about."""
    return SIGNIFICANT if isinstance(line.numbers, Missing) else line.numbers.decimals


def status_of(verdict: Verdict) -> str:
    """The verdict in a word, and whether it was accepted."""
    status = say(f"status.{verdict.status}")
    return f"{status} ({say('gate.accepted')})" if verdict.passed and verdict.status != "pass" else status


def sides_of(verdict: Verdict) -> list[str]:
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


def move_text(move: SegmentMove, excerpt: int = EXCERPT) -> str:
    """The two translations of a segment."""
    return visible(
        " → ".join(shorten(outcome_text(item), excerpt) for item in (move.outcome_before, move.outcome_after))
    )


def moves_of(item: GateLine, most: int) -> Sequence[str]:
    """What moved most, a line for each segment."""
    decimals = decimals_of(item)
    return [
        f"{visible(f'{move.article}:{move.number} {signed(decimals, move.delta)}: ')}{move_text(move)}"
        for move in item.moves.segments[:most]
    ]
