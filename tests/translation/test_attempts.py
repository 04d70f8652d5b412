"""Attempts, pauses, halving, money, secrets: everything between a batch and its outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.engines.interface import Answer, Batch, Limits, Receipt, Reply
from harness.errors import AuthFailed, BadOutput, Declined, EngineUnavailable, RateLimited, TooLarge, Transient
from harness.store.cache.answers import Cache
from harness.translation import patience
from harness.translation.budget import Budget, BudgetSpent
from harness.translation.job import Job
from harness.translation.pace import Pace
from harness.translation.pricing import Tariff, tariff_of
from harness.translation.runner import Done, translate
from harness.types import Failed, Money, Refused, SystemName, Translated, Unknown
from harness.workspace.file_models import PriceFile
from harness.workspace.progress import Silent
from tests.translation.clock import now, run_skipping
from tests.translation.engines import Upper
from tests.translation.test_runner import PAIR, corpus, texts

ONE = Limits(max_segments=1, concurrency=1, timeout=60, attempts=3)
ALL = Limits(max_segments=100, concurrency=1, timeout=60, attempts=3)

PRICE = PriceFile(per_million_characters=1_000_000.0)
"""One unit of money for each character."""


class Remote(Upper):
    """A service with a key and a price."""

    key_variables = ("UPPER_KEY",)
    vendor = ""
    billed_model = ""
    unready = ""

    def ready(self) -> None:
        if self.unready:
            raise EngineUnavailable(self.unready, hint="set UPPER_KEY")

    def worst_usage(self, batch: Batch) -> Mapping[str, int]:
        return {"characters": sum(len(request.source) for request in batch.requests)}


def go(
    tmp_path: Path,
    engine: Upper,
    *sources: str,
    limits: Limits = ONE,
    cap: float = -1.0,
    price: PriceFile | None = None,
) -> Done:
    job = Job(SystemName("s"), corpus(*sources), engine, engine.identity(PAIR), limits, tariff_of(engine, price))
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        return translate([job], cache, Silent(), Money(cap, "USD") if cap >= 0 else None)[0]


def failing(times: int, error: Exception):  # type: ignore[no-untyped-def]
    left = [times]

    def before(batch: Batch) -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return before


@pytest.mark.parametrize(
    "error", [Transient("busy"), RateLimited("slow down"), RateLimited("slow down", retry_after=0.01)]
)
def test_a_passing_fault_is_asked_again(tmp_path: Path, error: Exception) -> None:
    done = go(tmp_path, Upper(before=failing(2, error)), "a", "b")
    assert texts(done.outcomes) == ["A", "B"]
    assert [(record.outcome, record.attempt) for record in done.records] == [
        (type(error).__name__, 1),
        (type(error).__name__, 2),
        ("ok", 3),
        ("ok", 1),
    ]


def test_a_service_that_stumbles_again_and_again_is_not_left_while_it_answers(tmp_path: Path) -> None:
    """Every other attempt fails, for far longer in all than a service may be silent."""
    stumbles = iter([Transient("busy"), None] * 40)

    def before(batch: Batch) -> None:
        if error := next(stumbles):
            raise error

    began = time.monotonic()
    done = go(tmp_path, Upper(before=before), *(f"s{number}" for number in range(30)))
    assert time.monotonic() - began > 2 * patience.PATIENCE
    assert texts(done.outcomes) == [f"S{number}" for number in range(30)]


def test_attempts_end(tmp_path: Path) -> None:
    done = go(tmp_path, Upper(before=failing(3, Transient("busy"))), "a", "b")
    assert done.outcomes[0] == Failed("busy (attempt 3)")
    assert texts(done.outcomes[1:]) == ["B"]


def test_a_service_that_asks_to_wait_for_hours_is_given_up(tmp_path: Path) -> None:
    done = go(tmp_path, Upper(before=failing(1, RateLimited("daily limit", retry_after=86400))), "a", "b")
    assert done.outcomes == (Failed("daily limit: the service asks to wait 86400 s"),) * 2
    assert len(done.records) == 1


@pytest.mark.real_pauses
def test_retry_after_is_respected_by_all_workers(tmp_path: Path) -> None:
    engine = Upper(before=failing(1, RateLimited("slow", retry_after=0.6)))
    began = time.monotonic()
    done = go(tmp_path, engine, *"abcd", limits=Limits(max_segments=1, concurrency=2, attempts=3))
    assert texts(done.outcomes) == list("ABCD")
    assert 0.55 < time.monotonic() - began < 30  # a minute is the longest pause nobody asked for


@pytest.mark.real_pauses
@pytest.mark.parametrize("asked", [0.0, 0.001])
def test_a_service_that_asks_for_no_pause_gets_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: float
) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.1)
    began = time.monotonic()
    done = go(tmp_path, Upper(before=failing(1, Transient("busy", retry_after=asked))), "a")
    assert texts(done.outcomes) == ["A"]
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("error", [TooLarge("too long"), BadOutput("not JSON"), Declined("filter")])
def test_halves_until_the_culprit_stands_alone(tmp_path: Path, error: Exception) -> None:
    def before(batch: Batch) -> None:
        if any(request.source == "e" for request in batch.requests):
            raise error

    engine = Upper(before=before)
    done = go(tmp_path, engine, *"abcdefgh", limits=ALL)
    assert texts(done.outcomes) == [*"ABCD", "Refused" if isinstance(error, Declined) else "Failed", *"FGH"]
    assert sorted(engine.asked) == list("abcdfgh")
    assert done.outcomes[4] == (Refused("filter") if isinstance(error, Declined) else Failed(str(error)))


def test_a_wrong_key_is_asked_once_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPER_KEY", "top-secret-key")
    done = go(tmp_path, Remote(before=failing(9, AuthFailed("key top-secret-key is wrong"))), "a", "b")
    assert done.outcomes == (Failed("key *** is wrong"),) * 2
    assert len(done.records) == 1
    assert b"top-secret-key" not in (tmp_path / "cache.sqlite3").read_bytes()


def test_an_engine_that_is_not_ready_is_not_asked(tmp_path: Path) -> None:
    engine = Remote()
    engine.unready = "no key"
    done = go(tmp_path, engine, "a")
    assert done.outcomes == (Failed("no key (hint: set UPPER_KEY)"),)
    assert engine.asked == []


def test_an_engine_whose_answers_are_kept_need_not_be_ready(tmp_path: Path) -> None:
    go(tmp_path, Remote(), "a")
    engine = Remote()
    engine.unready = "no key"
    assert texts(go(tmp_path, engine, "a").outcomes) == ["A"]


def test_half_a_character_costs_its_own_segment_only(tmp_path: Path) -> None:
    class Halving(Upper):
        async def translate(self, batch: Batch) -> Reply:
            answers = [
                Translated(f"{request.source}\ud83d" if request.source == "b" else request.source)
                for request in batch.requests
            ]
            return Reply(answers, Receipt(model="m\ud83d", request_id="r\udfff"))

    engine = Halving()
    done = go(tmp_path, engine, "a", "b", "c", limits=ALL)
    a, b, c = done.outcomes
    assert (a, c) == (Translated("a"), Translated("c"))
    assert b == Failed("the answer contains U+D83D, half of a character that cannot be stored")
    again = go(tmp_path, engine, "a", "b", "c", limits=ALL)
    assert [isinstance(one, Translated) and one.cached for one in again.outcomes] == [True, False, True]


def test_a_bug_in_an_engine_is_called_one(tmp_path: Path) -> None:
    done = go(tmp_path, Upper(before=failing(1, ZeroDivisionError("x"))), "a", "b")
    assert done.outcomes == (Failed("bug in Upper: ZeroDivisionError: x"),) * 2


class Billed(Remote):
    """Reports fewer characters than the worst case."""

    def answers(self, batch: Batch) -> Sequence[Answer]:
        return super().answers(batch)

    async def translate(self, batch: Batch) -> Reply:  # type: ignore[override]
        answers = await super().translate(batch)
        characters = sum(len(request.source) for request in batch.requests) - 1
        return Reply(answers, Receipt("served-1", "id-7", {"characters": characters}))


def test_costs_are_those_reported(tmp_path: Path) -> None:
    done = go(tmp_path, Billed(), "aaaa", "bbb", price=PRICE)
    assert [record.cost for record in done.records] == [Money(3.0, "USD"), Money(2.0, "USD")]
    assert done.records[0].model == "served-1"
    assert done.records[0].request_id == "id-7"


def test_the_budget_stops_before_it_is_broken(tmp_path: Path) -> None:
    engine = Remote()
    done = go(tmp_path, engine, "aaaa", "bbbb", "cccc", cap=9.0, price=PRICE)
    assert texts(done.outcomes) == ["AAAA", "BBBB", "Failed"]
    assert isinstance(done.outcomes[2], Failed)
    assert "--max-cost 9 USD is reached: 8.000000 spent" in done.outcomes[2].error
    assert engine.asked == ["aaaa", "bbbb"]


def test_a_request_that_may_have_been_billed_counts_as_billed(tmp_path: Path) -> None:
    engine = Remote(before=failing(1, Transient("connection lost", charged=True)))
    done = go(tmp_path, engine, "aaaa", "bbbb", cap=9.0, price=PRICE)
    assert texts(done.outcomes) == ["AAAA", "Failed"]
    engine = Remote(before=failing(1, Transient("refused", charged=False)))
    done = go(tmp_path, engine, "cccc", "dddd", cap=9.0, price=PRICE)
    assert texts(done.outcomes) == ["CCCC", "DDDD"]


def test_what_a_bug_cut_off_may_have_been_billed(tmp_path: Path) -> None:
    """Two systems share the limit: what the first one's request may have cost is not there for the second."""
    sound = Remote()
    both = {"buggy": (Remote(before=failing(1, ZeroDivisionError("x"))), ["aaaa"]), "sound": (sound, ["bbbb", "cccc"])}
    jobs = [
        Job(SystemName(name), corpus(*sources), engine, engine.identity(PAIR), ONE, tariff_of(engine, PRICE))
        for name, (engine, sources) in both.items()
    ]
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        buggy, other = translate(jobs, cache, Silent(), Money(9.0, "USD"))
    assert texts(buggy.outcomes) == ["Failed"]
    assert texts(other.outcomes) == ["BBBB", "Failed"]
    assert sound.asked == ["bbbb"]


