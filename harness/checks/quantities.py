"""Numbers in a text, each with every value it may stand for.

``1.234,5`` and ``1,234.5`` are one number in two languages; ``16 Uhr`` and ``4pm`` one time; ``5m`` and ``5 million``
one amount; ``1990s`` and ``90er`` one decade. A number here is therefore a set of values, and two numbers agree when
their sets meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from harness.checks.months import months_named
from harness.checks.number_words import knows_thousand, may_be_spelled, roman_value, scale_of, spelled
from harness.checks.texts import has_digits
from harness.types.patterns import on_demand
from harness.workspace.languages import primary

_DECIMAL_POINT = frozenset({"en", "zh", "ja", "ko", "he", "th", "hi", "ga", "cy", "mt", "ms", "bn"})
_DECIMAL_COMMA = frozenset(
    {"af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "et", "eu", "fi", "fo", "fr", "gl", "hr", "hu",
    "id", "is", "it", "kk", "ky", "lb", "lt", "lv", "mk", "nb", "nl", "nn", "no", "pl", "ro", "ru", "sk", "sl",
    "sq", "sr", "sv", "tr", "uk", "uz", "vi"}
)  # fmt: skip
"""In all other languages either may be decimal: some countries write a comma and others a point, or it is not known."""

_GROUPED = r"\d{0,2}(?:[ \u00a0\u202f\u2009']\d{3})+(?![\d])"
_NUMBER = on_demand(rf"\d(?:{_GROUPED}(?:[.,]\d+)?|\d*(?:[.,’\u060c\uff0c\u066b\u066c]\d+)*)")
"""A search for one character goes faster than one for several, so the first figure stands alone."""
_TIME = on_demand(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])(?:\s?[.:h]\s?(?P<minute>[0-5]\d))?\s*"
    r"(?P<mark>[ap]\.?\s?m\b|Uhr\b|h\b|o['’]clock|hod\b|hodin|heures|годин|ранку|вечора|tímann|"
    r"de la (?:tarde|mañana|noche|madrugada|tarda|nit))",
    re.IGNORECASE,
)
_CLOCK = on_demand(r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])[:h](?P<minute>[0-5]\d)(?![\d:])")
_GROUPING = on_demand(r"(?<=\d)[ \u00a0\u202f\u2009'’\u066c](?=\d{3})")
_FIGURES = on_demand(r"\d\d*")
_SEPARATOR = on_demand("[.,’]")
_SEPARATORS = str.maketrans({"\u066b": ".", "\u066c": ",", "\u060c": ",", "\uff0c": ","})
"""Of Arabic and East Asian typography; many type the Arabic comma for the separator."""
_INDIAN = on_demand(r"\d{1,2}(?:,\d\d)+,\d{3}")
_MILITARY = on_demand(r"(?<![\d.,:])0(?P<hour>\d)(?P<minute>[0-5]\d)(?![\d.,:%])")
"""0430 for 4:30."""
_POINTED = on_demand(r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])[.,](?P<minute>[0-5]\d)(?![\d.,]\d|\d)")
POWERS = "十百千万萬億亿兆십백천만억조"
"""Signs that multiply the number before them."""
_POWER = f"[{POWERS}]"
_SOME = "[多余餘幾几여]?"
"""Between a figure and its power: some more."""
_MYRIAD_PART = on_demand(rf"(\d[\d,.]*){_SOME}\s?({_POWER}*)")
_MYRIADS = on_demand(rf"(?<!\d)(?<!\d[,.])(?:\d[\d,.]*{_SOME}\s?{_POWER}+\s?)+(?:\d[\d,]*(?![\d.]))?")
_MOST_FIGURES = 28
"""Characters of a number that has a value: so many figures a decimal holds, and no text counts that far."""
_MOST_SIGNS = 8
_MYRIAD = 4
_PART = on_demand(rf"\d{{1,{_MOST_FIGURES}}}")
"""What a run of figures that is no number is compared by."""
COUNTS_IN_MYRIADS = frozenset({"zh", "ja", "ko", "yue", "wuu"})
_AFTER = on_demand(r"\s?-?(?P<word>[^\W\d_]+\.?)(?:\s(?P<next>[^\W\d_]+\.?))?")
_DECADE = on_demand(r"(?P<decade>\d0)(?:['’]?s|-?er\b|-?talet|-?erne|-?tallet|\. let|-х|-ті|-ми|-их)")
_CENTURY = on_demand(r"(?:st|nd|rd|th)[\s-]centur", re.IGNORECASE)
_SHORT_YEAR = on_demand(r"(?:(?<=\d[/–-])|(?<=['’]|[A-Za-z]))\d\d(?!\d)")
"""2018/19, ’18, SS19."""
_ROMAN = on_demand(r"[IVXLCDM](?<!\w\w)[IVXLCDM]{0,8}(?=\b|e\b|ème\b|è\b)")
_FRACTIONS = {
    sign: Decimal(value) for sign, value in zip("½¼¾⅓⅔", ("0.5", "0.25", "0.75", "0.33", "0.67"), strict=True)
}
_NO_TIME = Decimal(2460)
"""Greater than any time of day, whose hours and minutes may be written as one number."""
_MONTHS = frozenset(range(1, 13))
_SCALE_LETTERS = {"k": 3, "m": 6, "mn": 6, "mio": 6, "bn": 9, "b": 9, "mrd": 9, "md": 9, "tn": 12}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a text."""

    values: frozenset[Decimal]
    start: int
    end: int
    text: str


