"""Paragraphs into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.documents.segment import join_sentences, split_sentences

CASES = {
    "en": ["Dr. Smith met J. R. Miller at 5 p.m. on Friday.", "He said: “Go!” and left.", "It cost $3.50.", "Why?"],
    "de": [
        "Am 5. Mai kam z.B. Herr Dr. Meier, d.h. er kam spät.",
        "„Warum?“, fragte sie.",
        "3. Liga, ca. 20 Mio. Fans.",
    ],
    "cs": ["Sešli se 12. května, tj. v úterý.", "„Proč?“ zeptala se.", "Stálo to 3 mil. korun."],
    "es": ["El Sr. Gómez vive en EE. UU. desde 1990.", "«¿Por qué?»", "¡Vaya!", "Costó 3.000 euros."],
    "fr": ["M. Dupont dit : « Nous partons demain. »", "Il est parti.", "Vraiment ?"],
    "ja": ["「行こう！」と彼は言った。", "東京は晴れ。", "本当？", "（注：これは例です。）"],
    "zh": ["他说：“走吧。”", "今天晴。", "真的吗？"],
    "ar": ["ذهب إلى المدرسة.", "لماذا؟", "عاد في المساء."],
    "hi": ["वह घर गया।", "फिर सो गया।"],
}


@pytest.mark.parametrize("language", CASES)
def test_sentences_end_where_a_reader_would_end_them(language: str) -> None:
    sentences = CASES[language]
    assert split_sentences(join_sentences(sentences, language), language) == sentences


def test_a_region_is_not_another_language() -> None:
    assert split_sentences("Am 5. Mai.", "de-AT") == ["Am 5. Mai."]
    assert join_sentences(["晴。", "雨。"], "zh-Hant") == "晴。雨。"


def test_a_language_that_nobody_listed_is_split_all_the_same() -> None:
    assert split_sentences("Bir. Iki? Uch!", "uz") == ["Bir.", "Iki?", "Uch!"]


def test_no_sentence_begins_with_a_small_letter() -> None:
    text = "It is called approx. ten. Yes... no."
    assert split_sentences(text, "en") == ["It is called approx. ten.", "Yes... no."]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ask (Mr. Smith) first.", "en"),
        ("Ask、Mr. Smith.", "ja"),
        ("He left the U.S. Navy.", "en"),
        ("Er las Kapitel IV. Teil.", "de"),
        ("Ask Mr\n. Smith.", "en"),
        ("Ask two.\u00a0\u00a0then go.", "en"),
    ],
)
def test_a_capital_and_a_space_are_not_always_enough(text: str, language: str) -> None:
    assert split_sentences(text, language) == [text]


@given(st.text(alphabet="aAé.!?…。！」”»\" \u00a0\u202f5'", max_size=60), st.sampled_from(["en", "de", "ja", "xx"]))
def test_no_character_is_lost(text: str, language: str) -> None:
    sentences = split_sentences(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() != "" for sentence in sentences)
