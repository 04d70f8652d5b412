"""Telling languages apart, with the library and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.checks import identify
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.length_model import LengthModel
from harness.checks.wrong_language import check_wrong_language
from harness.reports.words.reasons import sentence
from harness.types import LangPair

LENGTHS = LengthModel(0.0, 1.0, 0)
DUTCH = "Wie de brug voor zichzelf wil hebben, neemt het zekere voor het onzekere en komt voor elf uur."
DANISH = "Men deroppe brændte lyset, og så længe lyset brænder, er man på vagt og når slet ikke at blive bange."
ENGLISH = "But up above, the lamp was lit, and as long as the lamp is lit you are on duty and not afraid."


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(identify, "find_spec", lambda _name: None)
    identify.identifier_for.cache_clear()
    identify.language_identifier.cache_clear()
    yield
    identify.identifier_for.cache_clear()
    identify.language_identifier.cache_clear()


def found(pair: LangPair, text: str, *references: str, source: str = "") -> list[Flag]:
    return list(check_wrong_language(Item(source, text, references), CheckContext(pair, {}, LENGTHS)))


@pytest.mark.parametrize(
    ("target", "text", "said"),
    [
        ("en", DUTCH, "reads like Dutch, should be English"),
        ("en", DANISH, "reads like Danish, should be English"),
        ("de", DUTCH, "reads like Dutch, should be German"),
        ("es", "Els veïns diuen que ningú no els va avisar abans de tallar l'aigua.", "reads like Catalan"),
        ("es", "Os vizinhos dizem que ninguém os avisou antes de cortarem a água.", "reads like Portuguese"),
        ("cs", "Susedia hovoria, že ich nikto nevaroval, kým im odpojili vodu.", "reads like Slovak"),
        ("uk", "Соседи говорят, что их никто не предупредил об отключении воды.", "reads like Russian"),
    ],
)
def test_relatives(target: str, text: str, said: str) -> None:
    pytest.importorskip("lingua")
    (flag,) = found(LangPair("da" if text == DANISH else "nl" if text == DUTCH else "fr", target), text)
    assert sentence(flag.why).startswith(said)
    assert flag.confidence > 0.8


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("en", "Axel Ægisson, Hörður Jónsson, Stöð 2 Sport, Hótel Breiðavík"),
        ("en", "Kolbeinn Höður Gunnarsson: 21.57"),
        ("en", "Guten Tag"),
        ("nb", "Regjeringen har ikkje funne ut kva dei skal gjere med dei gamle husa ved elva."),
        ("cs", "Módní odborníci říkají, že v příští sezóně dá gól každý."),
    ],
)
def test_names_short_texts_and_near_twins_are_left_alone(target: str, text: str) -> None:
    assert found(LangPair("is", target), text) == []


def test_a_quotation_people_kept_is_no_fault() -> None:
    pytest.importorskip("lingua")
    pair = LangPair("de", "en")
    assert found(pair, DANISH)
    assert found(pair, DANISH, DANISH) == []


def test_another_script_needs_no_model(without_library: None) -> None:
    (flag,) = found(LangPair("en", "el"), ENGLISH)
    assert "script of Greek" in sentence(flag.why)
    assert found(LangPair("en", "zh"), "势在必行（CES 2019）。") == []


def test_without_the_library_function_words_tell_and_it_is_said(without_library: None) -> None:
    assert "function words" in identify.language_identifier()
    assert found(LangPair("de", "en"), DUTCH)
    assert found(LangPair("de", "en"), ENGLISH) == []


def test_the_library_is_named_with_its_version() -> None:
    pytest.importorskip("lingua")
    identify.language_identifier.cache_clear()
    assert identify.language_identifier().startswith("lingua 2.")


def test_candidates_are_few_and_hold_relatives_of_both_sides() -> None:
    codes = identify.candidates(LangPair("de", "pt-BR"))
    assert codes[:3] == ("pt", "de", "en")
    assert {"es", "nl"} <= set(codes)
    assert len(codes) <= 12
