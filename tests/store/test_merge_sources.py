"""What ``harness cache merge`` is given: journals of killed processes, files of others, and several merges at once."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.cache.answers import Cache
from tests.cli.conftest import Shell, harness
from tests.store.test_cache import put
from tests.store.test_journal import COUNT, left
from tests.workspace import counting_system, small_workspace

__all__ = ["harness", "left"]


def filled(path: Path, start: int, stop: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Cache.open(path) as cache:
        for number in range(start, stop):
            put(cache, (f"s{number}", f"text {number} " * 50))
    return path


@pytest.mark.parametrize("damage", ["none", "flipped", "cut"])
def test_a_journal_that_cannot_be_read_is_said(left: Path, tmp_path: Path, harness: Shell, damage: str) -> None:
    """What a killed machine left: SQLite would leave out what is behind the damage without a word."""
    small_workspace(tmp_path / "home")
    counting_system(tmp_path / "home")
    shutil.copytree(left, tmp_path / "there")
    journal = tmp_path / "there" / "c-wal"
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= damage == "flipped"
    journal.write_bytes(content[: len(content) // 2] if damage == "cut" else content)
    done = harness("cache", "merge", tmp_path / "there" / "c", "-C", tmp_path / "home")
    assert done.code == (0 if damage == "none" else 2), done.err
    assert ("pages of its journal c-wal cannot be read" in done.err) == (damage != "none")
    taken = int(next(line for line in done.out.splitlines() if "\ttranslations\t" in line).split("\t")[-1])
    assert taken == COUNT if damage == "none" else 0 < taken < COUNT


@pytest.mark.parametrize("sql", ["", "CREATE TABLE other (a)", "CREATE TABLE translations (key, answer)"])
def test_a_file_of_others_is_no_cache(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.close()
    path.touch()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other.sqlite3 is not a cache"), Cache.copy_of(path):
        pass
    assert path.read_bytes() == before


def test_merges_at_once_and_killed_ones_lose_nothing(tmp_path: Path) -> None:
    small_workspace(tmp_path / "home")
    counting_system(tmp_path / "home")
    sources = [filled(tmp_path / f"{start}.sqlite3", start, start + 30) for start in (0, 20, 40)]
    command = [sys.executable, "-m", "harness", "cache", "merge", *map(str, sources), "-C", str(tmp_path / "home")]
    cache = tmp_path / "home" / "reports" / ".cache" / "harness.sqlite3"

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)

    killed = start()
    while not cache.exists() and killed.poll() is None:
        pass
    killed.send_signal(signal.SIGKILL)
    killed.wait(60)
    with Cache.open(cache) as opened:
        assert list(opened.verify()) == []
    assert [merge.wait(60) for merge in (start(), start())] == [0, 0]
    with Cache.open(cache) as opened:
        assert opened.stats().translations == 70
        assert list(opened.verify()) == []
