"""Rules that hold in scripts and languages without rules of their own."""

from __future__ import annotations

import pytest

from harness.checks.interface import CheckContext, Item
from harness.checks.length import check_length
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.run import check_segment
from harness.corpus.documents.segment import split_sentences
from harness.types import LangPair

USUAL = LengthModel(ratio=0.0, scale=0.8, pairs=100)
LONG = "The council has decided to close the bridge for repairs in the coming year."


def kinds(target: str, source: str, text: str, model: LengthModel = USUAL) -> set[str]:
    context = CheckContext(LangPair("en", target), {}, model)
    return {flag.kind for flag in check_segment(Item(source, text, ()), context)}


@pytest.mark.parametrize(
    ("target", "source", "text"),
    [
        ("hy", LONG, "Խորհուրդը որոշել է փակել կամուրջը։"),
        ("am", LONG, "ምክር ቤቱ በሚቀጥለው ዓመት ድልድዩን ለጥገና ለመዝጋት ወሰነ።"),
        ("km", LONG, "ក្រុមប្រឹក្សាបានសម្រេចបិទស្ពាន។"),
        ("fil", "It has more than 380,000 people.", "Mahigit 380,000 ang tao rito."),
        ("gu", "About 25,000 came.", "લગભગ 25,000 લોકો આવ્યા."),
        ("fa", "The city has 380,000 people.", "این شهر ۳۸۰ هزار نفر جمعیت دارد."),
        ("fi", "It was built in the 19th century.", "Se rakennettiin 1800-luvulla."),
        ("cs", "A factory since the early 1900s.", "Továrna od počátku 20. století."),
        ("cs", "At 0430 they left.", "V 04:30 odešli."),
        ("cs", "6in x 6in canvas", "Plátno 15 x 15 cm"),
        ("gl", "The market is worth £2.8bn.", "O mercado vale 2.800 millóns de libras."),
        ("ku", LONG, "Encumenê biryar daye ku di sala bê de pirê ji bo tamîrê bigire."),
        ("sr-Latn", LONG, "Savet je odlučio da iduće godine zatvori most zbog popravke."),
        ("kn", "He said it slowly.", "ಅವನು ನಿಧಾನವಾಗಿ ನಿಧಾನವಾಗಿ ಹೇಳಿದ."),
    ],
)
def test_what_people_write_is_not_flagged(target: str, source: str, text: str) -> None:
    assert kinds(target, source, text) == set()


@pytest.mark.parametrize(
    ("kind", "target", "source", "text"),
    [
        ("truncated", "hy", LONG, "Խորհուրդը որոշել է փակել"),
        ("number", "fil", "It has more than 380,000 people.", "Mahigit 83,000 ang tao rito."),
        ("number", "fa", "The city has 380,000 people.", "این شهر ۳۰۸ هزار نفر جمعیت دارد."),
        ("number", "de", "It has more than 380,000 people.", "Es hat mehr als 380,000 Einwohner."),
        ("number", "cs", "At 0430 they left.", "V 05:30 odešli."),
        ("number", "fi", "It was built in the 19th century.", "Se rakennettiin 1900-luvulla."),
        ("repetition", "hi", "He said it.", "उसने कहा कि हिन्दी हिन्दी हिन्दी हिन्दी हिन्दी है।"),
    ],
)
def test_faults_are_flagged(kind: str, target: str, source: str, text: str) -> None:
    assert kind in kinds(target, source, text)


def test_a_missing_mark_tells_nothing_where_people_leave_it_out() -> None:
    text = "สภาตัดสินใจปิดสะพาน"
    with_marks = learn_lengths([(LONG, f"{text * 3}.")] * 30)
    without = learn_lengths([(LONG, text * 3)] * 30)
    assert (with_marks.ends, without.ends) == (1.0, 0.0)
    assert "truncated" in kinds("th", LONG, text * 2, with_marks)
    assert "truncated" not in kinds("th", LONG, text * 2, without)


def test_names_in_latin_letters_do_not_make_chinese_long() -> None:
    plain = learn_lengths([("The council has decided to close the bridge.", "议会决定关闭桥梁供维修。")] * 30)
    source = "Chris Leslie is MP for Nottingham East and Lilian Greenwood for Nottingham South."
    text = "克里斯·莱斯利（Chris Leslie）和莉莲·格林伍德（Lilian Greenwood）是 Nottingham East 和 South 的议员。"
    assert abs(plain.deviation(source, text)) < 3
    assert plain.deviation(source, "议" * len(text)) > 4


def test_a_free_reference_does_not_make_a_usual_length_wrong() -> None:
    text = "Der Rat hat beschlossen, die Brücke im kommenden Jahr wegen Reparaturen zu sperren."
    context = CheckContext(LangPair("en", "de"), {}, USUAL)
    short = ("Die Brücke wird gesperrt.",)
    assert not list(check_length(Item(LONG, text, short), context))
    assert list(check_length(Item(LONG, f"{text} {text}", short), context))


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("ko", "“재난입니다.” 라고 그가 말했습니다.", 1),
        ("ko", "재난입니다. 그가 말했습니다.", 2),
        ("zh", "他叫Puff Daddy、P. Diddy 或Diddy。", 1),
    ],
)
def test_quotations_and_initials_end_no_sentence(language: str, text: str, sentences: int) -> None:
    assert len(split_sentences(text, language)) == sentences
