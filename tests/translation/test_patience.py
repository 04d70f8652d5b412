"""Limits of an account, pauses for everybody who asks it, and services that answer nothing."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from harness.engines.interface import Batch, Limits
from harness.errors import BadRequest, Declined, Garbled, RateLimited, Transient
from harness.store.cache.answers import Cache
from harness.translation import patience
from harness.translation.job import Job
from harness.translation.pace import Pace, account_of, paces
from harness.translation.patience import Patience, Tries
from harness.translation.pricing import tariff_of
from harness.translation.runner import Done, translate
from harness.types import EngineIdentity, Failed, LangPair, SystemName, Translated
from harness.workspace.progress import Silent
from tests.translation.clock import now, run_skipping
from tests.translation.engines import Upper
from tests.translation.test_attempts import Remote, failing, go
from tests.translation.test_runner import PAIR, corpus, texts

HELD = 0.1
"""Seconds of a request: longer than a busy machine takes to start the other engines."""


def jobs_of(engines: dict[str, Upper], sources: str, limits: Limits, account: str = "") -> list[Job]:
    return [
        Job(
            SystemName(name),
            corpus(*(f"{name}{source}" for source in sources)),
            engine,
            engine.identity(PAIR),
            limits,
            tariff_of(engine, None),
            account=account,
        )
        for name, engine in engines.items()
    ]


def run(tmp_path: Path, jobs: list[Job]) -> list[Done]:
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        return translate(jobs, cache, Silent())


class Timed(Remote):
    """Notes when it was asked."""

    def __init__(self, moments: list[float], error: Exception | None = None) -> None:
        super().__init__(before=self.note)
        self.moments = moments
        self.error = error

    def note(self, batch: Batch) -> None:
        self.moments.append(time.monotonic())
        error, self.error = self.error, None
        if error is not None:
            raise error


@pytest.mark.real_pauses
def test_systems_of_one_account_share_its_rate(tmp_path: Path) -> None:
    moments: list[float] = []
    limits = Limits(max_segments=1, concurrency=4, requests_per_second=20.0)
    engines: dict[str, Upper] = {name: Timed(moments) for name in "xyz"}
    run(tmp_path, jobs_of(engines, "abcdefg", limits))
    assert len(moments) == 21
    worst = max(sum(one <= other < one + 0.5 for other in moments) for one in moments)
    assert worst <= 0.5 * 20 + 2


@pytest.mark.real_pauses
@pytest.mark.parametrize("error", [RateLimited("slow down", retry_after=1.0), Transient("overloaded", retry_after=1.0)])
def test_nobody_who_asks_an_account_sends_in_its_pause(tmp_path: Path, error: Exception) -> None:
    """Those that wait for the rate already, and other systems, included."""
    moments: list[float] = []
    limits = Limits(max_segments=1, concurrency=4, requests_per_second=20.0)
    engines: dict[str, Upper] = {
        "x": Timed(moments, error),
        "y": Timed(moments),
        "z": Timed(moments),
    }
    done = run(tmp_path, jobs_of(engines, "abcdef", limits))
    assert all(len(texts(one.outcomes)) == 6 and "Failed" not in texts(one.outcomes) for one in done)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert max(gaps) >= 0.9  # one long silence: nobody sends in the middle of it
    assert sum(gap > 0.5 for gap in gaps) == 1


def test_which_systems_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPER_KEY", "one")
    here = EngineIdentity("upper", "1", {"endpoint": "https://a.example/v1"})
    path = EngineIdentity("upper", "2", {"url": "https://A.example/v2/translate"})
    there = EngineIdentity("upper", "1", {"endpoint": "https://b.example/v1"})
    remote, local = Remote(), Upper()
    x, y = SystemName("x"), SystemName("y")
    mine = account_of(x, remote, here, "")
    assert mine == account_of(y, remote, path, "")
    assert mine != account_of(y, remote, there, "")
    assert account_of(x, local, here, "") != account_of(y, local, here, "")
    assert account_of(x, local, here, "team") == account_of(y, remote, there, "team")
    monkeypatch.setenv("UPPER_KEY", "two")
    assert mine != account_of(y, remote, here, "")


def test_the_strictest_limit_of_an_account_counts() -> None:
    async def most_at_once() -> int:
        shared = paces([("a",), ("a",), ("b",)], [Limits(concurrency=8), Limits(concurrency=2), Limits(concurrency=5)])
        under_way: Counter[str] = Counter()
        most = 0

        async def hold() -> None:
            nonlocal most
            async with shared["a",].slot():
                under_way["a"] += 1
                most = max(most, under_way["a"])
                await asyncio.sleep(0.01)
                under_way["a"] -= 1

        await asyncio.gather(*(hold() for _ in range(8)))
        return most

    assert asyncio.run(most_at_once()) == 2


def test_systems_of_one_account_share_its_places(tmp_path: Path) -> None:
    """Two requests at once are what the account takes, however many systems ask it."""
    under_way: list[str] = []
    most = 0

    class Watched(Remote):
        def __init__(self, model: str) -> None:
            super().__init__()
            self.model = model

        def identity(self, pair: LangPair) -> EngineIdentity:
            # Systems of one identity would wait for each other's answers.
            return EngineIdentity("upper", self.model, {})

        async def translate(self, batch: Batch) -> list[Translated]:  # type: ignore[override]
            nonlocal most
            under_way.append(batch.requests[0].source)
            most = max(most, len(under_way))
            await asyncio.sleep(HELD)
            under_way.pop()
            return [Translated(request.source.upper()) for request in batch.requests]

    limits = Limits(max_segments=1, concurrency=2)
    done = run(tmp_path, jobs_of({name: Watched(name) for name in "xyz"}, "abcd", limits, account="team"))
    assert [len(one.outcomes) for one in done] == [4, 4, 4]
    assert most == 2


@pytest.mark.real_pauses
def test_too_many_requests_are_waited_out_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts count faults; a limit may last longer than two of them."""
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(patience, "LONGEST_LIMITED", 0.2)
    limited = failing(5, RateLimited("30 per 1 minute"))
    done = go(tmp_path, Upper(before=limited), "a", limits=Limits(max_segments=1, attempts=2))
    assert texts(done.outcomes) == ["A"]
    assert len(done.records) == 6


