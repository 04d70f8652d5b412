"""Phrases behind a difference: words that carry meaning, whole in every script, with the segments they are in."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from urllib.parse import parse_qs

import pytest

from harness.analysis import phrase_counts, phrases, segmentation
from harness.analysis.segmentation import Segmenter, segmenter_of
from harness.types import Corpus, LangPair, Translated
from tests.needs import needs

from .build import article, corpus, pair_result, run, system
from .read import tree


def grams(text: str) -> list[str]:
    return segmenter_of("fr").cut(text)


def test_words_keep_their_combining_marks() -> None:
    assert grams("e\u0301te\u0301, शुक्रिया مرحبًا don't") == ["e\u0301te\u0301", ",", "शुक्रिया", "مرحبًا", "don't"]


def counts(segments: list[tuple[str, str, str]], language: str = "en") -> phrase_counts.Counts:
    compared = [(row, (reference,), a, b) for row, (reference, a, b) in enumerate(segments)]
    return phrase_counts.count_matches(compared, segmenter_of(language))


def test_phrases_of_common_words_alone_are_left_out() -> None:
    places = [f"place{number}" for number in range(25)]
    found = counts([(f"the {word} of the town", f"the {word} of the town", "nothing") for word in places * 8])
    assert found.common == {"the", "of", "town"}
    assert found.first.matches["the",] == 400
    assert found.first.matches["of", "the"] == 200
    kept = phrases.telling(found.first, found.second, found.common)
    assert len(kept) == phrases.MOST_PHRASES
    assert all("place" in " ".join(gram) and found.first.matches[gram] == 8 for gram in kept)
    assert phrases.telling(found.second, found.first, found.common) == []


def test_a_word_that_both_match_alike_ranks_below_one_that_only_one_has() -> None:
    """``us``: 40 matches against 37; ``Brexit``: 4 against 0. The ratio puts Brexit first, the surplus would not."""
    segments = [("us", "us", "us")] * 37 + [("us", "us", "we")] * 3 + [("Brexit", "Brexit", "exit")] * 4
    segments += [("x", "x", "x")] * 800  # neither word is common
    found = counts(segments)
    order = phrases.telling(found.first, found.second, found.common)
    assert order == [("Brexit",), ("us",)]
    assert phrases.log_ratio(4, 0) == pytest.approx(1.609, abs=1e-3)
    assert phrases.log_ratio(40, 37) == pytest.approx(0.076, abs=1e-3)
    assert found.first.rows(("us",)) == (37, 38, 39)
    assert found.first.rows(("Brexit",)) == (40, 41, 42, 43)


def brute_force(segments: list[phrase_counts.Compared], side: int) -> dict[tuple[str, ...], dict[int, int]]:
    """Phrase to row to matches, phrase by phrase."""
    cut = segmenter_of("en").cut

    def often(text: str) -> Counter[tuple[str, ...]]:
        words = cut(text)
        return Counter(tuple(words[at : at + n]) for n in (1, 2, 3, 4) for at in range(len(words) - n + 1))

    matches: dict[tuple[str, ...], dict[int, int]] = {}
    for segment in segments:
        most: Counter[tuple[str, ...]] = Counter()
        for reference in segment[1]:
            most |= often(reference)
        for gram, count in (often((segment[2], segment[3])[side]) & most).items():
            matches.setdefault(gram, {})[segment[0]] = count
    return matches


def test_matches_are_those_counted_one_by_one() -> None:
    dice = random.Random(3)

    def text() -> str:
        return " ".join(dice.choices("ab.", k=dice.choice((0, 1, 3, 12))))

    segments = [(3 * row, tuple(text() for _ in range(dice.choice((1, 2, 3)))), text(), text()) for row in range(200)]
    found = phrase_counts.count_matches(segments, segmenter_of("en"))
    sides, wanted = (found.first, found.second), [brute_force(segments, side) for side in (0, 1)]
    assert max(map(len, found.first.matches)) == 4
    for gram in found.first.matches:
        rows = [matches.get(gram, {}) for matches in wanted]
        assert [side.matches[gram] for side in sides] == [sum(of.values()) for of in rows]
        for side, own, other in zip(sides, rows, reversed(rows), strict=True):
            assert side.rows(gram) == tuple(row for row in sorted(own) if own[row] > other.get(row, 0))
    apart = {
        gram
        for own, other in (wanted, wanted[::-1])
        for gram, rows in own.items()
        if sum(count > other.get(gram, {}).get(row, 0) for row, count in rows.items()) >= phrase_counts.FEWEST_ROWS
    }
    assert set(found.first.matches) == set(found.second.matches) == apart


def test_nothing_to_compare_counts_as_nothing() -> None:
    found = counts([])
    assert (found.first.matches, found.first.more, found.common) == ({}, {}, frozenset())


JAPANESE = "今日は東京都で新しい翻訳エンジンの評価を行いました。"


def test_japanese_chinese_and_thai_are_cut_into_words() -> None:
    needs("budoux")
    assert segmenter_of("ja").cut(JAPANESE)[:5] == ["今日", "は", "東京都", "で", "新しい"]
    assert segmenter_of("ja").cut(JAPANESE)[-1] == "。"
    assert {"我们", "北京", "翻译", "。"} <= set(segmenter_of("zh").cut("我们今天在北京评估了新的机器翻译系统。"))
    assert {"我們", "北京", "翻譯", "。"} <= set(segmenter_of("zh-TW").cut("我們今天在北京評估了新的機器翻譯系統。"))
    assert {"ประเมิน", "ภาษา"} <= set(segmenter_of("th").cut("วันนี้เราประเมินระบบแปลภาษาใหม่ในกรุงเทพ"))
    assert [segmenter_of(tag).unit for tag in ("ja", "zh", "th", "km", "en")] == [
        "words", "words", "words", "characters", "words"
    ]  # fmt: skip


def test_without_the_model_the_units_are_characters_and_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(segmentation, "find_spec", lambda name: None if name == "budoux" else real(name))
    cutter: Segmenter = segmenter_of("ja")
    assert (cutter.unit, cutter.cut("東京 都")) == ("characters", ["東", "京", "都"])


WORDS = {"en": "Brexit", "ja": "東京都", "km": "ភាសា"}


@pytest.mark.parametrize(("target", "unit"), [("en", "Phrases"), ("ja", "Phrases"), ("km", "Characters")])
def test_the_page_links_a_phrase_to_exactly_its_segments(target: str, unit: str) -> None:
    if target == "ja":
        needs("budoux")
    pair = LangPair("de", target)
    word, rows = WORDS[target], (3, 5, 6, 9)
    wanted = [f"{word} {row}" if row in rows else f"{row}" for row in range(12)]
    lines = [(f"Zeile {row}", (text,)) for row, text in enumerate(wanted)]
    texts = Corpus(pair, (article(pair, "one", lines[:4]), article(pair, "two", lines[4:])))
    good = [Translated(text) for text in wanted]
    bad = [Translated(f"x {row}" if row in rows[:3] else text) for row, text in enumerate(wanted)]
    made = run(pair_result(texts, [system(texts, "a", 0.8, outcomes=good), system(texts, "b", 0.4, outcomes=bad)]))
    page = tree(made)
    assert len(page.xpath(f"//h4[starts-with(., '{unit} of the references')]")) == 1
    first, second = page.xpath("//table[@class='phrases']")
    cells = {row[0].text_content(): row for row in first.xpath("./tbody/tr")}
    row = cells[word if target != "km" else max(cells, key=len)]
    assert [cell.text_content() for cell in row[1:]] == ["4", "1", "3"]
    (link,) = row.xpath(".//a")
    wanted = {"pair": [str(pair)], "view": ["segments"], "rows": ["3,5,6"], "a": ["0"], "b": ["1"]}
    state = parse_qs(link.get("href").removeprefix("#"))
    assert word in state.pop("mark")[0]
    assert state == wanted
    assert second.xpath("string(./tbody)").strip() == "No phrase differs between the two systems."


def test_lengths_are_a_sentence_that_names_what_is_far_off() -> None:
    texts = corpus(LangPair("de", "en"), articles=6, unreferenced=())
    references = [segment.references[0] for segment in texts.segments]
    outputs = {"a": references, "b": [text + "!" for text in references], "c": [text[:6] for text in references]}
    systems = [
        system(texts, name, 0.8, outcomes=[Translated(text) for text in given]) for name, given in outputs.items()
    ]
    (paragraph,) = tree(run(pair_result(texts, systems))).xpath("//p[@class='about lengths']")
    assert paragraph.text_content() == (
        "Length: most systems have 100 % to 108 % of the characters of the first reference. "
        "Of another length: c (46 %). 24 outputs of all systems are below 70 % of their reference, 0 above 130 %."
    )
