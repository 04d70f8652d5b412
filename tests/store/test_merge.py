"""Taking over what other caches hold, and what a cache must not be kept on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.cache import database
from harness.store.cache.answers import Cache
from harness.store.cache.network import network_type
from harness.store.cache.seals import COLUMNS, seal
from harness.types import Refused, Translated
from tests.cli.conftest import Shell, harness
from tests.store.test_cache import METRIC, _tamper, key, put, record, request
from tests.workspace import counting_system, small_workspace

__all__ = ["harness"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here.sqlite3"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "there" / "cache 100%.sqlite3"


def fill(path: Path) -> None:
    with Cache.open(path) as cache:
        cache.put_record(record(outcome="Transient"))
        cache.put_answers([(request("a"), Translated("A")), (request("b"), Refused("filter"))], record(seconds=2.0))
        put(cache, ("c", "C"), system="other")
        cache.put_scores(METRIC, [(("x",), {"score": 0.5})])
        cache.put_derived([({"k": "1"}, b"rows")])


def test_everything_sound_is_taken_over_once(here: Path, there: Path) -> None:
    fill(there)
    before = there.read_bytes()
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        put(cache, ("c", "mine"))
        taken = cache.take_over(other)
        assert dict(taken.counts) == {"translations": 1, "refusals": 1, "scores": 1, "derived": 1}
        assert (taken.differing, taken.damaged) == (1, ())
        assert cache.get_translations([key("a"), key("c")])[key("c")].text == "mine"
        assert cache.get_refusals([key("b")]) == {key("b"): Refused("filter")}
        assert [item.seconds for item in cache.get_records([key("a"), key("c")])] == [0.5, 2.0]
        assert list(cache.verify()) == []
        requests = cache.stats().requests
        again = cache.take_over(other)
        assert sum(again.counts.values()) == 0
        assert cache.stats().requests == requests == 2
    assert there.read_bytes() == before


def test_what_one_request_brought_stays_together(here: Path, there: Path) -> None:
    with Cache.open(there) as cache:
        put(cache, ("a", "A"), ("b", "B"), ("c", "C"))
        put(cache, ("d", "D"), system="other")
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        put(cache, ("a", "A"))
        taken = cache.take_over(other)
        assert (taken.counts["translations"], taken.differing) == (3, 0), "both gave the same answer to 'a'"
        assert len(cache.get_records([key("b"), key("c")])) == 1
        assert [item.system for item in cache.get_records([key("b"), key("d")])] == ["s", "other"]
        assert len(cache.get_records([key(source) for source in "abcd"])) == cache.stats().requests


def test_damaged_records_are_left_behind(here: Path, there: Path) -> None:
    fill(there)
    _tamper(there, """UPDATE translations SET answer = '{"notes":{},"text":"forged"}' WHERE system = 's'""")
    _tamper(there, "UPDATE requests SET seconds = 9 WHERE system = 'other'")
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        taken = cache.take_over(other)
        assert {item.table for item in taken.damaged} == {"translations", "requests"}
        assert list(cache.get_translations([key("a"), key("c")])) == [key("c")]
        assert cache.get_records([key("c")]) == []
        assert list(cache.verify()) == []


NONSENSE: Mapping[str, tuple[str, str, object]] = {
    "no JSON": ("translations", "answer", "none"),
    "bytes": ("translations", "answer", b"\xff\xfe"),
    "a list": ("translations", "answer", "[1]"),
    "a text that is none": ("translations", "answer", '{"notes":{},"text":5}'),
    "half a character": ("translations", "answer", '{"notes":{},"text":"a\\ud800b"}'),
    "notes that count nothing": ("translations", "answer", '{"notes":{"x":{"y":1}},"text":"A"}'),
    "depth": ("translations", "answer", '{"text":"A","notes":' + '{"a":' * 9999 + "1" + "}" * 9999 + "}"),
    "no request": ("translations", "brought_by", "x"),
    "no reason": ("refusals", "answer", '{"reason":null}'),
    "a score that is none": ("scores", "result", '{"score":"high"}'),
    "a score beyond all numbers": ("scores", "result", '{"score":1' + "0" * 400 + "}"),
    "an infinite score": ("scores", "result", '{"score":1e999}'),
    "statistics as text": ("derived", "result", "rows"),
    "a date that is none": ("requests", "sent", "yesterday"),
    "time as text": ("requests", "seconds", "fast"),
    "time that runs back": ("requests", "seconds", -5.0),
    "money given back": ("requests", "cost", -100.0),
    "money as text": ("requests", "cost", "free"),
    "usage that is none": ("requests", "usage", "[]"),
    "usage below nothing": ("requests", "usage", '{"input_tokens":-5}'),
    "a long number": ("requests", "usage", '{"input_tokens":' + "9" * 5000 + "}"),
}


def read_all(cache: Cache) -> None:
    cache.get_translations([key("a"), key("c")])
    cache.get_refusals([key("b")])
    cache.get_scores(METRIC, [("x",)])
    cache.get_derived([{"k": "1"}])
    cache.get_records([key("a"), key("c")])


def test_a_seal_over_another_request_is_no_answer_to_this_one(here: Path, there: Path) -> None:
    fill(there)
    connection = sqlite3.connect(there)
    row = list(connection.execute(f"SELECT {', '.join(COLUMNS['scores'])} FROM scores").fetchone())
    row[1] = row[1].replace("comet", "bleu")
    connection.execute("UPDATE scores SET request = ?, seal = ?", (row[1], seal("scores", row)))
    connection.commit()
    connection.close()
    with Cache.open(there) as cache:
        assert [item.what for item in cache.verify()] == ["the key does not match the request"]
        with pytest.raises(StoreError, match="damaged"):
            cache.get_scores(METRIC, [("x",)])
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        assert [item.table for item in cache.take_over(other).damaged] == ["scores"]


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_seal_over_nonsense_is_no_record(here: Path, there: Path, kind: str) -> None:
    """Whoever can write a file can write seals; what was sealed must still be a record."""
    table, column, value = NONSENSE[kind]
    columns = COLUMNS[table]
    fill(there)
    connection = sqlite3.connect(there)
    for number, *row in connection.execute(f"SELECT rowid, {', '.join(columns)} FROM {table}").fetchall():
        row[columns.index(column)] = value
        changes = (value, seal(table, row), number)
        connection.execute(f"UPDATE {table} SET {column} = ?, seal = ? WHERE rowid = ?", changes)
    connection.commit()
    connection.close()
    with Cache.open(there) as cache:
        assert {(item.table, item.what) for item in cache.verify()} == {
            (table, "the content is not valid for this table")
        }
        with pytest.raises(StoreError, match="damaged"):
            read_all(cache)
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        assert {item.table for item in cache.take_over(other).damaged} == {table}
        assert list(cache.verify()) == []


def test_a_file_whose_index_is_broken_gives_its_records(here: Path, there: Path) -> None:
    fill(there)
    content = bytearray(there.read_bytes())
    for place in range(len(content)):
        if content.startswith(key("a").encode(), place):
            content[place + 10] ^= 1  # in the table and in the index: one of them is damage of a record
            break
    there.write_bytes(content)
    with Cache.open(there) as cache:
        with pytest.raises(StoreError, match="damaged"):
            cache.must_be_sound()
        with pytest.raises(StoreError) as caught:
            cache.prune(damaged=True, before="", system="")
        assert "cache merge" in caught.value.hint
    with Cache.open(here) as cache, Cache.copy_of(there) as other:
        cache.take_over(other)
        assert key("c") in cache.get_translations([key("a"), key("c")])
        assert list(cache.verify()) == []


def test_a_request_that_is_gone_is_found_and_forgotten(here: Path) -> None:
    fill(here)
    _tamper(here, "DELETE FROM requests WHERE system = 'other'")
    with Cache.open(here) as cache:
        with pytest.raises(StoreError, match="damaged"):
            cache.get_records([key("c")])
        (damage,) = cache.verify()
        assert damage.sound
        assert cache.prune(damaged=True, before="", system="") == 0
        assert list(cache.verify()) == []
        assert cache.get_translations([key("c")])[key("c")].text == "C"


def test_refusals_can_be_asked_again(here: Path) -> None:
    fill(here)
    with Cache.open(here) as cache:
        assert cache.prune(damaged=False, before="", system="", refusals=True) == 1
        assert cache.get_refusals([key("b")]) == {}
        assert len(cache.get_translations([key("a"), key("c")])) == 2


def test_through_the_command_line(tmp_path: Path, harness: Shell) -> None:
    roots = [tmp_path / name for name in ("one", "two")]
    small_workspace(roots[0], articles=1, segments=3)
    counting_system(roots[0])
    shutil.copytree(roots[0], roots[1])
    assert harness("run", "-C", roots[0], "--metric", "chrf", "-q").code == 0
    cache = roots[0] / "reports" / ".cache" / "harness.sqlite3"
    done = harness("cache", "merge", "-C", roots[1], cache)
    assert done.code == 0, done.err
    assert f"{cache}\ttranslations\t3" in done.out
    offline = harness("run", "-C", roots[1], "--metric", "chrf", "--dry-run")
    assert "\t3\t3\t0\t0\t" in offline.out
    assert harness("cache", "merge", "-C", roots[0], cache).code == 2
    assert harness("cache", "merge", "-C", roots[1], tmp_path / "nothing").code == 2
    _tamper(cache, "UPDATE translations SET system = 'x'")
    damaged = harness("cache", "merge", "-C", roots[1], cache)
    assert damaged.code == 2
    assert damaged.err.count(": skipped") == 3
    verified = harness("cache", "verify", "-C", roots[0])
    assert (verified.code, verified.out.count("the seal does not match")) == (2, 3)


def test_no_answer_is_lost_when_verify_meets_nonsense(tmp_path: Path, harness: Shell) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    counting_system(tmp_path)
    assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
    cache = tmp_path / "reports" / ".cache" / "harness.sqlite3"
    _tamper(cache, "UPDATE translations SET request = 'no json', system = CAST(x'ff41' AS TEXT) WHERE rowid = 1")
    _tamper(cache, "UPDATE requests SET usage = '{'")
    verified = harness("cache", "verify", "-C", tmp_path)
    assert verified.code == 2
    assert "damaged" in verified.err
    assert "Traceback" not in verified.err
    assert harness("cache", "stats", "-C", tmp_path).code == 0
    run = harness("run", "-C", tmp_path, "--metric", "chrf", "-q")
    assert run.code == 2
    assert "cache verify" in run.err
    assert harness("cache", "prune", "-C", tmp_path, "--damaged").code == 0
    assert harness("cache", "verify", "-C", tmp_path).code == 0


MOUNTS = """\
22 27 0:21 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw,vers=4.2
41 22 0:41 / /proc/fs/nfsd rw,relatime - nfsd nfsd rw
31 30 0:41 / /home/me/local rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/my\\040share rw - cifs //server/share rw
33 22 0:43 / /data rw - nfs server:/data rw
34 22 0:44 / /data rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/me/x.sqlite3", "nfs4"), ("/home/me/local/x", ""), ("/mnt/my share/deep/x", "cifs"), ("/data/x", ""),
        ("/homes/x", ""), ("/x", ""),
        ("/proc/fs/nfsd/x", ""),
    ],
)  # fmt: skip
def test_network_file_systems(place: str, kind: str) -> None:
    assert network_type(Path(place), MOUNTS) == kind
    assert network_type(Path(place), "") == network_type(Path(place), "nonsense\n - \n") == ""


