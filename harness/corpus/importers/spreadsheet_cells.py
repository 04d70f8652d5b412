"""Cells of a workbook's XML as text: shared strings, dates by their number format, formulas by their stored value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from harness.corpus.importers.markup import local_name

_ESCAPE = re.compile("_x(?![dD][89a-fA-F])([0-9A-Fa-f]{4})_")
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
NO_VALUE = "formulas without a stored result, read as their text"


@dataclass(frozen=True, slots=True)
class CellReader:
    """What the cells of a sheet refer to."""

    strings: Sequence[str]
    date_styles: frozenset[int]
    first_day: datetime
    counts: Counter[str] = field(default_factory=Counter)

    def text(self, cell: Any) -> str:
        """What a cell shows, in full precision; empty where it shows nothing."""
        children = {local_name(child): child for child in cell}
        value = children["v"].text or "" if "v" in children else ""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return rich_text(children["is"]) if "is" in children else ""
        if not value and "f" in children and kind != "str":
            self.counts[NO_VALUE] += 1
            return f"={children['f'].text or ''}"
        if kind == "s":
            return self.strings[int(value)] if value.isdecimal() and int(value) < len(self.strings) else ""
        if kind == "b":
            return "true" if value == "1" else "false"
        if kind == "n" and value:
            return self._number(value, int(cell.get("s", "0")))
        return unescape(value)

    def _number(self, value: str, style: int) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        if style in self.date_styles and 0 <= number < 2_958_466:  # the year 10000
            moment = self.first_day + timedelta(seconds=round(number * 86_400))
            return moment.isoformat(" ") if number % 1 else moment.date().isoformat()
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def rich_text(element: Any) -> str:
    """A string in all its runs, without the phonetic guides of Japanese."""
    return unescape("".join(_runs(element)))


def _runs(element: Any) -> Iterator[str]:
    for child in element:
        name = local_name(child)
        if name == "t":
            yield child.text or ""
        elif name == "r":
            yield from _runs(child)


def unescape(text: str) -> str:
    """``_x000D_`` stands for the character U+000D; surrogates, which are no characters, stay as they are written."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def date_styles(styles: Any) -> frozenset[int]:
    """The numbers of the cell styles that show a date or a time."""
    custom = {int(element.get("numFmtId", "-1")): element.get("formatCode", "") for element in styles.iter("{*}numFmt")}
    dates = _BUILT_IN_DATES | {number for number, code in custom.items() if _shows_date(code)}
    formats = next(iter(styles.iter("{*}cellXfs")), ())
    numbers = [int(element.get("numFmtId", "0")) for element in formats if local_name(element) == "xf"]
    return frozenset(index for index, number in enumerate(numbers) if number in dates)


def _shows_date(code: str) -> bool:
    return any(letter in _NO_FORMAT.sub("", code).lower() for letter in "dmyhs")


def place_of(reference: str) -> tuple[int, int]:
    """Row and column of ``B7``, both from 1.

    Raises:
        ValueError: no such reference.
    """
    match = _CELL.fullmatch(reference)
    if not match:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
