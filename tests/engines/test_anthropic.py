from __future__ import annotations

import pytest

from harness.engines.chat_prompt import SCHEMA
from harness.errors import BadOutput, Declined, EngineError, Transient
from harness.types import LangPair
from tests.chat_messages import answer
from tests.engines import remote
from tests.loopback import Loopback, Response, Seen
from tests.vendors.anthropic import VENDOR, message, user
from tests.vendors.base import KEY

pytest.importorskip("anthropic")

PAIR = LangPair("de", "en")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def sent(extra: str = "", sources: tuple[str, ...] = ("Eins",)) -> Seen:
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url, extra), PAIR, sources)
        (seen,) = server.ledger
    return seen


def test_request() -> None:
    seen = sent()
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
    body = sent('temperature = 0.5\nreasoning_effort = "low"\nstructured = "none"').json
    assert body["temperature"] == 0.5
    assert body["output_config"] == {"effort": "low"}
    assert "output_config" not in sent('structured = "none"').json


def test_thinking() -> None:
    assert "thinking" not in sent().json
    body = sent("thinking_budget = 2000").json
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert body["max_tokens"] == 2000 + 72
    body = sent("thinking_budget = 0").json
    assert body["thinking"] == {"type": "disabled"}
    assert body["max_tokens"] == 72


def test_a_large_bound_is_not_refused_by_the_sdk() -> None:
    """Without a time-out of its own it refuses what could take ten minutes."""
    assert sent(sources=("x" * 30_000,)).json["max_tokens"] > 60_000


def test_text_comes_in_blocks_among_others() -> None:
    def blocks(seen: Seen) -> Response:
        whole = answer(user(seen))
        response = message(seen, whole[:10], whole[10:])
        body = response.body.replace(b'"content": [', b'"content": [{"type": "thinking", "thinking": "hm"}, ')
        return Response(200, body, response.headers)

    with Loopback(blocks) as server:
        assert remote.texts(remote.translate(remote.make(VENDOR, server.url), PAIR, ["Eins"])) == ["Eins"]


@pytest.mark.parametrize(
    ("stop", "expected"),
    [("refusal", Declined), ("model_context_window_exceeded", BadOutput), ("max_tokens", BadOutput),
     ("pause_turn", BadOutput), ("tool_use", BadOutput)],
)  # fmt: skip
def test_reasons_to_stop(stop: str, expected: type[EngineError]) -> None:
    with Loopback(lambda seen: message(seen, "", stop=stop)) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
    assert type(error) is expected
    assert isinstance(error, BadOutput)
    assert error.usage["output_tokens"] == 20


def test_the_reason_of_a_refusal_is_given() -> None:
    with Loopback(VENDOR.faults["refusal"]) as server:
        assert "Not this one." in str(remote.error_of(remote.make(VENDOR, server.url), PAIR))


@pytest.mark.parametrize("body", ["[]", "<html>", '{"content": []}', '{"type": "error"}'])
def test_answers_that_are_not_documented(body: str) -> None:
    with Loopback(lambda seen: Response(200, body.encode(), {"Content-Type": "application/json"})) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
    assert type(error) is Transient
    assert error.charged
