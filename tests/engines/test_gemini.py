from __future__ import annotations

import pytest

from harness.engines.chat.prompt import SCHEMA
from harness.errors import BadOutput, Declined, EngineError, QuotaExhausted, RateLimited
from harness.testing import texts_of
from tests.chat_messages import answer
from tests.engines import remote
from tests.engines.chat_vendors import check_in_vain, make, samples
from tests.loopback import Response, Seen
from tests.needs import needs
from tests.vendors.base import KEY
from tests.vendors.gemini import DAY, DELAY, MINUTE, VENDOR, candidate, generated, limited, user

needs("google.genai")

pytestmark = pytest.mark.usefixtures("vendor")


def test_request() -> None:
    seen = remote.sent(VENDOR)
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
    config = remote.sent(VENDOR, 'temperature = 0\nseed = 5\nstructured = "json_object"').json["generationConfig"]
    assert config == {
        "maxOutputTokens": 4168, "responseMimeType": "application/json", "temperature": 0, "seed": 5,
    }  # fmt: skip
    assert remote.sent(VENDOR, 'structured = "none"').json["generationConfig"] == {"maxOutputTokens": 4168}


def test_thinking() -> None:
    config = remote.sent(VENDOR, "thinking_budget = 500").json["generationConfig"]
    assert list(config["thinkingConfig"].values()) == [500]
    assert config["maxOutputTokens"] == 572
    config = remote.sent(VENDOR, 'reasoning_effort = "low"').json["generationConfig"]
    assert list(config["thinkingConfig"].values()) == ["LOW"]


def test_samples_move_the_seed() -> None:
    engine = make(VENDOR, "seed = 5")
    assert [engine._config(request)["seed"] for request in samples(engine)] == [5, 6, 7]


def test_thoughts_are_not_part_of_the_answer() -> None:
    def think(seen: Seen) -> Response:
        whole = answer(user(seen))
        return generated(seen, candidate({"text": "hm", "thought": True}, {"text": whole[:9]}, {"text": whole[9:]}))

    reply, _ = remote.exchange(VENDOR, handler=think)
    assert texts_of(reply.answers) == ["Eins"]


@pytest.mark.parametrize(
    ("finish", "expected"),
    [("SAFETY", Declined), ("RECITATION", Declined), ("PROHIBITED_CONTENT", Declined), ("MAX_TOKENS", BadOutput),
     ("MALFORMED_RESPONSE", BadOutput), ("OTHER", BadOutput)],
)  # fmt: skip
def test_reasons_to_stop(finish: str, expected: type[EngineError]) -> None:
    stopped = {"finishReason": finish, "index": 0}
    check_in_vain(remote.error_from(VENDOR, lambda seen: generated(seen, stopped)), expected)


def test_no_candidate_and_no_reason() -> None:
    assert type(remote.error_from(VENDOR, generated)) is BadOutput


def test_quotas_of_a_minute_and_of_a_day() -> None:
    error = remote.error_from(VENDOR, lambda seen: limited(MINUTE, DELAY))
    assert type(error) is RateLimited
    assert error.retry_after == 1.0
    assert type(remote.error_from(VENDOR, lambda seen: limited(DAY, DELAY))) is QuotaExhausted


@pytest.mark.parametrize("body", ["[]", "<html>", '{"candidates": []}', '{"candidates": "x"}', ""])
def test_answers_that_are_not_documented(body: str) -> None:
    remote.check_undocumented(VENDOR, body)
