"""Blocks of text and tables as the lines of a screen: the one place where lines are wrapped and styled."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

from harness.reports.words.messages import say
from harness.reports.words.text import shorten
from harness.workspace.printable import shown
from harness.workspace.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_ENDLESS = 100_000
"""Columns of a line that is not wrapped."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a line of a list: wrapped between words, later lines further in."""

    text: str
    style: str = ""
    indent: int = 0
    """Columns before every line."""
    hang: int = 0
    """Columns more before every line but the first."""
    whole: bool = False
    """Whether a word that is longer than a line stays whole, as a path or a command that is copied must."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        from rich.text import Text

        room = options.max_width
        lines = [" " * self.indent + self.text] if options.no_wrap else self._lines(console, room)
        for line in lines:
            styled = Text(line.rstrip(), no_wrap=True, overflow="ignore")
            # The space before it is not: a terminal may underline or colour it.
            styled.stylize(self.style, len(line) - len(line.lstrip()))
            yield styled

    def _lines(self, console: Console, room: int) -> list[str]:
        from rich.cells import cell_len
        from rich.text import Text

        hang = min(self.hang, max(0, room - self.indent - _LEAST_TEXT))
        if cell_len(self.text) == len(self.text):
            return wrap(
                self.text,
                room,
                initial_indent=" " * self.indent,
                subsequent_indent=" " * (self.indent + hang),
                break_long_words=not self.whole,
                break_on_hyphens=False,
            ) or [""]
        # Scripts without spaces are cut anywhere, and their characters are two columns wide.
        width = max(_LEAST_TEXT, room - self.indent - hang)
        parts = [part.plain for part in Text(self.text).wrap(console, width)]
        return [" " * (self.indent + (hang if number else 0)) + part for number, part in enumerate(parts)] or [""]


_GAP = 2
"""Spaces between columns."""

_LEAST_TEXT = 20
"""Columns that text has at least, whatever stands before it."""


def rendered(blocks: Iterable[RenderableType], screen: Screen) -> str:
    """The blocks as they are written to the screen, with escape sequences only where it has weight or colour.

    Control characters in the text of a block are shown, never written.
    """
    from rich.color import ColorSystem
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=screen.width,
        color_system=None,
        force_terminal=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    wrapped = console.options
    whole = wrapped.update(width=_ENDLESS, no_wrap=True)
    system = ColorSystem.STANDARD if screen.weight else None
    lines: list[str] = []
    for block in blocks:
        options = whole if isinstance(block, Line) and not screen.wraps else wrapped
        pieces = []
        for segment in console.render(block, options):
            text = shown(segment.text, line_start=False)
            style = segment.style if screen.colour or segment.style is None else segment.style.without_color
            pieces.append(style.render(text, color_system=system) if style and system else text)
        # A block of one line may or may not end it.
        lines += "".join(pieces).removesuffix("\n").split("\n")
    if system is None:  # a log, where a folded name may begin a line, and CI services obey what begins it
        lines = [shown(line) for line in lines]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def fitted(name: str, width: int) -> str:
    """A name whose words all fit into a column of so many: shortened where one of them does not."""
    from rich.cells import cell_len

    if max(map(cell_len, name.split()), default=0) <= width:
        return name
    return shorten(name, max(1, width - 1))


def fitted_apart(names: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Each name as :func:`fitted` into the column that is so wide, and no two names as the same text.

    Of names that would read the same, the middle is left out instead of the end; where that does not help either they
    stay whole, and fold anywhere.
    """
    texts = [fitted(name, width) for name, width in zip(names, widths, strict=True)]
    for shorter in (_without_middle, _whole):
        meant: dict[str, set[str]] = {}
        for name, text in zip(names, texts, strict=True):
            meant.setdefault(text, set()).add(name)
        texts = [
            shorter(name, width) if len(meant[text]) > 1 and text != name else text
            for name, width, text in zip(names, widths, texts, strict=True)
        ]
    return texts


def _without_middle(name: str, width: int) -> str:
    room = max(2, width - 1)
    start, end = name[: (room + 1) // 2], name[-(room // 2) :]
    return say("text.cut_middle", start=start, end=end, n=f"{len(name):,}")


def _whole(name: str, _: int) -> str:
    return name


def longest_word(texts: Iterable[str]) -> int:
    """Columns of the longest word in any of the texts; 0 where there is none."""
    from rich.cells import cell_len

    return max((cell_len(word) for text in texts for word in text.split()), default=0)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of short cells, columns below each other; text folds between words where the screen is narrow."""

    rows: tuple[tuple[str, ...], ...]
    """Of equal length."""
    right: frozenset[int]
    """Columns that are aligned at their right and never folded, as numbers are."""
    indent: int = 0
    """Spaces before each row."""
    optional: tuple[int, ...] = ()
    """Columns that give way where the others do not fit, the first one first; a line says so, where they have names."""
    styles: Mapping[int, str] = field(default_factory=dict)
    """Of rows, by their place."""
    headings: tuple[str, ...] = ()
    """What columns are called where they give way; a row of them is not shown."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        least = {place: self._least(place) for place in range(len(self.rows[0]) if self.rows else 0)}
        for place in self.optional:
            if sum(least.values()) + _GAP * (len(least) - 1) + self.indent <= options.max_width:
                break
            least.pop(place, None)
        table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
        for place, width in least.items():
            right = place in self.right
            table.add_column(
                justify="right" if right else "left",
                no_wrap=right,
                overflow="fold",
                min_width=min(width, options.max_width),
            )
        for number, row in enumerate(self.rows):
            table.add_row(*(Text(row[place]) for place in least), style=self.styles.get(number))
        yield Padding(table, (0, 0, 0, self.indent), expand=False) if self.indent else table
        if left_out := [name for place, name in enumerate(self.headings) if place not in least]:
            yield Line(say("summary.columns", metrics=", ".join(left_out)), style="dim", indent=self.indent)

    def _least(self, place: int) -> int:
        """Columns that a column needs: its cells where it is not folded, else its longest word."""
        from rich.cells import cell_len

        cells = [row[place] for row in self.rows]
        return max(map(cell_len, cells)) if place in self.right else longest_word(cells)
