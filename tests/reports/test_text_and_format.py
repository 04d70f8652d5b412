"""The two places every format relies on: harmless text and rounded numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reports.words.numbers import format_money, format_rate, format_score, format_seconds, format_spread
from harness.reports.words.text import direction_of, pieces, shorten, visible
from harness.types import Decimals, Money, Unknown, told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – text, 日本語 العربية", "plain – text, 日本語 العربية"),
        ("\x1b[31m", "⟨ESC⟩[31m"),
        ("a\nb\tc\r\n", "a⟨LF⟩b⟨TAB⟩c⟨CR⟩⟨LF⟩"),
        ("\x00\x1f\x7f\x9b", "⟨NUL⟩⟨US⟩⟨U+007F⟩⟨U+009B⟩"),
        ("\u202eabc\u202c", "⟨U+202E⟩abc⟨U+202C⟩"),
        ("a\u200bb\ufeff\u00ad", "a⟨U+200B⟩b⟨U+FEFF⟩⟨U+00AD⟩"),
        ("\u2028\u2029\u2066", "⟨U+2028⟩⟨U+2029⟩⟨U+2066⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("a\u200cb", "a⟨U+200C⟩b"),
        ("\u200d", "⟨U+200D⟩"),
    ],
)
def test_hidden_characters_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "❤\ufe0f\u200d🔥", "葛\U000e0100"])
def test_joiners_that_are_spelling_stay(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "L", "P"])))
def test_visible_text_is_stable_printable_and_encodable(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    shown.encode("utf-8")
    assert "".join(piece for _, piece in pieces(text)) == shown


def test_a_cut_is_said() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("x" * 1_500, 3) == "xxx… (1,500 characters in total)"


@pytest.mark.parametrize(
    ("text", "expected", "direction"),
    [
        ("مرحبا", "rtl", "rtl"),
        ("Windows أفضل", "rtl", "rtl"),
        ("left untranslated", "rtl", "ltr"),
        ("123 (!)", "rtl", "rtl"),
        ("", "ltr", "ltr"),
        ("שלום", "ltr", "rtl"),
        ("he said שלום", "ltr", "ltr"),
    ],
)
def test_direction_follows_the_letters(text: str, expected: str, direction: str) -> None:
    assert direction_of(text, expected) == direction


@pytest.mark.parametrize(
    ("decimals", "value", "shown"),
    [
        (1, 31.2499, "31.2"),
        (1, 100.0, "100.0"),
        (1, -0.04, "0.0"),
        (4, 0.84123, "0.8412"),
        (4, 0.84125001, "0.8413"),
        (4, -0.00001, "0.0000"),
        ("significant", 84.123, "84.1"),
        ("significant", 1234.5, "1234"),
        ("significant", -3.216, "−3.22"),
        ("significant", 0.0, "0.00"),
    ],
)
def test_rounding(decimals: Decimals, value: float, shown: str) -> None:
    assert format_score(decimals, value) == shown


@pytest.mark.parametrize(
    ("decimals", "value", "shown"),
    [(1, 0.041, "0.04"), (4, 0.00123, "0.00123"), ("significant", 0.5, "0.500"), (1, 0.0, "0.00"), (0, 3.25, "3.2")],
)
def test_a_spread_is_a_digit_finer_than_its_score(decimals: Decimals, value: float, shown: str) -> None:
    assert format_spread(decimals, value) == shown


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (Unknown(told("no price")), "unknown"),
        (Money(0.42068, "EUR"), "0.42 EUR"),
        (Money(0.0002, "EUR"), "0.0002 EUR"),
        (Money(0.0000021, "EUR"), "under 0.0001 EUR"),
        (Money(0.0, "EUR"), "0.00 EUR"),
        (Money(0.0, ""), "0.00"),
        (Money(12_345.678, "JPY"), "12,345.68 JPY"),
    ],
)
def test_money(cost: Money | Unknown, shown: str) -> None:
    assert format_money(cost) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((0.0, "0"), (0.0004, "under 0.001"), (0.001, "0.0010"), (0.2149, "0.21"), (0.996, "1.0"), (1.26, "1.3")),
        *((9.96, "10"), (12.4, "12"), (1_234.0, "1,234")),
    ],
)
def test_seconds(seconds: float, shown: str) -> None:
    assert format_seconds(seconds) == shown


@pytest.mark.parametrize(("rate", "shown"), [(3.14159, "3.14"), (81.0, "81.0"), (1234.5, "1,234"), (0.05, "0.0500")])
def test_rate(rate: float, shown: str) -> None:
    assert format_rate(rate) == shown
