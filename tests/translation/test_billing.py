"""What services say they billed: believed where it can be true, and never to the cost of ``--max-cost``."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from harness.api import run
from harness.engines.wire.receipts import count, counts, summed
from harness.errors import UsageError
from harness.translation.billing import BEYOND_BELIEF, bill
from harness.translation.budget import Budget
from harness.translation.pricing import Tariff
from harness.types import Money, Translated, Unknown
from harness.workspace.file_models import PriceFile
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.workspace import write_article, write_system

__all__ = ["harness"]

TOKENS = Tariff(
    "", "", PriceFile(per_million_input_tokens=1e6, per_million_output_tokens=1e6, currency="USD"), free=False
)
CHARACTERS = Tariff("", "", PriceFile(per_million_characters=1e6, currency="USD"), free=False)
BOUND = {"input_tokens": 1640, "output_tokens": 100}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (7, 7), (7.0, 7), (7.5, None), (-1, None), (True, None), ("7", None), (None, None), ([], None),
     (float("nan"), None), (float("inf"), None), (10**400, None), (10**12, 10**12)],
)  # fmt: skip
def test_counts(value: object, expected: int | None) -> None:
    assert count(value) == expected
    assert counts({"x": value}) == ({} if expected is None else {"x": expected})
    assert summed([1, value]) == ({} if expected is None else {"characters": 1 + expected})


def tokens(answered: bool = True, **reported: Any) -> tuple[object, float, bool]:
    found = bill(TOKENS, reported, BOUND, 50, 50, answered=answered)
    return found.cost.amount if isinstance(found.cost, Money) else "unknown", found.booked, bool(found.broken)


def test_token_reports() -> None:
    assert tokens(input_tokens=40, output_tokens=10) == (50.0, 50.0, False)
    for lie in (
        {}, {"input_tokens": 40}, {"input_tokens": -40, "output_tokens": 10}, {"input_tokens": "4", "output_tokens": 1},
        {"input_tokens": 40.5, "output_tokens": 10}, {"input_tokens": 0, "output_tokens": 0},
        {"input_tokens": 40, "output_tokens": 0},
        {"input_tokens": 10**400, "output_tokens": 1},
    ):  # fmt: skip
        assert tokens(**lie) == ("unknown", 1740.0, False), lie
    assert tokens(input_tokens=1640, output_tokens=101) == (1741.0, 1741.0, True)
    assert tokens(input_tokens=19, output_tokens=10) == (29.0, 1740.0, False), "640 bytes are more than 19 tokens"
    assert tokens(input_tokens=40, output_tokens=101) == (141.0, 141.0, False), "within what was set aside"
    assert tokens(input_tokens=1640 * BEYOND_BELIEF + 1, output_tokens=1) == ("unknown", 1740.0, True)
    assert tokens(answered=False, input_tokens=40, output_tokens=0) == (40.0, 40.0, False), "stopped before it began"


def test_character_reports() -> None:
    def characters(number: object) -> tuple[float, bool]:
        found = bill(CHARACTERS, {"characters": number}, {"characters": 50}, 50, 50, answered=True)
        return found.booked, bool(found.broken)

    assert characters(50) == characters(3) == characters(-3) == characters("x") == (50.0, False)
    assert characters(60) == (60.0, True)
    more = bill(CHARACTERS, {"characters": 60}, {"characters": 50}, 50, 50, answered=True)
    assert more.broken == "the service reports 60 characters, but at most 50 were possible"
    assert characters(10**9) == (50.0, True)
    assert isinstance(bill(Tariff("", "", None, free=False), {}, {}, 5, 5, answered=True).cost, Unknown)


@pytest.mark.parametrize("amount", [-5.0, -0.01, float("nan"), float("inf")])
def test_a_limit_that_limits_nothing_is_refused(amount: float) -> None:
    with pytest.raises(UsageError, match="--max-cost"):
        Budget(Money(amount, "USD"))


def workspace(root: Path, servers: dict[str, str], count: int) -> None:
    write_article(
        root, "a", [(f"Satz Nummer {number} des Artikels.", f"Reference {number}.") for number in range(count)]
    )
    for name, url in servers.items():
        write_system(
            root,
            name,
            f'engine = "openai"\n[options]\nmodel = "{name}"\nendpoint = "{url}/v1"\nbatch = 1\nreasoning_tokens = 0\n'
            "[limits]\nconcurrency = 4\n[price]\nper_million_input_tokens = 1.0\nper_million_output_tokens = 10.0\n",
        )


def answer(seen: Seen, usage: str) -> Response:
    texts = [one for one in json.loads(seen.json["messages"][-1]["content"])["segments"] if "id" in one]
    content = json.dumps({"translations": [{"id": one["id"], "text": one["text"].upper()} for one in texts]})
    body = json.dumps({"choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": 0})
    return Response(200, body.replace('"usage": 0', f'"usage": {usage}').encode(), {"Content-Type": "application/json"})


@pytest.mark.parametrize("cap", ["-5", "nan", "inf", "-1", "-0.001"])
def test_the_command_line_refuses_it(tmp_path: Path, harness: Shell, cap: str) -> None:
    with Loopback(lambda seen: answer(seen, "null")) as server:
        workspace(tmp_path, {"llm": server.url}, 2)
        for command in ("run", "drift"):
            done = harness(
                command, "-C", tmp_path, *(["--metric", "chrf"] if command == "run" else []), f"--max-cost={cap}"
            )
            assert done.code == 2, done.err
            assert "--max-cost" in done.err
    assert server.ledger == []


def test_more_than_was_set_aside_stops_that_system_and_keeps_its_answers(tmp_path: Path, harness: Shell) -> None:
    with (
        Loopback(lambda seen: answer(seen, '{"prompt_tokens": 9000, "completion_tokens": 9000}')) as greedy,
        Loopback(lambda seen: answer(seen, '{"prompt_tokens": 300, "completion_tokens": 20}')) as honest,
        Loopback(lambda seen: answer(seen, f'{{"prompt_tokens": 1{"0" * 400}, "completion_tokens": 2}}')) as huge,
    ):
        workspace(tmp_path, {"greedy": greedy.url, "honest": honest.url, "huge": huge.url}, 12)
        done = harness("run", "-C", tmp_path, "--metric", "chrf", "--max-cost", "5")
        assert done.code == 3
        assert "greedy de-en: stopped: the service reports 9000 input_tokens, but at most" in done.err
        assert len(greedy.ledger) <= 4
        assert len(honest.ledger) == len(huge.ledger) == 12
        bought = len(greedy.ledger)
        again = harness("run", "-C", tmp_path, "--metric", "chrf", "-q")
        assert again.code == 0, again.err
        assert len(greedy.ledger) == 12
        assert bought < 12


LIES = (
    "null", "[]", '"a lot"', "{}", "-1", '{"prompt_tokens": -10000000, "completion_tokens": -1}',
    '{"prompt_tokens": 100, "completion_tokens": -100000}', '{"prompt_tokens": 12.5, "completion_tokens": 3}',
    '{"prompt_tokens": "100", "completion_tokens": "lots"}',
    f'{{"prompt_tokens": 1{"0" * 400}, "completion_tokens": 1}}',
    '{"prompt_tokens": 9223372036854775808000, "completion_tokens": 1}', '{"prompt_tokens": 0, "completion_tokens": 0}',
    '{"prompt_tokens": 1, "completion_tokens": 1}', '{"prompt_tokens": null, "completion_tokens": null}',
    '{"prompt_tokens": true, "completion_tokens": false}', '{"prompt_tokens": [1], "completion_tokens": {"a": 1}}',
    '{"prompt_tokens": 900, "completion_tokens": 0}', '{"prompt_tokens": 1e3, "completion_tokens": 1e400}',
    '{"prompt_tokens": 900, "completion_tokens": 90, "prompt_tokens_details": {"cached_tokens": 100000}}',
)  # fmt: skip
REAL = (900 * 1.0 + 90 * 10.0) / 1e6
"""What each request really costs, whatever the service says."""


def lying(root: Path, seed: int) -> None:
    """Run with a limit that mostly ends it halfway, then without one."""
    rng = random.Random(seed)

    def reply(seen: Seen) -> Response:
        honest = rng.random() < 0.3
        return answer(seen, '{"prompt_tokens": 900, "completion_tokens": 90}' if honest else rng.choice(LIES))

    cap = rng.uniform(0.0, 0.027)
    with Loopback(reply) as server:
        workspace(root, {"one": server.url, "two": server.url}, 8)
        run(root, metrics=["chrf"], max_cost=Money(cap, "USD"))
        assert len(server.ledger) * REAL <= cap, (seed, len(server.ledger), cap)
        first = len(server.ledger)
        (whole,) = run(root, metrics=["chrf"]).pairs
        assert all(isinstance(outcome, Translated) for system in whole.systems for outcome in system.outcomes)
        assert len(server.ledger) == 16 >= first


def test_lies(tmp_path: Path) -> None:
    for seed in range(3):
        lying(tmp_path / str(seed), seed)


@pytest.mark.slow
@pytest.mark.every_change
@pytest.mark.timeout(1200)
def test_a_hundred_lies(tmp_path: Path) -> None:
    for seed in range(100):
        lying(tmp_path / str(seed), seed)
