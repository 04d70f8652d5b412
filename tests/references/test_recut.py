"""Outputs that merged or split segments, cut along the references."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus import recut as module
from harness.corpus.recut import recut

REFERENCES = [
    "The bridge of Altenburg",
    "The bridge over the Elbe was built in 1897.",
    'The architect, Johann Weber, said: "It will stand." He died in 1896.',
    "Why did it take so long?",
    "Today 12,000 cars cross it every day.",
]
OUTPUTS = [
    "Altenburg Bridge",
    "The bridge across the Elbe was constructed in 1897.",
    'Architect Johann Weber said: "It is going to stand." He passed away in 1896.',
    "Why was it taking such a long time?",
    "12,000 cars are driving over it daily today.",
]


def test_an_article_in_one_piece_is_cut_where_its_references_are() -> None:
    assert recut(" ".join(OUTPUTS), REFERENCES) == tuple(OUTPUTS)


def test_lines_that_merge_and_split_sentences_are_cut_too() -> None:
    text = "\n".join([f"{OUTPUTS[0]} {OUTPUTS[1]}", *OUTPUTS[2].split(" He "), " ".join(OUTPUTS[3:])])
    assert recut(text, REFERENCES)[1] == OUTPUTS[1]
    assert recut(text, REFERENCES)[3:] == tuple(OUTPUTS[3:])


def test_what_an_output_left_out_is_an_empty_piece() -> None:
    assert recut(" ".join([*OUTPUTS[:3], OUTPUTS[4]]), REFERENCES) == (*OUTPUTS[:3], "", OUTPUTS[4])


def test_characters_are_compared_where_there_are_no_spaces() -> None:
    references = ["エルベ川の橋は1897年に建てられた。", "建築家はヨハン・ウェーバーだった。", "「なぜ遅れたのか。」"]
    outputs = ["1897年、エルベ川に橋が架けられた。", "設計者はヨハン・ウェーバーである。", "「なぜ遅れたのですか。」"]
    assert recut("".join(outputs), references) == tuple(outputs)


def test_no_word_is_cut_in_two() -> None:
    pieces = recut("don't mother-in-law's U.S.-based", ["don", "mother", "based"])
    assert [word for piece in pieces for word in piece.split()] == ["don't", "mother-in-law's", "U.S.-based"]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_cut_into_nothing(text: str) -> None:
    assert recut(text, REFERENCES) == ("",) * 5


@given(
    st.text(alphabet="ab A.!\"'東。\n", max_size=50),
    st.lists(st.text(alphabet="ab A.東。", max_size=12), min_size=1, max_size=6),
)
def test_no_character_is_lost(text: str, references: list[str]) -> None:
    pieces = recut(text, references)
    assert len(pieces) == len(references)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_memory_grows_with_the_length_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 200)
    rng = random.Random(5)
    words = [f"w{number}" for number in range(300)]
    lines = [" ".join(rng.choices(words, k=25)) + "." for _ in range(100)]
    tracemalloc.start()
    assert recut(" ".join(lines), lines) == tuple(lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000  # all of 2,600 by 2,600 would be 27 MB
