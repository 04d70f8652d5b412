from __future__ import annotations

import re

import pytest

from harness.engines.local.model_families import FLORES, M2M100, Family, Wire, check_stated, languages_of, wire_of
from harness.errors import Unsupported
from harness.types import LangPair

NLLB = {
    *FLORES.values(), "eng_Latn", "deu_Latn", "por_Latn", "spa_Latn", "zho_Hans", "zho_Hant", "yue_Hant", "srp_Cyrl",
    "ckb_Arab", "nno_Latn", "ceb_Latn", "kas_Arab", "kas_Deva", "jpn_Jpan", "est_Latn",
}  # fmt: skip
MADLAD = {"en", "es", "iw", "fil", "zh", "zh_Hant", "sr", "sr_Latn", "no", "pt"}
OPUS = {"spa", "por", "pt_br", "zho_Hans", "cmn_Hant", "srp_Cyrl", "fra"}


def target(family: Family, tag: str, known: set[str], code: str = "") -> str:
    source = "eng_Latn" if family == "nllb" else "en"
    return wire_of(family, LangPair("en", tag), known, source_code=source, target_code=code, instruction="").target


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "deu_Latn"), ("es", "spa_Latn"), ("ar", "arb_Arab"), ("fa", "pes_Arab"), ("ne", "npi_Deva"),
        ("zh", "zho_Hans"), ("zh-Hant", "zho_Hant"), ("yue", "yue_Hant"), ("no", "nob_Latn"), ("nb", "nob_Latn"),
        ("nn", "nno_Latn"), ("sr", "srp_Cyrl"), ("ko", "kor_Hang"), ("ja", "jpn_Jpan"), ("fil", "tgl_Latn"),
        ("ku", "kmr_Latn"), ("ckb", "ckb_Arab"), ("lv", "lvs_Latn"), ("ceb", "ceb_Latn"), ("et", "est_Latn"),
        ("ks", "kas_Arab"), ("ks-Deva", "kas_Deva"), ("mn", "khk_Cyrl"),
    ],
)  # fmt: skip
def test_nllb(tag: str, code: str) -> None:
    assert target("nllb", tag, NLLB) == code


@pytest.mark.parametrize(
    ("tag", "code"), [("es", "__es__"), ("nb", "__no__"), ("he", "__he__"), ("fil", "__tl__"), ("zh", "__zh__")]
)
def test_m2m100(tag: str, code: str) -> None:
    assert target("m2m100", tag, set(M2M100)) == code


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", "<2es>"), ("he", "<2iw>"), ("nb", "<2no>"), ("zh-Hant", "<2zh_Hant>"), ("sr-Latn", "<2sr_Latn>")],
)
def test_madlad(tag: str, code: str) -> None:
    assert target("madlad", tag, MADLAD) == code
    assert wire_of("madlad", LangPair("xx", tag), MADLAD, source_code="", target_code="", instruction="").source == ""


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", ">>spa<<"), ("pt-BR", ">>pt_br<<"), ("pt", ">>por<<"), ("zh-Hant", ">>cmn_Hant<<"), ("sr", ">>srp_Cyrl<<")],
)
def test_opus(tag: str, code: str) -> None:
    assert target("marian", tag, OPUS) == code


@pytest.mark.parametrize(
    ("family", "tag", "known", "message"),
    [
        ("nllb", "sr-Latn", NLLB, "no language for sr-Latn (tried srp_Latn); near: srp_Cyrl"),
        ("nllb", "la", NLLB, "no language for la (tried lat_Latn)"),
        ("nllb", "ar-Latn", NLLB, "no language for ar-Latn (tried arb_Latn); near: arb_Arab"),
        ("m2m100", "sr-Latn", set(M2M100), "no language for sr-Latn"),
        ("marian", "sr-Latn", OPUS, "no language for sr-Latn"),
        ("madlad", "la", MADLAD, "no language for la"),
    ],
)
def test_a_language_the_model_has_not(family: Family, tag: str, known: set[str], message: str) -> None:
    with pytest.raises(Unsupported, match=re.escape(message)):
        target(family, tag, known)


def test_a_variety_is_not_exchanged_without_a_word() -> None:
    with pytest.raises(Unsupported, match="the model has 'por_Latn', but not the variant pt-BR") as caught:
        target("nllb", "pt-BR", NLLB)
    assert caught.value.hint == 'to use it for pt-BR, set target_code = "por_Latn" in [options]'
    assert target("nllb", "pt-BR", NLLB, code="por_Latn") == "por_Latn"
    wire = wire_of("nllb", LangPair("pt-BR", "de"), NLLB, source_code="", target_code="", instruction="")
    assert wire == Wire("nllb", "por_Latn", "deu_Latn")


def test_an_override_must_exist() -> None:
    with pytest.raises(Unsupported, match="no language 'spa'; near: spa_Latn"):
        target("nllb", "es", NLLB, code="spa")


def test_languages_are_told_from_other_tokens() -> None:
    tokens = ["▁the", "spa_Latn", "__es__", "<2es>", ">>spa<<", "_", "spa_Latnx", ">>", "<2>"]
    assert languages_of("nllb", tokens) == {"spa_Latn"}
    assert languages_of("m2m100", tokens) == {"es"}
    assert languages_of("madlad", tokens) == {"es"}
    assert languages_of("marian", tokens) == {"spa"}
    assert languages_of("t5", tokens) == frozenset()


@pytest.mark.parametrize(("stated", "tag"), [("en", "en-GB"), ("eng", "en"), ("roa", "es"), ("", "es"), ("mul", "de")])
def test_what_a_model_states_fits(stated: str, tag: str) -> None:
    check_stated(stated, tag, "source_code")


@pytest.mark.parametrize(("stated", "tag"), [("en", "de"), ("eng", "de"), ("es", "ceb")])
def test_what_a_model_states_does_not_fit(stated: str, tag: str) -> None:
    with pytest.raises(Unsupported, match=f"the model is for '{stated}', not {tag}"):
        check_stated(stated, tag, "source_code")


def test_placeholders_in_a_text_are_text() -> None:
    prompt = "From {source_name} ({source}) into {target_name} ({target}): {text}"
    pair = LangPair("en", "pt-BR")
    wire = wire_of("chat", pair, (), source_code="", target_code="", instruction=prompt)
    assert wire.message("{source} {text}") == "From English (en) into Portuguese (Brazil) (pt-BR): {source} {text}"
