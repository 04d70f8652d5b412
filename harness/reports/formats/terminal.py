"""The run as text for a terminal or a log: leaderboard, articles, notes, and how to reproduce it.

:meth:`TerminalReport.render` gives plain text; :func:`report_blocks` the same for a screen, which adds weight and
colour where it can. Text from outside is never read as markup and carries no control characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.analysis import Analysis
from harness.reports.formats.blocks import Line, fitted_apart, longest_word, rendered
from harness.reports.model.effort import SmallTable
from harness.reports.model.facts import Fact
from harness.reports.model.leaderboard import Cell, Leaderboard
from harness.reports.model.page import ArticleTable, PairView, build_view
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as
from harness.workspace.screen import MIN_WIDTH, PIPE_WIDTH, Screen, columns_chosen

if TYPE_CHECKING:
    from rich.console import RenderableType

_MAX_NOTES = 20

_TEXT_WIDTH = 28
"""Names, flags and other words fold at this width; numbers never do."""

_SYSTEM_WIDTH = 15
"""Names of systems fold at this width over a column of numbers."""

_LEAST_NAME = 9
"""Columns of names, however little room there is."""

_GAP = 3

_MAX_PAIRS = 10

_MAX_ARTICLES = 20

_LONGEST_ID = 60
"""Characters of the id of an article."""

BEST_MARK = "* "


class _Column(NamedTuple):
    heading: str
    cells: Sequence[str]
    justify: Literal["left", "right"] = "right"
    fold: int = _TEXT_WIDTH
    """The heading folds at this width; cells are never wider than :data:`_TEXT_WIDTH`."""

    @property
    def width(self) -> int:
        """What the widest cell takes, folded where it is text."""
        from rich.cells import cell_len

        heading = max(min(self.fold, cell_len(self.heading)), longest_word([self.heading]))
        return min(_TEXT_WIDTH, max((heading, *map(cell_len, self.cells))))


class TerminalReport:
    """What a person reads when a run ends."""

    extension = "txt"
    binary = False
    spoken = True

    def render(self, analysis: Analysis) -> bytes:
        """Plain text without colour, ``COLUMNS`` wide (100 where that is not set)."""
        screen = Screen(max(MIN_WIDTH, columns_chosen() or PIPE_WIDTH), wraps=True)
        return rendered(report_blocks(analysis, screen.width), screen).encode("utf-8")


def report_blocks(analysis: Analysis, width: int) -> Iterator[RenderableType]:
    """The whole report, in lines of so many columns."""
    view = build_view(analysis)
    yield Line(view.title, style="bold")
    yield Line(view.subtitle)
    for pair in view.pairs:
        yield Line("")
        yield from _pair(pair, width)
    yield Line("")
    yield Line(say("page.reproduce"), style="bold")
    yield from _facts(view.facts)
    yield from _advice(view.pairs)


def _pair(pair: PairView, width: int) -> Iterator[RenderableType]:
    yield Line(pair.heading, style="bold")
    yield Line(pair.leaderboard.summary)
    for sentence in pair.disagreements:
        yield Line(sentence)
    yield Line("")
    yield Line(say("trust.title"), style="bold")
    for sign in pair.trust:
        yield Line(f"- {sign.line}", hang=2)
    yield from _leaderboard(pair, width)
    for small in (*pair.shared, *map(_shortened, pair.pairwise), *pair.effort):
        yield from _small(small, width)
    for table in pair.articles[:1]:
        yield from _articles(pair, table, width)
    for small in pair.asked:
        yield from _small(small, width)
    yield from _notes(pair)
    yield Line("")
    yield from _facts(pair.facts)


def _cell(cell: Cell) -> str:
    if cell.note:
        return f"{cell.text} ({cell.note})"
    return f"{BEST_MARK if cell.best else ''}{cell.text}{f' {cell.extent}' if cell.extent else ''}"


def _fitting(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    """Cut ``columns`` into groups that fit beside the first column, at least one in each."""
    group: list[_Column] = []
    used = 0
    for column in columns:
        if group and used + column.width + _GAP > room:
            yield group
            group, used = [], 0
        group.append(column)
        used += column.width + _GAP
    if group:
        yield group


def _tables(first: _Column, columns: Sequence[_Column], width: int) -> Iterator[RenderableType]:
    """One table, or several below each other where not all columns fit; no number is ever cut."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    usual = min(max(first.width, longest_word((first.heading, *first.cells))), width // 2)
    shown = fitted_apart([column.heading for column in columns], [column.width for column in columns])
    headings = {id(column): heading for column, heading in zip(columns, shown, strict=True)}
    for group in _fitting(columns, width - usual):
        # One column alone may leave the names less room.
        name_width = max(_LEAST_NAME, min(usual, width - sum(column.width + _GAP for column in group)))
        names = fitted_apart(first.cells, [name_width] * len(first.cells))
        yield Text("")
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column(Text(first.heading), overflow="fold", max_width=name_width, min_width=name_width)
        for column in group:
            table.add_column(
                Text(headings[id(column)]), justify=column.justify, overflow="fold", max_width=column.width
            )
        for index, name in enumerate(names):
            table.add_row(Text(name), *(_styled(column.cells[index]) for column in group))
        yield table


def _styled(text: str) -> RenderableType:
    from rich.text import Text

    return Text(text, style="bold" if text.startswith(BEST_MARK) else "")