def test_a_cap_without_a_price_cannot_be_kept_and_nothing_is_sent(tmp_path: Path) -> None:
    engine = Remote()
    done = go(tmp_path, engine, "a", cap=1.0)
    assert engine.asked == []
    assert isinstance(done.outcomes[0], Failed)
    assert "price is unknown" in done.outcomes[0].error


def test_a_price_in_another_currency_cannot_be_held_against_a_cap(tmp_path: Path) -> None:
    engine = Remote()
    euros = PriceFile(per_million_characters=1.0, currency="EUR")
    done = go(tmp_path, engine, "a", cap=9.0, price=euros)
    assert done.outcomes == (Failed("the price is in EUR, --max-cost in USD"),)
    assert engine.asked == []


def test_programs_on_this_machine_cost_nothing(tmp_path: Path) -> None:
    assert texts(go(tmp_path, Upper(), "a", cap=0.0).outcomes) == ["A"]


def test_budget_waits_for_reservations_that_may_come_back() -> None:
    async def scene() -> list[str]:
        budget = Budget(Money(10.0, "USD"))
        order = []

        async def big() -> None:
            await budget.reserve(8.0)
            order.append("big sent")
            await asyncio.sleep(0.02)
            budget.settle(8.0, 2.0)
            order.append("big settled")

        async def small() -> None:
            await asyncio.sleep(0.005)
            await budget.reserve(5.0)
            order.append("small sent")
            budget.settle(5.0, 5.0)

        await asyncio.gather(big(), small())
        with pytest.raises(BudgetSpent):
            await budget.reserve(3.5)
        return order

    assert asyncio.run(scene()) == ["big sent", "big settled", "small sent"]


