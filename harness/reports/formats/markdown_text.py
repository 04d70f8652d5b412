"""Text and tables in GitHub-flavoured Markdown.

Text from outside cannot start a link, image, mention, formula, heading, table cell or HTML element: what has a meaning
in Markdown becomes a character entity, and a zero-width space parts what GitHub would link after that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from harness.reports.model.effort import SmallTable
from harness.reports.model.leaderboard import Cell
from harness.reports.words.messages import say

BUDGET = 60_000
"""Characters; a comment on GitHub takes 65,536. Folded parts beyond it are left out, and that is said."""

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


def escape(text: str) -> str:
    """``text``, already visible, so that Markdown shows it literally, inside a table cell as well."""
    safe = _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"{match[0]}{_PART}"), text)
    return _BLOCK_START.sub(lambda match: f"{_PART}{match[0]}", safe)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: Collection[int]) -> str:
    """A table; the columns in ``left`` are left-aligned, the others right-aligned. Cells are escaped already."""
    rule = [":--" if index in left else "--:" for index in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def score(cell: Cell) -> str:
    """A score with all that belongs to it; its text is escaped already."""
    text = f"**{cell.text}**" if cell.best else cell.text
    if cell.note:
        return f"{text} ({escape(say('notes.reference', n=cell.note))})"
    if cell.extent:
        text += f" ({cell.extent})"
    if cell.letters:
        text += f" <sup>{cell.letters}</sup>"
    return f"{text}<br>{cell.interval}" if cell.interval else text


def small(found: SmallTable) -> str:
    """A small table, its title over the names of its rows."""
    rows = [
        [escape(name), *(score(replace(cell, text=escape(cell.text))) for cell in cells)] for name, cells in found.rows
    ]
    header = [*map(escape, (found.title, *found.columns))]
    return table(header, rows, left={0, *(index + 1 for index in found.texts)})


def with_remarks(found: SmallTable) -> str:
    """A small table and what to know when reading it."""
    return "\n\n".join([small(found), *map(escape, found.remarks)])
