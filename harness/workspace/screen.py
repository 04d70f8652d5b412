"""How wide what is printed may be, and whether it may have weight and colour.

=============================  ==========================  ===============  ======================
stream                         columns                     sentences        weight and colour
=============================  ==========================  ===============  ======================
a terminal                     its own                     wrapped          yes; ``NO_COLOR`` takes
                                                                            colour, ``TERM=dumb`` both
a pipe or a file               100, for tables             whole lines      no
either, with ``COLUMNS``       those                       wrapped          as above
=============================  ==========================  ===============  ======================
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

PIPE_WIDTH = 100
"""Columns of tables where nothing says how wide they may be."""

UNSIZED_WIDTH = 80
"""Columns of a terminal that does not know its size."""

MIN_WIDTH = 40

_PLAIN_TERMINALS = frozenset({"", "dumb", "unknown"})


@dataclass(frozen=True, slots=True)
class Screen:
    """What a stream takes."""

    width: int
    """Columns of tables, and of sentences where they are wrapped."""
    wraps: bool
    """Whether sentences are cut into lines; False: each is one line, however long, as programs read them."""
    weight: bool = False
    """Whether text may be bold."""
    colour: bool = False


def screen_of(stream: TextIO) -> Screen:
    """What the stream takes; ``COLUMNS`` overrides its width."""
    terminal = stream.isatty()
    chosen = columns_chosen()
    weight = terminal and os.environ.get("TERM", "") not in _PLAIN_TERMINALS
    return Screen(
        width=max(MIN_WIDTH, chosen or (_columns_of(stream) if terminal else PIPE_WIDTH)),
        wraps=terminal or bool(chosen),
        weight=weight,
        colour=weight and not os.environ.get("NO_COLOR"),
    )


def columns_chosen() -> int:
    """What ``COLUMNS`` says; 0 where it says nothing that is a width."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdecimal() else 0


def _columns_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or UNSIZED_WIDTH
    except OSError:
        return UNSIZED_WIDTH