def test_what_rounding_leaves_of_settled_reservations_is_not_waited_for() -> None:
    async def scene() -> None:
        budget = Budget(Money(0.65, "USD"))
        amounts = (0.1, 0.2, 0.3)
        for amount in amounts:
            await budget.reserve(amount)
        for amount in amounts:
            budget.settle(amount, amount)
        assert budget.reserved == 0.0
        # One that does not wait ends at its first step; one that waits is cancelled there instead of hanging.
        refused = asyncio.ensure_future(budget.reserve(0.1))
        await asyncio.sleep(0)
        refused.cancel()
        with pytest.raises(BudgetSpent):
            await refused

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("limits", "count", "characters", "least"),
    [
        (Limits(requests_per_second=100), 40, 10, 0.35),
        (Limits(characters_per_second=1000), 40, 10, 0.30),
        (Limits(characters_per_second=1000), 2, 200, 0.30),  # each is more than goes out at once
    ],
)
def test_pace(monkeypatch: pytest.MonkeyPatch, limits: Limits, count: int, characters: int, least: float) -> None:
    async def scene() -> float:
        pace = Pace(limits)
        began = now()
        for _ in range(count):
            await pace.wait(characters)
        return now() - began

    assert least <= run_skipping(scene(), monkeypatch) <= least * 1.5


