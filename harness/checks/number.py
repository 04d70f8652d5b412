"""Numbers that are missing, changed or invented.

Without references, a number of the source must come back in figures, in words or multiplied out. With references, only
the numbers that all of them kept are demanded, and what any of them wrote is right: people convert and round. Miles
and other units that many readers do not know need not be kept at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache

from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.number_screen import may_have_other_numbers
from harness.checks.number_words import has_number_words, implied_numbers, knows_thousand
from harness.checks.quantities import Quantity, figures, is_spelled_out, plain_figures
from harness.checks.regrouped import not_regrouped
from harness.checks.screen import screened_by
from harness.corpus.lint.pairs import placeholders, replace_untranslatable
from harness.types import Reason
from harness.types.patterns import on_demand
from harness.workspace.languages import direction, primary

_OFTEN_IN_WORDS = Decimal(100)
_IN_PAIRS = on_demand(r"(\d(?<![\d.,:/–-]\d)\d{0,2})\s?[:–-]\s?(\d{1,3})(?![\d:/–-]|[.,]\d)")
_DEGREES = on_demand(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?°\s?([CF])\b")
_CONVERTED = on_demand(
    r"(?:(?:\s?[–-]\s?|\s(?:to|and|or|by)\s)\d+(?:[.,]\d+)?)?"
    r"(?:[\s-]?(?:square |cubic )?(?:miles?|mi|mph|feet|foot|ft|inch(?:es)?|(?<=\d)in|in(?!\s[a-z])"
    r"|yards?|yds?|yarders?|acres?|pounds?|lbs?|ounces?|oz|stones?|gallons?|pints?|degrees?|Fahrenheit|st)\b|\s?°\s?F|[\"”″]|['’′]\d)",
    re.IGNORECASE,
)
_AFTER_FEET = on_demand(r"(?:foot|feet|ft|['’′])[\s-]?$", re.IGNORECASE)
"""What stands before the inches of a height: 6-foot-6."""
_LONGEST_NAME = 8
_IN_A_NAME = on_demand(r"\bCOVID[-‑–\s]?$", re.IGNORECASE)
"""What stands before a number that is part of a name with another name in other languages."""
_TEMPERATURES = on_demand(r"s\b")
"""What follows a number of two figures in "highs in the 80s", which elsewhere are about 26 to 32 degrees."""
_HOUR = on_demand(r"(?:[.:]\d\d)?\s?(?:[ap]\.?\s?m\b|o['’]clock)", re.IGNORECASE)
_HOURS_FROM_SUNRISE = frozenset({"sw", "am", "ti", "om", "so", "rw"})
"""Languages in which the first hour of the day, or of the night, is at seven."""
_YEARS_APART = {
    "am": (-7, -8), "ti": (-7, -8), "om": (-7, -8), "ne": (56, 57), "th": (543,), "lo": (543,), "km": (543,),
    "fa": (-621, -622), "ps": (-621, -622),
}  # fmt: skip
"""By how much the years of other calendars differ."""
_FIRST_YEAR = 1000
_THOUSAND = 1000
_IN_FIGURES = 0.85
"""Share of translations that keep a figure below which numbers are usually written in words, as in Yoruba and Ewe."""
_MOST_COMPARED = 30
"""Numbers that are compared each with each."""
_OFTEN_A_NAME = on_demand(
    r"(?:1st|2nd|3rd|(?:\d\d)?\d0['’]?s|100 per\s?cent|(?:(?<=\bNo\.)|(?<=\bNo\. )|(?<=\b[Nn]umber )|(?<=\bWW))1)\b"
)
"""Second lieutenants, decades, who is number one, and what is 100 per cent certain have other names elsewhere."""
_BURMESE_LETTERS = on_demand(r"[\u1090-\u1099]|(?<=[\u1000-\u103f])\u1040(?!\d)|(?<!\d)\u1040(?=[\u1000-\u103f])")
"""Figures of Shan, which are letters in an old encoding of Burmese, and the zero that stands for a letter like it."""
_CHARACTER_REFERENCE = on_demand(r"&#(?:\d{1,7}|x[0-9a-f]{1,6});", re.IGNORECASE)
_NO_FIGURE = on_demand(r"\D")
_ASIDE = on_demand(r"\([^()£$€¥]*[£$€¥][^()]*\)")
"""An amount in another currency, for the readers of the source."""


@screened_by(may_have_other_numbers)
def check_number(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag every figure nothing accounts for, and figures of the source that are gone."""
    pair = context.pair
    source, written = _numbers(item.source, pair.source), _numbers(item.text, pair.target)
    if source.plain is not None and source.plain == written.plain:
        yield from _rearranged(item)
        return
    references = [_numbers(other, pair.target) for other in item.references]
    gone = [
        quantity
        for quantity in source.figures
        # In words last: those of a source and its references are read once, those of each translation apart.
        if not written.has_figures(quantity)
        and all(other.has(quantity) for other in references)
        and not written.has_words(quantity)
    ]
    asides = [aside.span() for aside in _ASIDE.finditer(item.source)] if gone else []
    missing = [quantity for quantity in gone if not _for_readers_of_the_source(quantity, item.source, asides)]
    strange = [
        quantity
        for quantity in written.figures
        if not any(other.has_figures(quantity) for other in (source, *references))
        and not any(other.has_words(quantity) for other in (source, *references))
    ]
    if missing and strange and max(len(missing), len(strange)) <= _MOST_COMPARED:
        missing, strange = _explain(missing, strange, pair.target, item.source)
    lost = ", ".join(dict.fromkeys(quantity.text for quantity in missing))
    # What stands for miles is in no reference either, where the other translator kept them.
    for quantity in strange if missing or (references and not gone) else ():
        confidence = 0.95 if missing and references else 0.85 if missing else 0.6
        # Without a reference, only what is lost makes a strange number a fault.
        if lost:
            why = Reason(
                "flag.number.instead" if references else "flag.number.not_in_source",
                {"number": quantity.text, "source": lost},
            )
        else:
            why = Reason("flag.number.nowhere", {"number": quantity.text})
        yield Flag("number", (quantity.start, quantity.end), why, confidence)
    if missing and not strange and _telling(missing, item, context):
        yield Flag("number", WHOLE, Reason("flag.number.missing", {"numbers": lost}), 0.85 if references else 0.7)
    if not missing and not strange:
        yield from _rearranged(item)


