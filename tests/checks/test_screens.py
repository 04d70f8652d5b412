"""Screens: no check would flag what its screen rules out, and checks without one are called on everything."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from harness.checks.characters import MAY_COMPOSE, UPPER, Selected, Texts, sign
from harness.checks.interface import WHOLE, Check, CheckContext, Flag, Item
from harness.checks.length_model import learn_lengths
from harness.checks.load import NOT_CHECKED, load_checks
from harness.checks.run import check_batch, check_segment
from harness.checks.screen import Batch, Screened, having, screened_by
from harness.checks.texts import FINALS, WORD, end_of
from harness.types import LangPair
from tests.checks.injections import INJECTIONS
from tests.checks.material import example, outputs
from tests.checks.test_robust import PIECES

SCREENED = {kind: check for kind, check in load_checks().items() if isinstance(check, Screened)}

ODD = (
    *PIECES, "\u0301", "a\u0301", "ß", "ſ", "İ", "a\u0345", "5\u0301x", "l’eau d'or", "</s>", "\ufffd", "\\n", "\n",
    "\u2028", "Ã¼ Ã¶", "â€™", "un@@", "&quot;", "16:30", "3:2", "77 °F", "5 million", "Let me know if", "Translation:",
    "Sorry, but I can't", "...", "..", "…", "?", "0", "00", "۰", "三十", "Kde je?", "Где", "漢字かな", "한국어",
    "مرحبا", "\x85", "\u200b", "", " ",
)  # fmt: skip
SENTENCES = (
    "Das neue Haus am See hat 12 Zimmer, und jedes davon kostet 85 Euro im Monat.",
    "The new house by the lake has 12 rooms, and each of them costs 85 euros a month. Nobody lives there.",
    "Nový dům u jezera má 12 pokojů a každý z nich stojí 85 eur měsíčně. Nikdo tam nebydlí. Škoda!",
    "湖边的新房子有12个房间，每个房间每月租金为85欧元。没有人住在那里。",
    "湖のそばの新しい家には12の部屋があり、それぞれ月に85ユーロかかります。誰も住んでいません。",
    "يحتوي المنزل الجديد على البحيرة على 12 غرفة، وتبلغ تكلفة كل منها 85 يورو شهريا.",
    "झील के किनारे नए घर में 12 कमरे हैं और प्रत्येक का किराया 85 यूरो प्रति माह है।",
)
PAIRS = ("de-en", "en-cs", "en-zh", "ja-en", "en-ar", "en-hi", "en-el", "en-zh-TW")


def _changed(rng: random.Random, source: str, text: str, other: str) -> str:
    words, place = text.split(" "), rng.randrange(len(text.split(" ")) + 1)
    size = rng.randrange(1, 12)
    return rng.choice(
        (
            " ".join((*words[:place], rng.choice(ODD), *words[place:])),
            text[:size] + rng.choice(ODD) + text[size:],
            f"{rng.choice(ODD)} {text}",
            " ".join(words[:place]),
            " ".join((*words[:place], *words[place : place + size] * rng.randrange(2, 5), *words[place + size :])),
            " ".join((*words[:place], *source.split(" ")[:size], *words[place:])),
            unicodedata.normalize("NFD", text),
            rng.choice((str.upper, str.lower, str.title, str.swapcase))(text),
            f"{text} {other}",
            source,
            other,
            rng.choice(ODD),
        )
    )


def _items(pair: LangPair, rng: random.Random) -> Iterator[Item]:
    corpus = example("de-en")
    rows = list(zip(corpus.segments, outputs("example-faulty", corpus), strict=True))
    texts = [outcome.text for _, outcome in rows] + [*SENTENCES] * 8  # type: ignore[union-attr]
    for number in range(90):
        source, text, other = (rng.choice(texts) for _ in range(3))
        references = tuple(rng.choice(texts) for _ in range(number % 3))
        for _ in range(2):
            faulty = INJECTIONS[rng.randrange(len(INJECTIONS))][2](source, text, other) or (source, text)
            yield Item(faulty[0], faulty[1], references)
            yield Item(source, _changed(rng, source, _changed(rng, source, faulty[1], other), other), references)
            source = _changed(rng, source, source, other)


@pytest.mark.parametrize("name", PAIRS)
def test_a_check_flags_nothing_that_its_screen_rules_out(name: str) -> None:
    pair = LangPair(*name.split("-", 1))
    items = list(_items(pair, random.Random(name)))
    lengths = learn_lengths([("a b c d e f g h i j", "a b c d e f g h i j")] * 60)
    context = CheckContext(pair, {"Haus": "house | home", "See": "lake"}, lengths)
    batch = Batch(items)
    missed = {
        kind: item
        for kind, check in SCREENED.items()
        for item, selected in zip(items, check.screen(batch, context), strict=True)
        if not selected and list(check.check(item, context))
    }
    assert not missed


def test_every_screen_rules_something_out_and_every_check_finds_something() -> None:
    assert len(SCREENED) == len([check for check in load_checks().values() if callable(check)])
    items = [item for name in ("de-en", "en-cs") for item in _items(LangPair(*name.split("-")), random.Random(name))]
    lengths = learn_lengths([("a b c d e f g h i j", "a b c d e f g h i j")] * 60)
    batch = Batch(items)
    for kind, check in SCREENED.items():
        context = CheckContext(LangPair("de", "en"), {} if kind == "glossary" else {"Haus": "house"}, lengths)
        assert not check.screen(batch, context).all(), kind
        context = CheckContext(LangPair("de", "en"), {"Haus": "house"}, lengths)
        assert any(list(check(item, context)) for item in items), kind


def _finds(item: Item, _context: CheckContext) -> Iterator[Flag]:
    yield Flag("mine", WHOLE, "it is there", 0.5)


def _fails(_batch: Batch, _context: CheckContext) -> Selected:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("check", "flagged"),
    [
        (_finds, [1, 1]),
        (screened_by(having(text=sign("q")))(_finds), [0, 1]),
        (screened_by(having(source=sign("w")))(_finds), [1, 0]),
        (screened_by(_fails)(_finds), [1, 1]),
        (screened_by(lambda _batch, _context: np.zeros(1, bool))(_finds), [1, 1]),
    ],
)
def test_checks_are_called_where_no_sound_screen_says_no(check: Check, flagged: Sequence[int]) -> None:
    items = [Item("w", "x", ()), Item("v", "q", ())]
    context = CheckContext(LangPair("de", "en"), {}, learn_lengths([]))
    flags = check_batch(Batch(items), context, {"mine": check})
    assert [len(of_item) for of_item in flags] == flagged
    assert all(flag.kind != NOT_CHECKED for of_item in flags for flag in of_item)
    assert [len(check_segment(item, context, {"mine": check})) for item in items] == [1, 1]


def test_texts_are_read_as_one_at_a_time() -> None:
    rng, points = random.Random(7), sign(r"\.")
    known = [*SENTENCES, *ODD, "", *(" ".join(rng.choices((*ODD, *SENTENCES), k=5)) for _ in range(200))]
    texts = Texts(known)
    usual = [row for row in range(len(known)) if not texts.unusual[row]]
    assert 100 < len(usual) < len(known)
    by_text: list[list[str]] = [[] for _ in known]
    for start, end, row in zip(texts.words.starts, texts.words.ends, texts.words.text, strict=True):
        by_text[row].append(known[row][start - texts.starts[row] : end - texts.starts[row]])
    prose, counts = texts.written_without(UPPER)
    for row in usual:
        assert by_text[row] == WORD.findall(known[row])
        kept = [word for word in by_text[row] if not word[0].isupper()]
        assert (prose[row], counts[row]) == (" ".join(kept), len(kept))
    assert texts.ended.tolist() == [end_of(text) in FINALS for text in known]
    assert texts.ascii_counts.tolist() == [sum(map(str.isascii, text)) for text in known]
    assert texts.containing("www.").tolist() == ["www." in text.lower() for text in known]
    assert texts.counts_in_a_row(points, 3).tolist() == [text.count("...") for text in known]


def test_words_that_are_equal_without_case_have_equal_values() -> None:
    words = ["Straße", "STRASSE", "strasse", "stras", "ſtraße", "İ", "i\u0307", "ΣΑΣ", "σας", "Ost", "Sto"]
    values = Texts(words).totals.tolist()
    for word, value in zip(words, values, strict=True):
        same = [other for other, of_other in zip(words, values, strict=True) if of_other == value]
        assert {other for other in words if other.casefold() == word.casefold()} <= {*same}
    assert len(set(values)) == 5  # Letters in another order give the same sum.


def test_characters_learnt_late_have_the_signs_that_came_later() -> None:
    Texts(["ab"])
    late = sign("b")
    assert Texts(["ab", "c"]).having(late).tolist() == [True, False]


def test_no_text_is_decomposed_without_a_character_that_may_compose() -> None:
    every = [chr(code) for code in range(0x110000)]
    pairs = (unicodedata.decomposition(character).split() for character in every)
    second = {chr(int(parts[1], 16)) for parts in pairs if len(parts) == 2 and not parts[0].startswith("<")}
    second |= {character for character in every if unicodedata.combining(character)}
    second |= {character for character in every if not unicodedata.is_normalized("NFC", character)}
    assert len(second) > 1000
    assert Texts(sorted(second)).having(MAY_COMPOSE).all()
