"""The journal that a killed process leaves: damage in it is reported, and what is sound is never called damaged."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.cache.answers import Cache
from harness.store.cache.journal import lost_frames
from tests.store.test_cache import key

WRITER = """
import os, sys
from pathlib import Path
from harness.store.cache.answers import Cache
from tests.store.test_cache import put
path, count = Path(sys.argv[1]), int(sys.argv[2])
with Cache.open(path) as cache:
    for number in range(count):
        put(cache, (f"{os.getpid() if count > 1000 else ''}s{number}", "text " * 100))
    os._exit(9)  # as killed: nothing is closed
"""
ROOT = Path(__file__).parents[2]
COUNT = 20


def writing(path: Path, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(count)], cwd=ROOT)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a killed process left."""
    folder = tmp_path_factory.mktemp("journal")
    assert writing(folder / "c", COUNT).wait() == 9
    return folder


def copy(left: Path, folder: Path, *, index: bool) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left, folder)
    if not index:
        (folder / "c-shm").unlink()
    return folder / "c"


def look(path: Path) -> str:
    try:
        with Cache.open(path) as cache:
            found = cache.get_translations([key(f"s{number}") for number in range(COUNT)])
    except StoreError as error:
        return "reported" if "journal" in str(error) else str(error)
    return "harmless" if len(found) == COUNT else "silent"


@pytest.mark.parametrize("index", [True, False])
def test_whole_journals_are_sound(left: Path, tmp_path: Path, index: bool) -> None:
    path = copy(left, tmp_path / "copy", index=index)
    assert Path(f"{path}-wal").stat().st_size > 100_000
    assert lost_frames(path) == 0
    assert look(path) == "harmless"
    assert lost_frames(tmp_path / "none") == 0


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("damage", ["a flipped bit", "a cut"])
def test_damage_is_reported_and_nothing_is_changed(left: Path, tmp_path: Path, index: bool, damage: str) -> None:
    rng = random.Random(damage)
    seen: Counter[str] = Counter()
    for _ in range(40):
        path = copy(left, tmp_path / "copy", index=index)
        journal = Path(f"{path}-wal")
        content = bytearray(journal.read_bytes())
        place = rng.randrange(len(content))
        if damage == "a cut":
            del content[place:]
        else:
            content[place] ^= 1 << rng.randrange(8)
        journal.write_bytes(content)
        seen[look(path)] += 1
        assert journal.read_bytes() == content
    assert seen == {"reported": 40}


def damage_journal(path: Path) -> None:
    journal = Path(f"{path}-wal")
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 1
    journal.write_bytes(content)


def test_damage_that_passes_was_a_writer_at_work(left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copy(left, tmp_path / "copy", index=True)
    journal = Path(f"{path}-wal")
    whole = journal.read_bytes()
    damage_journal(path)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2 * looks:  # before the last look of the second time
            journal.write_bytes(whole)

    looks = 99
    monkeypatch.setattr("harness.store.cache.journal.time.sleep", pause)
    assert lost_frames(path) > 0
    looks = len(pauses)
    assert looks >= 2
    assert lost_frames(path) == 0


def test_a_journal_that_goes_while_it_is_looked_at_is_none(
    left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes the file last removes it, with its index."""
    path = copy(left, tmp_path / "copy", index=True)
    opened = io.open

    def closed(file: str | Path, *options: object, **named: object) -> object:
        if str(file) == f"{path}-wal":
            with closing(sqlite3.connect(path)) as last:
                last.execute("SELECT count(*) FROM translations")
        return opened(file, *options, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(io, "open", closed)  # where Path.read_bytes looks it up
    assert lost_frames(path) == 0
    assert not Path(f"{path}-wal").exists()


def test_damage_in_what_is_in_the_database_already_would_bring_old_pages_back(left: Path, tmp_path: Path) -> None:
    path = copy(left, tmp_path / "copy", index=True)
    code = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "assert connection.execute('PRAGMA wal_checkpoint(PASSIVE)').fetchone()[0] == 0\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    assert lost_frames(path) == 0
    damage_journal(path)
    assert lost_frames(path) > 0
    assert look(path) == "reported"


def test_the_index_of_another_journal_says_nothing_of_this_one(left: Path, tmp_path: Path) -> None:
    """A file and its journal were copied over another cache's, whose index was left behind and counts more frames."""
    path = copy(left, tmp_path / "copy", index=True)
    other = tmp_path / "other" / "c"
    other.parent.mkdir()
    assert writing(other, 2 * COUNT).wait() == 9
    shutil.copy(f"{other}-shm", f"{path}-shm")
    assert lost_frames(path) == 0
    damage_journal(path)
    assert lost_frames(path) > 0


def test_what_is_sound_can_be_taken_over(left: Path, tmp_path: Path) -> None:
    path = copy(left, tmp_path / "copy", index=True)
    journal = Path(f"{path}-wal")
    content = bytearray(journal.read_bytes())
    content[len(content) * 3 // 4] ^= 1
    journal.write_bytes(content)
    with Cache.open(tmp_path / "new") as cache, Cache.copy_of(path) as other:
        assert 5 < cache.take_over(other).counts["translations"] < COUNT


def test_kills_and_writers_at_work_are_no_damage(tmp_path: Path) -> None:
    rng = random.Random(0)
    looks = 0
    for number in range(15):
        # Every third begins a file of its own: its journal has frames before its index is read.
        path = tmp_path / f"c{number // 3}"
        with writing(path, 10**6) as writer:
            try:
                while not Path(f"{path}-wal").exists():
                    time.sleep(0.001)
                end = time.monotonic() + 0.1 + rng.random() * 0.2
                while time.monotonic() < end:
                    assert lost_frames(path) == 0
                    looks += 1
            finally:
                os.kill(writer.pid, signal.SIGKILL)
        assert lost_frames(path) == 0
        if number % 2:
            with Cache.open(path) as cache:
                assert cache.stats().translations > 0
    assert looks > 20
