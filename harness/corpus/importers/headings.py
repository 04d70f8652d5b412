"""The first row of a table as the names of its columns."""

from __future__ import annotations

from collections.abc import Sequence

from harness.corpus.importers.model import Request
from harness.corpus.importers.roles import has_text_role
from harness.errors import DataError
from harness.types import LangPair


def headings(cells: Sequence[str], where: str, pair: LangPair) -> tuple[str, ...]:
    """The names of the columns; one without a heading is called by its number.

    Raises:
        DataError: two columns of texts have the same heading.
    """
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {number}"
        if name in names:
            if has_text_role(name, pair):
                raise DataError(f"{where}: the column '{name}' is there twice", hint="rename or remove one")
            name = f"{name} (column {number})"
        names.append(name)
    return tuple(names)


def numbered(count: int, request: Request) -> tuple[str, ...]:
    """The names of columns without headings: their numbers, or source and reference if there are two."""
    if count == 2 and not request.columns:
        return "source", "reference"
    return tuple(str(number) for number in range(1, count + 1))
