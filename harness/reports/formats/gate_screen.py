"""A verdict of the gate as a screen: what failed first, then what lost most, and how many checks passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.analysis.gate.moves import SegmentMove
from harness.analysis.gate.verdict import GateLine, Numbers, Verdict
from harness.reports.formats.blocks import Grid, Line, rendered
from harness.reports.formats.gate_parts import (
    change_of,
    decimals_of,
    interval_of,
    move_text,
    sides_of,
    signed,
    status_of,
)
from harness.reports.words.gate import names_of, slice_text, subject_of
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, metric_title
from harness.reports.words.reasons import Names, sentence
from harness.reports.words.text import visible
from harness.types import Decimals, SystemName
from harness.workspace.screen import MIN_WIDTH, PIPE_WIDTH, Screen, columns_chosen

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_LOST = 3
"""Segments shown."""

EXCERPT = 60
"""Of each translation of such a segment."""

STYLES = {"pass": "bold green", "regressed": "bold red"}


def to_terminal(verdict: Verdict) -> str:
    """The screen as plain text, ``COLUMNS`` wide (100 where that is not set)."""
    return rendered(gate_blocks(verdict), Screen(max(MIN_WIDTH, columns_chosen() or PIPE_WIDTH), wraps=True))


def headline(verdict: Verdict) -> str:
    """The verdict and the worst of what it rests on, in one line: ``regressed: DeepL chrF 57.3 → 53.9``."""
    names = names_of(verdict)
    failed = [item for item in verdict.findings if item.level == "error"]
    if not failed:
        return status_of(verdict)
    worst = failed[0]
    change = change_of(worst.numbers) if isinstance(worst.numbers, Numbers) else sentence(worst.reason, names)
    return visible(say("gate.headline", status=status_of(verdict), what=f"{_subject(verdict, worst, names)} {change}"))


def gate_blocks(verdict: Verdict, *, every: bool = False) -> Iterator[RenderableType]:
    """The screen.

    Args:
        verdict: what the gate says.
        every: list the checks that passed, too.
    """
    names = names_of(verdict)
    status, word = status_of(verdict), say(f"status.{verdict.status}")
    yield Line(status.replace(word, word.upper(), 1), style=STYLES.get(verdict.failing, "bold yellow"))
    for side in sides_of(verdict):
        yield Line(visible(side), indent=2)
    failed = [item for item in verdict.findings if item.level == "error"]
    warned = [item for item in verdict.findings if item.level == "warning" and item.status != "note"]
    noted = [item for item in verdict.findings if item.status == "note"]
    passed = [item for item in verdict.findings if item.status == "pass"]
    if failed:
        yield Line("")
        yield from _lines(verdict, failed, names)
        yield from _lost_most(failed)
    open_ones = [] if every else [item for item in warned if item.status != "regressed" and not item.accepted]
    warning = [item for item in warned if item not in open_ones]
    if warning:
        yield Line("")
        yield Line(say("gate.warns_only"), indent=2)
        yield from _lines(verdict, warning, names, indent=4)
    if open_ones:
        yield Line("")
        yield Line(counted_as("gate.open_ones", len(open_ones)), indent=2)
    for item in noted:
        yield Line(say("gate.noted", what=visible(_about(verdict, item, names))), indent=2)
    if not passed:
        return
    if not open_ones or every:
        yield Line("")
    if every:
        yield Line(counted_as("gate.passed", len(passed)), indent=2)
        yield from _lines(verdict, passed, names, indent=4)
    else:
        yield Line(counted_as("gate.others_passed" if failed or warned else "gate.all_passed", len(passed)), indent=2)


def _lines(verdict: Verdict, items: Sequence[GateLine], names: Names, indent: int = 2) -> Iterator[RenderableType]:
    """A row for each line with numbers, its slices below it, then the others as sentences."""
    rows: list[tuple[str, str, str, str]] = []
    reasons: list[str] = []
    for item in _with_their_slices(items):
        numbers = item.numbers
        about = _subject(verdict, item, names)
        if not isinstance(numbers, Numbers):
            reasons.append(_about(verdict, item, names))
            continue
        shown = f"  {visible(slice_text(item.slice))}" if _has_parent(item, items) else visible(about)
        delta = f"{signed(numbers.decimals, numbers.delta)} {interval_of(numbers)}".rstrip()
        rows.append((shown, change_of(numbers), delta, say("gate.margin_of", margin=f"{numbers.margin:g}")))
        if item.level != "ok" and item.reason.key != "gate.worse":
            reasons.append(_about(verdict, item, names))
    if rows:
        yield Grid(
            tuple(rows),
            right=frozenset({1, 2, 3}),
            indent=indent,
            optional=(3,),
            headings=("", "", "", say("gate.margin_heading")),
        )
    for reason in dict.fromkeys(reasons):
        yield Line(visible(reason), indent=indent, hang=2)


def _with_their_slices(items: Sequence[GateLine]) -> list[GateLine]:
    """The same, the parts of the articles below the whole."""
    groups: dict[tuple[str, str, str, str], list[GateLine]] = {}
    for item in items:
        groups.setdefault((item.pair, item.system, item.metric, item.flag), []).append(item)
    return [item for group in groups.values() for item in sorted(group, key=lambda item: bool(item.slice))]


def _has_parent(item: GateLine, items: Sequence[GateLine]) -> bool:
    same = (item.pair, item.system, item.metric)
    return bool(item.slice) and any(
        not other.slice and (other.pair, other.system, other.metric) == same for other in items
    )


def _subject(verdict: Verdict, item: GateLine, names: Names) -> str:
    """What a line is about; the pair only where there are several."""
    if len({other.pair for other in verdict.findings if other.pair}) > 1 or not (item.system or item.metric):
        return subject_of(item, names)
    system = names.get(SystemName(item.system), item.system)
    parts = (system, metric_title(item.metric) if item.metric else "", item.flag, slice_text(item.slice))
    return " ".join(filter(None, parts))


def _about(verdict: Verdict, item: GateLine, names: Names) -> str:
    status = say(f"status.{item.status}") if item.status not in {"pass", "note"} else ""
    aside = say("gate.accepted") if item.accepted else ""
    mark = ", ".join(filter(None, (status, aside)))
    reason = sentence(item.reason, names)
    subject = _subject(verdict, item, names)
    if mark:
        return say("gate.because", subject=subject, status=mark, reason=reason)
    return say("gate.simply", subject=subject, reason=reason)


def _lost_most(failed: Sequence[GateLine]) -> Iterator[RenderableType]:
    """The segments that lost most by what failed: losses only, each once."""
    lost: dict[tuple[str, str, int], tuple[SegmentMove, Decimals]] = {}
    first = next((item for item in failed if item.moves.segments), None)
    for item in failed:
        if first is None or item.metric != first.metric:
            continue
        for move in item.moves.segments:
            if move.delta < 0:
                lost.setdefault((item.system, move.article, move.number), (move, decimals_of(item)))
    if not lost:
        return
    yield Line("")
    yield Line(say("gate.lost_most"), indent=2)
    for move, decimals in sorted(lost.values(), key=lambda entry: entry[0].delta)[:MOST_LOST]:
        where = visible(f"{move.article}:{move.number}")
        yield Line(f"{where}  {signed(decimals, move.delta)}  {move_text(move, EXCERPT)}", indent=4, hang=2)
