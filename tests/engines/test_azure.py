from __future__ import annotations

import pytest

from harness.errors import ConfigError, Unsupported
from harness.testing import batch_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.needs import needs
from tests.vendors.azure import VENDOR, answers
from tests.vendors.base import KEY

needs("azure.ai.translation.text")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_one_request_for_a_batch_and_a_receipt_from_it() -> None:
    reply, seen = remote.exchange(VENDOR, ["Straße", "Zwei"])
    assert seen.path == "/translate?api-version=2026-06-06"
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["ocp-apim-subscription-key"] == KEY
    assert headers["ocp-apim-subscription-region"] == "westeurope"
    target = {"language": "en", "allowFallback": False}
    assert seen.json == {
        "inputs": [
            {"text": text, "language": "de", "textType": "Plain", "targets": [target]} for text in ("Straße", "Zwei")
        ]
    }
    assert reply.receipt.usage == {"characters": 10}
    assert reply.receipt.request_id == "request-1"


def test_options_reach_the_service_and_the_identity() -> None:
    extra = 'deployment_name = "gpt-4o"\ntone = "formal"\ngender = "female"'
    target = {
        "language": "en", "deploymentName": "gpt-4o", "tone": "formal", "gender": "female", "allowFallback": False,
    }  # fmt: skip
    assert remote.sent(VENDOR, extra).json["inputs"][0]["targets"] == [target]
    engine = remote.make(VENDOR, extra=extra)
    assert engine.identity(PAIR).options == {**target, "endpoint": remote.NOWHERE, "region": "westeurope"}
    assert engine.billed_model == "gpt-4o"


def test_the_region_counts_where_a_deployment_lives_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def identity(extra: str, port: int = 1) -> object:
        return remote.make(VENDOR, f"http://127.0.0.1:{port}", extra).identity(PAIR)

    assert identity("") == identity('region = "eastus"') != identity("", 2)
    deployed = 'deployment_name = "d"\n'
    assert identity(deployed) != identity(f'{deployed}region = "eastus"')
    monkeypatch.setenv("AZURE_TEXT_TRANSLATION_REGION", "eastus")
    assert identity(f'{deployed}region = ""') == identity(f'{deployed}region = "eastus"')


def test_the_region_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TEXT_TRANSLATION_REGION", "northeurope")
    seen = remote.sent(VENDOR, 'region = ""')
    assert {name.lower(): value for name, value in seen.headers.items()}[
        "ocp-apim-subscription-region"
    ] == "northeurope"


@pytest.mark.parametrize(
    ("source", "target", "on_the_wire"),
    [
        ("en-GB", "zh", ("en", "zh-Hans")),
        ("zh-TW", "pt-BR", ("zh-Hant", "pt")),
        ("sr-Latn", "pt-PT", ("sr-Latn", "pt-PT")),
        ("no", "sr", ("nb", "sr-Cyrl")),
    ],
)
def test_language_codes(source: str, target: str, on_the_wire: tuple[str, str]) -> None:
    (item,) = remote.sent(VENDOR, pair=LangPair(source, target)).json["inputs"]
    assert (item["language"], item["targets"][0]["language"]) == on_the_wire


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (400079, "The custom system requested for translation between from and to language doesn't exist."),
        (400000, "The deployment is not valid."),
    ],
)
def test_what_azure_does_not_serve(code: int, message: str) -> None:
    error = remote.error_from(VENDOR, answers(400, code, message))
    assert type(error) is Unsupported
    assert message in str(error)


@pytest.mark.parametrize(
    "body", ['{"value": [{"translations": []}, {}]}', '{"value": null}', "[]", '{"value": [{"translations": [{}]}]}']
)
def test_json_of_another_shape(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_TEXT_TRANSLATION_APIKEY")
    remote.check_no_key(remote.make(VENDOR), PAIR, "AZURE_TEXT_TRANSLATION_APIKEY")


@pytest.mark.parametrize("missing", ["azure.ai.translation.text", "aiohttp"])
def test_no_sdk(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    remote.check_no_sdk(VENDOR, monkeypatch, missing)


def test_the_worst_is_the_source() -> None:
    assert remote.make(VENDOR).worst_usage(batch_of(["Straße", "🫖"], PAIR)) == {"characters": 7}


def test_examples_for_a_language_model() -> None:
    extra = """
deployment_name = "gpt-5.1"
adaptive_dataset_id = "set-1"
reference_pairs = [["Guten Tag", "Hello"], ["Tschüss", "Bye"]]
"""
    (target,) = remote.sent(VENDOR, extra).json["inputs"][0]["targets"]
    expected = {
        "language": "en", "deploymentName": "gpt-5.1", "allowFallback": False, "adaptiveDatasetId": "set-1",
        "referenceTextPairs": [{"source": "Guten Tag", "target": "Hello"}, {"source": "Tschüss", "target": "Bye"}],
    }  # fmt: skip
    assert target == expected
    assert expected.items() <= remote.make(VENDOR, extra=extra).identity(PAIR).options.items()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('reference_pairs = [["a", "b"]]', "set 'deployment_name'"),
        ('adaptive_dataset_id = "a"', "set 'deployment_name'"),
        ('deployment_name = "d"\nreference_pairs = [["a"]]', "reference_pairs"),
        ('deployment_name = "d"\nreference_pairs = [' + '["a", "b"], ' * 6 + "]", "reference_pairs"),
    ],
)
def test_examples_that_cannot_be(extra: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        remote.make(VENDOR, extra=extra)