def test_a_window_of_a_minute_is_shorter_than_patience() -> None:
    tries = Tries(most=5)
    waited = 0.0
    while waited < 60:
        pause = tries.pause(RateLimited("slow down"))
        assert pause >= 0
        waited += pause
    assert patience.BATCH_PATIENCE > patience.PATIENCE


@pytest.mark.parametrize("error", [RateLimited("slow down"), Transient("overloaded")])
def test_a_service_that_never_answers_is_left(tmp_path: Path, error: Exception) -> None:
    sources = [f"s{number}" for number in range(200)]
    limits = Limits(max_segments=1, concurrency=2, attempts=5)
    done = go(tmp_path, Upper(before=failing(10_000, error)), *sources, limits=limits)
    assert len(done.records) < 100
    last = done.outcomes[-1]
    assert isinstance(last, Failed)
    assert "no answer in" in last.error
    assert str(error) in last.error


def test_a_service_that_refuses_everything_is_left_after_looking_at_both_ends(tmp_path: Path) -> None:
    sources = [f"s{number}" for number in range(100)]
    limits = Limits(max_segments=2, concurrency=1)
    done = go(tmp_path, Upper(before=failing(10_000, BadRequest("no such path"))), *sources, limits=limits)
    assert len(done.records) == 3 * patience.FRUITLESS  # each batch once, and once in halves
    assert done.outcomes[50] == Failed("10 batches in a row were refused: no such path")


def test_a_long_row_of_refused_texts_does_not_hide_the_rest(tmp_path: Path) -> None:
    def some(batch: Batch) -> None:
        if any(request.source.startswith("bad") for request in batch.requests):
            raise BadRequest("unknown")

    sources = [*(f"bad{number}" for number in range(40)), *(f"good{number}" for number in range(60))]
    done = go(tmp_path, Upper(before=some), *sources, limits=Limits(max_segments=1, concurrency=1))
    assert sum("Failed" not in text for text in texts(done.outcomes)) >= 50


def test_refusals_of_texts_leave_nobody(tmp_path: Path) -> None:
    sources = [f"s{number}" for number in range(40)]
    engine = Upper(before=failing(10_000, Declined("filter")))
    done = go(tmp_path, engine, *sources, limits=Limits(max_segments=1, concurrency=1))
    assert texts(done.outcomes) == ["Refused"] * 40


