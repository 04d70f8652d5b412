"""The cache: keeps everything, finds damage, survives two writers and a newer harness."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections import UserDict
from collections.abc import Iterator, KeysView
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.cache import migrations
from harness.store.cache.answers import Cache
from harness.store.cache.keys import canonical_json, digest, translation_request
from harness.store.cache.records import RequestRecord
from harness.types import EngineIdentity, JsonValue, LangPair, Money, Refused, Translated, Unknown, told

IDENTITY = EngineIdentity("e", "1", {})
PAIR = LangPair("de", "en")


def request(source: str) -> dict[str, JsonValue]:
    return translation_request(IDENTITY, PAIR, source)


def key(source: str) -> str:
    return digest(request(source))


def record(system: str = "s", **changes: object) -> RequestRecord:
    base = RequestRecord(
        system, "de-en", "2026-01-01T00:00:00.000+00:00", 0.5, 1, 1, 4, "ok", {}, Money(0.1, "USD"), "m-1", "r"
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def put(cache: Cache, *pairs: tuple[str, str], system: str = "s") -> None:
    cache.put_answers([(request(source), Translated(text)) for source, text in pairs], record(system))


METRIC = {"metric": "comet", "checkpoint": "abc"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache.sqlite3"


@pytest.fixture
def cache(path: Path) -> Iterator[Cache]:
    with Cache.open(path) as opened:
        yield opened


def test_what_is_put_is_got_back_and_marked_as_cached(cache: Cache) -> None:
    text = " Straße\t😀 e\u0301 \u202e & <b> "
    cache.put_answers([(request("Haus"), Translated(text, notes={"unknown_words": 2}))], record())
    found = cache.get_translations([key("Haus"), key("Hof"), key("Haus")])
    assert found == {key("Haus"): Translated(text, cached=True, notes={"unknown_words": 2})}
    assert found[key("Haus")].notes == {"unknown_words": 2}


def test_an_empty_translation_is_an_answer(cache: Cache) -> None:
    put(cache, ("Haus", ""))
    assert cache.get_translations([key("Haus")])[key("Haus")].text == ""


def test_the_first_answer_stays(cache: Cache) -> None:
    put(cache, ("Haus", "house"))
    put(cache, ("Haus", "home"))
    assert cache.get_translations([key("Haus")])[key("Haus")].text == "house"


def test_answers_and_their_request_are_kept_together_or_not_at_all(cache: Cache) -> None:
    broken = Translated("yard", notes={"unknown_words": float("nan")})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="JSON"):
        cache.put_answers([(request("Haus"), Translated("house")), (request("Hof"), broken)], record())
    assert (cache.stats().requests, cache.stats().translations) == (0, 0)
    put(cache, ("Haus", "house"))
    assert (cache.stats().requests, cache.stats().translations) == (1, 1)


def test_nobody_writes_between_a_number_and_its_use(cache: Cache, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the record of a request gets its number, another process that writes has to wait."""
    from harness.store.cache import database

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with Cache.open(path) as other:

        class Disturbed(UserDict[str, int]):
            waited = False

            def keys(self) -> KeysView[str]:
                with pytest.raises(StoreError, match="held by another process"):
                    put(other, ("Hof", "yard"))
                self.waited = True
                return super().keys()

        usage = Disturbed({"input_tokens": 3})
        cache.put_answers([(request("Haus"), Translated("house"))], record(usage=usage))
        assert usage.waited
        put(other, ("Hof", "yard"))
        assert [item.usage for item in other.get_records([key("Haus"), key("Hof")])] == [{"input_tokens": 3}, {}]


def test_more_keys_than_sqlite_takes_parameters(cache: Cache) -> None:
    sources = [f"s{number}" for number in range(2500)]
    put(cache, *((source, source.upper()) for source in sources))
    found = cache.get_translations([key(source) for source in sources])
    assert [found[key(source)].text for source in sources] == [source.upper() for source in sources]


def test_scores_come_back_in_order_with_gaps(cache: Cache) -> None:
    cache.put_scores(METRIC, [(("a", "b"), {"score": 0.1}), (("c", "d"), {"score": 0.2})])
    found = cache.get_scores(METRIC, [("c", "d"), ("x", "y"), ("a", "b"), ("c", "d")])
    assert found == [{"score": 0.2}, None, {"score": 0.1}, {"score": 0.2}]
    assert cache.get_scores({**METRIC, "checkpoint": "other"}, [("a", "b")]) == [None]


def test_derived_results_are_kept_by_all_that_they_depend_on(cache: Cache) -> None:
    cache.put_derived([({"metric": "bleu", "texts": "t"}, b"\x00\xff"), ({"metric": "chrf", "texts": "t"}, b"")])
    cache.put_derived([({"metric": "bleu", "texts": "t"}, b"other")])
    requests = [{"texts": "t", "metric": "bleu"}, {"metric": "ter", "texts": "t"}, {"metric": "chrf", "texts": "t"}]
    assert cache.get_derived(requests) == [b"\x00\xff", None, b""]


