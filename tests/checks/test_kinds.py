"""Every kind of flag: texts that must have it, where it points, and texts of the same shape that must not."""

from __future__ import annotations

import sys

import pytest

from harness.checks.glossary import missed_term, term_reason
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.length_model import LengthModel
from harness.checks.load import kinds as known_kinds
from harness.checks.run import check_segment
from harness.checks.texts import has_digits
from harness.reports.words.reasons import sentence
from harness.types import LangPair

USUAL = LengthModel(ratio=0.05, scale=0.8, pairs=100)
SENTENCE = "Der Vorstand hat gestern beschlossen, das Werk im kommenden Jahr zu schließen."


def flags(pair: str, source: str, text: str, *references: str, glossary: dict[str, str] | None = None) -> list[Flag]:
    context = CheckContext(LangPair(*pair.split("-")), glossary or {}, USUAL)
    found = check_segment(Item(source, text, references), context)
    for flag in found:
        assert flag.kind in known_kinds()
        assert sentence(flag.why)
        assert 0 < flag.confidence <= 1
        assert flag.where == WHOLE or 0 <= flag.where[0] < flag.where[1] <= len(text)
    return found


def kinds(pair: str, source: str, text: str, *references: str, glossary: dict[str, str] | None = None) -> set[str]:
    return {flag.kind for flag in flags(pair, source, text, *references, glossary=glossary)}


