"""Telling languages apart, with the library and without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.checks import identify
from harness.checks.east_asian import written_in
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.length_model import LengthModel
from harness.checks.wrong_language import check_wrong_language
from harness.reports.words.reasons import sentence
from harness.types import LangPair
from tests.checks.material import ntrex

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
        ("uk", "Первые прихожане покинули эту церковь ещё в тридцатые годы прошлого века.", "reads like Russian"),
        ("hi", "शेजाऱ्यांचे म्हणणे आहे की पाणी बंद करण्यापूर्वी त्यांना कोणीही सांगितले नाही.", "reads like Marathi"),
        ("mr", "पड़ोसियों का कहना है कि पानी बंद करने से पहले उन्हें किसी ने नहीं बताया था।", "reads like Hindi"),
        ("vi", "Para tetangga mengatakan bahwa tidak ada yang memberi tahu mereka sebelumnya.", "reads like Malay"),
        ("lt", "Sąsiedzi mówią, że nikt ich nie ostrzegł, zanim odcięto im wodę.", "reads like Polish"),
        ("hu", "Susedia hovoria, že ich nikto nevaroval, kým im odpojili vodu.", "reads like Slovak"),
    ],
)
def test_relatives(target: str, text: str, said: str) -> None:
    pytest.importorskip("eldc")
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
    pytest.importorskip("eldc")
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
    pytest.importorskip("eldc")
    identify.language_identifier.cache_clear()
    assert identify.language_identifier().startswith("eldc 0.")


def test_candidates_are_few_and_hold_relatives_of_both_sides() -> None:
    codes = identify.candidates(LangPair("de", "pt-BR"))
    assert codes[:3] == ("pt", "de", "en")
    assert {"es", "nl"} <= set(codes)
    assert len(codes) <= 12


JAPANESE = "彼はバーの閉店はやむを得ないと話したが、近所の人々はまだあきらめていない。"
SIMPLIFIED = "他曾表示，酒吧的消失情有可原，但是邻居们还没有放弃，他们说这里对大家很重要。"
TRADITIONAL = "他曾表示，酒吧的消失情有可原，但是鄰居們還沒有放棄，他們說這裡對大家很重要。"
KOREAN = "그는 술집이 문을 닫는 것은 어쩔 수 없다고 말했지만 이웃들은 아직 포기하지 않았다."


@pytest.mark.parametrize(
    ("target", "text", "said"),
    [
        ("ja", SIMPLIFIED, "reads like Chinese"),
        ("ja", TRADITIONAL, "reads like Chinese"),
        ("ja", "但无核化谈判已停滞不前。", "reads like Chinese"),
        ("zh", JAPANESE, ""),
        ("zh-CN", TRADITIONAL, "reads like Chinese (Traditional)"),
        ("zh-Hant", SIMPLIFIED, "reads like Chinese (Simplified)"),
        ("zh-TW", SIMPLIFIED, "reads like Chinese (Simplified)"),
        ("ko", JAPANESE, ""),
        ("ko", SIMPLIFIED, ""),
        ("zh", KOREAN, ""),
        ("ja", KOREAN, ""),
    ],
)
def test_chinese_japanese_and_korean(target: str, text: str, said: str) -> None:
    (flag,) = found(LangPair("en", target), text)
    assert sentence(flag.why).startswith(said)
    assert found(LangPair("en", target), text, text) == []


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("ja", JAPANESE),
        ("ja", "東京都庁舎展望室入場無料"),
        ("ja", "世界保健機関事務局長選挙結果発表延期"[:11]),
        ("zh", SIMPLIFIED),
        ("zh", TRADITIONAL),
        ("zh-Hans", SIMPLIFIED),
        ("zh-TW", TRADITIONAL),
        ("zh", "她在日本的店名叫「の」，里面卖很多中国的茶叶和点心。"),
        ("ko", KOREAN),
        ("ko", "그는 漢字를 조금 쓸 줄 안다고 말했다."),
    ],
)
def test_their_own_texts_pass(target: str, text: str) -> None:
    assert found(LangPair("en", target), text) == []


@pytest.mark.slow
@pytest.mark.parametrize(("target", "other"), [("ja", "zh"), ("zh", "ja")])
def test_all_of_ntrex_in_east_asia(wmt_data: Path, target: str, other: str) -> None:
    _, own = ntrex(wmt_data, target)
    _, others = ntrex(wmt_data, other)
    assert not [text for text in own if written_in(text, target)]
    assert sum(bool(written_in(text, target)) for text in others) >= 0.97 * len(others)