def test_stats_count(cache: Cache) -> None:
    put(cache, ("Haus", "house"), ("Hof", "yard"))
    cache.put_scores(METRIC, [(("a",), {"score": 0.1})])
    cache.put_derived([({"k": "1"}, b"rows"), ({"k": "2"}, b"rows")])
    stats = cache.stats()
    assert (stats.translations, stats.characters, stats.scores, stats.systems) == (2, 7, 1, {"s": 2})
    assert stats.derived == 2


def _tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE translations SET answer = '{"notes":{},"text":"forged"}'""",
        """UPDATE translations SET request = replace(request, 'Haus', 'Hans')""",
        """UPDATE translations SET request = 'no json'""",
        """UPDATE scores SET result = '{"score":0.99}'""",
        """UPDATE derived SET result = x'00'""",
        """UPDATE derived SET request = '{"k":"2"}'""",
    ],
)
def test_verify_finds_damage_and_prune_removes_it(cache: Cache, path: Path, statement: str) -> None:
    put(cache, ("Haus", "house"))
    cache.put_scores(METRIC, [(("a",), {"score": 0.1})])
    cache.put_derived([({"k": "1"}, b"rows")])
    assert list(cache.verify()) == []
    _tamper(path, statement)
    assert len(list(cache.verify())) == 1
    assert cache.prune(damaged=True, before="", system="") == 1
    assert list(cache.verify()) == []


def test_a_damaged_record_is_never_used(cache: Cache, path: Path) -> None:
    put(cache, ("Haus", "house"))
    _tamper(path, """UPDATE translations SET answer = '{"notes":{},"text":"forged"}'""")
    with pytest.raises(StoreError, match="damaged") as caught:
        cache.get_translations([key("Haus")])
    assert "cache verify" in caught.value.hint


def test_prune_by_system_and_date(cache: Cache) -> None:
    put(cache, ("Haus", "house"), system="one")
    put(cache, ("Hof", "yard"), system="two")
    cache.put_derived([({"k": "1"}, b"rows")])
    assert cache.prune(damaged=False, before="", system="one") == 1
    assert cache.prune(damaged=False, before="2000-01-01", system="") == 0
    assert cache.prune(damaged=False, before="2999-01-01", system="") == 2


def kept(cache: Cache) -> dict[str, bool]:
    """Which of the records that :func:`fill` makes are still there."""
    (score,), (rows,) = cache.get_scores(METRIC, [("a",)]), cache.get_derived([{"k": "1"}])
    answers = cache.get_translations([key("Haus"), key("Hof")])
    refused = cache.get_refusals([key("Fluch"), key("Schwur")])
    return {
        "one": key("Haus") in answers,
        "two": key("Hof") in answers,
        "one refused": key("Fluch") in refused,
        "two refused": key("Schwur") in refused,
        "score": score is not None,
        "rows": rows is not None,
    }


def fill(cache: Cache) -> None:
    """Translations and refusals of two systems, a score and rows that belong to nobody."""
    put(cache, ("Haus", "house"), system="one")
    put(cache, ("Hof", "yard"), system="two")
    cache.put_answers([(request("Fluch"), Refused("no"))], record("one"))
    cache.put_answers([(request("Schwur"), Refused("no"))], record("two"))
    cache.put_scores(METRIC, [(("a",), {"score": 0.1})])
    cache.put_derived([({"k": "1"}, b"rows")])


@pytest.mark.parametrize(
    ("before", "system", "refusals", "gone"),
    [
        ("", "one", False, {"one", "one refused"}),
        ("", "one", True, {"one refused"}),
        ("", "", True, {"one refused", "two refused"}),
        ("2999-01-01", "", True, {"one refused", "two refused"}),
        ("2999-01-01", "one", False, {"one", "one refused"}),
        ("2999-01-01", "one", True, {"one refused"}),
        ("2999-01-01", "", False, {"one", "two", "one refused", "two refused", "score", "rows"}),
        ("2000-01-01", "", False, set()),
        ("2000-01-01", "one", False, set()),
    ],
)
def test_prune_deletes_what_was_asked_for_and_nothing_else(
    cache: Cache, before: str, system: str, refusals: bool, gone: set[str]
) -> None:
    fill(cache)
    assert all(kept(cache).values())
    assert cache.prune(damaged=False, before=before, system=system, refusals=refusals) == len(gone)
    assert {name for name, there in kept(cache).items() if not there} == gone


def test_prune_before_a_moment_leaves_what_was_made_then(cache: Cache, path: Path) -> None:
    put(cache, ("Haus", "house"))
    (record_of,) = cache.export()
    moment = str(record_of["created"])
    assert cache.prune(damaged=False, before=moment, system="") == 0
    assert len(list(cache.export())) == 1


def test_export_gives_back_request_and_answer(cache: Cache) -> None:
    put(cache, ("Haus", "house"))
    (record,) = cache.export()
    assert record["answer"] == {"text": "house", "notes": {}}
    assert record["request"]["source"] == "Haus"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    "content", [b"this is not a database, it only looks like a file\n" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Cache.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_cache_from_the_future_is_refused(path: Path) -> None:
    with Cache.open(path):
        pass
    _tamper(path, "INSERT INTO _migrations VALUES ('m999_hyperspace')")
    with pytest.raises(StoreError, match="newer version"):
        Cache.open(path)


WRITER = """
import sys
from pathlib import Path
from harness.store.cache.answers import Cache
from harness.store.cache.records import RequestRecord
from harness.store.cache.keys import translation_request
from harness.types import EngineIdentity, LangPair, Money, Translated
who = sys.argv[2]
record = RequestRecord(who, "de-en", "2026-01-01", 0.5, 1, 1, 4, "ok", {}, Money(0.0, ""), "", "")
with Cache.open(Path(sys.argv[1])) as cache:
    for number in range(100):
        asked = translation_request(EngineIdentity("e", "1", {}), LangPair("de", "en"), f"{who}{number}")
        cache.put_answers([(asked, Translated(who))], record)
