"""Sentences left out and added, told from sentences joined and split."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from harness.checks.characters import Texts
from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.sentence_alignment import Lengths, lost_sentence
from harness.checks.sentence_signs import across_languages
from harness.checks.sentence_split import sentences_of
from harness.checks.sentences import check_addition, check_omission, most_sentences_of
from harness.types import LangPair

USUAL = LengthModel(ratio=0.05, scale=0.6, pairs=100)
SOURCE = (
    "The council met on Monday. It decided to close the old bridge for two years. "
    "Shops on the north bank fear for their customers. A ferry will cross the river every ten minutes."
)
PARTS = [
    "Der Rat kam am Montag zusammen.",
    "Er beschloss, die alte Brücke für zwei Jahre zu sperren.",
    "Die Läden am Nordufer fürchten um ihre Kunden.",
    "Eine Fähre wird alle zehn Minuten den Fluss überqueren.",
]
REFERENCE = (
    "Am Montag tagte der Rat. Die alte Brücke wird nach seinem Beschluss zwei Jahre lang gesperrt. Die Geschäfte am "
    "Nordufer sorgen sich um ihre Kunden. Alle zehn Minuten soll eine Fähre über den Fluss setzen."
)


def kinds(source: str, text: str, *references: str, target: str = "de", model: LengthModel = USUAL) -> set[str]:
    context = CheckContext(LangPair("en", target), {}, model)
    item = Item(source, text, references)
    return {flag.kind for check in (check_omission, check_addition) for flag in check(item, context)}


@pytest.mark.parametrize("references", [(), (REFERENCE,), (REFERENCE, " ".join(PARTS))])
@pytest.mark.parametrize("place", range(4))
def test_a_sentence_less_or_more_is_flagged_wherever_it_stood(place: int, references: tuple[str, ...]) -> None:
    assert kinds(SOURCE, " ".join(PARTS), *references) == set()
    assert kinds(SOURCE, " ".join([*PARTS[:place], *PARTS[place + 1 :]]), *references) == {"omission"}
    stranger = "Der Bürgermeister gewann die Wahl im vergangenen Herbst nur knapp."
    assert kinds(SOURCE, " ".join([*PARTS[:place], stranger, *PARTS[place:]]), *references) == {"addition"}


@pytest.mark.parametrize("references", [(), (REFERENCE,)])
def test_sentences_joined_or_split_are_not_flagged(references: tuple[str, ...]) -> None:
    joined = f"{PARTS[0]} {PARTS[1]} {PARTS[2][:-1]}, und eine Fähre wird alle zehn Minuten den Fluss überqueren."
    assert kinds(SOURCE, joined, *references) == set()


LONG = "The mayor had opposed the plan for years, but on Tuesday he said that the state would pay for it all."


@pytest.mark.parametrize(
    "references",
    [(), (f"{REFERENCE} Der Bürgermeister war lange dagegen; nun zahlt der Staat alles.",)],
)
def test_a_long_sentence_may_be_split(references: tuple[str, ...]) -> None:
    parts = "Der Bürgermeister war jahrelang gegen den Plan.", "Am Dienstag sagte er, dass der Staat alles bezahle."
    assert kinds(f"{SOURCE} {LONG}", " ".join([*PARTS, *parts]), *references) == set()


@pytest.mark.parametrize("references", [(), (REFERENCE,)])
def test_an_addition_is_flagged_where_other_sentences_were_joined(references: tuple[str, ...]) -> None:
    joined = f"{PARTS[0]} {PARTS[1]} {PARTS[2][:-1]}, und eine Fähre wird alle zehn Minuten den Fluss überqueren."
    stranger = "Der Bürgermeister gewann die Wahl im vergangenen Herbst nur knapp."
    assert kinds(SOURCE, f"{stranger} {joined}", *references) == {"addition"}


def test_a_sentence_less_and_another_one_split() -> None:
    source = SOURCE.replace(
        "Shops on the north bank fear for their customers.",
        "The same bridge had been closed for 17 months in 1998 and 1999.",
    )
    split = f"{PARTS[0]} Er fasste einen Beschluss. Die Brücke wird gesperrt. {PARTS[3]}"
    assert kinds(source, split) == {"omission"}


def test_the_day_of_a_date_ends_no_sentence() -> None:
    text = "Further plays on the 27. and 28. November as well as on the 4. December, each at half past seven."
    assert sentences_of(text, "en") == (text,)
    assert len(sentences_of("She was 27. Then she left.", "en")) == 2


def test_the_number_of_a_list_is_no_sentence() -> None:
    assert kinds(f"2. {SOURCE}", " ".join(PARTS)) == set()


def test_where_no_mark_ends_a_sentence_none_is_counted() -> None:
    source = "The council met on Monday. It decided to close the old bridge."
    text = "สภาประชุมเมื่อวันจันทร์ ตัดสินใจปิดสะพานเก่า"
    assert kinds(source, text, target="th", model=LengthModel(-0.3, 0.6, 100, ends=0.02)) == set()
    assert kinds(source, text[:24], target="th", model=LengthModel(-0.3, 0.6, 100, ends=0.9)) == {"omission"}


@pytest.mark.parametrize(
    ("target", "parts", "model"),
    [
        ("ja", ["理事会は月曜日に開かれた。", "古い橋を二年間閉鎖することを決めた。"], LengthModel(-0.75, 0.7, 100)),
        ("hy", ["Խորհուրդը հավաքվեց երկուշաբթի օրը:", "Այն որոշեց երկու տարով փակել հին կամուրջը:"], USUAL),
        ("hi", ["परिषद की बैठक सोमवार को हुई।", "उसने पुराने पुल को दो साल के लिए बंद करने का फैसला किया।"], USUAL),
        ("km", ["ក្រុមប្រឹក្សាបានជួបប្រជុំកាលពីថ្ងៃច័ន្ទ។", "វាបានសម្រេចចិត្តបិទស្ពានចាស់រយៈពេលពីរឆ្នាំ។"], LengthModel(0.2, 0.6, 100)),
    ],
)
def test_other_scripts(target: str, parts: list[str], model: LengthModel) -> None:
    source = "The council met on Monday. It decided to close the old bridge for two years."
    joint = "" if target in {"ja", "km"} else " "
    assert kinds(source, joint.join(parts), target=target, model=model) == set()
    assert kinds(source, parts[0], target=target, model=model) == {"omission"}
    assert kinds(source, joint.join(parts * 3), target=target, model=model) == {"addition"}


def test_shared_words_say_which_sentence_is_missing() -> None:
    whole = across_languages(("Anna Berger sang in 1998.", "Otto Klemm lived in Graz."), 1.0)
    lengths = Lengths(0.0, 1.0)
    of_one = across_languages(("Anna Berger sang 1998.",), 1.0)
    of_both = across_languages(("Anna Berger sang 1998, Otto Klemm lebte in Graz.",), 1.0)
    assert lost_sentence(whole, of_one, lengths) > 0 > lost_sentence(whole, of_both, lengths)


def test_very_many_sentences_take_no_square_of_the_time() -> None:
    whole = across_languages(("Ja.",) * 3000, 1.0)
    part = across_languages(("Ja.",) * 2999, 1.0)
    assert lost_sentence(whole, part, Lengths(0.0, 1.0)) > -10
    assert lost_sentence(whole, across_languages(("Ja.",) * 9, 1.0), Lengths(0.0, 1.0)) > 0


def test_less_is_asked_for_where_no_text_splits_sentences() -> None:
    kept = [(SOURCE, " ".join(PARTS))] * 40
    split = [(SOURCE, " ".join([*PARTS[:3], "Eine Fähre kommt.", "Sie quert den Fluss."]))] * 20
    pair = LangPair("en", "de")
    systems, people = learn_lengths(kept, pair), learn_lengths(kept + split, pair)
    assert (systems.split, people.split) == (0, pytest.approx(20 / 240))
    assert learn_lengths([*split, *kept], pair).split == people.split
    longer = " ".join([*PARTS[:2], "Schade.", *PARTS[2:]])
    assert kinds(SOURCE, longer, model=replace(USUAL, split=systems.split)) == {"addition"}
    assert kinds(SOURCE, longer, model=replace(USUAL, split=people.split)) == set()


@pytest.mark.parametrize("language", ["de", "ko", "ar"])
def test_no_text_has_more_sentences_than_its_marks_allow(language: str) -> None:
    rng = random.Random(7)
    pieces = [*". .”!?…»\"')\n\u00a0 Aa5؟。;:", " »", "\u202f»", "... ", "A. ", "Ja. "]
    texts = ["".join(rng.choices(pieces, k=rng.randrange(14))) for _ in range(2000)]
    counts = np.array([len(sentences_of(text, language)) for text in texts])
    most = most_sentences_of(Texts(texts), language)
    assert (counts <= most).all()
    assert (counts > 1).sum() > 100
    known = {
        "Ja. 3.5 kg, z.B. heute. Nein": 3,
        "„Nein!“ rief er. Nie!) Ja.": 3,
        "Ja. 🤔": 1,
        "2. étage. (Oh": 2,
        "": 1,
        "5.": 1,
    }
    assert most_sentences_of(Texts([*known]), language).tolist() == [*known.values()]
