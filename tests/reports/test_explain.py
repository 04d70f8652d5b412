"""Phrases behind a difference: words that carry meaning, whole in every script."""

from __future__ import annotations

from harness.analysis import phrases


def grams(text: str) -> list[str]:
    return phrases._words(text, by_character=False)


def test_words_keep_their_combining_marks() -> None:
    assert grams("e\u0301te\u0301, शुक्रिया مرحبًا don't") == ["e\u0301te\u0301", ",", "शुक्रिया", "مرحبًا", "don't"]


def test_phrases_of_common_words_alone_are_left_out() -> None:
    places = [f"place{number}" for number in range(25)]
    segments = [((f"the {word} of the town",), f"the {word} of the town", "nothing") for word in places * 8]
    gained, lost, common = phrases._phrases(segments, by_character=False)
    assert common == {"the", "of", "town"}
    assert gained["the",] == gained["of", "the"] == 200
    found = phrases._commonest(
        gained, lost, common, [reference for references, _, _ in segments for reference in references]
    )
    assert len(found) == phrases.MOST_PHRASES
    assert all("place" in phrase.text and (phrase.ahead, phrase.behind) == (8, 0) for phrase in found)