@pytest.mark.parametrize(
    ("kind", "pair", "source", "text", "marked"),
    [
        ("empty", "de-en", SENTENCE, "  ", WHOLE),
        ("empty", "de-en", SENTENCE, " . ", WHOLE),
        ("copied_source", "de-en", SENTENCE, SENTENCE.upper(), WHOLE),
        (
            "copied_source",
            "de-en",
            "Wir wissen nicht, ob der Zug heute noch kommt und wer ihn fährt, aber wir warten.",
            "We do not know, ob der Zug heute noch kommt und wer ihn fährt, but we wait.",
            "ob der Zug heute noch kommt und wer ihn fährt",
        ),
        (
            "wrong_language",
            "de-uk",
            SENTENCE,
            "Yesterday the board decided to close the plant in the coming year.",
            WHOLE,
        ),
        (
            "truncated",
            "de-en",
            f"{SENTENCE} Die Gewerkschaft will das nicht hinnehmen.",
            "Yesterday the board decided to close the",
            "e",
        ),
        ("refusal", "de-en", SENTENCE, "I'm sorry, but I can't help with that.", "I'm sorry, but I"),
        (
            "refusal",
            "en-de",
            "The board met.",
            "Es tut mir leid, aber ich kann das nicht.",
            "Es tut mir leid, aber ich kann",
        ),
        ("preamble", "de-en", SENTENCE, "Sure! Here is the translation: The board", "Sure! Here is the translation"),
        ("preamble", "en-de", "The board met.", "Hier ist die Übersetzung: Der Rat tagte.", "Hier ist die Übersetzung"),
        ("preamble", "en-de", "The board met.", "Übersetzung: Der Rat tagte.", "Übersetzung:"),
        (
            "repetition",
            "de-en",
            SENTENCE,
            "The board and the board and the board and the board has decided to close it.",
            "The board and the board and the board and the board",
        ),
        (
            "repetition",
            "en-zh",
            "He told me to come back home.",
            "他告诉我他告诉我他告诉我他告诉我回家。",
            "他告诉我他告诉我他告诉我他告诉我",
        ),
        (
            "repetition",
            "en-zh",
            "This afternoon we saw many cute little dogs in the park.",
            f"{'我们今天下午在公园里看见了很多可爱的小狗，' * 3}我们今天下午在公园里看见了很多可爱的小狗。",
            "，".join(["我们今天下午在公园里看见了很多可爱的小狗"] * 4),
        ),
        (
            "repetition",
            "de-en",
            SENTENCE,
            "and so they went on to talk about all that the plant had cost them, " * 3,
            ", ".join(["and so they went on to talk about all that the plant had cost them"] * 3),
        ),
        ("number", "de-en", "Es waren 340 Gäste.", "There were 430 guests.", "430"),
        ("number", "de-en", "Es waren 1.850 Gäste.", "There were 1.85 guests.", "1.85"),
        ("number", "de-en", "Es waren 340 Gäste.", "There were many guests.", WHOLE),
        ("number", "de-en", "Um 21.30 Uhr ging es los.", "It began at 8.30pm.", "8"),
        ("number", "de-en", "Er wird bis zu 180 °C heiß.", "It gets as hot as 180 °F.", "180 °F"),
        ("number", "en-ja", "It cost £125m.", "価格は1億3,500万ポンド。", "1億3,500万"),
        ("number", "en-cs", "He waited 35 minutes for the bus.", "Čekal na autobus několik minut.", WHOLE),
        ("number", "en-zh", "He waited 35 minutes for the bus.", "他等公共汽车等了很久。", WHOLE),
        ("date", "de-en", "Am 31. Dezember 2026 ist Schluss.", "It ends on 21 December 2026.", "21 December"),
        ("date", "en-de", "It opened on March 4th, 2019.", "Es wurde am 4. Mai 2019 eröffnet.", "4. Mai"),
        ("date", "en-es", "Due 2026-11-30.", "Vence el 30/10/2026.", "30/10/2026"),
        ("url", "de-en", "Siehe https://example.org/a.", "See https://example.org/b.", "https://example.org/b"),
        ("url", "de-en", "Siehe https://example.org/a.", "See there.", WHOLE),
        ("email", "de-en", "An info@example.org.", "To inf@example.org.", "inf@example.org"),
        ("placeholder", "de-en", "Mit {device_name} starten", "Start with {name_of_device}", "{name_of_device}"),
        ("placeholder", "de-en", "Noch %d Etiketten", "Labels left", WHOLE),
        (
            "omission",
            "de-en",
            f"{SENTENCE} Die Gewerkschaft ruft zum Streik auf. Das sagte sie am Montag.",
            "The board has decided to close the works next year.",
            WHOLE,
        ),
        ("artefact", "en-cs", "A café.", "Kavárna je otevřena\u0301.", WHOLE),
        ("artefact", "en-de", "Over there.", "DrÃ¼ben ist grÃ¼n.", "Ã¼"),
        ("artefact", "en-fr", "It's here.", "Câ€™est ici.", "â€™"),
        ("artefact", "en-ja", "Yes, it is.", "".join(map(chr, "はい、そうです。".encode())), "ã\x81¯"),
        ("artefact", "de-en", "Die Ärzte.", "The \u2047 octors.", "\u2047"),
        ("artefact", "de-en", "Die Ärzte.", "The doc@@ tors.", "@@"),
        ("artefact", "de-en", "Die Ärzte.", "The doctors.<|im_end|>", "<|im_end|>"),
        ("artefact", "de-en", "Die Ärzte.", "The doctors.\\n", "\\n"),
        ("artefact", "de-en", "Die Ärzte.", "The\ndoctors.", "\n"),
        ("artefact", "de-en", "Die Ärzte.", "The doct\ufffdrs.", "\ufffd"),
        ("artefact", "de-en", "Die Ärzte.", "The doct\x07rs.", "\x07"),
        ("tag", "de-en", "Mit <b>Speichern</b> sichern", "Save with Save", WHOLE),
        ("tag", "de-en", "Speichern sichern", "Save <em>it</em>", "<em>"),
        ("tag", "de-fr", "Das ist es.", "C&#39;est ça.", "&#39;"),
        ("tag", "de-en", "Das ist wichtig.", "That is **important**.", "**important**"),
        ("length", "de-en", SENTENCE, "The works will close.", WHOLE),
        ("length", "de-en", SENTENCE, "The board has decided to close it. " * 6, WHOLE),
    ],
)
def test_flagged(kind: str, pair: str, source: str, text: str, marked: str) -> None:
    found = [flag for flag in flags(pair, source, text) if flag.kind == kind]
    assert found, flags(pair, source, text)
    places = {flag.where if flag.where == WHOLE else text[flag.where[0] : flag.where[1]] for flag in found}
    assert marked in places


