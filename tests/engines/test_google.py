from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import (
    AuthFailed,
    BadOutput,
    ConfigError,
    EngineError,
    EngineUnavailable,
    QuotaExhausted,
    RateLimited,
    Unsupported,
)
from harness.testing import batch_of, texts_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Handler, Response, Seen
from tests.needs import needs
from tests.vendors.base import shout
from tests.vendors.google import VENDOR, answers

needs("google.cloud.translate_v3")

PAIR = LangPair("de", "en")
PARENT = "projects/test-project/locations/global"


def test_texts_are_never_html() -> None:
    """The service's default would turn ``&`` into ``&amp;``; no option can bring it back."""
    reply, seen = remote.exchange(VENDOR, ["Fish & chips <b>"])
    assert seen.json["mimeType"] == "text/plain"
    assert seen.json["contents"] == ["Fish & chips <b>"]
    assert texts_of(reply.answers) == ["«Fish & chips <b>»"]


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch() -> None:
    reply, seen = remote.exchange(VENDOR, ["Eins", "Zwei"])
    assert seen.path.split("?")[0] == f"/v3/{PARENT}:translateText"
    assert seen.json == {
        "contents": ["Eins", "Zwei"], "mimeType": "text/plain", "sourceLanguageCode": "de",
        "targetLanguageCode": "en", "model": f"{PARENT}/models/general/nmt",
    }  # fmt: skip
    assert reply.receipt.model == f"{PARENT}/models/general/nmt"
    assert reply.receipt.usage == {}, "the service reports none"


def test_the_answers_that_used_the_glossary_are_taken() -> None:
    def both(seen: Seen) -> Response:
        return Response.of(
            {"translations": [{"translatedText": "without"}], "glossaryTranslations": [{"translatedText": "with"}]}
        )

    extra = 'location = "us-central1"\nglossary = "terms"'
    reply, seen = remote.exchange(VENDOR, extra=extra, handler=both)
    assert texts_of(reply.answers) == ["with"]
    place = "projects/test-project/locations/us-central1"
    assert seen.json["glossaryConfig"] == {"glossary": f"{place}/glossaries/terms"}
    assert type(remote.error_from(VENDOR, remote.succeed(VENDOR), extra)) is BadOutput


def test_a_glossary_needs_its_location() -> None:
    with pytest.raises(ConfigError, match="location"):
        remote.make(VENDOR, extra='glossary = "terms"')


def test_models() -> None:
    def sent(model: str) -> object:
        return remote.sent(VENDOR, f'model = "{model}"').json["model"]

    assert sent("general/translation-llm") == f"{PARENT}/models/general/translation-llm"
    full = "projects/p/locations/us-central1/models/NM1"
    assert sent(full) == full


def test_identity() -> None:
    def identity(extra: str = "", port: int = 1) -> dict[str, object]:
        options = dict(remote.make(VENDOR, f"http://127.0.0.1:{port}", extra).identity(PAIR).options)
        assert options.pop("endpoint") == f"http://127.0.0.1:{port}"
        return options

    assert identity() == identity(port=2) == {"model": "general/nmt", "target": "en"}
    assert identity('model = "general/translation-llm"')["model"] == "general/translation-llm"
    assert identity('glossary = "t"\nlocation = "eu"') == {
        "model": "general/nmt", "target": "en", "glossary": "t", "project": "test-project", "location": "eu",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [
        ("en-GB", "zh-Hant", ("en", "zh-TW")),
        ("zh", "nb", ("zh-CN", "no")),
        ("sr-Latn", "pt-BR", ("sr-Latn", "pt-BR")),
    ],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    body = remote.sent(VENDOR, pair=LangPair(source, target)).json
    assert (body["sourceLanguageCode"], body["targetLanguageCode"]) == on_the_wire


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answers(429, "RESOURCE_EXHAUSTED", "Quota exceeded for limit 'v3 requests per minute'"), RateLimited),
        (answers(429, "RESOURCE_EXHAUSTED", "Quota exceeded for limit 'characters per day'"), QuotaExhausted),
        (answers(403, "PERMISSION_DENIED", "Cloud Translation API has not been used in project 1"), AuthFailed),
        (answers(404, "NOT_FOUND", "Glossary not found."), Unsupported),
        (answers(400, "INVALID_ARGUMENT", "Unsupported language pair."), Unsupported),
    ],
)
def test_the_body_decides(fault: Handler, error: type[EngineError]) -> None:
    assert type(remote.error_from(VENDOR, fault)) is error


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "absent.json"))
    engine = remote.make(VENDOR, "https://127.0.0.1:1")
    remote.check_no_key(engine, PAIR, "GOOGLE_APPLICATION_CREDENTIALS")


