r"""The run as LaTeX tables for a paper: ``\input`` the file after ``\usepackage{booktabs}``.

Two tables for each pair: the leaderboard, with tie-group letters and the signature of every metric in its caption, and
the comparisons under the primary metric, marked by the corrected p-value. Every character that steers TeX is escaped.
Text in scripts that pdfLaTeX does not know needs XeLaTeX or LuaLaTeX and a font that has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.reports.model.excluded import excluded_sentences
from harness.reports.model.leaderboard import Cell
from harness.reports.model.page import PairView, build_pair
from harness.reports.model.pairwise import COLUMNS
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.text import shorten, visible
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, PairResult
from harness.types import Missing

LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))

TABLES, FONTS = r"\usepackage{booktabs}", r"\usepackage[T1]{fontenc}"
"""What the paper must load."""
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

_PLACES = re.compile(r"(?<=[:|/.,;=+])(?=[^\s:|/.,;=+])")


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
        parts = [
            f"% {_comment(made)}",
            f"% {_comment(say('latex.needs', tables=TABLES, fonts=FONTS))}",
        ]
        for pair in analysis.pairs:
            view = build_pair(pair)
            parts += [_leaderboard(pair, view), *_comparisons(pair, view)]
        return ("\n\n".join(parts) + "\n").encode("utf-8")


def escape(text: str) -> str:
    """``text``, already visible, so that LaTeX sets it as it stands."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)


def _comment(text: str) -> str:
    return visible(shorten(text, 500))


def _short(text: str) -> str:
    return escape(shorten(text, LONGEST))


def _label(pair: str, what: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", f"{what}-{pair}")


def _table(
    caption: Iterable[str], label: str, columns: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    lines = [
        r"\begin{table}[tbp]",
        r"\centering\small",
        rf"\caption{{{' '.join(filter(None, caption))}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
        *(" & ".join(cells) + r" \\" for cells in rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _leaderboard(pair: PairAnalysis, view: PairView) -> str:
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
        rows.append([escape(name), *cells, *([escape(row.cells[primary].interval)] if shows_intervals else [])])
    if shows_intervals:
        header.append(escape(say("latex.interval")))
    bold = any(cell.best for row in board.rows for cell in row.cells)
    caption = [
        f"{escape(view.heading)}: {escape(board.covers)} {escape(view.size)}.",
        escape(say("latex.bold")) if bold else "",
        escape(board.tie_legend),
        escape(say("latex.interval_of", metric=board.columns[primary].title)) if shows_intervals else "",
        *map(escape, excluded_sentences(pair, display_names(pair.result))),
        *(escape(say("latex.note", n=number, subject=shorten(what, LONGEST), why=shorten(why, LONGEST)))
          for number, what, why, _ in view.missing.entries()
          if any(cell.note == number for row in board.rows for cell in row.cells)),
        *_signatures(pair.result),
    ]  # fmt: skip
    columns = "l" + "r" * len(board.columns) + ("c" if shows_intervals else "")
    return _table(caption, _label(view.pair, "scores"), columns, header, rows)


def _cell(cell: Cell) -> str:
    text = rf"\textbf{{{escape(cell.text)}}}" if cell.best else escape(cell.text)
    if cell.note:
        text += f" ({escape(say('notes.reference', n=cell.note))})"
    if cell.extent:
        text += f" ({escape(cell.extent)})"
    return rf"{text}\textsuperscript{{{escape(cell.letters)}}}" if cell.letters else text


def _signatures(result: PairResult) -> list[str]:
    """Each metric with every signature it ran under, breakable where a signature has a mark."""
    found: dict[tuple[str, str], None] = {}
    for metric in result.metrics:
        for system in result.systems:
            scores = scores_of(system, metric)
            if isinstance(scores, MetricScores):
                found[metric, scores.identity.signature] = None
    lines = []
    for metric, signature in found:
        breakable = r"\allowbreak{}".join(map(escape, _PLACES.split(visible(signature))))
        lines.append(f"{escape(visible(metric_title(metric)))}: {breakable}.")
    return lines


def _comparisons(pair: PairAnalysis, view: PairView) -> list[str]:
    found = pair.metric(view.leaderboard.primary)
    if found is None or not found.comparisons:
        return []
    table = view.pairwise[0]
    shown = range(len(_COMPARED))
    rows = []
    for (name, cells), item in zip(table.rows, found.comparisons, strict=True):
        p = 1.0 if isinstance(item.p_adjusted, Missing) else item.p_adjusted
        mark = next((mark for level, mark in LEVELS if p < level), "")
        texts = [_short(cells[index].text) for index in shown]
        rows.append([_short(name), texts[0], rf"{texts[1]}\textsuperscript{{{mark}}}" if mark else texts[1],
                     *texts[2:]])  # fmt: skip
    title = visible(metric_title(found.metric.name))
    caption = [
        escape(say("latex.differences", heading=view.heading, metric=title)),
        escape(say(f"latex.swapped.{pair.evidence.unit if pair.evidence.declared else 'undeclared'}")),
        rf"* \ensuremath{{p<.05}}, ** \ensuremath{{p<.01}}, *** \ensuremath{{p<.001}} {escape(say('latex.corrected'))}",
    ]
    header = [escape(say("leaderboard.system")), *(escape(table.columns[index]) for index in shown)]
    return [_table(caption, _label(view.pair, "differences"), "llrcrr", header, rows)]


_COMPARED = COLUMNS[: COLUMNS.index("adjusted") + 1]
"""Of the columns of the comparisons, what a paper shows."""
