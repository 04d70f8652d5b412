"""Numbers that are divided otherwise on the two sides, told by another clock, or written in words."""

from __future__ import annotations

import pytest

from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import LengthModel
from harness.checks.number import check_number
from harness.types import LangPair

PHONE = "Call 0800 555 111 by noon."
USUAL = LengthModel(ratio=0.0, scale=0.8, pairs=100)


def flagged(target: str, source: str, text: str, model: LengthModel = USUAL) -> bool:
    return any(check_number(Item(source, text, ()), CheckContext(LangPair("en", target), {}, model)))


@pytest.mark.parametrize(
    ("target", "source", "right", "wrong"),
    [
        ("de", PHONE, "Rufen Sie 0800555111 an.", "Rufen Sie 0800555112 an."),
        ("ckb", PHONE, "١١١ ٥٥٥ ٠٨٠٠", "١١١ ٥٥٦ ٠٨٠٠"),
        ("uz", "They are 33, 34 and 39.", "Ular 33,34 va 39 yashar.", "Ular 33,35 va 39 yashar."),
        ("xh", "It costs $350,000 now.", "Ixabisa $350, 000 ngoku.", "Ixabisa $360, 000 ngoku."),
        ("dv", "With 30,000 pupils.", "30،000 ދަރިވަރުން", "3،000 ދަރިވަރުން"),
        ("ps", "It rose 2.7 per cent.", "۲،۷ سلنه لوړه شوه", "۲،۸ سلنه لوړه شوه"),
        ("ug", "It is worth £2.8bn.", "2 مىليارد 800 مىليون فوندستېرلىڭ", "2 مىليارد 700 مىليون فوندستېرلىڭ"),
        ("mr", "More than $37 billion was paid.", "3700 कोटी डॉलर्स", "3800 कोटी डॉलर्स"),
        ("ko", "It took $35 million.", "3천5백만 달러", "3천6백만 달러"),
        ("ko", "It took $2.25 billion.", "22 억 5 천만 달러", "22 억 6 천만 달러"),
        ("yue", "More than 300,000 live there.", "30多萬人喺度住", "20多萬人喺度住"),
        ("es", "Highs in the 80s are expected.", "Se esperan 28 grados.", "Se esperan 48 grados."),
        ("sw", "It opens at 2pm daily.", "Inafunguliwa saa 8 mchana.", "Inafunguliwa saa 9 mchana."),
        ("am", "He was born in 1950.", "በ1942 ተወለደ።", "በ1952 ተወለደ።"),
        ("my", "The police took 15 men.", "ယာဥ္ ၁၅ ႕ ႔", "ယာဥ္ ၁၆ ႕"),
    ],
)
def test_the_same_figures_in_another_form(target: str, source: str, right: str, wrong: str) -> None:
    assert not flagged(target, source, right)
    assert flagged(target, source, wrong)


def test_inches_after_feet_need_not_be_kept() -> None:
    assert not flagged("cs", "The 6-foot-6 forward scored.", "Útočník měřící 198 cm skóroval.")


def test_figures_of_another_value_are_not_the_same() -> None:
    assert flagged("de", "It has 380,000 people.", "Es hat 380,000 Einwohner.")
    assert flagged("fr", "It earned 1,234.5 million euros.", "Il a gagné 1,2345 million d'euros.")


def test_round_numbers_may_be_in_words() -> None:
    assert not flagged("hu", "More than 10,000 people came.", "Tízezernél többen jöttek.")
    assert flagged("hu", "Some 10,425 people came.", "Sokan jöttek.")


def test_where_numbers_are_usually_in_words_none_is_missed() -> None:
    model = LengthModel(ratio=0.0, scale=0.8, pairs=100, figures=0.63)
    source, text = "There are 135 kinds of shark.", "Irúfẹ́ ẹ̀yà sáàkì márùndínlógóje ni o wà."
    assert not flagged("yo", source, text, model)
    assert flagged("yo", source, text)
    assert flagged("yo", source, "Irúfẹ́ ẹ̀yà sáàkì 136 ni o wà.", model)


def test_a_second_lieutenant_has_a_name() -> None:
    assert not flagged("cs", "The 2nd Lieutenant left.", "Podporučík odešel.")
    assert flagged("cs", "Their 24th child left.", "Jejich potomek odešel.")