"""


def test_two_processes_write_at_once(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), who]) for who in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with Cache.open(path) as cache:
        assert cache.stats().systems == {"a": 100, "b": 100}
        assert list(cache.verify()) == []


def test_records_come_back_with_the_translations_they_brought(cache: Cache) -> None:
    first, second = record(), record(seconds=0.25, cost=Unknown(told("no price")), usage={"input_tokens": 3})
    cache.put_answers([(request("a"), Translated("A")), (request("b"), Translated("B"))], first)
    cache.put_answers([(request("c"), Translated("C"))], second)
    cache.put_record(record(outcome="Transient"))
    assert cache.get_records([key("a"), key("b")]) == [first]
    found = cache.get_records([key("c"), key("a"), key("zzz")])
    assert [item.seconds for item in found] == [0.5, 0.25]
    assert found[1].usage == {"input_tokens": 3}
    assert isinstance(found[1].cost, Unknown)


def test_a_cache_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    migrations.m001_initial(connection)
    connection.execute("CREATE TABLE _migrations (name TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO _migrations VALUES ('m001_initial')")
    body = '{"notes":{},"text":"house"}'
    row = (key("Haus"), canonical_json(request("Haus")), body, digest(body), "s", "2026-01-01", "0.1.0")
    connection.execute("INSERT INTO translations VALUES (?,?,?,?,?,?,?)", row)
    connection.commit()
    connection.close()
    with Cache.open(path) as cache:
        assert cache.get_translations([key("Haus")])[key("Haus")].text == "house"
        assert list(cache.verify()) == []
        assert cache.get_records([key("Haus")]) == []


def test_a_cache_that_others_hold_says_who_to_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.store.cache import database

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    path = tmp_path / "cache.sqlite3"
    with Cache.open(path) as cache:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="has been held by another process") as caught:
            put(cache, ("a", "A"))
        holder.close()
        put(cache, ("a", "A"))
    assert "fuser -v" in caught.value.hint
    assert "permissions" not in caught.value.hint


def test_a_cache_that_another_process_is_creating_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes the journal, for which SQLite waits for nobody: whoever comes second is told so at once."""
    from harness.store.cache import database

    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.2, other.execute, ["COMMIT"])
        end.start()
        with Cache.open(path) as opened:
            assert end.finished.is_set()
            put(opened, ("a", "A"))
        end.join()

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    second = path.with_name("second.sqlite3")
    with closing(sqlite3.connect(second, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"has been held by another process for 0\.1 s"), Cache.open(second):
            pass


def test_an_answer_kept_during_verify_is_no_damage(cache: Cache, path: Path) -> None:
    put(cache, ("Haus", "house"))

    class Disturbed(Cache):
        def _scan(self, table: str) -> Iterator[tuple[int, tuple[object, ...], str]]:
            put(cache, (f"Haus beim Lesen von {table}", "house"))
            return super()._scan(table)

    with Disturbed.open(path) as reader:
        assert list(reader.verify()) == []
        assert reader.stats().translations > 2
        put(reader, ("Baum", "tree"))  # nothing is left open


def test_whoever_only_reads_waits_for_no_writer(cache: Cache, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.store.cache import database

    put(cache, ("Haus", "house"))
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:  # stopped in the middle of a commit
        writer.execute("BEGIN IMMEDIATE")
        with Cache.open(path) as reader:
            assert key("Haus") in reader.get_translations([key("Haus")])
            with pytest.raises(StoreError, match="held by another process"):
                put(reader, ("Baum", "tree"))
        writer.execute("ROLLBACK")