def test_an_unknown_refusal_is_halved_once(tmp_path: Path) -> None:
    def some(batch: Batch) -> None:
        if any(request.source == "c" for request in batch.requests):
            raise BadRequest("unknown")

    done = go(tmp_path, Upper(before=some), *"abcdefgh", limits=Limits(max_segments=8))
    assert texts(done.outcomes) == ["Failed"] * 4 + list("EFGH")
    assert len(done.records) == 3


def test_one_answer_restores_patience() -> None:
    one = Patience()
    one.silent(time.monotonic() - 1000, "busy")
    assert not one.over
    one.heard()
    one.silent(time.monotonic(), "busy")
    one.silent(time.monotonic(), "busy")
    assert not one.over


def test_a_pause_that_the_service_asks_for_is_waited_before_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patience is shorter than the two pauses together; nobody is left for a pause that has not passed."""
    monkeypatch.setattr(patience, "PATIENCE", 0.5)
    limited = failing(2, RateLimited("slow down", retry_after=0.4))
    done = go(tmp_path, Upper(before=limited), "a", limits=Limits(max_segments=1))
    assert texts(done.outcomes) == ["A"]


def test_pauses_begin_again_while_waiting_for_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> float:
        pace = Pace(Limits(requests_per_second=5.0))
        began = now()
        await pace.wait(1)
        waiting = asyncio.create_task(pace.wait(1))
        await asyncio.sleep(0.05)
        pace.pause(0.6)
        await waiting
        return now() - began

    assert run_skipping(scene(), monkeypatch) >= 0.6


def test_long_requests_wait_for_the_rate_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that share the rate letter by letter would both leave when the second may."""

    async def scene() -> list[float]:
        pace = Pace(Limits(characters_per_second=100.0))
        sent: list[float] = []

        async def ask() -> None:
            await pace.wait(300)
            sent.append(now())

        await asyncio.gather(ask(), ask())
        return sent

    first, second = run_skipping(scene(), monkeypatch)
    assert 2.5 <= first <= 3.5
    assert second >= first + 2.5


def test_a_short_pause_does_not_end_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> float:
        pace = Pace(Limits())
        began = now()
        pace.pause(0.4)
        pace.pause(0.01)
        await pace.wait(1)
        return now() - began

    assert run_skipping(scene(), monkeypatch) >= 0.4


def test_those_that_waited_through_a_pause_go_on_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """At ten a second: what the rate would have allowed in the pause is not made up for after it."""

    async def scene() -> list[float]:
        pace = Pace(Limits(requests_per_second=10.0))
        await pace.wait(1)
        pace.pause(0.8)
        sent: list[float] = []

        async def ask() -> None:
            await pace.wait(1)
            sent.append(now())

        await asyncio.gather(*(ask() for _ in range(6)))
        return sent

    sent = run_skipping(scene(), monkeypatch)
    assert len(sent) == 6
    assert [later - earlier for earlier, later in pairwise(sent)] == pytest.approx([1 / 9.5] * 5, abs=0.01)


def test_refusals_count_in_a_row_only(tmp_path: Path) -> None:
    """Four of five texts are refused: forty in all, and never ten without an answer between them."""

    def some(batch: Batch) -> None:
        if int(batch.requests[0].source) % 5:
            raise BadRequest("unknown")

    sources = [str(number) for number in range(50)]
    done = go(tmp_path, Upper(before=some), *sources, limits=Limits(max_segments=1, concurrency=1))
    assert [text for text in texts(done.outcomes) if text != "Failed"] == [str(number) for number in range(0, 50, 5)]
    assert {outcome.error for outcome in done.outcomes if isinstance(outcome, Failed)} == {"unknown"}


@pytest.mark.real_pauses
def test_pauses_double_up_to_the_longest() -> None:
    tries, limited = Tries(most=12), Tries(most=12)
    for count in range(11):
        usual = 0.5 * 2**count
        assert min(30, usual) <= tries.pause(Transient("busy")) <= 1.25 * min(30, usual)
        assert min(15, usual) <= limited.pause(RateLimited("slow down")) <= 1.25 * min(15, usual)
    assert tries.pause(Transient("busy")) < 0


def test_what_cannot_be_read_and_may_have_been_billed_is_asked_for_twice_at_most() -> None:
    tries = Tries(most=9)
    assert tries.pause(Garbled("no JSON")) >= 0
    assert tries.pause(Garbled("no JSON")) < 0
