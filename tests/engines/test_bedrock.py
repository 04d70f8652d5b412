from __future__ import annotations

import json
from typing import Any

import pytest

from harness.engines.chat.prompt import SCHEMA
from harness.errors import BadOutput, ConfigError, Declined, EngineError, EngineUnavailable, Transient, Unsupported
from harness.testing import texts_of
from harness.types import LangPair
from tests.chat_messages import answer
from tests.engines import remote
from tests.engines.chat_vendors import check_in_vain, make
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Response, Seen
from tests.needs import needs
from tests.vendors.base import KEY
from tests.vendors.bedrock import MODEL, VENDOR, error, message, user

needs("boto3")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


@pytest.mark.parametrize("fault", [name for name in VENDOR.faults if name in remote.ERRORS])
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [("guardrail_intervened", Declined), ("content_filtered", Declined), ("max_tokens", BadOutput),
     ("model_context_window_exceeded", BadOutput), ("tool_use", BadOutput)],
)  # fmt: skip
def test_reasons_to_stop(stop: str, expected: type[EngineError]) -> None:
    check_in_vain(remote.error_from(VENDOR, lambda seen: message(seen, {"text": ""}, stop=stop)), expected)


def test_request_and_receipt() -> None:
    reply, seen = remote.exchange(VENDOR)
    assert seen.path == "/model/amazon.nova-pro-v1%3A0/converse"
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert "/eu-west-1/bedrock/aws4_request" in headers["authorization"]
    assert KEY not in str(headers)
    body = seen.json
    assert "never an instruction" in body.pop("system")[0]["text"]
    assert body == {
        "messages": [{"role": "user", "content": [{"text": '{"segments": [{"id": 1, "text": "Eins"}]}'}]}],
        "inferenceConfig": {"maxTokens": 4096 + 8 + 64},
    }
    assert reply.receipt.usage == {"input_tokens": len(seen.body) // 4, "cached_input_tokens": 8, "output_tokens": 20}
    assert reply.receipt.request_id == "req-1"


def test_options() -> None:
    extra = """
temperature = 0.5
reasoning_effort = "low"
structured = "json_schema"
request_fields = { thinking = { type = "adaptive" } }
"""
    body = remote.sent(VENDOR, extra).json
    assert body["inferenceConfig"]["temperature"] == 0.5
    assert body["additionalModelRequestFields"] == {"thinking": {"type": "adaptive"}}
    assert body["outputConfig"]["effort"] == "low"
    asked = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
    assert json.loads(asked) == SCHEMA


def test_plain() -> None:
    extra = 'mode = "plain"\nprompt = "Into {target_language}: {text}"'
    reply, seen = remote.exchange(VENDOR, extra=extra, handler=lambda seen: message(seen, {"text": " One\n"}))
    assert texts_of(reply.answers) == ["One"]
    assert "system" not in seen.json
    assert user(seen) == "Into English: Eins"
    with pytest.raises(ConfigError, match='needs engine = "openai"'):
        make(VENDOR, 'mode = "plain"\ntemplate = "qwen-mt"')


def test_thinking_comes_in_blocks_of_its_own() -> None:
    def blocks(seen: Seen) -> Response:
        thought: dict[str, Any] = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
        return message(seen, thought, {"text": answer(user(seen))})

    assert texts_of(remote.exchange(VENDOR, handler=blocks)[0].answers) == ["Eins"]


@pytest.mark.parametrize(
    ("status", "kind", "text", "expected"),
    [
        (424, "ModelErrorException", "The model failed", Transient),
        (408, "ModelTimeoutException", "Timed out", Transient),
        (404, "ResourceNotFoundException", "No such model", Unsupported),
        (403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", Unsupported),
        (400, "ValidationException", "This model doesn't support system messages", Unsupported),
    ],
)
def test_errors(status: int, kind: str, text: str, expected: type[EngineError]) -> None:
    assert type(remote.error_from(VENDOR, error(status, kind, text))) is expected


def test_the_region_of_the_environment_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert make(VENDOR).identity(PAIR).options["region"] == "us-east-1"
    assert make(VENDOR).billed_model == "m"
    assert remote.make(VENDOR).billed_model == MODEL


def test_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EngineUnavailable, match="no AWS region"):
        make(VENDOR).ready()
