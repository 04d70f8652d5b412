r"""The run as LaTeX tables for a paper: ``\input`` the file after ``\usepackage{booktabs}``.

Two tables for each pair: the leaderboard, with tie-group letters and the signature of every metric in its caption, and
the comparisons under the primary metric, marked by the corrected p-value: of every two systems where they are few, of
all with the best where they are many. A table of more lines than a page has is a ``longtable``
(:mod:`harness.reports.formats.latex_tables`). Every character that steers TeX is escaped. Text in scripts that pdfLaTeX
does not know needs XeLaTeX or LuaLaTeX and a font that has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.reports.formats.latex_tables import FONTS, LONG_TABLES, NARROWEST, TABLES, Table, fitted, needs_long, width
from harness.reports.model.excluded import excluded_sentences
from harness.reports.model.leaderboard import Cell
from harness.reports.model.page import PairView, build_pair
from harness.reports.model.pairwise import COLUMNS
from harness.reports.model.shown import display_names
from harness.reports.model.trust import known_elsewhere
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.text import shorten, visible
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, PairResult
from harness.types import Missing

LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))

MOST_COMPARISONS = 21
"""Of more pairs, those of seven systems, only the comparisons with the best are shown."""

LONGEST = 200
"""Characters of a name or note in a table; a signature is never cut."""

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "--": "-{}-{}",
    ",,": ",{},{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "−": r"\ensuremath{-}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "±": r"\ensuremath{\pm}",
    "×": r"\ensuremath{\times}",
    "†": r"\dag{}",
    "↑": r"\ensuremath{\uparrow}",
    "↓": r"\ensuremath{\downarrow}",
    "⟨": r"\ensuremath{\langle}",
    "⟩": r"\ensuremath{\rangle}",
    "Δ": r"\ensuremath{\Delta}",
    "·": r"\textperiodcentered{}",
    "\u00a0": "~",
    "\u202f": r"\,",
}

_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPES)))

_PLACES = re.compile(r"(?<=[:|/.,;=+_@)-])(?=[^\s:|/.,;=+_@)-])|(?<=[a-z])(?=[A-Z])")
"""Where a signature or a name may be broken."""

_WORD = re.compile(r"[^\s\0]+")

PIECE = 6
"""Characters of a word that is wider than a column, which may end a line after so many."""


class LatexReport:
    """Leaderboards and comparisons, with booktabs."""

    extension = "tex"
    binary = False
    spoken = True

    def render(self, analysis: Analysis) -> bytes:
        """The whole file as UTF-8."""
        run = analysis.run
        made = say(
            "latex.run",
            id=run.called,
            created=run.created,
            status=say(f"status.{run.status}"),
            seed=run.seed,
            command=run.command,
        )
        parts: list[str] = []
        for pair in analysis.pairs:
            view = build_pair(pair)
            for table in (_leaderboard(pair, view), *_comparisons(pair, view), *_asked(view)):
                parts += fitted(table)
        packages = f"{TABLES}, {LONG_TABLES}" if needs_long("".join(parts)) else TABLES
        needs = say("latex.needs", tables=packages, fonts=FONTS)
        return ("\n\n".join([f"% {_comment(made)}", f"% {_comment(needs)}", *parts]) + "\n").encode("utf-8")


def escape(text: str) -> str:
    """``text``, already visible, so that LaTeX sets it as it stands."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)


def _comment(text: str) -> str:
    return visible(shorten(text, 500))


def _broken(text: str) -> str:
    """``text``, escaped, that may end a line behind a mark and, in a word that no column has room for, anywhere."""
    marked = _WORD.sub(_cut, _PLACES.sub("\0", text))  # no visible text has the control character
    return escape(marked).replace("\0", r"\allowbreak{}")


def _cut(word: re.Match[str]) -> str:
    if width(word[0]) < NARROWEST:
        return word[0]
    return "\0".join(word[0][start : start + PIECE] for start in range(0, len(word[0]), PIECE))


def _short(text: str) -> str:
    return _broken(shorten(text, LONGEST))


