"""Quick ways to read a text: they find what the plain ways find."""

from __future__ import annotations

import random

import pytest

from harness.checks import number_words, preamble, quantities, refusal
from harness.checks.quantities import plain_figures
from harness.checks.texts import Openings

TIMES = (
    "0430 16:30 7.15 12h 5 pm 24:00 1.2.3 12:30:15 16h30 Uhr 9 de la noche 3,45 03:04 ٣:٣٠ 5p.m. 10 o'clock x7 7x . : ,"
)
WORDS = (
    "twenty-three half sechsunddreißig zwölf vingt-et-un quatre-vingt-dix soixante dix-sept pětadvacet stovka sto dva"
    " dvaa veintidós tercera first once İkinci e\u0301one x-one one_two einen - -- hundert"
)


def _texts(words: str, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices([*words.split(), " ", " ", "-", "2", "é"], k=rng.randrange(1, 12))) for _ in range(400)]


@pytest.mark.parametrize("pattern", ["_POINTED", "_CLOCK", "_TIME", "_MILITARY"])
def test_times_are_those_that_a_search_finds(pattern: str) -> None:
    time = getattr(quantities, pattern)
    found = [[match.span() for match in time.finditer(text)] for text in _texts(TIMES, 3)]
    assert sum(map(bool, found)) > 10
    assert found == [[match.span() for match in quantities._at_figures(time, text)] for text in _texts(TIMES, 3)]


@pytest.mark.parametrize("code", ["en", "de", "es", "fr", "cs"])
def test_number_words_are_those_that_a_search_of_the_text_finds(code: str) -> None:
    pattern, values = number_words._pattern(code)
    found = 0
    for text in _texts(WORDS, 5):
        numbers = {value for match in pattern.findall(text.casefold()) for value in values[match]}
        sums = numbers | {ten + unit for ten in numbers for unit in numbers}
        spelled = number_words.spelled(text, code)
        assert numbers <= spelled <= sums | {multiple * value for multiple in (100, 1000) for value in sums}
        found += bool(numbers)
    assert found > 50


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("von 12 bis 20", {"12", "20"}),
        ("no figure", set()),
        ("at 16:30", {"16", "30"}),
        ("at 16:00", None),
        ("1,234 or 7", None),
        ("12 345", None),
        ("9" * 29, None),
        ("3百", None),
    ],
)
def test_plain_figures_stand_for_themselves(text: str, plain: set[str] | None) -> None:
    assert plain_figures(text, "zh") == plain


@pytest.mark.parametrize(
    ("openings", "text"),
    [
        (preamble._OPENINGS, "  Sure! Here is the translation:"),
        (preamble._OPENINGS, "THıS İS A TRANSLATION"),
        (preamble._OPENINGS, "ſure, here is"),
        (preamble._OPENINGS, "**Translation:**"),
        (preamble._OPENINGS, "Übersetzung: "),
        (preamble._OPENINGS, "Natürlich! Hier ist die Übersetzung"),
        (refusal._OPENINGS, "I'm sorry, but"),
        (refusal._OPENINGS, "désolé, mais je ne peux"),
        (refusal._OPENINGS, "Não posso traduzir"),
        (refusal._OPENINGS, "ENTSCHULDIGUNG, ich kann"),
    ],
)
def test_openings_begin_as_the_expressions_do(openings: Openings, text: str) -> None:
    assert openings.may_begin(text)
    assert not openings.may_begin("The house")
    assert not openings.may_begin("Wohnung")
