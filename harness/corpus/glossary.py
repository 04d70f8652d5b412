"""A glossary: terms of the source language and the translations that must be used for them."""

from __future__ import annotations

from pathlib import Path

from harness.corpus.text import read_lines
from harness.errors import DataError

ALTERNATIVE = "|"


def read_glossary(path: Path) -> dict[str, str]:
    """Read ``term<TAB>translation`` per line; several translations are separated by ``|``.

    Returns:
        Term to its translations, as :func:`harness.checks.run.check_system` takes them.

    Raises:
        DataError: the file cannot be read, a line is not two fields with text, or a term is there twice.
    """
    file = read_lines(path, bom="drop", crlf="convert")
    terms: dict[str, str] = {}
    places: dict[str, int] = {}
    for number, line in enumerate(file.lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(fields):
            raise DataError(
                f"{file.at(number)}: expected term<TAB>translation",
                hint=f"two fields in every line; alternatives are separated by {ALTERNATIVE}",
            )
        term, translation = fields
        if term in terms:
            raise DataError(
                f"{file.at(number)}: the term '{term}' is already in line {places[term]}",
                hint=f"give its translations in one line: one{ALTERNATIVE}another",
            )
        terms[term], places[term] = translation, number
    return terms
