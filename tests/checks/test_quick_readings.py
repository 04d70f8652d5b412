"""Quick ways to read a text: they find what the plain ways find."""

from __future__ import annotations

import random
from decimal import Decimal

import numpy as np
import pytest

from harness.checks import months, number_words, preamble, quantities, refusal
from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.quantities import plain_figures
from harness.checks.screen import Batch, beginning_with
from harness.checks.texts import Openings
from harness.types import LangPair

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
        assert all(number_words.may_be_spelled({Decimal(value)}, code) for value in spelled)
        found += bool(numbers)
    assert found > 50
    assert number_words.may_be_spelled({Decimal(5), Decimal(1917)}, code)
    assert not number_words.may_be_spelled({Decimal(1917), Decimal("9.4"), Decimal(120_000)}, code)


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
    assert not openings.rule_out(text[:2])
    assert openings.rule_out("Wo")
    assert openings.rule_out("Žá")
    assert not openings.may_begin("The house")
    assert not openings.may_begin("Wohnung")


def test_texts_looked_at_together_begin_as_each_of_them_does() -> None:
    starts = (
        "",
        "S",
        "i",
        "I",
        "İ",
        "ı",
        "ſu",
        "ß",
        "Tř",
        "éx",
        "*",
        " ",
        "Sure",
        "I'm",
        "İch",
        "Übersetzung",
        "à",
        "es tut",
    )
    texts = [f"{start}{end}" for start in starts for end in ("", " b", "re it is", "\u0307m sorry", "ch kann")]
    batch = Batch([Item("", text, ()) for text in texts])
    for openings in (preamble._OPENINGS, refusal._OPENINGS):
        selected = beginning_with(openings)(batch, CheckContext(LangPair("en", "de"), {}, learn_lengths([])))
        assert selected.tolist() == [openings.may_begin(text) for text in texts]
        assert 5 < selected.sum() < len(texts)


def test_words_are_read_once_and_numbers_in_them_every_time() -> None:
    first = number_words.spelled("dům má třicet pokojů", "cs")
    assert first == number_words.spelled("dům má třicet pokojů", "cs") == {30}
    assert {"dům", "má", "pokojů"} <= number_words._words_without("cs")
    assert not {"třicet"} & number_words._words_without("cs")


@pytest.mark.parametrize("code", ["en", "es", "cs", "sk", "ru", "no"])
def test_a_month_goes_by_its_longest_beginning(code: str) -> None:
    table = months._table(code)
    for begin, number in table.items():
        for name in (begin, f"{begin.upper()}X", begin.replace("i", "ı")):
            assert months.month_number(name, code) == number
    assert months.month_number("července", "cs") == 7
    assert months.month_number("června", "cs") == 6


def test_lengths_measured_together_are_those_measured_one_by_one() -> None:
    for latin in (1.0, 0.4):
        model = LengthModel(0.1, 0.8, 100, latin=latin)
        texts = [("a" * given, "é" * 3 + "b" * written) for given in (0, 1, 40, 999) for written in (0, 2, 55, 2000)]
        together = model.deviations(
            np.array([len(source) for source, _ in texts]), np.array([model.written(text) for _, text in texts])
        )
        assert together == pytest.approx([model.deviation(source, text) for source, text in texts], abs=1e-9)
