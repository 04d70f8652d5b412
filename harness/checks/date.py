"""Dates that changed; the order of day and month, and digits or names, do not matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harness.checks.characters import DIGIT, Selected
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.months import knows_months, month_number, month_pattern
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import TEXTS_KEPT, has_digits
from harness.types import Reason
from harness.types.patterns import on_demand
from harness.workspace.languages import primary

# A search for one character goes faster than one for what stands before it, so the first figure comes first.
_ISO = on_demand(r"(\d(?<!\d\d)\d{3})-(\d\d)-(\d\d)(?!\d)")
_NUMERIC = on_demand(r"(\d(?<![\d.,/]\d)\d?)([./]) ?(\d{1,2})(?:\2 ?(?:\d{4}|\d\d)(?![\d%])|\.(?=\s[^\W\d_]))")
_CJK = on_demand(r"(\d\d?)\s?月\s?(\d{1,2})\s?日")
_JOINED = r"\s?(?:[–-]|and|to|und|bis|y|al?|e|et|au|i|en|og|och|až|do|та|і|й|по|и)\s?"
_ENDING = r"(?:\.|st|nd|rd|th|er|º|ª|-?го|-?е)?"
_DAY_BEFORE = on_demand(
    rf"(?<![\d.,:])(?:(?P<other>\d{{1,2}}){_ENDING}{_JOINED})?(?P<day>\d{{1,2}}){_ENDING}"
    r"\s(?:of\s|de\s|d['’]|del?\s|den\s)?$",
    re.IGNORECASE,
)
_DAY_AFTER = on_demand(
    rf"\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|[.,]\d|\s?(?:%|per|pro))"
    rf"(?:{_JOINED}(?P<other>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?",
    re.IGNORECASE,
)
_WINDOW = 20
_MOST_NAMED = 20
"""Dates that are named in a sentence for people."""

DayMonth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Date:
    readings: frozenset[DayMonth]
    """Day and month; two where 3/4 may be either."""
    start: int
    end: int


def _with_dates(batch: Batch, context: CheckContext) -> Selected:
    language = context.pair.source
    selected = batch.sources.having(DIGIT)
    for row in np.flatnonzero(selected).tolist():
        selected[row] = bool(_dates(batch.segments[row].source, language))
    return batch.of_sources(selected)


@screened_by(_with_dates)
def check_date(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag dates of day and month that neither the source nor a reference has, where a date of the source is gone."""
    if not (source := _dates(item.source, context.pair.source)):
        return
    written = _dates(item.text, context.pair.target)
    references = [date for other in item.references for date in _dates(other, context.pair.target)]
    readings = {reading for own in written for reading in own.readings}
    gone = [date for date in source if not date.readings & readings]
    if not gone:
        return
    right = {reading for other in (*source, *references) for reading in other.readings}
    was = ", ".join(item.source[one.start : one.end] for one in gone[:_MOST_NAMED])
    for date in written:
        if not date.readings & right:
            why = Reason("flag.date", {"written": item.text[date.start : date.end], "source": was})
            yield Flag("date", (date.start, date.end), why, 0.9)


@lru_cache(maxsize=TEXTS_KEPT)
def _dates(text: str, language: str) -> tuple[_Date, ...]:
    if not has_digits(text):
        return ()
    dates = [_Date(frozenset({(int(m[3]), int(m[2]))}), *m.span()) for m in _ISO.finditer(text)]
    dates += [_Date(frozenset({(int(m[2]), int(m[1]))}), *m.span()) for m in _CJK.finditer(text)]
    for match in _NUMERIC.finditer(text):
        one, two = int(match[1]), int(match[3])
        readings = {(one, two)} if match[2] == "." else {(one, two), (two, one)}
        dates.append(_Date(frozenset(filter(_possible, readings)), *match.span()))
    code = primary(language)
    if knows_months(code):
        for name in month_pattern(code).finditer(text):
            dates += _around(name, text, code)
    return tuple(date for date in dates if date.readings)


def _around(name: re.Match[str], text: str, code: str) -> Iterator[_Date]:
    """The day that stands before or after the name of a month."""
    month = month_number(name[0], code)
    before = _DAY_BEFORE.search(text, max(0, name.start() - _WINDOW), name.start())
    if before:
        yield from _named(before, month, before.start(), name.end())
    elif code == "en" and (after := _DAY_AFTER.match(text, name.end())):
        yield from _named(after, month, name.start(), after.end())


def _named(days: re.Match[str], month: int, start: int, end: int) -> Iterator[_Date]:
    """One day of a named month, or two: the 9th and 10th."""
    for day in (days["day"], days["other"]):
        if day and _possible((int(day), month)):
            yield _Date(frozenset({(int(day), month)}), start, end)


def _possible(date: DayMonth) -> bool:
    day, month = date
    return 1 <= day <= 31 and 1 <= month <= 12