def _leaderboard(pair: PairView, width: int) -> Iterator[RenderableType]:
    board = pair.leaderboard
    names = [row.label if row.complete else say("terminal.incomplete", system=row.label) for row in board.rows]
    columns = [column for index in range(len(board.columns)) for column in _score_columns(board, index)]
    columns.append(_Column(say("leaderboard.flags"), [row.flag_text for row in board.rows], "left"))
    yield from _tables(_Column(say("leaderboard.system"), names), columns, width)
    yield Line("")
    for row in board.rows:
        if not row.complete:
            yield Line(say("terminal.coverage", system=row.label, coverage=row.coverage))
    yield Line(f"{board.covers} {pair.size}.")
    yield Line(f"{say('leaderboard.arrows')} {BEST_MARK}{say('terminal.best')}")
    if board.tie_legend:
        yield Line(board.tie_legend)


def _score_columns(board: Leaderboard, index: int) -> Iterator[_Column]:
    """A metric's scores, each with its letters behind it, and its intervals where it has any."""
    from rich.cells import cell_len

    column = board.columns[index]
    heading = f"{column.title} {column.arrow}".rstrip()
    cells = [row.cells[index] for row in board.rows]
    if any(cell.letters for cell in cells):
        # Left-aligned with spaces of our own, so that numbers stand below each other whatever follows them.
        width = max(map(cell_len, (heading, *map(_cell, cells))))
        texts = [f"{_cell(cell):>{width}} {cell.letters}".rstrip() for cell in cells]
        yield _Column(f"{heading:>{width}}", texts, "left")
    else:
        yield _Column(heading, [_cell(cell) for cell in cells])
    if any(cell.interval for cell in cells):
        yield _Column(say("comparisons.heading.interval"), [cell.interval for cell in cells])


def _shortened(table: SmallTable) -> SmallTable:
    """The first pairs, both names in one cell: a table cut to the width repeats its first column only."""
    rows = tuple(
        (say("terminal.against", a=name, b=cells[0].text), cells[1:]) for name, cells in table.rows[:_MAX_PAIRS]
    )
    remarks = list(table.remarks)
    if len(table.rows) > _MAX_PAIRS:
        remarks.append(counted_as("terminal.more_pairs", len(table.rows) - _MAX_PAIRS))
    return replace(table, columns=table.columns[1:], texts=frozenset(), rows=rows, remarks=tuple(remarks))


def _small(table: SmallTable, width: int) -> Iterator[RenderableType]:
    columns = [
        _Column(heading, [_cell(cells[index]) for _, cells in table.rows], "left" if index in table.texts else "right")
        for index, heading in enumerate(table.columns)
    ]
    yield from _tables(_Column(table.title, [name for name, _ in table.rows]), columns, width)
    yield Line("")
    for remark in table.remarks:
        yield Line(remark)


def _articles(pair: PairView, table: ArticleTable, width: int) -> Iterator[RenderableType]:
    """All articles, or the worst where there are many."""
    rows = list(table.rows)
    if len(rows) > _MAX_ARTICLES:
        rows = [rows[index] for index in (pair.worst or range(len(rows)))[:_MAX_ARTICLES]]
    totals = (say("articles.mean"), say("articles.corpus", metric=table.title))
    names = [*fitted_apart([row.id for row in rows], [_LONGEST_ID + 1] * len(rows)), *totals]
    columns = [
        _Column(
            say("terminal.referenced"),
            [*(f"{row.referenced:,}/{row.segments:,}" for row in rows), "", ""],
            fold=12,
        ),
    ]
    for index, system in enumerate(pair.systems):
        cells = [row.cells[index] for row in rows] + [table.mean[index], table.corpus[index]]
        columns.append(_Column(system, [_cell(cell) for cell in cells], fold=_SYSTEM_WIDTH))
    yield from _tables(
        _Column(say("terminal.by_article", metric=f"{table.title} {table.arrow}"), names), columns, width
    )
    if len(rows) < len(table.rows):
        yield Line("")
        which = "worst" if pair.worst else "first"
        yield Line(say(f"terminal.{which}_articles", n=len(rows), all=f"{len(table.rows):,}"))


def _notes(pair: PairView) -> Iterator[RenderableType]:
    reasons = pair.missing.entries()
    if not reasons and not pair.notes:
        return
    yield Line("")
    yield Line(say("notes.title"), style="bold")
    for number, subjects, why, fix in reasons:
        yield Line(f"({number}) {subjects}: {why}." + (f" {say('notes.fix')} {fix}" if fix else ""))
    for note in pair.notes[:_MAX_NOTES]:
        yield Line(f"- {note}")
    if len(pair.notes) > _MAX_NOTES:
        yield Line(f"- {counted_as('notes.more', len(pair.notes) - _MAX_NOTES)}")


def _advice(pairs: Sequence[PairView]) -> Iterator[RenderableType]:
    """What to do, last: there it stands when a run ends."""
    for pair in pairs:
        if not pair.advice:
            continue
        sentence, *remarks = pair.advice
        yield Line("")
        yield Line(say("terminal.recommendation", pair=pair.pair), style="bold")
        yield Line(sentence, style="bold")
        yield from map(Line, remarks)


def _facts(facts: Sequence[Fact]) -> Iterator[RenderableType]:
    for fact in facts:
        yield Line(f"{fact.label}: {fact.value}")
