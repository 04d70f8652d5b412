"""The runner: asks once, keeps at once, keeps order, and lets nothing one engine does hurt another."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from harness.engines.interface import Answer, Batch, Engine, Limits
from harness.errors import BadRequest, EngineUnavailable, Fatal, StoreError, Transient, Unsupported
from harness.store.cache.answers import Cache
from harness.translation.claims import FOLDER, claim_name
from harness.translation.job import Job, look_up
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    Failed,
    LangPair,
    Outcome,
    Refused,
    Segment,
    SegmentId,
    SystemName,
    Translated,
)
from harness.workspace.progress import Silent
from tests.translation.engines import Upper

PAIR = LangPair("de", "en")


def corpus(*sources: str) -> Corpus:
    segments = tuple(
        Segment(SegmentId(ArticleId("a"), number), number, 1, source, ()) for number, source in enumerate(sources, 1)
    )
    return Corpus(PAIR, (Article(ArticleId("a"), PAIR, segments),))


def job(engine: Engine, *sources: str, system: str = "s", limits: Limits | None = None) -> Job:
    tariff = tariff_of(engine, None)
    return Job(SystemName(system), corpus(*sources), engine, engine.identity(PAIR), limits or engine.limits, tariff)


def texts(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.text if isinstance(outcome, Translated) else type(outcome).__name__ for outcome in outcomes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def run(path: Path, *jobs: Job) -> list[tuple[Outcome, ...]]:
    with Cache.open(path) as cache:
        return [done.outcomes for done in translate(jobs, cache, Silent())]


def test_each_distinct_text_is_asked_once_and_order_is_kept(path: Path) -> None:
    engine = Upper()
    sources = ["b", "a", "b", "c", "d", "a", "e", "f", "g"]
    (outcomes,) = run(path, job(engine, *sources))
    assert texts(outcomes) == [source.upper() for source in sources]
    assert sorted(engine.asked) == list("abcdefg")
    assert engine.closed == 1


def test_a_second_run_asks_nothing(path: Path) -> None:
    run(path, job(Upper(), "a", "b"))
    again = Upper()
    (outcomes,) = run(path, job(again, "b", "c", "a"))
    assert texts(outcomes) == ["B", "C", "A"]
    assert again.asked == ["c"]
    assert [outcome.cached for outcome in outcomes if isinstance(outcome, Translated)] == [True, False, True]


def test_a_positional_engine_is_asked_for_every_segment_and_not_cached(path: Path) -> None:
    engine = Upper(caches=False)
    run(path, job(engine, "a", "b", "a"))
    assert engine.asked == ["a", "b", "a"]
    with Cache.open(path) as cache:
        assert cache.stats().translations == 0


def test_concurrency_is_respected_and_used(path: Path) -> None:
    engine = Upper(delay=0.02, limits=Limits(max_segments=1, concurrency=4, timeout=60))
    run(path, job(engine, *map(str, range(20))))
    assert engine.most_at_once == 4


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(("error", "third"), [(BadRequest("no"), "C"), (Transient("busy"), "Failed")])
def test_a_failed_batch_leaves_the_others(path: Path, error: Exception, third: str) -> None:
    def fail_on_d(batch: Batch) -> None:
        if any(request.source == "d" for request in batch.requests):
            raise error

    engine = Upper(before=fail_on_d, limits=Limits(max_segments=2, concurrency=1, timeout=60))
    (outcomes,) = run(path, job(engine, *"abcdef"))
    assert texts(outcomes) == ["A", "B", third, "Failed", "E", "F"]
    assert isinstance(outcomes[3], Failed)
    assert outcomes[3].error.startswith(str(error))
    again = Upper()
    run(path, job(again, *"abcdef"))
    assert again.asked == (["d"] if third == "C" else ["c", "d"])


@pytest.mark.parametrize(
    "error",
    [Fatal("quota is gone"), EngineUnavailable("no key", hint="set X"), Unsupported("no such pair"), KeyError("x")],
)
def test_a_fatal_error_stops_that_engine_only(path: Path, error: Exception) -> None:
    calls = []

    def fail_later(batch: Batch) -> None:
        calls.append(batch)
        if len(calls) == 2:
            raise error

    bad = Upper(before=fail_later, limits=Limits(max_segments=1, concurrency=1, timeout=60))
    good = Upper()
    first, second = run(path, job(bad, *"abcd", system="bad"), job(good, *"wxyz", system="good"))
    assert texts(first) == ["A", "Failed", "Failed", "Failed"]
    assert texts(second) == ["W", "X", "Y", "Z"]
    assert len(calls) == 2
    assert bad.closed == good.closed == 1
    last = first[-1]
    assert isinstance(last, Failed)
    assert (error.args[0] if isinstance(error, KeyError) else str(error)) in last.error


class Short(Upper):
    """Loses an answer."""

    def answers(self, batch: Batch) -> Sequence[Answer]:
        return list(super().answers(batch))[:-1]


def test_a_missing_answer_is_never_zipped_away(path: Path) -> None:
    (outcomes,) = run(path, job(Short(), "a", "b", "c"))
    assert outcomes == (Failed("s returned 0 answers for 1 segment"),) * 3
    with Cache.open(path) as cache:
        assert cache.stats().translations == 0


class Refusing(Upper):
    """Declines the second of a batch."""

    def answers(self, batch: Batch) -> Sequence[Answer]:
        replies = list(super().answers(batch))
        replies[1] = Refused("content filter")
        return replies


def test_a_refusal_is_reported_and_not_cached(path: Path) -> None:
    (outcomes,) = run(path, job(Refusing(), "a", "b", "c"))
    assert outcomes[1] == Refused("content filter")
    with Cache.open(path) as cache:
        assert cache.stats().translations == 2


def test_a_batch_that_takes_too_long_fails(path: Path) -> None:
    engine = Upper(delay=10, limits=Limits(max_segments=1, concurrency=1, timeout=0.05, attempts=2))
    (outcomes,) = run(path, job(engine, "a"))
    assert outcomes == (Failed("no answer within 0.05 s (attempt 2)"),)


def test_an_interrupt_closes_engines_and_keeps_answers(path: Path) -> None:
    def interrupt(batch: Batch) -> None:
        if batch.requests[0].source == "c":
            signal.raise_signal(signal.SIGINT)

    engine = Upper(before=interrupt, delay=0.01, limits=Limits(max_segments=1, concurrency=1, timeout=60))
    with pytest.raises(KeyboardInterrupt):
        run(path, job(engine, *"abcdefgh"))
    assert engine.closed == 1
    again = Upper()
    run(path, job(again, *"abcdefgh"))
    assert "".join(again.asked) in ("cdefgh", "defgh")


def lock_of(path: Path) -> Path:
    name = claim_name(Upper().identity(PAIR), PAIR)
    return path.parent / FOLDER / f"{name}.lock"


@pytest.mark.parametrize("late_system", ["s", "another name"])
def test_a_second_run_waits_for_the_first_and_finds_its_answers(path: Path, late_system: str) -> None:
    slow = Upper(delay=0.3, limits=Limits(max_segments=2, concurrency=1, timeout=60))
    late = Upper()
    first = threading.Thread(target=run, args=(path, job(slow, *"abcd")))
    first.start()
    while not lock_of(path).exists():
        time.sleep(0.01)
    time.sleep(0.1)
    # The same cache under another name.
    alias = path.with_name("alias.sqlite3")
    alias.symlink_to(path)
    (outcomes,) = run(alias, job(late, *"abcd", system=late_system))
    first.join()
    assert late.asked == []
    assert texts(outcomes) == list("ABCD")


def test_systems_of_one_identity_buy_once_and_others_go_on(path: Path) -> None:
    slow = Limits(max_segments=1, concurrency=2, timeout=60)
    twins = [Upper(delay=0.01, limits=slow) for _ in range(3)]
    found = run(path, *(job(engine, *"abcdef", system=f"s{number}") for number, engine in enumerate(twins)))
    assert sorted("".join(text for engine in twins for text in engine.asked)) == list("abcdef")
    assert [texts(outcomes) for outcomes in found] == [list("ABCDEF")] * 3


def test_systems_of_one_run_take_turns_without_speaking_of_another_run(path: Path) -> None:
    class Heard(Silent):
        def __init__(self) -> None:
            self.said: list[str] = []

        def say(self, message: str) -> None:
            self.said.append(message)

    progress = Heard()
    slow = Limits(max_segments=1, concurrency=1, timeout=60)
    twins = [job(Upper(delay=0.2, limits=slow), "a", "b", system=name) for name in ("one", "two")]
    with Cache.open(path) as cache:
        translate(twins, cache, progress)
        assert progress.said == []
        with FileLock(lock_of(path)):
            claimed = threading.Thread(target=run, args=(path, job(Upper(), "c")))
            claimed.start()
            claimed.join(0.3)
            assert claimed.is_alive(), "another run's lock is waited for"
        claimed.join(60)
        assert not claimed.is_alive()


def test_a_claim_is_on_all_that_the_keys_are_made_of() -> None:
    identity = EngineIdentity("e", "1", {"a": 1})
    others = [
        claim_name(identity, PAIR),
        claim_name(EngineIdentity("f", "1", {"a": 1}), PAIR),
        claim_name(EngineIdentity("e", "2", {"a": 1}), PAIR),
        claim_name(EngineIdentity("e", "1", {"a": 2}), PAIR),
        claim_name(identity, LangPair("de", "fr")),
        claim_name(identity, LangPair("fr", "en")),
    ]
    assert len(set(others)) == len(others)
    assert claim_name(EngineIdentity("e", "1", {"a": 1}), PAIR) == others[0]


def test_a_lock_left_by_a_dead_process_does_not_block(path: Path) -> None:
    lock_of(path).parent.mkdir()
    lock_of(path).touch()
    (outcomes,) = run(path, job(Upper(), "a"))
    assert texts(outcomes) == ["A"]
    with FileLock(lock_of(path), timeout=0):
        pass


def test_a_claim_that_cannot_be_made_buys_nothing(path: Path) -> None:
    (path.parent / FOLDER).write_text("a file where the folder should be")
    engine = Upper()
    with pytest.raises(StoreError, match="cannot be created"):
        run(path, job(engine, "a"))
    assert engine.asked == []


def test_nothing_is_asked_when_answers_cannot_be_kept(path: Path) -> None:
    engine = Upper(limits=Limits(max_segments=1, concurrency=1, timeout=60))
    with Cache.open(path) as cache:
        cache._connection.execute("PRAGMA query_only=1")
        with pytest.raises(StoreError, match=r"cannot be (used|written)"):
            translate([job(engine, *"abcdef")], cache, Silent())
    assert len(engine.asked) == 1
    assert engine.closed == 1


def test_lookup_counts_distinct_texts(path: Path) -> None:
    run(path, job(Upper(), "a"))
    with Cache.open(path) as cache:
        lookup = look_up(job(Upper(), "a", "b", "b"), cache)
    assert [request.source for request in lookup.requests] == ["b"]
    assert [answer.text for answer in lookup.known.values()] == ["A"]