def _label(pair: str, label: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", f"{label}-{pair}")


def _leaderboard(pair: PairAnalysis, view: PairView) -> Table:
    board = view.leaderboard
    primary = [column.metric for column in board.columns].index(board.primary) if board.primary else -1
    shows_intervals = any(cell.interval for row in board.rows for cell in row.cells)
    header = [escape(say("leaderboard.system"))]
    header += [escape(f"{column.title} {column.arrow}".rstrip()) for column in board.columns]
    rows = []
    for row in board.rows:
        name = shorten(row.label, LONGEST)
        if not row.complete:
            name = say("leaderboard.incomplete_system", system=name, coverage=row.coverage)
        cells = [_cell(cell) for cell in row.cells]
        rows.append((_broken(name), *cells, *([escape(row.cells[primary].interval)] if shows_intervals else [])))
    if shows_intervals:
        header.append(escape(say("latex.interval")))
    bold = any(cell.best for row in board.rows for cell in row.cells)
    caption = [
        f"{escape(view.heading)}: {_broken(board.covers)} {escape(view.size)}.",
        escape(say("latex.bold")) if bold else "",
        escape(board.tie_legend),
        escape(say("latex.interval_of", metric=board.columns[primary].title)) if shows_intervals else "",
        *map(_broken, known_elsewhere(view.trust)),
        *map(_broken, excluded_sentences(pair, display_names(pair.result))),
        *_reasons(view, [cell for row in board.rows for cell in row.cells]),
        *_signatures(pair.result),
    ]  # fmt: skip
    title = escape(say("latex.scores", heading=view.heading))
    return Table(title, " ".join(filter(None, caption)), _label(view.pair, "scores"), tuple(header), tuple(rows))


def _reasons(view: PairView, cells: Sequence[Cell]) -> list[str]:
    """Why cells have no score, by the numbers that they refer to."""
    referred = {cell.note for cell in cells}
    return [
        _broken(say("latex.note", n=number, subject=shorten(what, LONGEST), why=shorten(why, LONGEST)))
        for number, what, why, _ in view.missing.entries()
        if number in referred
    ]


def _cell(cell: Cell) -> str:
    text = rf"\textbf{{{escape(cell.text)}}}" if cell.best else escape(cell.text)
    if cell.note:
        text += f" ({escape(say('notes.reference', n=cell.note))})"
    if cell.extent:
        text += f" ({escape(cell.extent)})"
    return rf"{text}\textsuperscript{{{escape(cell.letters)}}}" if cell.letters else text


def _signatures(result: PairResult) -> list[str]:
    """Each metric with every signature it ran under, breakable where a signature has a mark."""
    signatures: dict[tuple[str, str], None] = {}
    for metric in result.metrics:
        for system in result.systems:
            scores = scores_of(system, metric)
            if isinstance(scores, MetricScores):
                signatures[metric, scores.identity.signature] = None
    lines = []
    for metric, signature in signatures:
        lines.append(f"{_broken(visible(metric_title(metric)))}: {_broken(visible(signature))}.")
    return lines


def _comparisons(pair: PairAnalysis, view: PairView) -> Iterator[Table]:
    evidence = pair.metric(view.leaderboard.primary)
    if evidence is None or not evidence.comparisons:
        return
    table = view.pairwise[0]
    shown = range(len(_COMPARED))
    best = evidence.ranking[0] if len(evidence.comparisons) > MOST_COMPARISONS else None
    rows = []
    for (name, cells), comparison in zip(table.rows, evidence.comparisons, strict=True):
        if best not in (None, comparison.a, comparison.b):
            continue
        p = 1.0 if isinstance(comparison.p_adjusted, Missing) else comparison.p_adjusted
        mark = next((mark for level, mark in LEVELS if p < level), "")
        against, *texts = (cells[index].text for index in shown)
        difference, *others = map(escape, texts)
        named = (_short(against),) if best else (_short(name), _short(against))
        marked = rf"{difference}\textsuperscript{{{mark}}}" if mark else difference
        rows.append((*named, marked, *others))
    metric = visible(metric_title(evidence.metric.name))
    caption = [
        _broken(say("latex.differences", heading=view.heading, metric=metric)),
        _broken(say("latex.against_best", system=table.rows[0][0], n=f"{len(evidence.comparisons):,}")) if best else "",
        escape(say(f"latex.swapped.{pair.evidence.unit if pair.evidence.declared else 'undeclared'}")),
        rf"* \ensuremath{{p<.05}}, ** \ensuremath{{p<.01}}, *** \ensuremath{{p<.001}} {escape(say('latex.corrected'))}",
    ]
    names = 1 if best else 2
    header = (escape(say("leaderboard.system")), *(escape(title) for title in _headings(table.columns)))[2 - names :]
    title = escape(say("latex.differences_title", heading=view.heading, metric=metric))
    label = _label(view.pair, "differences")
    yield Table(title, " ".join(filter(None, caption)), label, header, tuple(rows), names=names)


def _asked(view: PairView) -> Iterator[Table]:
    """What was asked for beside the usual."""
    for number, table in enumerate(view.asked, start=1):
        rows = tuple((_short(name), *map(_cell, cells)) for name, cells in table.rows)
        title = escape(f"{view.heading}: {table.title}")
        reasons = _reasons(view, [cell for _, cells in table.rows for cell in cells])
        caption = " ".join([f"{title}.", *map(_broken, table.remarks), *reasons])
        header = ("", *map(escape, table.columns))
        yield Table(title, caption, _label(view.pair, f"asked-{number}"), header, rows)


def _headings(columns: Sequence[str]) -> Iterator[str]:
    """Of the comparisons; what is of a pair alone is named shorter than elsewhere, the caption has the long name."""
    for name, heading in zip(_COMPARED, columns, strict=False):
        yield {"interval_alone": say("latex.interval"), "p_alone": say("latex.p_alone")}.get(name, heading)


_COMPARED = COLUMNS[: COLUMNS.index("adjusted") + 1]
"""Of the columns of the comparisons, what a paper shows."""
