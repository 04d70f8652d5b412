"""The summary of a run as blocks of a screen: one screen for each pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis import Analysis
from harness.reports.formats.blocks import Line, fitted_apart
from harness.reports.model.summary import Summary, build_summary
from harness.reports.words.messages import say

if TYPE_CHECKING:
    from rich.console import RenderableType

_GAP = 2

_NAME_WIDTH = 32
"""Names of systems fold between words at this width, or at a third of the screen."""

STYLES = {"*": "bold green", "~": "green", "=": "green", "-": "", "": ""}


def summary_blocks(analysis: Analysis, width: int) -> Iterator[RenderableType]:
    """What a run ends with, for every pair, in lines of so many columns."""
    for number, pair in enumerate(analysis.pairs):
        if number:
            yield Line("")
        yield from _pair(build_summary(pair), width)


def _pair(summary: Summary, width: int) -> Iterator[RenderableType]:
    yield Line(summary.heading, style="bold")
    yield Line("")
    for warning in summary.warnings:
        yield Line(warning, style="yellow", indent=2)
    yield Line(summary.verdict, style="bold", indent=2)
    yield Line("")
    yield from _table(summary, width)
    for line in _beside(summary.legend, width):
        yield Line(line, style="dim")
    if summary.more:
        yield Line(summary.more, indent=2)
    if summary.remarks:
        yield Line("")
    for what, fix in summary.remarks:
        yield Line(what, indent=2)
        if fix:
            yield Line(fix, indent=6, whole=True)


def _beside(parts: Sequence[str], width: int) -> list[str]:
    """The parts beside each other, as many to a line as it has room for."""
    from rich.cells import cell_len

    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}   {part}" if lines else part
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _table(summary: Summary, width: int) -> Iterator[RenderableType]:
    """The best systems; columns of metrics that do not decide give way where there is no room, and that is said."""
    from rich.cells import cell_len

    if not summary.rows:
        return
    room = min(_NAME_WIDTH, max(20, width // 3))
    names = fitted_apart([row.name for row in summary.rows], [room] * len(summary.rows))
    widths = [
        max(cell_len(text) for text in (heading, *(row.cells[place] for row in summary.rows)))
        for place, heading in enumerate(summary.headings[1:])
    ]
    shown = list(range(len(widths)))
    name_width = min(room, max(map(cell_len, (summary.headings[0], *names))))
    for place in reversed(summary.optional):
        if 2 + name_width + sum(widths[column] + _GAP for column in shown) <= width:
            break
        shown.remove(place - 1)
    columns = _Columns(name_width, tuple(widths[place] for place in shown))
    yield columns.row("", summary.headings[0], [summary.headings[1 + place] for place in shown], "dim")
    for row, name in zip(summary.rows, names, strict=True):
        yield columns.row(row.mark, name, [row.cells[place] for place in shown], STYLES[row.mark])
    hidden = [summary.headings[place] for place in summary.optional if place - 1 not in shown]
    if hidden:
        yield Line(say("summary.columns", metrics=", ".join(hidden)), style="dim", indent=2)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How wide the columns of a table are."""

    name: int
    cells: tuple[int, ...]

    def row(self, mark: str, name: str, cells: Sequence[str], style: str) -> RenderableType:
        """The mark, the name folded between words, numbers below each other."""
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(width=1, no_wrap=True)
        table.add_column(width=self.name, overflow="fold")
        for width in self.cells:
            table.add_column(width=width + _GAP - 1, justify="right", no_wrap=True)
        table.add_row(Text(mark), Text(name), *map(Text, cells), style=style)
        return table
