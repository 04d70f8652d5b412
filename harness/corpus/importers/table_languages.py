"""Which rows of a table are of the pair, where its columns name languages or pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.corpus.importers.test_set import on_side, same_languages
from harness.corpus.importers.varieties import is_tag, tag_of
from harness.errors import DataError, UsageError
from harness.types import LangPair
from harness.workspace.languages import parse_pair

ROLES = ("pair", "source language", "target language")
"""Roles of columns that name languages."""


@dataclass(frozen=True, slots=True)
class RowLanguages:
    """The cells of the columns that name languages whose rows are read."""

    accepted: Mapping[str, frozenset[str]]
    """By role; a role without a column is absent."""

    def left_out(self, cells: Mapping[str, str]) -> str:
        """Why a row with these cells, by role, is left out; empty where it is read."""
        strange = [role for role, accepted in self.accepted.items() if cells[role] not in accepted]
        if not strange:
            return ""
        return "rows of other language pairs left out" if strange == ["pair"] else "rows in other languages left out"


def row_languages(
    columns: Mapping[str, str], cells: Mapping[str, Iterable[str]], pair: LangPair, where: str
) -> RowLanguages:
    """Decide what is read. An empty cell is; of several varieties of one language, only the one that the pair names.

    Args:
        columns: Headings, by role.
        cells: The cells of the columns, by role.
        pair: What is imported.
        where: For messages.

    Raises:
        DataError: several varieties fit the pair, and none of them is that of the pair.
    """
    return RowLanguages(
        {role: _accepted(role, columns[role], set(found), pair, where) for role, found in cells.items()}
    )


def is_pair(text: str) -> bool:
    """Whether a cell names a pair of languages."""
    try:
        parse_pair(text)
    except UsageError:
        return False
    return True


def _accepted(role: str, column: str, values: set[str], pair: LangPair, where: str) -> frozenset[str]:
    wanted = {"pair": str(pair), "source language": pair.source, "target language": pair.target}[role]
    side: Literal["source", "target"] = "source" if role == "source language" else "target"
    if role == "pair":
        fitting = {value for value in values if value and same_languages(value, pair)}
        normal = {value: str(parse_pair(value)) for value in fitting}
    else:
        fitting = {value for value in values if on_side(value, side, pair)}
        normal = {value: tag_of(value, where) for value in fitting if is_tag(value)}
    varieties = set(normal.values())
    if len(varieties) > 1:
        if wanted not in varieties:
            raise DataError(
                f"{where}: column '{column}': several varieties fit {wanted}: {', '.join(sorted(varieties))}",
                hint="name one of them with --pair",
            )
        fitting -= {value for value, variety in normal.items() if variety != wanted}
    return frozenset({"", *fitting})
