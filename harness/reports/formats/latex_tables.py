r"""Tables that fit the page of a paper: a float, or a ``longtable`` where there are too many lines for one.

TeX alone knows how wide a text is. Widths here are estimates in points for Computer Modern at 9 pt, a little too large,
and a page is that of the class ``article``: 345 pt wide and some fifty lines high. The first column takes what the
numbers leave and wraps; columns that leave it too little go into a further table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PAGE_WIDTH = 345.0
"""Of ``article`` at 10 pt, in points."""

MOST_LINES = 38
"""Of a float, caption included; the page has about 45."""

CAPTION_CHARACTERS = 78
"""In a line of a caption."""

NARROWEST = 60.0
"""A column of names is at least so wide."""

SEPARATION = 4.0
"""``\tabcolsep``: on either side of a column."""

TABLES, FONTS = r"\usepackage{booktabs}", r"\usepackage[T1]{fontenc}"
"""What the paper must load."""
LONG_TABLES = r"\usepackage{longtable}"
"""What it must load, too, where a table is longer than a page."""

_COMMAND = re.compile(r"\\textsuperscript\{((?:\{\*\}|[^{}])*)\}|\\[a-zA-Z]+\{?|[{}]|\\")
"""What takes no room; a superscript takes less."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; all texts are LaTeX, the first column is of names that may wrap."""

    title: str
    """In a list of tables."""
    caption: str
    label: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1
    """So many columns on the left are names; the rest are numbers, set to the right."""


def fitted(table: Table) -> Iterator[str]:
    """The table as LaTeX, in several where its columns are too wide for a page."""
    first, *others = _split(table)
    yield _laid_out(first)
    for number, part in enumerate(others, start=2):
        yield _laid_out(replace(part, label=f"{table.label}-{number}", caption=f"{table.title}."))


def needs_long(source: str) -> bool:
    """Whether some LaTeX has a table longer than a page."""
    return r"\begin{longtable}" in source


def _split(table: Table) -> list[Table]:
    """The columns of numbers in groups that leave room for the names."""
    widths = _widths(table)
    room = PAGE_WIDTH - sum(min(NARROWEST, natural + 2.0) + 2 * SEPARATION for natural in widths[: table.names])
    groups: list[list[int]] = [[]]
    used = 0.0
    for index in range(table.names, len(table.header)):
        width = widths[index] + 2 * SEPARATION
        if groups[-1] and used + width > room:
            groups.append([])
            used = 0.0
        groups[-1].append(index)
        used += width
    kept = range(table.names)
    return [_columns(table, [*kept, *group]) for group in groups]


def _columns(table: Table, indices: Sequence[int]) -> Table:
    def of(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[index] for index in indices)

    return replace(table, header=of(table.header), rows=tuple(map(of, table.rows)))


def _widths(table: Table) -> list[float]:
    """Of each column, in points; a heading is as wide as its longest word."""
    body = [[width(row[index]) for row in table.rows] for index in range(len(table.header))]
    headings = [max(map(width, stacked(text)), default=0.0) for text in table.header]
    return [max([heading, *texts]) for heading, texts in zip(headings, body, strict=True)]


def width(latex: str) -> float:
    """About how wide a line of text is at 9 pt, in points."""
    small = sum(map(_plain_width, _COMMAND.findall(latex)))
    return _plain_width(_COMMAND.sub("", latex)) + 0.75 * small


def _plain_width(text: str) -> float:
    return sum(
        9.5 if character in "mwMW%@" or ord(character) > 0x2E7F
        else 6.8 if character.isupper()
        else 2.9 if character in " .,:;'|ijl!"
        else 4.9
        for character in text
    )  # fmt: skip


def stacked(heading: str) -> list[str]:
    """A heading word by word; a sign beside a word stays with it."""
    lines: list[str] = []
    for word in heading.split():
        if lines and (len(word) < 3 or word.startswith("\\") or width(lines[-1]) + width(word) < 40):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _laid_out(table: Table) -> str:
    widths = _widths(table)
    numbers = sum(width + 2 * SEPARATION for width in widths[table.names :])
    room = (PAGE_WIDTH - numbers) / table.names - 2 * SEPARATION
    names = [min(room, natural + 2.0) for natural in widths[: table.names]]
    lines = math.ceil(len(table.caption) / CAPTION_CHARACTERS) + sum(
        max(math.ceil(width(cell) / (0.9 * size)) for cell, size in zip(row, names, strict=False)) for row in table.rows
    )
    sizes = [rf"p{{{size / PAGE_WIDTH:.3f}\linewidth}}" for size in names]
    columns = f"@{{}}{''.join(sizes)}{'r' * (len(table.header) - table.names)}@{{}}"
    header = " & ".join([*table.header[: table.names], *map(_heading, table.header[table.names :])]) + r" \\"
    rows = [" & ".join([*map(_name, row[: table.names]), *row[table.names :]]) + r" \\" for row in table.rows]
    head = [rf"\caption[{table.title}]{{{table.caption}}}", rf"\label{{tab:{table.label}}}"]
    lengths = rf"\setlength{{\tabcolsep}}{{{SEPARATION:g}pt}}\setlength{{\belowcaptionskip}}{{4pt}}"
    spaced = rf"\small{lengths}\emergencystretch=3em"
    if lines <= MOST_LINES:
        return "\n".join(
            [r"\begin{table}[tbp]", rf"\centering{spaced}", *head, rf"\begin{{tabular}}{{{columns}}}", r"\toprule",
             header, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", r"\end{table}"]
        )  # fmt: skip
    return "\n".join(
        [rf"\begingroup{spaced}\setlength{{\LTcapwidth}}{{\linewidth}}", rf"\begin{{longtable}}{{{columns}}}",
         head[0] + head[1] + r" \\", r"\toprule", header, r"\midrule", r"\endfirsthead", r"\toprule", header,
         r"\midrule", r"\endhead", r"\bottomrule", r"\endlastfoot", *rows, r"\end{longtable}", r"\endgroup"]
    )  # fmt: skip


def _heading(text: str) -> str:
    lines = r"\\".join(stacked(text))
    return text if lines == text else rf"\shortstack[r]{{{lines}}}"


def _name(text: str) -> str:
    r"""A name that wraps in its column, after the marks in it and nowhere in a word."""
    return rf"\raggedright\hspace{{0pt}}{text}"