def test_a_cache_on_one_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "network_type", lambda path: "nfs4")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\)") as caught:
        Cache.open(here)
    assert "HARNESS_CACHE" in caught.value.hint
    assert not here.exists()


def test_seals_of_the_first_versions_are_renewed_and_damage_stays_found(here: Path) -> None:
    from harness.store.cache import migrations
    from harness.store.cache.keys import bytes_digest, canonical_json, digest

    connection = sqlite3.connect(here)
    for step in migrations.MIGRATIONS[:3]:
        step(connection)
    connection.execute("CREATE TABLE _migrations (name TEXT PRIMARY KEY)")
    connection.executemany(
        "INSERT INTO _migrations VALUES (?)", [(step.__name__,) for step in migrations.MIGRATIONS[:3]]
    )
    body = '{"notes":{},"text":"A"}'
    for source, sealed in (("a", digest(body)), ("b", "h1:wrong")):
        row = (key(source), canonical_json(request(source)), body, sealed, "s", "2026-01-01", "0.1.0", 1)
        connection.execute("INSERT INTO translations VALUES (?,?,?,?,?,?,?,?)", row)
    requests = (1, "s", "de-en", "2026-01-01", 0.5, 1, 1, 4, "ok", "{}", None, "", "", "", "0.1.0")
    connection.execute("INSERT INTO requests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", requests)
    derived = (digest({"k": "1"}), canonical_json({"k": "1"}), b"rows", bytes_digest(b"rows"), "2026-01-01", "0.1.0")
    connection.execute("INSERT INTO derived VALUES (?,?,?,?,?,?)", derived)
    connection.commit()
    connection.close()
    with Cache.open(here) as cache:
        assert cache.get_translations([key("a")])[key("a")].text == "A"
        assert cache.get_derived([{"k": "1"}]) == [b"rows"]
        assert [item.seconds for item in cache.get_records([key("a")])] == [0.5]
        (damage,) = cache.verify()
        assert damage.key == key("b")
        with pytest.raises(StoreError, match="damaged"):
            cache.get_translations([key("b")])
