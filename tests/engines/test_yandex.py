from __future__ import annotations

import pytest

from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.vendors.base import KEY
from tests.vendors.yandex import VENDOR

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    assert (seen.path, seen.headers["Authorization"]) == ("/translate/v2/translate", f"Api-Key {KEY}")
    assert seen.json == {
        "texts": ["Straße", "Zwei"], "sourceLanguageCode": "de", "targetLanguageCode": "en", "format": "PLAIN_TEXT",
    }  # fmt: skip
    assert remote.texts([reply]) == ["«Straße»", "«Zwei»"]


def test_options() -> None:
    extra = """
folder = "b1g"
key_type = "bearer"
model = "m"
speller = false
glossary = { Haus = "home" }
"""
    seen = remote.sent(VENDOR, extra)
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    glossary = {"glossaryData": {"glossaryPairs": [{"sourceText": "Haus", "translatedText": "home"}]}}
    expected = {"folderId": "b1g", "model": "m", "speller": False, "glossaryConfig": glossary}
    assert expected.items() <= seen.json.items()
    options = remote.make(VENDOR, extra=extra).identity(PAIR).options
    assert "folder" not in options
    assert options["glossary"] == {"Haus": "home"}


def test_codes() -> None:
    body = remote.sent(VENDOR, pair=LangPair("zh-Hans", "nb")).json
    assert (body["sourceLanguageCode"], body["targetLanguageCode"]) == ("zh", "no")
    assert remote.sent(VENDOR, 'languages = { en = "eng" }').json["targetLanguageCode"] == "eng"


@pytest.mark.parametrize("body", ["[]", '"x"', "<html>"])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YANDEX_API_KEY")
    remote.check_no_key(remote.make(VENDOR), PAIR, "YANDEX_API_KEY")