def test_no_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(EngineUnavailable, match="project"):
        remote.make(VENDOR, extra='project = ""').ready()


def test_no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    remote.check_no_sdk(VENDOR, monkeypatch, missing="google.cloud.translate_v3")


def test_the_worst_is_the_source() -> None:
    assert remote.make(VENDOR).worst_usage(batch_of(["Straße", "🫖"], PAIR)) == {"characters": 7}


def adapted(seen: Seen) -> Response:
    translations = [{"translatedText": shout(text)} for text in seen.json["content"]]
    key = "glossaryTranslations" if "glossaryConfig" in seen.json else "translations"
    return Response.of({key: translations, "languageCode": "en"})


def test_adaptive_translation_by_a_data_set() -> None:
    extra = 'location = "us-central1"\nadaptive_dataset = "news"\nglossary = "terms"'
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"], extra, handler=adapted)
    where = "projects/test-project/locations/us-central1"
    assert seen.path.split("?")[0] == f"/v3/{where}:adaptiveMtTranslate"
    assert seen.json == {
        "content": ["Straße", "Zwei"], "mimeType": "text/plain", "dataset": f"{where}/adaptiveMtDatasets/news",
        "glossaryConfig": {"glossary": f"{where}/glossaries/terms"},
    }  # fmt: skip
    assert remote.texts([reply]) == ["«Straße»", "«Zwei»"]
    options = remote.make(VENDOR, extra=extra).identity(LangPair("de", "en")).options
    expected = {"model": "adaptive", "adaptive_dataset": "news", "location": "us-central1", "project": "test-project"}
    assert expected.items() <= options.items()


def test_adaptive_translation_by_examples() -> None:
    extra = 'location = "us-central1"\nreference_pairs = [["Guten Tag", "Hello"], ["Tschüss", "Bye"]]'
    reply, seen = remote.exchange(VENDOR, ["Eins"], extra, handler=adapted)
    pairs = [
        {"sourceSentence": "Guten Tag", "targetSentence": "Hello"},
        {"sourceSentence": "Tschüss", "targetSentence": "Bye"},
    ]
    assert seen.json == {
        "content": ["Eins"], "mimeType": "text/plain",
        "referenceSentenceConfig": {
            "sourceLanguageCode": "de", "targetLanguageCode": "en",
            "referenceSentencePairLists": [{"referenceSentencePairs": pairs}],
        },
    }  # fmt: skip
    assert remote.texts([reply]) == ["«Eins»"]
    options = remote.make(VENDOR, extra=extra).identity(LangPair("de", "en")).options
    assert options["reference_pairs"] == [["Guten Tag", "Hello"], ["Tschüss", "Bye"]]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('adaptive_dataset = "a"', "needs a 'location'"),
        ('location = "eu"\nadaptive_dataset = "a"\nreference_pairs = [["a", "b"]]', "cannot be combined"),
        ('location = "eu"\nadaptive_dataset = "a"\nmodel = "general/nmt"', "remove 'model'"),
    ],
)
def test_adaptive_translation_that_cannot_be(extra: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        remote.make(VENDOR, extra=extra)