@pytest.mark.parametrize(
    ("pair", "source", "text"),
    [
        ("de-en", "https://example.org/artikel", "https://example.org/artikel"),
        ("de-en", "@example #wetter", "@example #wetter"),
        ("de-en", "Anna Maria Schmidt, Berlin", "Anna Maria Schmidt, Berlin"),
        ("de-en", "1.234,5 Millionen Euro", "1,234.5 million euros"),
        ("en-de", "It cost £2.8bn in 2018.", "Es kostete 2018 rund 2,8 Milliarden Pfund."),
        ("en-es", "It cost $2.8 billion.", "Costó 2.800 millones de dólares."),
        ("en-ja", "It cost £125m.", "価格は1億2,500万ポンド。"),
        ("de-en", "Es beginnt um 16 Uhr.", "It begins at 4 p.m."),
        ("de-en", "Sie sagten &#39;nein&#39; zu &#x2019;allem&#x2019;.", "They said 'no' to 'everything'."),
        ("de-en", "Es beginnt um 15.30 Uhr.", "It begins at 3.30pm."),
        ("en-de", "There were 12 of them and 3 dogs.", "Es waren zwölf, und dazu drei Hunde."),
        ("de-en", "Es waren zwölf, und dazu drei Hunde.", "There were 12 of them and 3 dogs."),
        ("en-fr", "They have 2 cars.", "Ils ont deux voitures."),
        ("en-cs", "They have 2 cars and 25 bikes.", "Mají dvě auta a pětadvacet kol."),
        ("en-cs", "He won for the 12th time in 35 years.", "Za třicet pět let vyhrál podvanácté."),
        ("en-cs", "It was 100 years ago.", "Bylo to před sto lety."),
        ("en-zh", "They have 2 cars and 25 bikes.", "他们有两辆汽车和二十五辆自行车。"),
        ("en-zh", "About 30% of 105 people came.", "一百零五人中约三成来了。"),
        ("en-zh", "She treated patients with COVID-19.", "她治疗新冠肺炎患者。"),
        ("es-en", "Vinieron ocho personas.", "8 people came."),
        ("en-fr", "It was built in the 19th century.", "Il a été construit au XIXe siècle."),
        ("en-de", "In the 1990s he moved.", "In den 90er Jahren zog er um."),
        ("en-de", "The 2018-19 season begins.", "Die Saison 2018/2019 beginnt."),
        ("en-de", "It is 20 miles away.", "Es ist 32 Kilometer entfernt."),
        ("en-de", "It is 4.67 lakh.", "Es sind 467.000."),
        ("en-de", "On 9/11 he flew.", "Am 11. September flog er."),
        ("en-es", "It ends on August 9 and 10.", "Termina el 9 y el 10 de agosto."),
        ("de-en", "Am 3. und 4. Mai", "On May 3 and 4"),
        ("en-de", "Due 2026-11-30.", "Fällig am 30. November 2026."),
        ("de-en", "Siehe www.example.org/a.", "See https://example.org/a (in German)."),
        ("de-en", "Mit <b class='x'>Speichern</b>", "With <b class='y'>Save</b>"),
        ("en-de", "It is very, very, very good.", "Es ist sehr, sehr, sehr gut."),
        ("en-de", "We test the engine. The engine is old.", "Wir testen den Motor. Der Motor ist alt."),
        (
            "en-de",
            "I am sorry, but I cannot help, she said.",
            "Es tut mir leid, aber ich kann nicht helfen, sagte sie.",
        ),
        ("en-es", "Translation: a short history", "Traducción: una breve historia"),
        ("en-de", "Hello", "Hallo"),
        (
            "de-en",
            "3. Papierführung so einstellen, dass rechts und links 0,5 mm Luft sind.",
            "3. Adjust the paper guides so that there is 0.5 mm of clearance on both the left and the right.",
        ),
    ],
)
def test_not_flagged(pair: str, source: str, text: str) -> None:
    assert flags(pair, source, text) == []


