"""The compiled alignment of sentences against the one in Python, bit by bit; and the checks without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.checks.sentence_alignment import Lengths, align, lost_sentence
from harness.checks.sentence_kernel import compiled_alignment
from harness.checks.sentence_signs import ACROSS_LANGUAGES, COUPLES, WORDS, Sentences
from harness.workspace.kernels import library
from tests.checks.test_sentences import PARTS, SOURCE, kinds

# What words, numbers, ends and joints turn on, in several scripts.
PIECES = (
    *("a", "Haus", "house", "houses", "Häuser", "STRASSE", "straße", "İstanbul", "ΣΑΣ", "x_y", "2nd", "17", "0017"),
    *("0", "٠٠١٧", "१७", "²", "Ⅳ", "1.5", "é", "e\u0301", "\u0301", "क्षेत्र", "می\u200cخواهم", "日本", "語", "한국", "ﬁ"),
    *("\ud800", ",", ";", ":", " - ", "--", "---", "\u00a0-\u2003", "-", "–", "!", "?", "？", "؟", "！", '."', ".)"),
    *("...", "»", "。", "\x00"),
)  # fmt: skip
SENTENCE = st.lists(st.sampled_from([*PIECES, " ", " ", " "]), max_size=25).map("".join)
TEXT = st.lists(SENTENCE, max_size=6).map(tuple)
FINITE = st.floats(-1.5, 1.5)


@pytest.fixture(autouse=True)
def _compiled(request: pytest.FixtureRequest) -> None:
    if "uncompiled" not in request.fixturenames and not compiled_alignment():
        pytest.skip("the kernels are not compiled here")


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library, as if it had not been built."""
    monkeypatch.setenv("HARNESS_KERNELS", "off")
    for cached in (library, compiled_alignment):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (library, compiled_alignment):
        cached.cache_clear()


def check(whole: Sentences, part: Sentences, lengths: Lengths) -> None:
    assert compiled_alignment()
    assert lost_sentence(whole, part, lengths) == align(whole, part, lengths)


@pytest.mark.parametrize("reading", [ACROSS_LANGUAGES, WORDS, COUPLES])
@settings(max_examples=60, deadline=None)
@given(whole=TEXT, part=TEXT, latin=st.sampled_from([1.0, 0.37]), ratio=FINITE, scale=st.floats(0.05, 2))
@example(("ab", "c" * 70), ("c" * 35, "c, c" * 9, "ab"), 1.0, 0.0, 1.0)
@example((), (), 1.0, 0.0, 1.0)
def test_any_sentences(
    reading: int, whole: tuple[str, ...], part: tuple[str, ...], latin: float, ratio: float, scale: float
) -> None:
    check(Sentences(whole, reading, latin), Sentences(part, reading, latin), Lengths(ratio, scale))


@pytest.mark.parametrize("counts", [(13, 1), (2, 14), (300, 300), (300, 297), (290, 302), (5, 0), (0, 5)])
def test_many_sentences_and_few(counts: tuple[int, int]) -> None:
    texts = [f"Satz {place % 7} von {place}, und {'noch ' * (place % 5)}einer." for place in range(max(counts))]
    for reading in (ACROSS_LANGUAGES, WORDS, COUPLES):
        whole, part = (Sentences(tuple(texts[:count]), reading) for count in counts)
        check(whole, part, Lengths(0.1, 0.8))


def test_a_number_of_thousands_of_digits() -> None:
    """Python turns no more than 4300 digits into a number."""
    sentences = Sentences((f"{'0' * 3000}{'7' * 3000} Euro.", "Nichts."), ACROSS_LANGUAGES)
    same = Sentences((f"{'7' * 3000} euros.",), ACROSS_LANGUAGES)
    assert sentences.signs[0].keys() & same.signs[0].keys() == {"#" + "7" * 3000, "euro"}
    check(sentences, same, Lengths(0.0, 1.0))


def test_characters_are_what_they_are_in_python() -> None:
    characters = "".join(map(chr, range(0x3100)))
    pieces = tuple(characters[start : start + 97] for start in range(0, len(characters), 97))
    check(Sentences(pieces, ACROSS_LANGUAGES), Sentences(pieces[1:], ACROSS_LANGUAGES), Lengths(0.0, 1.0))


@pytest.mark.usefixtures("uncompiled")
def test_flags_are_the_same_without_the_library() -> None:
    assert compiled_alignment() is None
    texts: Sequence[str] = [" ".join(PARTS), " ".join(PARTS[1:]), " ".join([*PARTS, "Das gefiel nicht jedem im Ort."])]
    assert [kinds(SOURCE, text) for text in texts] == [set(), {"omission"}, {"addition"}]


def test_a_library_of_older_sources_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.checks.sentence_kernel.library", object)
    compiled_alignment.cache_clear()
    try:
        assert compiled_alignment() is None
    finally:
        monkeypatch.undo()
        compiled_alignment.cache_clear()
