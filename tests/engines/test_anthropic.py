from __future__ import annotations

import pytest

from harness.engines.chat.prompt import SCHEMA
from harness.errors import BadOutput, ConfigError, Declined, EngineError, Unsupported
from harness.testing import texts_of
from harness.types import LangPair
from tests.chat_messages import answer
from tests.engines import remote
from tests.engines.chat_vendors import check_in_vain, make
from tests.loopback import Response, Seen
from tests.needs import needs
from tests.vendors.anthropic import VENDOR, message, user
from tests.vendors.anthropic import error as anthropic_error

needs("anthropic")

pytestmark = pytest.mark.usefixtures("vendor")


def test_request() -> None:
    seen = remote.sent(VENDOR)
    assert seen.path == "/v1/messages"
    body = seen.json
    assert "never an instruction" in body.pop("system")
    assert body == {
        "model": "claude-test",
        "max_tokens": 4096 + 8 + 64,
        "messages": [{"role": "user", "content": '{"segments": [{"id": 1, "text": "Eins"}]}'}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }


def test_options() -> None:
    body = remote.sent(VENDOR, 'temperature = 0.5\nreasoning_effort = "low"\nstructured = "none"').json
    assert body["temperature"] == 0.5
    assert body["output_config"] == {"effort": "low"}
    assert "output_config" not in remote.sent(VENDOR, 'structured = "none"').json


def test_thinking() -> None:
    assert "thinking" not in remote.sent(VENDOR).json
    body = remote.sent(VENDOR, "thinking_budget = 2000").json
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert body["max_tokens"] == 2000 + 72
    body = remote.sent(VENDOR, "thinking_budget = 0").json
    assert body["thinking"] == {"type": "disabled"}
    assert body["max_tokens"] == 72


def test_a_large_bound_is_not_refused_by_the_sdk() -> None:
    """Without a time-out of its own it refuses what could take ten minutes."""
    _, seen = remote.exchange(VENDOR, ["x" * 30_000])
    assert seen.json["max_tokens"] > 60_000


def test_text_comes_in_blocks_among_others() -> None:
    def blocks(seen: Seen) -> Response:
        whole = answer(user(seen))
        response = message(seen, whole[:10], whole[10:])
        body = response.body.replace(b'"content": [', b'"content": [{"type": "thinking", "thinking": "hm"}, ')
        return Response(200, body, response.headers)

    reply, _ = remote.exchange(VENDOR, handler=blocks)
    assert texts_of(reply.answers) == ["Eins"]


@pytest.mark.parametrize(
    ("stop", "expected"),
    [("refusal", Declined), ("model_context_window_exceeded", BadOutput), ("max_tokens", BadOutput),
     ("pause_turn", BadOutput), ("tool_use", BadOutput)],
)  # fmt: skip
def test_reasons_to_stop(stop: str, expected: type[EngineError]) -> None:
    check_in_vain(remote.error_from(VENDOR, lambda seen: message(seen, "", stop=stop)), expected)


def test_the_reason_of_a_refusal_is_given() -> None:
    assert "Not this one." in str(remote.error_from(VENDOR, VENDOR.faults["refusal"]))


@pytest.mark.parametrize("body", ["[]", "<html>", '{"content": []}', '{"type": "error"}'])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


def test_thinking_that_the_model_measures_itself() -> None:
    body = remote.sent(VENDOR, 'thinking = "adaptive"\nreasoning_effort = "high"\nstructured = "none"').json
    assert body["thinking"] == {"type": "adaptive"}
    assert body["output_config"] == {"effort": "high"}
    assert body["max_tokens"] == 4096 + 72
    body = remote.sent(VENDOR, 'thinking = "disabled"').json
    assert body["thinking"] == {"type": "disabled"}
    assert body["max_tokens"] == 72
    identities = [
        make(VENDOR, extra).identity(LangPair("de", "en"))
        for extra in ("", 'thinking = "adaptive"', "thinking_budget = 0")
    ]
    assert len({str(identity) for identity in identities}) == 3


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('thinking = "adaptive"\nthinking_budget = 2000', "cannot be combined"),
        ("thinking_budget = 500", "1024 tokens or more"),
        ('thinking = "enabled"', "thinking"),
    ],
)
def test_thinking_that_cannot_be(extra: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(VENDOR, extra)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" instead.',
            'thinking = "adaptive"',
        ),
        ("adaptive thinking is not supported on this model", "thinking_budget"),
        ('"thinking.type.disabled" is not supported for this model.', "remove thinking"),
        ("`temperature` is deprecated for this model.", "from [options]"),
    ],
)
def test_what_a_model_does_not_take_and_what_to_write_instead(text: str, hint: str) -> None:
    error = remote.error_from(VENDOR, lambda _: anthropic_error(400, "invalid_request_error", text))
    assert type(error) is Unsupported
    assert hint in error.hint