@lru_cache(maxsize=4096)
def figures(text: str, language: str) -> tuple[Quantity, ...]:
    """Numbers written in figures, in order.

    Args:
        text: any text.
        language: its tag: decides between decimal and grouping signs.
    """
    return tuple(_figures(text, primary(language)))


def plain_figures(text: str, language: str) -> frozenset[str] | None:
    """The numbers of a text as they are written; None if one may not be equal to the same figures in another text.

    Those that are equal wherever they stand have figures only, are not 0, as minutes may be, and are not multiplied by
    signs behind them.
    """
    if primary(language) in COUNTS_IN_MYRIADS and _MYRIADS.search(text):
        return None
    numbers = frozenset(_NUMBER.findall(text))
    plain = all(len(number) <= _MOST_FIGURES and number.isdecimal() and int(number) for number in numbers)
    return numbers if plain else None


def is_spelled_out(values: AbstractSet[Decimal], text: str, language: str) -> bool:
    """Whether one of these values stands in a text in words, in Roman figures, or as a time is written elsewhere.

    Nothing of this is ever demanded of the other side, but it is good as its equal.
    """
    code = primary(language)
    return (
        not values.isdisjoint(_values_of_signs(text))
        or (min(values, default=_NO_TIME) < _NO_TIME and not values.isdisjoint(_clock_values(text)))
        or (not values.isdisjoint(_MONTHS) and not values.isdisjoint(_months_of(text, code)))
        or (may_be_spelled(values, code) and not values.isdisjoint(_words_of(text, code)))
    )


_months_of = lru_cache(maxsize=4096)(months_named)
_words_of = lru_cache(maxsize=4096)(spelled)


@lru_cache(maxsize=4096)
def _values_of_signs(text: str) -> frozenset[Decimal | int]:
    """Signs of fractions, and Roman figures."""
    fractions = () if text.isascii() else (value for sign, value in _FRACTIONS.items() if sign in text)
    return frozenset(map(roman_value, _ROMAN.findall(text))).union(fractions)


@lru_cache(maxsize=4096)
def _clock_values(text: str) -> frozenset[Decimal]:
    return frozenset(_as_clock(text))


def _as_clock(text: str) -> Iterator[Decimal]:
    """Times written with a point, which look like decimals: as their parts; and other times as they would look."""
    if not has_digits(text):
        return
    for match in _at_figures(_POINTED, text):
        yield Decimal(match["hour"])
        yield Decimal(match["minute"])
    for pattern in (_CLOCK, _TIME):
        for match in _at_figures(pattern, text):
            hour, minute = int(match["hour"]), match["minute"] or "00"
            for reading in (hour, hour % 12, hour % 12 + 12):
                yield Decimal(f"{reading}.{minute}")
            yield Decimal(f"{hour}{minute}")
    for match in _at_figures(_MILITARY, text):
        yield from map(Decimal, match.groups())