def test_prices() -> None:
    unknown = Tariff("nobody", "x", None, free=False).cost({"input_tokens": 1, "output_tokens": 1})
    assert isinstance(unknown, Unknown)
    million = {"input_tokens": 1_000_000, "output_tokens": 1_000_000}
    assert Tariff("openai", "gpt-4o-mini", None, free=False).cost(million) == Money(pytest.approx(0.75), "USD")
    assert Tariff("deepl", "", None, free=False).cost({"characters": 1_000_000}) == Money(25.0, "USD")
    assert isinstance(Tariff("deepl", "", None, free=False).cost({}), Unknown)
    own = PriceFile(per_million_input_tokens=1.0, per_million_output_tokens=2.0, currency="EUR")
    assert Tariff("openai", "gpt-4o-mini", own, free=False).cost(million) == Money(3.0, "EUR")
    assert Tariff("", "", None, free=True).cost({}) == Money(0.0, "")


def test_inside_a_running_loop_as_in_a_notebook(tmp_path: Path) -> None:
    async def cell() -> list[str]:
        return texts(go(tmp_path, Upper(), "a", "b").outcomes)

    assert asyncio.run(cell()) == ["A", "B"]


class Lying(Remote):
    """Bills far more for its first answer than was possible, while all others fail in a way that may pass."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []
        self.begun_after_the_lie = 0
        self.lied = False

    async def translate(self, batch: Batch) -> Reply:  # type: ignore[override]
        source = batch.requests[0].source
        self.begun.append(source)
        self.begun_after_the_lie += self.lied
        if source != "a":
            await asyncio.sleep(0.3)
            raise Transient("busy")
        await asyncio.sleep(0.1)
        self.lied = True
        return Reply([Translated("A")], Receipt(usage={"characters": 100}))


def test_a_bound_that_breaks_stops_the_retries_of_the_others_too(tmp_path: Path) -> None:
    engine = Lying()
    eight = Limits(max_segments=1, concurrency=8, attempts=5)
    done = go(tmp_path, engine, *"abcdefghijkl", limits=eight, cap=10_000.0, price=PRICE)
    assert engine.lied
    assert engine.begun_after_the_lie == 0
    assert sorted(engine.begun) == list("abcdefgh")
    assert done.outcomes[0] == Translated("A")
    failed = [outcome.error for outcome in done.outcomes if isinstance(outcome, Failed)]
    assert len(failed) == 11
    assert sum("reports 100 characters, but at most 1 were possible" in error for error in failed) == 4
