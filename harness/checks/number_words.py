"""Numbers in words, cardinal and ordinal, and the words that multiply.

The words are matched at the beginning of a word, so that ``zwölfjährig``, ``tercera`` and ``twelfth`` count; those that
end in ``$`` are whole words. What is found only ever explains why a figure is not there; a word that merely looks like
a number therefore does little harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

_NAMES: dict[str, dict[int, str]] = {
    "en": {
        0: "zero nil", 1: "one first once single", 2: "two second twice both double couple pair",
        3: "three third triple", 4: "four", 5: "five fifth", 6: "six", 7: "seven", 8: "eight", 9: "nine ninth",
        10: "ten", 11: "eleven", 12: "twelve twelfth dozen noon midday midnight", 13: "thirteen",
        14: "fourteen fortnight", 15: "fifteen quarter", 16: "sixteen", 17: "seventeen", 18: "eighteen",
        19: "nineteen", 20: "twenty twentie", 30: "thirty thirtie half", 40: "forty fortie", 50: "fifty fiftie half",
        60: "sixty sixtie", 70: "seventy seventie", 80: "eighty eightie", 90: "ninety ninetie",
        100: "hundred century", 1000: "thousand",
    },
    "de": {
        0: "null", 1: "ein erst", 2: "zwei zwo beide doppel paar", 3: "drei dritt", 4: "vier", 5: "fünf", 6: "sechs",
        7: "sieben siebt", 8: "acht", 9: "neun", 10: "zehn", 11: "elf", 12: "zwölf dutzend mittag mitternacht",
        13: "dreizehn", 14: "vierzehn", 15: "fünfzehn viertel", 16: "sechzehn", 17: "siebzehn", 18: "achtzehn",
        19: "neunzehn", 20: "zwanzig", 30: "dreißig dreissig halb", 40: "vierzig", 50: "fünfzig hälfte",
        60: "sechzig", 70: "siebzig", 80: "achtzig", 90: "neunzig", 100: "hundert jahrhundert", 1000: "tausend",
    },
    "es": {
        0: "cero", 1: "un primer", 2: "dos segund doble ambos ambas par bi", 3: "tres tercer triple tri",
        4: "cuatro cuart", 5: "cinco quint", 6: "seis sext", 7: "siete séptim", 8: "ocho octav", 9: "nueve noven",
        10: "diez décim", 11: "once", 12: "doce docena mediodía medianoche", 13: "trece", 14: "catorce",
        15: "quince cuarto", 16: "dieciséis", 17: "diecisiete", 18: "dieciocho", 19: "diecinueve", 20: "veint",
        30: "treinta media medio", 40: "cuarent", 50: "cincuent mitad", 60: "sesenta", 70: "setenta", 80: "ochenta",
        90: "noventa", 100: "cien siglo", 1000: "mil",
    },
    "fr": {
        0: "zéro", 1: "un premi", 2: "deux second double paire", 3: "trois trip", 4: "quatr", 5: "cinq", 6: "six",
        7: "sept", 8: "huit", 9: "neuf neuv", 10: "dix dizaine", 11: "onz", 12: "douz midi minuit", 13: "treiz",
        14: "quatorz", 15: "quinz quart", 16: "seiz", 17: "dix-sept", 18: "dix-huit", 19: "dix-neuf", 20: "vingt",
        30: "trent demi", 40: "quarant", 50: "cinquant moitié", 60: "soixant", 70: "soixante-dix", 80: "quatre-vingt",
        90: "quatre-vingt-dix", 100: "cent siècle", 1000: "mill",
    },
    "cs": {
        0: "nul žádn", 1: "jeden jedn prvn poprvé", 2: "dva$ dvě dvou dvoj dvakrát druh podruhé obě oba$ obou pár dvaa",
        3: "tři tří třem třet troj", 4: "čtyř čtvrt čtveř", 5: "pět pěti pát", 6: "šest", 7: "sedm", 8: "osm",
        9: "devět devíti devát devít", 10: "deset deseti desát desít", 11: "jedenáct",
        12: "dvanáct tucet poled půlnoc", 13: "třináct", 14: "čtrnáct", 15: "patnáct čtvrthod", 16: "šestnáct",
        17: "sedmnáct", 18: "osmnáct", 19: "devatenáct", 20: "dvacet dvacát dvacít", 30: "třicet třicát třicít",
        40: "čtyřicet čtyřicát čtyřicít", 50: "padesát padesáti půl polovi", 60: "šedesát", 70: "sedmdesát",
        80: "osmdesát", 90: "devadesát", 100: "sto$ sta$ stovk stý století stolet stoprocent", 1000: "tisíc",
        2000: "tisícilet",
    },
}  # fmt: skip

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
    {"pt", "ca", "gl", "it", "sk", "uk", "ru", "da", "nb", "nn", "no", "sv", "nl", "is", "hr", "bs", "ar", "ja", "ko"}
)
"""Languages whose word for thousand is above."""
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

_BEGINS = r"\b"
_INSIDE = {"de": r"(?:\b|(?<=und))", "cs": r"(?:\b(?:po)?|(?<=a)(?=\w{2,5}(?:cet|sát|cát)))"}
"""Where a number begins; compounds such as "sechsunddreißig" and "pětadvacet" have a second one inside the word."""


def has_number_words(code: str) -> bool:
    """Whether number words of this language are known here."""
    return code in _NAMES or code in CHINESE


def spelled(text: str, code: str) -> frozenset[int]:
    """Values of number words; with ``twenty`` and ``three`` also 23, whatever joins them."""
    if code in CHINESE:
        return frozenset(value for run in _CHINESE_RUN.findall(text) for value in _chinese_values(run))
    if code not in _NAMES:
        return frozenset()
    numbers = {value for word in {*_WORD.findall(text.casefold())} for value in _spelled_in_word(word, code)}
    tens = [value for value in numbers if 20 <= value <= 90]
    units = [value for value in numbers if 1 <= value <= 19]
    return frozenset(numbers | {ten + unit for ten in tens for unit in units})


_WORD = re.compile(r"[\w-]+")
"""What a number is written in: no name of one has another character."""


@lru_cache(maxsize=65_536)
def _spelled_in_word(word: str, code: str) -> frozenset[int]:
    pattern, values = _pattern(code)
    return frozenset(values[match] for match in pattern.findall(word))


def scale_of(word: str, code: str) -> int:
    """The power of ten by which a word after a number multiplies it; 0 for other words."""
    if word[0] in _EAST_ASIAN:
        return _EAST_ASIAN[word[0]]
    short = _ENGLISH_SCALES if code in _BILLION_IS_NINE else _LONG_SCALES
    return short.get(word) or _SCALE_OF.get(word, 0)


def knows_thousand(code: str) -> bool:
    """Whether :func:`scale_of` knows the word for thousand in this language."""
    return code in _NAMES or code in CHINESE or code in _THOUSAND_KNOWN


def roman_value(figure: str) -> int:
    """The value of a Roman figure; nonsense for words that happen to be made of its letters."""
    values = [_ROMAN[letter] for letter in figure]
    return sum(
        -value if any(later > value for later in values[place + 1 : place + 2]) else value
        for place, value in enumerate(values)
    )


@cache
def _pattern(code: str) -> tuple[re.Pattern[str], dict[str, int]]:
    values = {name: value for value, names in _NAMES[code].items() for name in names.split()}
    longest_first = sorted(values, key=len, reverse=True)
    written = "|".join(re.escape(name).replace(r"\$", r"\b") for name in longest_first)
    return re.compile(f"{_INSIDE.get(code, _BEGINS)}({written})"), {n.rstrip("$"): v for n, v in values.items()}


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