def _at_figures(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """What a pattern of times finds in a text, faster: all begin with a figure that no other stands before."""
    end = 0
    for start in _starts_of_figures(text):
        if start >= end and (match := pattern.match(text, start)):
            end = match.end()
            yield match


@lru_cache(maxsize=16)
def _starts_of_figures(text: str) -> list[int]:
    return [figures_in_a_row.start() for figures_in_a_row in _FIGURES.finditer(text)]


def _figures(text: str, code: str) -> Iterator[Quantity]:
    taken = 0
    myriads = {match.start(): match for match in _MYRIADS.finditer(text)} if code in COUNTS_IN_MYRIADS else {}
    for match in _NUMBER.finditer(text):
        if match.start() < taken:
            continue
        if compound := myriads.get(match.start()):
            taken = compound.end()
            values = {*_compound_value(compound[0]), *_readings(match[0], code)}
            yield Quantity(frozenset(value.normalize() for value in values), *compound.span(), text=compound[0])
            continue
        # An hour has two figures.
        may_be_time = not match[0][:3].isdecimal() or len(match[0]) < 3
        if may_be_time and (time := _TIME.match(text, match.start()) or _CLOCK.match(text, match.start())):
            taken = time.end()
            yield from _time(time)
            continue
        yield from _number(match, text, code)


def _time(match: re.Match[str]) -> Iterator[Quantity]:
    hour = int(match["hour"])
    hours = frozenset(map(Decimal, {hour, (hour + 12) % 24, hour % 12 or 12}))
    yield Quantity(hours, *match.span("hour"), text=match["hour"])
    if match["minute"] and int(match["minute"]):
        yield Quantity(frozenset({Decimal(match["minute"])}), *match.span("minute"), text=match["minute"])


def _number(match: re.Match[str], text: str, code: str) -> Iterator[Quantity]:
    readings = set(_readings(match[0], code))
    if not readings:
        # A date, a version, a section: every part for itself.
        for part in _PART.finditer(match[0]):
            start = match.start() + part.start()
            yield _quantity({Decimal(part[0])}, text, start, start + len(part[0]), code)
        return
    yield _quantity(readings, text, *match.span(), code)


def _quantity(readings: set[Decimal], text: str, start: int, end: int, code: str) -> Quantity:
    values = set(readings)
    after = _AFTER.match(text, end)
    scales = _scales(after, code) if after else ()
    values |= {value * 10**scale for value in readings for scale in scales}
    if _DECADE.match(text, max(start, end - 2)):
        # The 1900s are the twentieth century; the 00s began in 2000.
        values |= {value % 100 for value in readings} | {value // 100 + 1 for value in readings if value % 100 == 0}
        values |= {value + 2000 for value in readings if end - start == 2}
    if _CENTURY.match(text, end):
        values |= {(value - 1) * 100 for value in readings}
    if end - start == 2 and _SHORT_YEAR.match(text, start):
        values |= {value + century for value in readings for century in (1800, 1900, 2000)}
    return Quantity(frozenset(value.normalize() for value in values), start, end, text[start:end])


def _compound_value(written: str) -> Iterator[Decimal]:
    """The value of ``1億4,200万`` or ``3천5백만``: small powers are added before a large one; none for ``1.2.3百``."""
    total = part = Decimal(0)
    for figure, signs in _MYRIAD_PART.findall(written):
        plain = figure.replace(",", "")
        if plain.count(".") > 1 or len(plain) > _MOST_FIGURES or len(signs) > _MOST_SIGNS:
            return
        value = Decimal(plain)
        for sign in signs:
            power = scale_of(sign, "")
            if power < _MYRIAD:
                value *= 10**power
            else:
                total, part, value = total + (part + value) * 10**power, Decimal(0), Decimal(0)
        part += value
    yield total + part


def _scales(after: re.Match[str], code: str) -> tuple[int, ...]:
    """Powers of ten by which the word after a number may multiply it."""
    word = after["word"].casefold().rstrip(".")
    letter = _SCALE_LETTERS.get(word, 0) if len(word) <= 3 else 0
    first = scale_of(word, code)
    second = scale_of(after["next"].casefold().rstrip("."), code) if first and after["next"] else 0
    if first + second or letter:
        return (first + second or letter,)
    return () if knows_thousand(code) else (3,)


def _readings(written: str, code: str) -> Iterator[Decimal]:
    """Every value of one run of figures; none if it is not one number."""
    if len(written) > _MOST_FIGURES:
        return
    if written.isdecimal():
        yield Decimal(written)
        return
    text = _GROUPING.sub("", written).translate(_SEPARATORS)
    signs = _SEPARATOR.findall(text)
    if not signs:
        yield Decimal(text)
        return
    groups = _SEPARATOR.split(text)
    if _INDIAN.fullmatch(text):
        yield Decimal("".join(groups))
        return
    grouped = 1 <= len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])
    if len(set(signs)) == 2 and signs.count(signs[-1]) == 1:
        yield Decimal("".join(groups[:-1]) + "." + groups[-1])
    elif len(set(signs)) == 1 and len(signs) > 1 and grouped:
        yield Decimal("".join(groups))
    elif len(signs) == 1:
        decimal = "." if code in _DECIMAL_POINT else "," if code in _DECIMAL_COMMA else signs[0]
        if not grouped or signs[0] == decimal:
            yield Decimal(f"{groups[0]}.{groups[1]}")
        if grouped and (signs[0] != decimal or code not in _DECIMAL_POINT | _DECIMAL_COMMA):
            yield Decimal("".join(groups))
