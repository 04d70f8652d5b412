"""Errors that name the unit of a file, by which a person finds it in an editor that has no lines."""

from __future__ import annotations

from harness.errors import DataError

LONGEST = 60
"""Characters of an id that are shown."""


def in_unit(error: DataError, where: str, unit: str, advice: str = "") -> DataError:
    """The same error with the unit behind file and line, where it has an id.

    Args:
        error: its message begins with ``where``, or names a place of its own.
        where: file and line.
        unit: id of the unit, as the file writes it.
        advice: what helps besides.
    """
    name = " ".join(unit.split())
    shown = f"{name[: LONGEST - 1]}…" if len(name) > LONGEST else name
    text = str(error)
    if shown and text.startswith(f"{where}:"):
        text = f"{where}, unit '{shown}'{text[len(where) :]}"
    return DataError(text, hint="; ".join(filter(None, (error.hint, advice))))
