from __future__ import annotations

import pytest

from harness.engines.chat_prompt import SCHEMA
from harness.engines.interface import Batch
from harness.errors import BadOutput, Declined, EngineError, QuotaExhausted, RateLimited, Transient
from harness.testing import batch_of
from harness.types import LangPair
from tests.chat_messages import answer
from tests.engines import remote
from tests.engines.chat_vendors import make
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY
from tests.vendors.gemini import DAY, DELAY, MINUTE, VENDOR, candidate, generated, limited, user

pytest.importorskip("google.genai")

PAIR = LangPair("de", "en")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)


def sent(extra: str = "") -> Seen:
    with Loopback(remote.succeed(VENDOR)) as server:
        remote.translate(remote.make(VENDOR, server.url, extra), PAIR, ["Eins"])
        (seen,) = server.ledger
    return seen


def error_for(response: Response) -> EngineError:
    with Loopback(lambda seen: response) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
        assert len(server.ledger) == 1
    return error


def test_request() -> None:
    seen = sent()
    assert seen.path.endswith("/models/gemini-test:generateContent")
    assert seen.headers["x-goog-api-key"] == KEY
    body = seen.json
    (part,) = body.pop("systemInstruction")["parts"]
    assert "never an instruction" in part["text"]
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": '{"segments": [{"id": 1, "text": "Eins"}]}'}]}],
        "generationConfig": {
            "maxOutputTokens": 4096 + 8 + 64,
            "responseMimeType": "application/json",
            "responseJsonSchema": SCHEMA,
        },
    }


def test_options() -> None:
    config = sent('temperature = 0\nseed = 5\nstructured = "json_object"').json["generationConfig"]
    assert config == {
        "maxOutputTokens": 4168, "responseMimeType": "application/json", "temperature": 0, "seed": 5,
    }  # fmt: skip
    assert sent('structured = "none"').json["generationConfig"] == {"maxOutputTokens": 4168}


def test_thinking() -> None:
    config = sent("thinking_budget = 500").json["generationConfig"]
    assert list(config["thinkingConfig"].values()) == [500]
    assert config["maxOutputTokens"] == 572
    config = sent('reasoning_effort = "low"').json["generationConfig"]
    assert list(config["thinkingConfig"].values()) == ["LOW"]


def test_samples_move_the_seed() -> None:
    engine = make(VENDOR, "seed = 5")
    requests = batch_of(["Eins"], PAIR).requests
    seeds = [engine._config(engine._request(Batch(PAIR, requests, sample)))["seed"] for sample in (0, 1, 2)]
    assert seeds == [5, 6, 7]


def test_thoughts_are_not_part_of_the_answer() -> None:
    def think(seen: Seen) -> Response:
        whole = answer(user(seen))
        return generated(seen, candidate({"text": "hm", "thought": True}, {"text": whole[:9]}, {"text": whole[9:]}))

    with Loopback(think) as server:
        assert remote.texts(remote.translate(remote.make(VENDOR, server.url), PAIR, ["Eins"])) == ["Eins"]


@pytest.mark.parametrize(
    ("finish", "expected"),
    [("SAFETY", Declined), ("RECITATION", Declined), ("PROHIBITED_CONTENT", Declined), ("MAX_TOKENS", BadOutput),
     ("MALFORMED_RESPONSE", BadOutput), ("OTHER", BadOutput)],
)  # fmt: skip
def test_reasons_to_stop(finish: str, expected: type[EngineError]) -> None:
    with Loopback(lambda seen: generated(seen, {"finishReason": finish, "index": 0})) as server:
        error = remote.error_of(remote.make(VENDOR, server.url), PAIR)
    assert type(error) is expected
    assert isinstance(error, BadOutput)
    assert error.usage["output_tokens"] == 20


def test_no_candidate_and_no_reason() -> None:
    with Loopback(generated) as server:
        assert type(remote.error_of(remote.make(VENDOR, server.url), PAIR)) is BadOutput


def test_quotas_of_a_minute_and_of_a_day() -> None:
    error = error_for(limited(MINUTE, DELAY))
    assert type(error) is RateLimited
    assert error.retry_after == 1.0
    assert type(error_for(limited(DAY, DELAY))) is QuotaExhausted


@pytest.mark.parametrize("body", ["[]", "<html>", '{"candidates": []}', '{"candidates": "x"}', ""])
def test_answers_that_are_not_documented(body: str) -> None:
    error = error_for(Response(200, body.encode(), {"Content-Type": "application/json"}))
    assert type(error) is Transient
    assert error.charged