def _rearranged(item: Item) -> Iterator[Flag]:
    """Numbers that are right, in the wrong order or on the wrong scale."""
    if item.references:
        yield from _order(item)
    yield from _degrees(item)


class _Numbers:
    """The numbers of one text."""

    def __init__(self, text: str, language: str) -> None:
        # What stands in addresses and placeholders is not translated and has its own checks.
        translatable = replace_untranslatable(_without_character_references(text), _blank)
        if primary(language) == "my":
            translatable = _BURMESE_LETTERS.sub(_blank_all, translatable)
        for mark in placeholders(translatable):
            translatable = translatable.replace(mark, " " * len(mark))
        self._translatable, self._language = translatable, language
        self.plain = plain_figures(translatable, language)
        """The numbers, if each stands for itself: where both sides have the same, nothing is gone or strange."""

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """All in figures, with every value they may have."""
        return figures(self._translatable, self._language)

    @cached_property
    def _values(self) -> frozenset[Decimal]:
        return frozenset(value for figure in self.figures for value in figure.values)

    def has(self, quantity: Quantity) -> bool:
        """Whether the number stands here, in figures or in words."""
        return self.has_figures(quantity) or self.has_words(quantity)

    def has_figures(self, quantity: Quantity) -> bool:
        """Whether it stands here in figures."""
        return not quantity.values.isdisjoint(self._values)

    def has_words(self, quantity: Quantity) -> bool:
        """Whether it stands here in words, or in figures that are written otherwise."""
        return is_spelled_out(quantity.values, self._translatable, self._language)


@lru_cache(maxsize=20_000)
def _numbers(text: str, language: str) -> _Numbers:
    """The numbers of a text; sources and references come again with every system."""
    return _Numbers(text, language)


def _without_character_references(text: str) -> str:
    """Blanks in place of ``&#39;``: its figures are no number."""
    return _CHARACTER_REFERENCE.sub(_blank_all, text) if "&#" in text else text


