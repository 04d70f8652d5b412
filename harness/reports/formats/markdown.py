"""The run as GitHub-flavoured Markdown that fits a pull-request comment: a screen in view, everything else folded.

In view are, of each pair, the verdict, the recommendation, what speaks gravest against them, the best systems, and cost
and speed where there is room; the whole leaderboard, notes and numbers are in folds below. With many pairs only the
verdicts are in view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.analysis import Analysis
from harness.reports.formats.markdown_folded import Fold, facts_list, folded_parts
from harness.reports.formats.markdown_text import BUDGET, escape, score, table, with_remarks
from harness.reports.model.page import PairView, build_view
from harness.reports.model.trust import known_elsewhere
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, counted_as
from harness.reports.words.text import shorten

MOST_LINES = 60
"""In view, blank lines included."""

IN_VIEW = 56_000
"""Characters for what is not folded, shared evenly by the pairs; lines beyond it are left out, and that is said."""

LEAST_LINES = 14
"""In view of a pair with its leaderboard; with less room for each, pairs have their verdict in view and no more."""

LEAST_ROWS = 3
"""Of a leaderboard, which never give way to remarks."""

MOST_REMARKS = 3
"""On a recommendation, in view."""

TABLE_HEAD = 2
"""Lines of a table before its first row."""

MAX_TITLES = 5

LONGEST_TITLE = 60
"""Of a part left out; escaping can make a character fourteen."""


class MarkdownReport:
    """Verdicts and leaderboards in view, everything else folded."""

    extension = "md"
    binary = False
    spoken = True

    def render(self, analysis: Analysis) -> bytes:
        """The whole comment as UTF-8."""
        view = build_view(analysis)
        head = [f"## {escape(shorten(view.title, 300))}", escape(shorten(view.subtitle, 300))]
        facts = list(view.facts) + [fact for pair in view.pairs for fact in pair.facts]
        folded = [Fold(0, say("page.reproduce"), facts_list(facts))]
        room = (MOST_LINES - _lines(head)) // max(1, len(view.pairs))
        cut = 0
        if room < LEAST_LINES:
            parts, cut = _bounded(_verdicts(view.pairs, MOST_LINES - _lines(head)), IN_VIEW)
            head += parts
        for found, pair in zip(analysis.pairs, view.pairs, strict=True):
            shown = _Shown((), 0, 0)
            if room >= LEAST_LINES:
                shown = _in_view(pair, room)
                parts, lost = _bounded(shown.parts, IN_VIEW // len(view.pairs))
                head += parts
                cut += lost
            tables = (*pair.shared, *pair.effort)[shown.tables :]
            folded += [*_not_in_view(pair, shown.rows), *folded_parts(found, pair, tables)]
        if cut:
            head.append(escape(say("markdown.lines_left_out", lines=counted(cut, "line"))))
        # The parts of lower rank may find no room: what matters less of one pair is not before what matters of another.
        ranked = sorted(folded, key=lambda fold: fold.rank)
        return ("\n\n".join(_fit(head, ranked)) + "\n").encode("utf-8")


def _lines(parts: Iterable[str]) -> int:
    """Lines that parts take, each with the blank line behind it."""
    return sum(part.count("\n") + 2 for part in parts)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is in view of a pair."""

    parts: Sequence[str]
    rows: int
    """Of its leaderboard."""
    tables: int
    """Of those on shared segments, cost and repetitions, the first ones."""


def _in_view(pair: PairView, room: int) -> _Shown:
    """What fits in so many lines."""
    above = [f"### {escape(pair.heading)}", escape(pair.leaderboard.summary)]
    below = [_legend(pair)]
    rows = len(pair.leaderboard.rows)
    fixed = _lines([*above, *below]) + TABLE_HEAD + 1
    # One line says that rows are folded; it is counted whether it is there or not.
    free = room - fixed - 2 - min(rows, LEAST_ROWS)
    for part in _said(pair):
        if _lines([part]) <= free:
            above.append(part)
            free -= _lines([part])
    shown = min(rows, LEAST_ROWS + max(0, free))
    if shown < rows:
        below.insert(0, escape(counted_as("markdown.more_systems", rows - shown)))
    free -= shown - min(rows, LEAST_ROWS)
    tables = 0
    for part in map(with_remarks, (*pair.shared, *pair.effort)):
        if _lines([part]) > free:
            break
        below.append(part)
        free -= _lines([part])
        tables += 1
    return _Shown([*above, _board(pair, shown), *below], shown, tables)


