"""Flipped bits anywhere in the file: each is reported or harmless; nothing wrong is served, nothing is bought again."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from harness.engines.interface import Limits
from harness.errors import StoreError
from harness.store.cache.answers import Cache
from harness.translation.job import Job, look_up
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.types import Refused, SystemName, Translated, Unknown, told
from harness.workspace.progress import Silent
from tests.store.test_cache import METRIC, PAIR, key, record, request
from tests.translation.engines import Upper
from tests.translation.test_runner import corpus

SOURCES = [f"Satz Nummer {number} mit etwas Text." for number in range(40)]
REFUSED = "Satz, der nicht übersetzt wird."
TEXTS = [(f"source {number}", "translation", "reference") for number in range(20)]
DERIVED = [{"metric": "bleu", "texts": str(number)} for number in range(10)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flips") / "whole.sqlite3"
    with Cache.open(path) as cache:
        for start in range(0, len(SOURCES), 4):
            answers = [(request(source), Translated(source.upper())) for source in SOURCES[start : start + 4]]
            cache.put_answers(answers, record(f"s{start % 3}", seconds=0.25 + start, usage={"input_tokens": start}))
        cache.put_answers([(request(REFUSED), Refused("content filter"))], record(cost=Unknown(told("no price"))))
        cache.put_scores(METRIC, [(texts, {"score": number / 7}) for number, texts in enumerate(TEXTS)])
        cache.put_derived([(asked, str(number).encode() * 30) for number, asked in enumerate(DERIVED)])
    return path


def look(path: Path, expected: dict[str, object]) -> str:
    """What a run finds there."""
    keys = [key(source) for source in SOURCES]
    try:
        with Cache.open(path) as cache:
            found: dict[str, object] = {
                "texts": cache.get_translations(keys),
                "refusals": cache.get_refusals([key(REFUSED)]),
                "records": cache.get_records(keys),
            }
            scores, derived = cache.get_scores(METRIC, TEXTS), cache.get_derived(DERIVED)
            if found != expected:
                cache.must_be_sound()  # as before anything is bought
                return "wrong or bought again"
    except StoreError:
        return "reported"
    # What costs only time may be computed again, but must not be something else.
    if any(score not in (None, {"score": number / 7}) for number, score in enumerate(scores)):
        return "wrong score"
    if any(result not in (None, str(number).encode() * 30) for number, result in enumerate(derived)):
        return "wrong statistics"
    return "harmless"


def audit(path: Path) -> str:
    """What ``harness cache verify`` says of it; it must never crash."""
    try:
        with Cache.open(path) as cache:
            return "reported" if list(cache.verify()) else "sound"
    except StoreError:
        return "reported"


def flip(whole: Path, path: Path, rng: random.Random) -> None:
    shutil.copy(whole, path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def trials(whole: Path, folder: Path, count: int, seed: int) -> Counter[tuple[str, str]]:
    keys = [key(source) for source in SOURCES]
    with Cache.open(whole) as cache:
        expected: dict[str, object] = {
            "texts": cache.get_translations(keys),
            "refusals": cache.get_refusals([key(REFUSED)]),
            "records": cache.get_records(keys),
        }
    rng = random.Random(seed)
    seen: Counter[tuple[str, str]] = Counter()
    for number in range(count):
        path = folder / f"{number % 2}.sqlite3"
        flip(whole, path, rng)
        seen[look(path, expected), audit(path)] += 1
    return seen


def check(seen: Counter[tuple[str, str]]) -> None:
    assert {run for run, _ in seen} <= {"reported", "harmless"}, seen
    assert ("reported", "sound") not in seen, "a run finds what verify does not"
    assert seen["reported", "reported"] > 0


def test_bits(whole: Path, tmp_path: Path) -> None:
    check(trials(whole, tmp_path, 150, 0))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("block", range(4))
def test_six_thousand_bits(whole: Path, tmp_path: Path, block: int) -> None:
    seen = trials(whole, tmp_path, 1500, 1 + block)
    print(seen)
    check(seen)


def exchange(path: Path, table: str, columns: str) -> None:
    """Exchange columns of two records, as a tool that puts rows together wrongly would."""
    connection = sqlite3.connect(path)
    first, *_, last = connection.execute(f"SELECT rowid, {columns} FROM {table} ORDER BY rowid LIMIT 6").fetchall()
    assignments = ", ".join(f"{column} = ?" for column in columns.split(", "))
    for row, other in ((first, last), (last, first)):
        connection.execute(f"UPDATE {table} SET {assignments} WHERE rowid = ?", (*other[1:], row[0]))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("translations", "answer, seal"), ("translations", "answer"), ("translations", "brought_by"),
        ("translations", "system"), ("scores", "result, seal"), ("derived", "result, seal"), ("requests", "seconds"),
        ("requests", "usage, seal"),
    ],
)  # fmt: skip
def test_exchanged_records_are_found(whole: Path, tmp_path: Path, table: str, columns: str) -> None:
    path = tmp_path / "exchanged.sqlite3"
    shutil.copy(whole, path)
    exchange(path, table, columns)
    with Cache.open(path) as cache:
        damage = list(cache.verify())
    assert [item.table for item in damage] == [table, table]


@pytest.mark.parametrize("name", ["NULL", "'m004_sealt'", "x'ff'", "7"])
def test_a_damaged_list_of_steps_is_damage_and_no_newer_version(whole: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "steps.sqlite3"
    shutil.copy(whole, path)
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE _migrations SET name = {name} WHERE name = 'm004_seals'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="damaged: malformed"), Cache.open(path):
        pass
    assert path.read_bytes() == before


def test_nothing_is_bought_from_a_file_that_hides_answers(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    limits = Limits(max_segments=1, concurrency=1, timeout=60)

    def job(engine: Upper, *sources: str) -> Job:
        return Job(SystemName("s"), corpus(*sources), engine, engine.identity(PAIR), limits, tariff_of(engine, None))

    with Cache.open(path) as cache:
        translate([job(Upper(), "a", "b", "c")], cache, Silent())
        wanted = next(iter(look_up(job(Upper(), "b"), cache).known))
    content = path.read_bytes()
    # In the index, and not in the table, the key begins another way.
    places = [place for place in range(len(content)) if content.startswith(wanted.encode(), place)]
    for place in places:
        spoiled = bytearray(content)
        spoiled[place + 10] ^= 1
        path.write_bytes(spoiled)
        engine = Upper()
        with pytest.raises(StoreError, match="damaged"), Cache.open(path) as cache:
            translate([job(engine, "a", "b", "c", "d")], cache, Silent())
        assert engine.asked == []
    assert len(places) >= 2
