"""Numbers in words, beside those of the Common Locale Data Repository."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import learn_lengths
from harness.checks.number import check_number
from harness.checks.number_words import FILE, has_number_words, spelled
from harness.types import LangPair
from tests.checks.injections import INJECTIONS
from tests.checks.material import ntrex

NUMBERS = (*range(101), 200, 300, 500, 900, 1000, 2000, 3000)

IRREGULAR = {
    "be": ("адзiн",),  # with a Latin i
    "bs": ("jedinica",),  # a noun
    "sl": ("dva tisoč",),  # for three thousand
}
"""Words that CLDR has and people do not write."""

WITHOUT_CLDR = {"gl", "eu", "fil", "tl", "nb", "no", "nn", "sh"}
"""Languages that it lacks, or writes with accents that nobody types; Norwegian, which the library cannot read."""

CASES = {"fi"}
"""Languages of which it has many cases, of which only the first is known here in every number."""


def _codes() -> list[str]:
    sections = FILE.read_text(encoding="utf-8").split("\n\n")
    return [code for section in sections for code in section[1 : section.index("]")].split()]


@pytest.mark.parametrize("code", sorted({*_codes()} - WITHOUT_CLDR))
def test_words_of_the_locale_data_are_known(code: str) -> None:
    from unicode_rbnf import RbnfEngine

    engine = RbnfEngine.for_language(code)
    unknown = []
    for number in NUMBERS:
        for rules, text in engine.format_number(number).text_by_ruleset.items():
            written = text.replace("\xad", "").replace("\u200b", "")
            read = not {"financial", "ordinal"} & {*rules.split("-")} and (
                code not in CASES or rules == "spellout-cardinal"
            )
            irregular = any(word in written for word in IRREGULAR.get(code, ()))
            if read and not irregular and number not in spelled(written, code):
                unknown.append((number, written))
    assert unknown == []


@pytest.mark.parametrize(
    ("code", "text", "number"),
    [
        ("pt", "a vigésima terceira vez", 23),
        ("pt", "quinhentos", 500),
        ("gl", "a terceira de dez", 3),
        ("da", "femogtyve", 25),
        ("nb", "tjuefem", 25),
        ("nn", "fem hundre", 500),
        ("sv", "sextiosju dygn", 67),
        ("nl", "drieëntwintig", 23),
        ("it", "ventotto", 28),
        ("it", "duemila", 2000),
        ("pl", "czterdziestodwuletni", 42),
        ("pl", "dwustu osób", 200),
        ("ru", "тридцатипятилетний", 35),
        ("uk", "п'ятеро", 5),
        ("hr", "Dvadesetčetverogodišnjak", 24),
        ("is", "þrjú hundruð", 300),
        ("fi", "kolmen päivän", 3),
        ("fi", "vuorokauden", 24),
        ("hu", "huszonöt éves", 25),
        ("ar", "خمسة وعشرون", 25),
        ("ar", "الثالثة", 3),
        ("he", "ועשרים וחמש", 25),
        ("ja", "三つ目の二十五", 25),
        ("ko", "스물다섯", 25),
        ("th", "สิบห้าคน", 15),
        ("hi", "दो सौ", 200),
        ("id", "dua puluh lima", 25),
        ("vi", "hai mươi lăm", 25),
        ("eu", "berrogeita hamar", 50),
        ("fil", "dalawampu", 20),
        ("en", "half past one", 30),
    ],
)
def test_inflected_and_joined_words(code: str, text: str, number: int) -> None:
    assert number in spelled(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [("pt", "O homem saiu de casa"), ("ru", "Он вышел из дома"), ("fi", "Hän lähti kotoa"), ("xx", "one")],
)
def test_a_text_without_numbers_has_none(code: str, text: str) -> None:
    assert spelled(text, code) == frozenset()


def test_languages_are_listed_once() -> None:
    assert len(_codes()) == len({*_codes()}) > 50
    assert has_number_words("pt")
    assert has_number_words("yue")
    assert not has_number_words("xx")


@pytest.mark.parametrize("target", ["pt", "gl", "sk", "uk", "da", "nb", "is", "he", "ja", "ar"])
def test_a_number_left_out_is_found_and_one_in_words_is_not(wmt_data: Path, target: str) -> None:
    corpus, texts = ntrex(wmt_data, target)
    pairs = [(segment.source, text) for segment, text in zip(corpus.segments, texts, strict=True)]
    context = CheckContext(LangPair("en", target), {}, learn_lengths(pairs, corpus.pair))
    drop = next(inject for kind, what, inject in INJECTIONS if (kind, what) == ("number", "a number left out"))
    pairs = list(itertools.islice(pairs, 0, None, 2))
    faulty = [found for source, text in pairs if (found := drop(source, text, ""))]
    assert sum(any(check_number(Item(*pair, ()), context)) for pair in faulty) >= 0.85 * len(faulty)
    assert sum(any(check_number(Item(*pair, ()), context)) for pair in pairs) <= 0.01 * len(pairs)
