"""Numbers in words, cardinal and ordinal, and the words that multiply.

The words are matched at the beginning of a word, so that ``zwölfjährig``, ``tercera`` and ``twelfth`` count; those that
end in ``$`` are whole words. What is found only ever explains why a figure is not there; a word that merely looks like
a number therefore does little harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("number_words.txt")
"""By language, values and the words for them. A language has a section, which begins with its codes in brackets."""

_BILLION_IS_NINE = frozenset({"en"})
_SCALES = {
    2: "hundred hundert",
    3: "thousand thousands tausend mil miles mille tisíc tisíce tisíci тисяч тисячі тисяча тысяч тысячи "
    "tusind tusen duizend þúsund þúsundir mila tisuća ألف آلاف الف ألفا",
    6: "million millions millionen mio milli mill millón millones millóns milions milió milhões milhão milioni "
    "milione milion miliony milionů milióny miliónů milióna milionu millioner miljoner miljoen milljónir "
    "milljón milljóna مليون ملايين мільйон мільйона мільйони мільйонів млн миллион миллиона миллионов",
    9: "milliarde milliarden mrd milliard milliards miliarda miliardy miliard miliardi miliardo milliarder "
    "miljarder miljard мільярд мільярда мільярди мільярдів млрд миллиард миллиарда миллиардов bilhão "
    "bilhões milljarðar milljarða miliarde miliárd miliardu مليار مليارات",
    12: "billón billones billionen bilió bilions bilion biliony bilionů трильйон трильйона трильйонів",
}  # fmt: skip
_THOUSAND_KNOWN = frozenset(
    {"en", "de", "es", "fr", "cs", "pt", "ca", "gl", "it", "sk", "uk", "ru", "da", "nb", "nn", "no", "sv", "nl", "is",
    "hr", "bs", "ar", "ja", "ko"}
)  # fmt: skip
"""Languages whose words and abbreviations for thousand are above."""
_SCALES |= {5: "lakh lakhs lac", 7: "crore crores"}
_SCALE_OF = {word: power for power, names in _SCALES.items() for word in names.split()}
_ENGLISH_SCALES = {"billion": 9, "billions": 9, "trillion": 12, "trillions": 12}
_LONG_SCALES = {"billion": 12, "billions": 12, "trillion": 18, "trillions": 18}
_EAST_ASIAN = {"万": 4, "萬": 4, "億": 8, "亿": 8, "兆": 12, "만": 4, "억": 8, "조": 12, "千": 3, "百": 2,
    "천": 3, "백": 2, "십": 1, "十": 1}  # fmt: skip

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


CHINESE = frozenset({"zh", "yue", "wuu"})
"""Languages whose numbers are written with Chinese signs."""
_CHINESE_DIGITS = {sign: value for value, signs in enumerate(
    ("零〇", "一首", "二两兩双雙", "三", "四", "五", "六", "七", "八", "九")
) for sign in signs}  # fmt: skip
_CHINESE_POWERS = {"十": 10, "成": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_CHINESE_RUN = re.compile(f"[{''.join((*_CHINESE_DIGITS, *_CHINESE_POWERS))}半]+")

_WORD = re.compile(r"[^\s.,;:!?()]+")
"""What a number is written in. Not letters alone: in India and Thailand, vowels are marks."""
_INDIAN_MARKS = r"\u0900-\u097f"
_BEGINS, _ENDS = r"\b", rf"(?![\w{_INDIAN_MARKS}])"
_MULTIPLIED = r"(?=hund|hond|tusen|duiz|tausend)"
_COMPOUND = {
    "de": rf"(?:\b|(?<=und)|{_MULTIPLIED})",
    "nl": rf"(?:\b|(?<=[eë]n)|{_MULTIPLIED})",
    "af": rf"(?:\b|(?<=en)|{_MULTIPLIED}|(?=duis))",
    "sv": rf"(?:\b|(?<=tjugo)|(?<=tio)|{_MULTIPLIED})",
    "da": rf"(?:\b|(?<=og)|{_MULTIPLIED}|(?=tusin))",
    "nb": rf"(?:\b|(?<=tjue)|(?<=ti)|(?<=og)|{_MULTIPLIED})",
    "cs": r"(?:\b(?:po)?|(?<=a)(?=\w{2,5}(?:cet|sát|cát)))",
    "pl": r"(?:\b|(?<=dziesto))",
    "ru": r"(?:\b|(?<=дцати)|(?<=десяти))",
    "uk": r"(?:\b|(?<=дцяти)|(?<=десяти))",
    "sl": r"(?:\b|(?<=in)(?=\w{2,6}(?:jset|deset)))",
    "es": r"(?:\b|(?<=veinti))",
    "sk": r"(?:\b|(?<=sať)|(?<=siat))",
    "it": r"(?:\b|(?<=nta)|(?<=nti)|(?<=nt)(?=[uo])|(?=cento|mila))",
    "lv": r"(?:\b|(?=simt|tūkst))",
    "et": r"(?:\b|(?=sada|saja|tuha))",
    "fi": r"(?:\b|(?<=kymmentä)|(?<=kymmenen)|(?=sata|sada|tuha))",
    "hu": r"(?:\b|(?<=szon)|(?<=ven)|(?<=van)|(?<=harminc)|(?=száz|ezer))",
    "is": r"(?:\b|(?=hund))",
    "sq": r"(?:\b|(?=qind))",
    "ar": r"(?:\b[وفبلك]{0,2}(?:ال)?|(?=مئة|مائة))",
    "he": r"\b[והבלשמכ]{0,3}",
    "hi": rf"(?<![\w{_INDIAN_MARKS}])",
    "ko": r"(?:\b|(?<=[일십백천만열물른흔쉰순든])|(?=[백천]))",
    "ja": "",
    "th": "",
}
_COMPOUND |= dict.fromkeys(("no", "nn"), _COMPOUND["nb"]) | dict.fromkeys(
    ("hr", "bs", "sr", "sh"), r"(?:\b|(?<=deset)|(?<=десет))"
)
"""Where a number begins if not at the beginning of a word only: compounds such as "sechsunddreißig" and "pětadvacet"
have a second one inside the word, Arabic and Hebrew write "and" and "the" before it, and Thai has no spaces."""
_MOST_WORDS_KEPT = 65_536
_TEN, _TENS, _MULTIPLES = 10, range(10, 100, 10), (100, 1000)
_TENS_IN_TWO_WORDS = frozenset({"id", "ms", "vi"})
_WITH_A_DUAL = frozenset({"ar", "he", "sl"})
"""Languages in which the ending of a noun may say two."""


def has_number_words(code: str) -> bool:
    """Whether number words of this language are known here."""
    return code in CHINESE or code in _sections()


def implied_numbers(code: str) -> frozenset[int]:
    """Numbers that need neither a figure nor a word in this language."""
    return frozenset({1, 2} if code in _WITH_A_DUAL else ())


def spelled(text: str, code: str) -> frozenset[int]:
    """Values of number words; with ``twenty`` and ``three`` also 23, and with ``three`` and ``hundred`` 300."""
    signs = _CHINESE_RUN.findall(text) if code in CHINESE or code == "ja" else ()
    values = {value for run in signs for value in _chinese_values(run)}
    if code not in _sections():
        return frozenset(values)
    numbers = {value for values in _spelled_in_words({*_WORD.findall(text.casefold())}, code) for value in values}
    return frozenset(values | _with_sums(numbers, code))


def may_be_spelled(values: AbstractSet[Decimal], code: str) -> bool:
    """Whether :func:`spelled` gives one of these values for any text: no years, no decimals, few large numbers."""
    return code in CHINESE or code == "ja" or not values.isdisjoint(_every_number(code))


@cache
def _every_number(code: str) -> frozenset[int]:
    if code not in _sections():
        return frozenset()
    return frozenset(_with_sums({value for values in _values_of_names(code).values() for value in values}, code))


def _with_sums(numbers: set[int], code: str) -> set[int]:
    """The numbers, and those that two or three of them are together; of more numbers, never fewer."""
    if code in _TENS_IN_TWO_WORDS and _TEN in numbers:
        numbers |= {_TEN * value for value in numbers if 1 < value < _TEN}
    tens = [value for value in numbers if value in _TENS]
    units = [value for value in numbers if 1 <= value <= 19]
    numbers |= {ten + unit for ten in tens for unit in units}
    many = [multiple for multiple in _MULTIPLES if multiple in numbers]
    return numbers | {multiple * value for multiple in many for value in numbers if 1 < value <= 100}


def _spelled_in_words(words: AbstractSet[str], code: str) -> Iterator[frozenset[int]]:
    """The values of those that have some: nearly all words of a text have been seen, and have none."""
    without = _words_without(code)
    if len(without) > _MOST_WORDS_KEPT:
        without.clear()
    new = words - without
    # No word has a space, and so no number has one: what is found in all is found in one of them.
    if new and not _pattern(code)[0].search(" ".join(new)):
        without |= new
        return
    for word in new:
        if values := _spelled_in_word(word, code):
            yield values
        else:
            without.add(word)


@cache
def _words_without(code: str) -> set[str]:
    """Words of a language that were found to be no numbers, and have none in them."""
    del code
    return set()


@lru_cache(maxsize=_MOST_WORDS_KEPT)
def _spelled_in_word(word: str, code: str) -> frozenset[int]:
    pattern, values = _pattern(code)
    return frozenset(value for match in pattern.findall(word) for value in values[match])


def scale_of(word: str, code: str) -> int:
    """The power of ten by which a word after a number multiplies it; 0 for other words."""
    if word[0] in _EAST_ASIAN:
        return _EAST_ASIAN[word[0]]
    short = _ENGLISH_SCALES if code in _BILLION_IS_NINE else _LONG_SCALES
    return short.get(word) or _SCALE_OF.get(word, 0)


def knows_thousand(code: str) -> bool:
    """Whether :func:`scale_of` knows the word for thousand in this language."""
    return code in CHINESE or code in _THOUSAND_KNOWN


def roman_value(figure: str) -> int:
    """The value of a Roman figure; nonsense for words that happen to be made of its letters."""
    values = [_ROMAN[letter] for letter in figure]
    return sum(
        -value if any(later > value for later in values[place + 1 : place + 2]) else value
        for place, value in enumerate(values)
    )


@cache
def _sections() -> Mapping[str, str]:
    """The words of every language, unread."""
    sections: dict[str, str] = {}
    for section in FILE.read_text(encoding="utf-8").split("\n\n"):
        codes, _, words = section.partition("]")
        sections |= dict.fromkeys(codes.removeprefix("[").split(), words)
    return sections


@cache
def _pattern(code: str) -> tuple[re.Pattern[str], Mapping[str, Sequence[int]]]:
    """What finds a number word, and the values of each: half is 30 minutes, and 50 per cent."""
    values = _values_of_names(code)
    longest_first = sorted(values, key=len, reverse=True)
    written = "|".join(re.escape(name).replace(r"\$", _ENDS) for name in longest_first)
    pattern = re.compile(f"{_COMPOUND.get(code, _BEGINS)}({written})")
    return pattern, {name.rstrip("$"): numbers for name, numbers in values.items()}


@cache
def _values_of_names(code: str) -> Mapping[str, Sequence[int]]:
    values: dict[str, list[int]] = {}
    for entry in _sections()[code].split(";"):
        value, *names = entry.split()
        for name in names:
            values.setdefault(name, []).append(int(value))
    return values


def _chinese_values(run: str) -> Iterator[int]:
    """What signs in a row may stand for: 二十三 is 23, 二〇二四 is 2024, 三五 is 35, 3 or 5; half is 30 or 50."""
    digits = [_CHINESE_DIGITS[sign] for sign in run if sign in _CHINESE_DIGITS]
    yield from digits
    if "半" in run:
        yield from (30, 50)
    if len(digits) == len(run):
        yield int("".join(map(str, digits)))
        return
    # Of large numbers every part: what stands before 万 counts ten thousands, what follows is added.
    total = part = digit = 0
    for sign in run:
        if sign in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[sign]
        elif (power := _CHINESE_POWERS.get(sign, 0)) >= 10_000:
            total, part, digit = total + (part + digit or 1) * power, 0, 0
        elif power:
            part, digit = part + (digit or 1) * power, 0
    yield total + part + digit