def _said(pair: PairView) -> list[str]:
    """What is said beside the verdict, the most important first."""
    said = []
    if pair.advice:
        sentence, *remarks = map(escape, pair.advice)
        said.append(f"**{escape(say('markdown.recommendation'))}** {sentence}")
        if remarks:
            said.append("\n".join(f"- {remark}" for remark in remarks[:MOST_REMARKS]))
    return [*said, *map(escape, known_elsewhere(pair.trust)[:1]), *map(escape, pair.disagreements[:1])]


def _not_in_view(pair: PairView, rows: int) -> list[Fold]:
    """What would be in view, were there room: the whole leaderboard, and what else there is to say."""
    folded = []
    if rows < len(pair.leaderboard.rows):
        body = [_board(pair, len(pair.leaderboard.rows)), _legend(pair)]
        folded.append(Fold(1, f"{pair.pair}: {say('leaderboard.title')}", "\n\n".join(body)))
    remarks = [*pair.advice[1:], *known_elsewhere(pair.trust), *pair.disagreements]
    if remarks:
        lines = [*(pair.advice[:1] if not rows else ()), *remarks]
        listed = "\n".join(f"- {escape(line)}" for line in lines)
        folded.append(Fold(2, f"{pair.pair}: {say('markdown.remarks')}", listed))
    return folded


def _board(pair: PairView, count: int) -> str:
    """The leaderboard with its first rows."""
    board = pair.leaderboard
    header = [f"{column.title} {column.arrow}".rstrip() for column in board.columns]
    header = [escape(text) for text in (say("leaderboard.system"), *header, say("leaderboard.flags"))]
    rows = []
    for row in board.rows[:count]:
        label = row.label
        if not row.complete:
            label = say("leaderboard.incomplete_system", system=row.label, coverage=row.coverage)
        rows.append([escape(label), *map(score, row.cells), escape(row.flag_text)])
    return table(header, rows, left={0, len(header) - 1})


def _legend(pair: PairView) -> str:
    board = pair.leaderboard
    parts = [f"{board.covers} {pair.size}.", say("leaderboard.arrows"), say("markdown.bold"), board.tie_legend]
    if any(cell.interval for row in board.rows for cell in row.cells):
        parts.append(say("markdown.interval"))
    return escape(" ".join(filter(None, parts)))


def _verdicts(pairs: Sequence[PairView], room: int) -> list[str]:
    """A line for each pair that fits, and how many do not."""
    lines = [f"- **{escape(pair.heading)}**: {escape(pair.leaderboard.summary)}" for pair in pairs]
    most = room - 4
    shown = ["\n".join(lines[:most])]
    if len(lines) > most:
        shown.append(escape(counted_as("markdown.more_pairs", len(lines) - most)))
    return shown


def _bounded(parts: Iterable[str], room: int) -> tuple[list[str], int]:
    """The parts of a pair that fit, tables and lists cut between lines; and how many lines were cut."""
    kept: list[str] = []
    cut = 0
    for part in parts:
        lines = part.split("\n")
        whole = len(lines)
        while lines and sum(map(len, lines)) + len(lines) + 1 > room:
            lines.pop()
        if part.startswith("| ") and len(lines) <= TABLE_HEAD < whole:
            lines = []  # a heading without rows says nothing
        cut += whole - len(lines)
        if lines:
            kept.append("\n".join(lines))
            room -= len(kept[-1]) + 2
    return kept, cut


def _fit(head: Sequence[str], folded: Iterable[Fold]) -> list[str]:
    parts = list(head)
    size = sum(len(part) + 2 for part in parts)
    left_out = []
    for fold in folded:
        block = f"<details><summary>{escape(fold.title)}</summary>\n\n{fold.body}\n\n</details>"
        if size + len(block) > BUDGET:
            left_out.append(escape(shorten(fold.title, LONGEST_TITLE)))
            continue
        parts.append(block)
        size += len(block) + 2
    if left_out:
        titles = ", ".join(left_out[:MAX_TITLES])
        if len(left_out) > MAX_TITLES:
            titles = say("markdown.and_more", titles=titles, n=f"{len(left_out) - MAX_TITLES:,}")
        parts.append(say("markdown.left_out", titles=titles))
    return parts
