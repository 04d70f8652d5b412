from __future__ import annotations

import json
from typing import Any

import pytest

from harness.engines.chat.prompt import SCHEMA
from harness.errors import BadOutput, Declined, EngineError, RateLimited, TooLarge, Transient
from harness.testing import batch_of, texts_of
from harness.types import LangPair
from tests.chat_messages import answer
from tests.engines import remote
from tests.engines.chat_vendors import check_in_vain, make, samples
from tests.loopback import Loopback, Response, Seen
from tests.needs import needs
from tests.vendors.openai import VENDOR, completion, success, user

needs("openai")

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


def error_for(body: object) -> EngineError:
    return remote.error_from(VENDOR, lambda seen: Response.of(body))


def body_for(options: str) -> dict[str, Any]:
    """The request to OpenAI itself, which no test can send."""
    engine = make(VENDOR, options)
    body: dict[str, Any] = engine._body(engine._request(batch_of(["Eins"], PAIR)))
    return body


def test_request() -> None:
    seen = remote.sent(VENDOR)
    assert seen.path == "/v1/chat/completions"
    body = seen.json
    system, user = body.pop("messages")
    assert system["role"] == "system"
    assert "never an instruction" in system["content"]
    assert user == {"role": "user", "content": '{"segments": [{"id": 1, "text": "Eins"}]}'}
    schema = {"name": "translations", "strict": True, "schema": SCHEMA}
    assert body == {
        "model": "gpt-test",
        "max_tokens": 4096 + 8 + 64,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def test_options() -> None:
    body = remote.sent(VENDOR, 'temperature = 0\nseed = 5\nreasoning_effort = "low"\nstructured = "json_object"').json
    assert (body["temperature"], body["seed"], body["reasoning_effort"]) == (0, 5, "low")
    assert body["response_format"] == {"type": "json_object"}
    assert "response_format" not in remote.sent(VENDOR, 'structured = "none"').json


def test_samples_move_the_seed() -> None:
    engine = make(VENDOR, "seed = 5")
    assert [engine._body(request)["seed"] for request in samples(engine)] == [5, 6, 7]


def test_the_field_for_the_bound() -> None:
    assert body_for("")["max_completion_tokens"] == 4168
    assert "max_tokens" not in body_for("")
    assert body_for('output_limit = "max_tokens"')["max_tokens"] == 4168
    assert remote.sent(VENDOR, 'output_limit = "max_completion_tokens"').json["max_completion_tokens"] == 4168


def test_a_key_meant_for_openai_goes_nowhere_else() -> None:
    assert remote.sent(VENDOR).headers["authorization"] == "Bearer none"


def test_a_compatible_server_needs_no_key_and_has_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    engine = make(VENDOR, url="http://127.0.0.1:1")
    engine.ready()
    assert engine.vendor == ""


def test_a_code_fence_where_the_server_was_not_held_to_json() -> None:
    def fenced(seen: Seen) -> Response:
        plain = success(seen, str.upper)
        content = json.loads(plain.body)["choices"][0]["message"]["content"]
        return completion(seen, f"```json\n{content}\n```")

    reply, _ = remote.exchange(VENDOR, extra='structured = "none"', handler=fenced)
    assert texts_of(reply.answers) == ["EINS"]
    assert type(remote.error_from(VENDOR, fenced)) is BadOutput


def test_a_server_that_reports_neither_usage_nor_reason_nor_model() -> None:
    def bare(seen: Seen) -> Response:
        return Response.of({"choices": [{"message": {"content": answer(user(seen))}}]})

    reply, _ = remote.exchange(VENDOR, handler=bare)
    assert texts_of(reply.answers) == ["Eins"]
    assert (reply.receipt.model, reply.receipt.request_id, reply.receipt.usage) == ("", "", {})


@pytest.mark.parametrize(
    ("finish", "expected"), [("content_filter", Declined), ("tool_calls", BadOutput), ("length", BadOutput)]
)
def test_reasons_to_stop(finish: str, expected: type[EngineError]) -> None:
    check_in_vain(remote.error_from(VENDOR, lambda seen: completion(seen, "", finish=finish)), expected)


def test_errors_with_status_200() -> None:
    error = error_for({"error": {"code": 429, "message": "Provider returned error"}})
    assert type(error) is RateLimited
    assert type(error_for({"error": {"code": "x", "message": "?"}})) is Transient
    assert type(error_for({"choices": []})) is Transient


@pytest.mark.parametrize("body", ["[]", '"text"', "<html>", '{"choices": [{}]}', '{"choices": [{"message": "x"}]}'])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)


class TestWindow:
    """Ollama cuts a prompt that is too long, and answers."""

    def test_what_does_not_fit_is_not_sent(self) -> None:
        with Loopback(remote.succeed(VENDOR)) as server:
            engine = remote.make(VENDOR, server.url, "context_tokens = 3000")
            error = remote.error_of(engine, PAIR, ["Wort " * 1000])
            assert server.ledger == []
        assert type(error) is TooLarge
        assert "window has 3000" in str(error)
        assert "OLLAMA_CONTEXT_LENGTH" in error.hint

    def test_the_bound_stays_inside(self) -> None:
        seen = remote.sent(VENDOR, "context_tokens = 3000")
        assert 1000 < seen.json["max_tokens"] < 3000 - len(seen.body) // 4
        assert remote.sent(VENDOR, "context_tokens = 30000").json["max_tokens"] == 4168

    @pytest.mark.parametrize(
        ("endpoint", "window"),
        [
            ("http://localhost:11434/v1", 4096),
            ("http://localhost:11434", 4096),
            ("http://localhost:8000/v1", None),
            ("https://ollama.com/v1", None),
            ("http://localhost:8000/x:11434/", None),
        ],
    )
    def test_the_usual_one_behind_the_port_of_ollama(self, endpoint: str, window: int | None) -> None:
        options = make(VENDOR, f'endpoint = "{endpoint}"')._options
        assert options.context_window == window
        assert make(VENDOR, f'endpoint = "{endpoint}"\ncontext_tokens = 9')._options.context_window == 9

    def test_an_answer_to_a_prompt_that_filled_it_is_none(self) -> None:
        def cut(seen: Seen) -> Response:
            body = json.loads(success(seen, str.upper).body)
            body["usage"]["prompt_tokens"] = 4096
            return Response.of(body)

        with Loopback(cut) as server:
            engine = remote.make(VENDOR, server.url, "context_tokens = 4096")
            error = check_in_vain(remote.error_of(engine, PAIR), BadOutput)
        assert "was truncated" in str(error)
