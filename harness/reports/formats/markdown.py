"""The run as GitHub-flavoured Markdown that fits a pull-request comment.

Text from outside cannot start a link, image, mention, formula, heading, table cell or HTML element: what has a meaning
in Markdown becomes a character entity, and a zero-width space parts what GitHub would link after that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.reports.model.effort import SmallTable
from harness.reports.model.facts import Fact
from harness.reports.model.leaderboard import Cell
from harness.reports.model.page import ArticleTable, PairView, article_title, build_view
from harness.reports.model.shown import display_names
from harness.reports.model.trust import known_elsewhere
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, counted_as, extreme, format_score, metric_title
from harness.reports.words.text import shorten, visible
from harness.types import Translated

BUDGET = 60_000
"""Characters; a comment on GitHub takes 65,536. Folded parts beyond it are left out, and that is said."""

IN_VIEW = 56_000
"""Characters for what is not folded, shared evenly by the pairs; lines beyond it are left out, and that is said."""

TABLE_HEAD = 2
"""Lines of a table before its first row."""

MAX_TITLES = 5

LONGEST_TITLE = 60
"""Of a part left out; escaping can make a character fourteen."""

MAX_NOTES = 20

LOWEST = 5

_EXCERPT = 200

_PART = "&#8203;"

_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "\\": "&#92;",
    "`": "&#96;",
    "*": "&#42;",
    "_": "&#95;",
    "[": "&#91;",
    "]": "&#93;",
    "~": "&#126;",
    "#": f"&#35;{_PART}",
    "$": "<span>$</span>",
}

_SPECIAL = re.compile(r"[&<>|\\`*_\[\]~#@$]|:(?=//|[a-z+-][\w+-]*:)|(?<=www)\.", re.IGNORECASE)

_BLOCK_START = re.compile(r"^([-+=]|\d+(?=[.)](\s|$)))")


class MarkdownReport:
    """Leaderboard and notes in full view, everything else folded."""

    extension = "md"
    binary = False
    spoken = True

    def render(self, analysis: Analysis) -> bytes:
        """The whole comment as UTF-8."""
        view = build_view(analysis)
        head = [f"## {escape(shorten(view.title, 300))}", escape(shorten(view.subtitle, 300))]
        cut = 0
        folded: list[tuple[str, str]] = []
        for found, pair in zip(analysis.pairs, view.pairs, strict=True):
            parts, lost = _bounded(_pair(pair), IN_VIEW // len(view.pairs))
            head += parts
            cut += lost
            folded.append((f"{pair.pair}: {say('trust.title')}", _trust(pair)))
            folded += [(f"{pair.pair}: {small.title}", _pairwise(small)) for small in (*pair.asked, *pair.pairwise)]
            folded += [
                (say("markdown.by_article", pair=pair.pair, metric=table.title), _articles(pair, table))
                for table in pair.articles
            ]
            folded += _lowest(found)
        facts = list(view.facts) + [fact for pair in view.pairs for fact in pair.facts]
        folded.insert(0, (say("page.reproduce"), _facts(facts)))
        if cut:
            head.append(escape(say("markdown.lines_left_out", lines=counted(cut, "line"))))
        return ("\n\n".join(_fit(head, folded)) + "\n").encode("utf-8")


def escape(text: str) -> str:
    """``text``, already visible, so that Markdown shows it literally, inside a table cell as well."""
    safe = _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"{match[0]}{_PART}"), text)
    return _BLOCK_START.sub(lambda match: f"{_PART}{match[0]}", safe)


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


def _fit(head: Sequence[str], folded: Iterable[tuple[str, str]]) -> list[str]:
    parts = list(head)
    size = sum(len(part) + 2 for part in parts)
    left_out = []
    for title, body in folded:
        block = f"<details><summary>{escape(title)}</summary>\n\n{body}\n\n</details>"
        if size + len(block) > BUDGET:
            left_out.append(escape(shorten(title, LONGEST_TITLE)))
            continue
        parts.append(block)
        size += len(block) + 2
    if left_out:
        titles = ", ".join(left_out[:MAX_TITLES])
        if len(left_out) > MAX_TITLES:
            titles = say("markdown.and_more", titles=titles, n=f"{len(left_out) - MAX_TITLES:,}")
        parts.append(say("markdown.left_out", titles=titles))
    return parts


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], left: Collection[int]) -> str:
    """A table; the columns in ``left`` are left-aligned, the others right-aligned. Cells are escaped already."""
    rule = [":--" if index in left else "--:" for index in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def _cell(cell: Cell) -> str:
    text = f"**{cell.text}**" if cell.best else cell.text
    if cell.note:
        return f"{text} ({escape(say('notes.reference', n=cell.note))})"
    if cell.extent:
        text += f" ({cell.extent})"
    if cell.letters:
        text += f" <sup>{cell.letters}</sup>"
    return f"{text}<br>{cell.interval}" if cell.interval else text


def _pair(pair: PairView) -> list[str]:
    board = pair.leaderboard
    header = [f"{c.title} {c.arrow}".rstrip() for c in board.columns]
    header = [escape(text) for text in (say("leaderboard.system"), *header, say("leaderboard.flags"))]
    rows = []
    for row in board.rows:
        label = (
            row.label if row.complete else say("leaderboard.incomplete_system", system=row.label, coverage=row.coverage)
        )
        rows.append([escape(label), *map(_cell, row.cells), escape(row.flag_text)])
    parts = [
        f"### {escape(pair.heading)}",
        escape(board.summary),
        *([_advice(pair.advice)] if pair.advice else []),
        *map(escape, known_elsewhere(pair.trust)),
        _table(header, rows, left={0, len(header) - 1}),
        escape(
            f"{board.covers} {pair.size}. {say('leaderboard.arrows')} {say('markdown.bold')}"
            + (f" {board.tie_legend}" if board.tie_legend else "")
            + (f" {say('markdown.interval')}" if any(c.interval for r in board.rows for c in r.cells) else "")
        ),
        *map(escape, pair.disagreements),
    ]
    for small in (*pair.shared, *pair.effort):
        parts += [_small(small), *map(escape, small.remarks)]
    reasons = [
        f"{number}. {escape(subjects)}: {escape(why)}."
        + (f" {escape(say('notes.fix'))} <code>{escape(fix)}</code>" if fix else "")
        for number, subjects, why, fix in pair.missing.entries()
    ]
    notes = [f"- {escape(shorten(note, 300))}" for note in pair.notes[:MAX_NOTES]]
    if len(pair.notes) > MAX_NOTES:
        notes.append(f"- {escape(counted_as('notes.more', len(pair.notes) - MAX_NOTES))}")
    return [*parts, *(["\n".join(reasons)] if reasons else []), *(["\n".join(notes)] if notes else [])]


def _trust(pair: PairView) -> str:
    return "\n".join(f"- {escape(sign.line)}" for sign in pair.trust)


def _advice(lines: Sequence[str]) -> str:
    sentence, *remarks = map(escape, lines)
    return "\n".join(
        [f"**{escape(say('markdown.recommendation'))}** {sentence}", "", *(f"- {remark}" for remark in remarks)]
    ).strip()


def _small(table: SmallTable) -> str:
    rows = [
        [escape(name), *(_cell(replace(cell, text=escape(cell.text))) for cell in cells)] for name, cells in table.rows
    ]
    header = [*map(escape, (table.title, *table.columns))]
    return _table(header, rows, left={0, *(index + 1 for index in table.texts)})


def _pairwise(table: SmallTable) -> str:
    return "\n\n".join([_small(table), *map(escape, table.remarks)])


def _articles(pair: PairView, table: ArticleTable) -> str:
    header = [say("articles.article"), say("articles.segments"), say("articles.referenced")]
    header = [escape(text) for text in (*header, *pair.systems)]
    rows = [
        [escape(shorten(row.title, _EXCERPT)), f"{row.segments:,}", f"{row.referenced:,}", *map(_cell, row.cells)]
        for row in table.rows
    ]
    rows.append([escape(say("articles.mean")), "", "", *map(_cell, table.mean)])
    rows.append([escape(say("articles.corpus", metric=table.title)), "", "", *map(_cell, table.corpus)])
    return _table(header, rows, left={0})


def _lowest(pair: PairAnalysis) -> list[tuple[str, str]]:
    """The segments to look at first: the worst of the system at the top."""
    result, standing, metric = pair.result, pair.standing, pair.primary
    if metric is None:
        return []
    system = standing.systems[0]
    worst = pair.worst_segments_by[system.name][:LOWEST]
    if not worst:
        return []
    segments = result.corpus.segments
    titles = {article.id: article_title(article) for article in result.corpus.articles}
    rows = []
    for row, value in worst:
        segment, outcome = segments[row], system.outcomes[row]
        text = outcome.text if isinstance(outcome, Translated) else ""
        place = f"{shorten(titles[segment.id.article], 60)}, {segment.id.number}"
        texts = (segment.source, text, segment.references[0] if segment.references else "")
        excerpts = [escape(shorten(visible(part), _EXCERPT)) for part in texts]
        rows.append([escape(place), *excerpts, format_score(standing.decimals(metric), value)])
    column = visible(metric_title(metric))
    header = [say("segments.place"), say("segments.source"), say("segments.translation"), say("segments.reference")]
    title = say(
        "markdown.lowest",
        pair=result.pair,
        extreme=extreme(not standing.identities[metric].higher_is_better),
        metric=column,
        system=display_names(result)[system.name],
    )
    return [(title, _table([*map(escape, (*header, column))], rows, left={0, 1, 2, 3}))]


def _facts(facts: Sequence[Fact]) -> str:
    return "\n".join(f"- {escape(fact.label)}: {escape(shorten(fact.value, 1_000))}" for fact in facts)
