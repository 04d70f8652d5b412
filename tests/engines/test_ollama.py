"""The entry for Ollama in the worked example, against answers as its docs/openai.md has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.chat.answer import service_error
from harness.errors import Unsupported
from harness.store.runs.directory import list_runs, load_run
from harness.types import Translated
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.needs import needs
from tests.workspace import write_article, write_system

needs("openai")

__all__ = ["harness"]

EXAMPLE = Path(__file__).parents[2] / "systems" / "ollama.toml.example"
SUPPORTED = {
    *("model", "messages", "frequency_penalty", "presence_penalty", "response_format", "seed", "stop", "stream"),
    *("stream_options", "temperature", "top_p", "max_tokens", "tools", "reasoning_effort", "reasoning"),
}
"""Fields of a request that its page lists."""


def completion(seen: Seen) -> Response:
    """The last paragraph of the prompt in capitals; no details of the usage, and thinking in a field of its own."""
    prompt = seen.json["messages"][-1]["content"]
    message = {"role": "assistant", "content": prompt.rsplit("\n", 1)[-1].upper(), "reasoning": "Capitals, then."}
    return Response.of(
        {
            "id": "chatcmpl-638",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": seen.json["model"],
            "system_fingerprint": "fp_ollama",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 74, "completion_tokens": 6, "total_tokens": 80},
        }
    )


def test_the_entry_translates_without_a_key(tmp_path: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-this-server")
    write_article(tmp_path, "a", [("Der Zug kommt.", "THE TRAIN IS COMING."), ("Ja, <b>bald</b>.", "YES, SOON.")])
    entry = EXAMPLE.read_text(encoding="utf-8")
    assert entry.count("http://localhost:11434") == 1
    with Loopback(completion) as server:
        write_system(tmp_path, "ollama", entry.replace("http://localhost:11434", server.url))
        done = harness("run", "-C", tmp_path, "--metric", "chrf", "-q")
        assert done.code == 0, done.err
        asked = server.ledger
    assert {(seen.method, seen.path) for seen in asked} == {("POST", "/v1/chat/completions")}
    assert all(seen.json.keys() <= SUPPORTED for seen in asked)
    assert not any("not-for-this-server" in str(seen.headers) for seen in asked)
    (system,) = load_run(list_runs(tmp_path / "reports" / "runs")[0]).pairs[0].systems
    texts = [outcome.text for outcome in system.outcomes if isinstance(outcome, Translated)]
    assert texts == ["DER ZUG KOMMT.", "JA, <B>BALD</B>."]


def test_a_model_that_was_not_pulled() -> None:
    body = (
        b'{"error": {"message": "model \\"x:4b\\" not found", "type": "not_found_error", "param": null, "code": null}}'
    )
    error = service_error(404, body, {}, "x:4b", "localhost:11434")
    assert type(error) is Unsupported
    assert error.hint == "ollama pull x:4b"
    assert "'model'" in service_error(404, body, {}, "x:4b", "localhost:8000").hint
