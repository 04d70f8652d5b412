"""What people write on purpose, each beside the fault that it looks like."""

from __future__ import annotations

import unicodedata

import pytest

from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.run import check_segment
from harness.types import LangPair

USUAL = LengthModel(ratio=0.0, scale=0.8, pairs=100)


def kinds(target: str, source: str, text: str, *references: str, model: LengthModel = USUAL) -> set[str]:
    context = CheckContext(LangPair("en", target), {}, model)
    return {flag.kind for flag in check_segment(Item(source, text, references), context)}


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_accents_that_no_letter_has_are_typed_alone() -> None:
    source = "Both churches were built before the war."
    assert "artefact" not in kinds("yo", source, decomposed("Àwọn ilé ìjọsìn méjeejì"))
    assert "artefact" in kinds("de", source, decomposed("Beide Kirchen wurden früher gebaut."))
    # A name with an accent of its own: nothing else of the text could be composed either.
    assert "artefact" not in kinds("de", source, decomposed("Sie tragen die Namen Ẹ́bọ und Müller."))


def test_tags_that_a_reference_changed_are_free() -> None:
    source = "So <laugh/> that is <unintelligible/> all."
    assert kinds("de", source, "Also <lachen/> das ist alles.", "Na ja <kichern/>, das ist es.") == set()
    assert "tag" in kinds("de", source, "Also <lachen/> das ist alles.")
    assert "tag" in kinds("de", source, "Also das ist alles.", "Also <laugh/> das ist <unintelligible/> alles.")


def test_a_refrain_may_be_longer_in_another_language() -> None:
    refrain = "Pump it out, pump it out, I am feeding them."
    assert "repetition" not in kinds("so", refrain, "Dibadda u soo saar, dibadda u soo saar, waan quudinayaa.")
    assert "repetition" in kinds("so", "Pump it out at once.", "Dibadda u soo saar, dibadda u soo saar, hadda.")


def test_a_source_in_another_language_may_stay() -> None:
    pytest.importorskip("eldc")
    assert "copied_source" not in kinds("cs", "Il faut bien le faire.", "Il faut bien le faire.")
    assert "copied_source" in kinds("cs", "It has to be done now.", "It has to be done now.")


def test_the_script_of_an_unknown_language_is_not_guessed() -> None:
    source = "There is consternation among some at a suggestion."
    text = "خالكه تزعفيكة بين نواب الامة من مقترح تغير إسمه"
    assert "wrong_language" not in kinds("mey", source, text)
    assert "wrong_language" in kinds("mey-Latn", source, text)
    assert "wrong_language" in kinds("sw", source, text)


def test_a_headline_in_nynorsk_is_no_swedish() -> None:
    pytest.importorskip("eldc")
    assert "wrong_language" not in kinds(
        "nn", "Public buildings fly a blue flag.", "Offentlege bygningar flaggar med havblå flagg."
    )
    swedish = "Kommissionen offentliggjorde resultaten av samrådet, och det visade sig att de flesta var för förslaget."
    assert "wrong_language" in kinds("nn", "The Commission published the results of the consultation.", swedish)


def test_who_speaks_is_no_sentence() -> None:
    source = "\"I yelled at everyone to get out of the water: 'There's a shark in the water!'\" Hammel added."
    assert "omission" not in kinds("bg", source, "„Извиках на всички да излизат от водата, защото има акула!“, добавя.")
    assert "omission" not in kinds("af", "The driver left, Det. Dennis McCarthy wrote.", "Die bestuurder het vertrek.")


def test_lengths_that_vary_more_than_is_normal_allow_more() -> None:
    pairs = [("x" * 100, "y" * (100 + offset)) for offset in range(-9, 10)] * 5
    narrow = learn_lengths(pairs)
    broad = learn_lengths([*pairs, *[("x" * 100, "y" * 220)] * 14])
    assert narrow.scale == 0.6
    assert 0.6 < broad.scale <= 0.6 * 1.4
    assert broad.ratio == pytest.approx(narrow.ratio, abs=0.02)
