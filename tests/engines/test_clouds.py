"""Language models of Anthropic and Google as Amazon Bedrock and Vertex AI serve them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.engines.services import clouds
from harness.errors import AuthFailed, ConfigError, EngineUnavailable
from harness.testing import texts_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.chat_vendors import make
from tests.needs import needs
from tests.vendors import anthropic_bedrock, anthropic_vertex, gemini_vertex
from tests.vendors.base import KEY, Vendor

PAIR = LangPair("de", "en")
BEDROCK, CLAUDE, GEMINI = anthropic_bedrock.VENDOR, anthropic_vertex.VENDOR, gemini_vertex.VENDOR
ON_BEDROCK = 'platform = "bedrock"'
ON_VERTEX = 'platform = "vertex"\nregion = "global"'

needs("anthropic", "google.genai", "boto3")


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in (*clouds.AWS_VARIABLES, "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))


def test_claude_on_bedrock(monkeypatch: pytest.MonkeyPatch) -> None:
    remote.with_keys(BEDROCK, monkeypatch)
    reply, seen = remote.exchange(BEDROCK, ["Eins"], handler=remote.succeed(BEDROCK))
    assert seen.path == "/model/claude-test/invoke"
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-west-1/bedrock/aws4_request" in headers["authorization"]
    assert KEY not in str(headers)
    assert "anthropic_version" in seen.json
    assert "model" not in seen.json
    assert texts_of(reply.answers) == ["«Eins»"]
    assert reply.receipt.usage["output_tokens"] == 20


def test_claude_on_bedrock_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_BEDROCK_KEY", KEY)
    engine = make(BEDROCK, f'{ON_BEDROCK}\nregion = "eu-west-1"', api_key_env="MY_BEDROCK_KEY")
    engine.ready()
    assert engine.key_variables[0] == "MY_BEDROCK_KEY"
    assert engine._open(KEY, engine._connect()).api_key == KEY


@pytest.mark.parametrize("vendor", [CLAUDE, GEMINI])
def test_on_vertex(vendor: Vendor) -> None:
    reply, seen = remote.exchange(vendor, ["Eins"], handler=remote.succeed(vendor))
    path = {
        "anthropic": "/v1/projects/p/locations/global/publishers/anthropic/models/claude-test:rawPredict",
        "gemini": "/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-test:generateContent",
    }
    assert seen.path == path[vendor.engine]
    assert {name.lower(): value for name, value in seen.headers.items()}["authorization"] == "Bearer none"
    assert texts_of(reply.answers) == ["«Eins»"]


def test_usual_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clouds.vertex_address("global") == "https://aiplatform.googleapis.com"
    assert clouds.vertex_address("eu") == "https://aiplatform.eu.rep.googleapis.com"
    assert clouds.vertex_address("europe-west1") == "https://europe-west1-aiplatform.googleapis.com"
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_VERTEX_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", "http://127.0.0.1:9")
    bedrock = make(BEDROCK, f'{ON_BEDROCK}\nregion = "eu-west-1"')
    address = str(bedrock._open("", bedrock._connect()).base_url)
    assert address.rstrip("/") == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    token = clouds.vertex_credentials("http://127.0.0.1:1", "p")
    for vendor, expected in (
        (CLAUDE, "https://aiplatform.googleapis.com/v1"),
        (GEMINI, "https://aiplatform.googleapis.com"),
    ):
        engine = make(vendor, ON_VERTEX)
        engine._google = token
        client = engine._open("", engine._connect())
        found = client._api_client._http_options.base_url if vendor is GEMINI else str(client.base_url)
        assert found.rstrip("/") == expected


def test_price_and_key() -> None:
    bedrock = make(BEDROCK, f'{ON_BEDROCK}\nregion = "eu-west-1"')
    assert bedrock.vendor == "aws"
    assert bedrock.identity(PAIR).options["region"] == "eu-west-1"
    assert make(CLAUDE, ON_VERTEX).vendor == make(GEMINI, ON_VERTEX).vendor == "google"
    assert "project" not in make(CLAUDE, f'{ON_VERTEX}\nproject = "p"').identity(PAIR).options
    identities = {str(make(CLAUDE, extra).identity(PAIR)) for extra in ("", ON_VERTEX, f'{ON_BEDROCK}\nregion = "x"')}
    assert len(identities) == 3


def test_the_region_of_the_environment_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    from_environment = make(BEDROCK, ON_BEDROCK).identity(PAIR)
    assert from_environment == make(BEDROCK, f'{ON_BEDROCK}\nregion = "us-east-1"').identity(PAIR)


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match="no AWS credentials") as caught:
        make(BEDROCK, f'{ON_BEDROCK}\nregion = "eu-west-1"').ready()
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint
    for vendor in (CLAUDE, GEMINI):
        with pytest.raises(EngineUnavailable, match="no Google credentials"):
            make(vendor, ON_VERTEX).ready()
    remote.with_keys(BEDROCK, monkeypatch)
    with pytest.raises(EngineUnavailable, match="no AWS region"):
        make(BEDROCK, ON_BEDROCK).ready()
    with pytest.raises(EngineUnavailable, match="no Google Cloud project"):
        make(CLAUDE, 'project = ""', url="http://127.0.0.1:1").ready()


def test_credentials_that_google_does_not_accept() -> None:
    from google.auth.exceptions import RefreshError

    error = clouds.refused_by_google(RefreshError("token has been revoked"))
    assert type(error) is AuthFailed
    assert "revoked" in str(error)
    assert clouds.refused_by_google(ValueError("x")) is None


@pytest.mark.parametrize(
    ("vendor", "extra", "message"),
    [
        (CLAUDE, 'platform = "vertex"', "needs a 'region'"),
        (GEMINI, 'platform = "vertex"', "needs a 'region'"),
        (CLAUDE, 'region = "eu"', "'region' needs platform"),
        (CLAUDE, f'{ON_BEDROCK}\nproject = "p"', "'project' needs platform"),
        (GEMINI, 'region = "eu"', "need platform"),
        (CLAUDE, 'platform = "azure"', "platform"),
    ],
)
def test_options_that_do_not_go_together(vendor: Vendor, extra: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(vendor, extra)


def test_vertex_takes_no_key() -> None:
    with pytest.raises(ConfigError, match="does not use it"):
        make(CLAUDE, ON_VERTEX, api_key_env="MY_KEY")