@pytest.mark.parametrize(
    ("kind", "pair", "source", "text", "reference"),
    [
        ("number", "de-en", "Es waren 340 Gäste.", "There were hundreds of guests.", "Hundreds came."),
        ("number", "de-en", "Es waren 340 Gäste.", "There were 28 dozen guests.", "Some 28 dozen came."),
        ("length", "de-en", SENTENCE, "The works will close.", "The plant will close."),
        ("copied_source", "de-en", "Freude, schöner Götterfunken, singt er", "Freude, schöner Götterfunken, singt er",
         "Freude, schöner Götterfunken, singt er"),
        ("url", "de-en", "Siehe https://example.org/de.", "See https://example.org/en.", "Look at https://example.org/en."),
        ("placeholder", "de-en", "Noch %d Etiketten", "Labels left", "Labels remaining"),
        ("truncated", "de-en", SENTENCE, "Board closes plant", "Board decides closure of plant"),
        ("refusal", "de-en", "Ich bedaure.", "I'm sorry, but I must go.", "Sorry, but I have to go."),
    ],
)  # fmt: skip
def test_what_people_did_is_no_fault(kind: str, pair: str, source: str, text: str, reference: str) -> None:
    assert kind in kinds(pair, source, text), "the reference is what makes the difference"
    assert kind not in kinds(pair, source, text, reference)


def test_converted_units_are_no_fault_even_where_the_reference_kept_them() -> None:
    source, kept = "It is 20 miles away.", "Es ist 20 Meilen entfernt."
    assert kinds("en-de", source, "Es ist 32 Kilometer entfernt.", kept) == set()
    assert kinds("en-de", "It is 20 years old.", "Es ist 32 Jahre alt.", "Es ist 20 Jahre alt.") == {"number"}


def test_a_score_the_wrong_way_round_needs_a_reference() -> None:
    source, text = "Sie siegten mit 33:32.", "They won 32–33."
    assert "number" in kinds("de-en", source, text, "They won 33–32.")
    assert "number" not in kinds("de-en", source, text)


def test_a_wrong_number_is_named_with_the_right_one() -> None:
    (flag,) = flags("de-en", "Es waren 340 Gäste.", "There were 430 guests.", "340 guests came.")
    assert sentence(flag.why) == "430 is neither in the source nor in a reference; the source has 340"


def test_a_segment_without_text_has_one_flag() -> None:
    assert kinds("de-en", "Am 31. Dezember kommen 340 Gäste an <b>Bord</b>.", "") == {"empty"}


def test_glossary_terms_may_be_inflected_and_have_alternatives() -> None:
    terms = {"Betriebsrat": "works council|staff council", "Werk": "plant"}
    source = "Der Betriebsrat sprach im Werk."
    assert kinds("de-en", source, "The staff councils spoke in the plants.", glossary=terms) == set()
    (flag,) = flags("de-en", source, "The workers' committee spoke in the plant.", glossary=terms)
    assert flag.kind == "glossary"
    assert sentence(flag.why) == "'Betriebsrat' should be 'works council' or 'staff council' by the glossary"
    assert kinds("de-en", "Die Werkstatt ist zu.", "The shop is closed.", glossary=terms) == set()


@pytest.mark.parametrize("term", ["Betriebsrat", "l'État", "rock 'n' roll", "a\nb", "{0} 100 %"])
def test_a_flag_of_the_glossary_says_which_term_it_is_about(term: str) -> None:
    found = flags("de-en", f"So: {term}.", "Nothing of the kind.", glossary={term: "one's own|other {x}"})
    assert [missed_term(flag) for flag in found if flag.kind == "glossary"] == [(term, ("one's own", "other {x}"))]
    assert missed_term(Flag("number", WHOLE, term_reason(term, ["x"]), 0.9)) is None
    assert missed_term(Flag("glossary", WHOLE, f"'{term}' should be 'x' by the glossary", 0.9)) is None


@pytest.mark.parametrize("punctuation", [",", ""])
def test_truncated_needs_more_than_a_missing_full_stop(punctuation: str) -> None:
    whole = f"The board decided only yesterday that the works would have to be closed in the coming year{punctuation}"
    assert "truncated" not in kinds("de-en", SENTENCE, whole)


def test_digits_are_those_of_every_script() -> None:
    digits = "".join(character for character in map(chr, range(sys.maxunicode + 1)) if character.isdigit())
    assert len(digits) > 700
    assert all(map(has_digits, digits))
    assert not has_digits("".join(map(chr, {*range(0xD800)} - {*map(ord, digits)})))


def test_the_figures_of_a_character_reference_are_no_number() -> None:
    source = "It was late, he said, and they did not want to go home yet."
    text = "Era tarde, dijo, y &#39;no querían&#39; volver a casa todavía."
    assert kinds("en-es", source, text) == {"tag"}