def _blank(match: re.Match[str]) -> str:
    """Blanks; but people who translate a handle or a hashtag (@user13, @usuario13) keep its number."""
    return _NO_FIGURE.sub(" ", match[0]) if match[0][0] in "@#" else " " * len(match[0])


def _blank_all(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _for_readers_of_the_source(quantity: Quantity, source: str, asides: Sequence[tuple[int, int]]) -> bool:
    """Whether people would put another number in its place, or none: miles, amounts in their own currency, COVID-19."""
    index = bisect_right(asides, (quantity.start, len(source))) - 1
    if index >= 0 and asides[index][0] <= quantity.start < asides[index][1]:
        return True
    start = max(0, quantity.start - _LONGEST_NAME)
    if any(pattern.search(source, start, quantity.start) for pattern in (_IN_A_NAME, _AFTER_FEET)):
        return True
    return _CONVERTED.match(source, quantity.end) is not None


def _explain(
    missing: Sequence[Quantity], strange: Sequence[Quantity], target: str, source: str
) -> tuple[list[Quantity], list[Quantity]]:
    """Without the figures that are divided otherwise on the two sides, told by another clock, or converted."""
    code = primary(target)
    missing, strange = not_regrouped(
        missing, strange, scales_known=knows_thousand(code), mirrored=direction(target) == "rtl"
    )
    for quantity in [*missing]:
        others = _told_otherwise(quantity, source, code)
        match = next((other for other in strange if any(map(others, other.values))), None)
        if match:
            missing.remove(quantity)
            strange.remove(match)
    return missing, strange


def _told_otherwise(quantity: Quantity, source: str, code: str) -> Callable[[Decimal], bool]:
    """What another number may be that stands for this one: the same hour, year or temperature."""
    value = _least(quantity)
    if _TEMPERATURES.match(source, quantity.end):
        coldest, warmest = ((degrees - 32) * 5 / 9 for degrees in (value, value + 9))
        return lambda other: coldest - 1 <= other <= warmest + 1
    if code in _HOURS_FROM_SUNRISE and _HOUR.match(source, quantity.end):
        return lambda other: int(other) % 6 == int(value) % 6
    years = _YEARS_APART.get(code, ())
    return lambda other: value > _FIRST_YEAR and other - value in years


def _telling(missing: Sequence[Quantity], item: Item, context: CheckContext) -> bool:
    """Whether the absence alone says something: numbers may be in words that are not known here."""
    if item.references:
        return True
    demanded = [quantity for quantity in missing if not _OFTEN_A_NAME.match(item.source, quantity.start)]
    code = primary(context.pair.target)
    if has_number_words(code):
        return any(implied_numbers(code).isdisjoint(quantity.values) for quantity in demanded)
    if context.length_model.figures < _IN_FIGURES:
        return False
    return any(value > _OFTEN_IN_WORDS and not _is_round(value) for value in map(_least, demanded))


def _least(quantity: Quantity) -> Decimal:
    return min(quantity.values, default=Decimal(0))


def _is_round(value: Decimal) -> bool:
    """Whether people would write it in words: two hundred, ten thousand."""
    return len(value.normalize().as_tuple().digits) <= (2 if value >= _THOUSAND else 1)


def _order(item: Item) -> Iterator[Flag]:
    """Scores the wrong way round, by the references: who comes first differs from language to language."""
    matches = [*_IN_PAIRS.finditer(item.text)]
    if not matches:
        return
    source = set(_IN_PAIRS.findall(item.source))
    allowed = source | {found for other in item.references for found in _IN_PAIRS.findall(other)}
    for match in matches:
        one, two = match.groups()
        if one != two and (one, two) not in allowed and (two, one) in source:
            why = Reason("flag.number.order", {"written": match[0], "source": f"{two}:{one}"})
            yield Flag("number", match.span(), why, 0.9)


def _degrees(item: Item) -> Iterator[Flag]:
    """The same temperature on the other scale."""
    if "°" not in item.text:
        return
    source = set(_DEGREES.findall(item.source))
    for match in _DEGREES.finditer(item.text):
        value, scale = match.groups()
        if (value, scale) not in source and (value, {"C": "F", "F": "C"}[scale]) in source:
            yield Flag("number", match.span(), Reason("flag.number.scale", {"written": match[0]}), 0.95)
