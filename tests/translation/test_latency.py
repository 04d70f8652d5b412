"""What a request took is the service's time, not its neighbours', an import's, a connection's or a queue's."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from harness.engines.clock import follow, on_the_wire, timing
from harness.engines.interface import Answer, Batch, EngineContext, Limits
from harness.engines.services.http import HttpEngine, HttpOptions
from harness.engines.wire.blocking import in_thread
from harness.errors import EngineUnavailable
from harness.store.cache.answers import Cache
from harness.store.cache.records import RequestRecord
from harness.translation.runner import Done, translate
from harness.types import Failed, LangPair, SystemName
from harness.workspace.progress import Silent
from tests.loopback import Loopback, Response, Seen
from tests.translation.engines import Upper
from tests.translation.test_runner import job, texts

DELAY = 0.05
"""What the server takes."""

HELD_UP = 2.0
"""What something else takes."""

FAR_LESS = 1.0
"""No request may take so long, however busy the machine is."""

SENTENCES = [f"Satz {number}" for number in range(8)]


def answer(seen: Seen) -> Response:
    return Response.of({"t": ["x" for _ in seen.json["q"]]})


def slow_answer(seen: Seen) -> Response:
    time.sleep(DELAY)
    return answer(seen)


def plain(server: Loopback, folder: Path, *, concurrency: int = 2) -> HttpEngine:
    options = HttpOptions(url=server.url, response="t", body={"q": "{texts}"}, batch=True)
    engine = HttpEngine(options, EngineContext(SystemName("plain"), folder))
    engine.limits = Limits(max_segments=1, concurrency=concurrency, timeout=30.0)
    return engine


@dataclass
class SlowModule(Upper):
    """Its SDK takes long to import."""

    module: str = ""
    limits: Limits = field(default_factory=lambda: Limits(max_segments=1, concurrency=2, timeout=30))

    def load(self) -> None:
        importlib.import_module(self.module)


class ImportsInItsLoop(SlowModule):
    async def translate(self, batch: Batch) -> Sequence[Answer]:
        self.load()
        return await super().translate(batch)


class ImportsInAThread(SlowModule):
    async def translate(self, batch: Batch) -> Sequence[Answer]:
        await in_thread(self.load)
        return await super().translate(batch)


class IsPrepared(SlowModule):
    async def prepare(self, pair: LangPair) -> None:
        self.load()

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        assert self.module in sys.modules
        return await super().translate(batch)


class BlocksAlways(SlowModule):
    async def translate(self, batch: Batch) -> Sequence[Answer]:
        time.sleep(HELD_UP / 4)  # noqa: ASYNC251 - the fault that is tried
        return await super().translate(batch)


@pytest.fixture
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"slow_sdk_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(f"import time\ntime.sleep({HELD_UP})\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def translated(path: Path, *engines: tuple[str, Upper | HttpEngine]) -> dict[str, Done]:
    jobs = [job(engine, *SENTENCES, system=name) for name, engine in engines]
    with Cache.open(path) as cache:
        done = translate(jobs, cache, Silent())
    return {name: result for (name, _), result in zip(engines, done, strict=True)}


def measured(records: Sequence[RequestRecord]) -> list[float]:
    return [record.seconds for record in records if not record.setup]


@pytest.mark.parametrize("kind", [ImportsInItsLoop, ImportsInAThread, IsPrepared, BlocksAlways])
def test_a_neighbour_that_takes_long_is_not_in_the_latency(
    tmp_path: Path, slow_module: str, kind: type[SlowModule]
) -> None:
    with Loopback(slow_answer) as server:
        done = translated(
            tmp_path / "c.sqlite3", ("plain", plain(server, tmp_path)), ("other", kind(module=slow_module))
        )
    seconds = [record.seconds for record in done["plain"].records]
    assert len(seconds) == len(SENTENCES)
    assert min(seconds) >= DELAY
    assert max(seconds) < FAR_LESS
    assert not any(isinstance(outcome, Failed) for outcome in done["other"].outcomes)


@pytest.mark.parametrize("kind", [ImportsInItsLoop, ImportsInAThread, IsPrepared])
def test_an_import_of_its_own_is_not_in_the_latency(tmp_path: Path, slow_module: str, kind: type[SlowModule]) -> None:
    done = translated(tmp_path / "c.sqlite3", ("other", kind(module=slow_module)))["other"]
    assert [record.setup for record in done.records].count(True) == 2
    assert max(measured(done.records)) < FAR_LESS
    if kind is IsPrepared:
        assert max(record.seconds for record in done.records) < FAR_LESS


def test_all_are_prepared_before_any_is_asked_and_only_if_something_is_sent(tmp_path: Path) -> None:
    log: list[str] = []

    @dataclass
    class Logs(Upper):
        name: str = ""
        refuses: str = ""

        async def prepare(self, pair: LangPair) -> None:
            log.append(f"prepare {self.name}")
            if self.refuses == "unavailable":
                raise EngineUnavailable("no model here", hint="fetch it")
            if self.refuses:
                raise ValueError(self.refuses)

        async def translate(self, batch: Batch) -> Sequence[Answer]:
            log.append(f"ask {self.name}")
            return await super().translate(batch)

    path = tmp_path / "c.sqlite3"
    done = translated(
        path,
        ("a", Logs(name="a")),
        ("b", Logs(name="b", refuses="unavailable", caches=False)),
        ("c", Logs(name="c", refuses="oops", caches=False)),
    )
    assert log[:3] == ["prepare a", "prepare b", "prepare c"]
    assert set(log[3:]) == {"ask a"}
    assert texts(done["a"].outcomes) == [sentence.upper() for sentence in SENTENCES]
    assert done["b"].outcomes[0] == Failed("no model here (hint: fetch it)")
    assert done["c"].outcomes[0] == Failed("bug in Logs: ValueError: oops")
    log.clear()
    translated(path, ("a", Logs(name="a")))
    assert log == []


def test_an_engine_that_blocks_for_ever_meets_its_time_out(tmp_path: Path) -> None:
    release = threading.Event()

    class Stuck(Upper):
        async def translate(self, batch: Batch) -> Sequence[Answer]:
            release.wait(60)
            return await super().translate(batch)

    limits = Limits(max_segments=100, concurrency=1, timeout=0.1, attempts=1)
    begun = time.monotonic()
    with Cache.open(tmp_path / "c.sqlite3") as cache:
        (done,) = translate([job(Stuck(), "a", limits=limits)], cache, Silent())
    assert time.monotonic() - begun < 30
    release.set()
    assert done.outcomes == (Failed("no answer within 0.1 s"),)


def test_requests_of_the_first_batch_take_no_longer_than_the_others(tmp_path: Path) -> None:
    with Loopback(slow_answer) as server:
        done = translated(tmp_path / "c.sqlite3", ("plain", plain(server, tmp_path)))["plain"]
    first = [record.seconds for record in done.records if record.setup]
    assert len(first) == 2
    assert max(first) < max(measured(done.records)) + FAR_LESS / 4


@pytest.fixture
def server_url() -> object:
    with Loopback(slow_answer) as server:
        yield server.url


def ask_through(url: str, count: int) -> list[float]:
    """Seconds by the clock of requests that must share one connection."""

    async def one(client: httpx.AsyncClient) -> float:
        with timing() as clock:
            await client.post(url, json={"q": ["a"]})
            return clock.seconds()

    async def talk() -> list[float]:
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(limits=limits, event_hooks={"request": [follow]}) as client:
            return await asyncio.gather(*(one(client) for _ in range(count)))

    return asyncio.run(talk())


def test_waiting_for_a_connection_is_not_the_services_time(server_url: str) -> None:
    begun = time.perf_counter()
    seconds = ask_through(server_url, 8)
    elapsed = time.perf_counter() - begun
    assert min(seconds) >= DELAY
    assert sum(seconds) <= elapsed  # one after the other on one connection: no stretch is counted twice


def test_a_lost_connection_ends_the_stretch(server_url: str) -> None:
    async def talk() -> float:
        with timing() as clock:
            async with httpx.AsyncClient(event_hooks={"request": [follow]}) as client:
                with pytest.raises(httpx.ReadTimeout):
                    await client.post(server_url, json={"q": ["a"]}, timeout=httpx.Timeout(30, read=0.01))
            ended = clock.seconds()
            await asyncio.sleep(0.05)
            assert clock.seconds() == ended
            return ended

    assert asyncio.run(talk()) > 0


def _wire(seconds: float) -> None:
    with on_the_wire():
        time.sleep(seconds)


def on_wire_twice_over() -> None:
    with on_the_wire():
        _wire(0.1)


@pytest.mark.parametrize(
    ("stretch", "least", "uncounted"),
    [
        (lambda: time.sleep(0.1), 0.6, 0.0),  # the engine says nothing: all of it counts
        (lambda: _wire(0.1), 0.1, 0.5),
        (lambda: (_wire(0.1), _wire(0.1)), 0.2, 0.5),
        (on_wire_twice_over, 0.1, 0.5),
    ],
    ids=["nothing said", "one", "two", "nested"],
)
def test_what_the_clock_counts(stretch: Callable[[], object], least: float, uncounted: float) -> None:
    """Held against the time that passed, which a busy machine makes longer than what was slept."""

    async def talk() -> tuple[float, float]:
        begun = time.perf_counter()
        with timing() as clock:
            await asyncio.sleep(0.5)
            await in_thread(stretch)
            counted = clock.seconds()
        return counted, time.perf_counter() - begun

    counted, passed = asyncio.run(talk())
    assert least <= counted <= passed - uncounted


def test_without_a_clock_nothing_happens() -> None:
    with on_the_wire():
        pass
