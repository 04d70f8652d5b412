"""One SQLite file for several processes at once: opening it, whole transactions, complaints that say what to do."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from harness.errors import StoreError
from harness.store.cache.journal import lost_frames, write_ahead
from harness.store.cache.migrations import migrate
from harness.store.cache.network import network_type

BUSY_SECONDS = 60.0
"""How long to wait for another process, which writes to the file or creates it, before giving up."""

KEYS_PER_QUERY = 900
"""SQLite's oldest limit on bound parameters is 999."""

BROKEN = re.compile("no such (table|column)|malformed|corrupt|already exists|unsupported file format|has no column")
"""What SQLite says of a file whose schema is not the one that was written."""

T = TypeVar("T")


class Database:
    """Open with :meth:`open`, use as a context manager. Belongs to one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, called: Path | None = None) -> Self:
        """Open or create the cache; messages name ``called`` where the file is a copy of that.

        Raises:
            StoreError: the file is damaged, unreadable, from a newer version, or on a network file system. It is left
                as it is.
        """
        if kind := network_type(path):
            raise StoreError(
                f"the cache {path} is on a network file system ({kind}), where simultaneous "
                "writes from two machines can damage it",
                hint="set HARNESS_CACHE to a file on a local disk; to combine caches: harness cache merge FILE",
            )
        with explained(called or path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if lost := lost_frames(path):
                raise _lost(path, lost)
            # Under a running event loop the work is done by another thread, while this one waits for it.
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            connection.text_factory = _text
            try:
                write_ahead(connection, BUSY_SECONDS)
                # FULL: an answer that was paid for survives a power cut, not only a killed process.
                connection.execute("PRAGMA synchronous=FULL")
                migrate(connection, str(called or path))
            except BaseException:
                connection.close()
                raise
        return cls(connection, called or path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Read several tables as they are at one moment, whatever others write meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _text(stored: bytes) -> str:
    """What a column holds. Damaged text must not stop the reading: no seal will fit it."""
    return stored.decode("utf-8", "surrogateescape")


def in_parts(values: Sequence[T]) -> Iterator[tuple[str, Sequence[T]]]:
    """Values in portions that fit one query, each with its question marks."""
    for start in range(0, len(values), KEYS_PER_QUERY):
        part = values[start : start + KEYS_PER_QUERY]
        yield ",".join("?" * len(part)), part


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's and the file system's complaints into one that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if BROKEN.search(str(error)):
            raise _damage(path, error) from error
        problem, hint = _trouble(path, error)
        raise StoreError(f"the cache {path} {problem}: {error}", hint=hint) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: SQLite quotes what cannot be read
        raise _damage(path, error) from error
    except OSError as error:
        raise StoreError(f"the cache {path} cannot be used: {error.strerror or error}") from error


def _trouble(path: Path, error: sqlite3.OperationalError) -> tuple[str, str]:
    """What keeps SQLite from its file, and what to do about it."""
    folder, code = shlex.quote(str(path.parent)), getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        wait = "wait until it ends and run again, or set HARNESS_CACHE to another file"
        problem = f"has been held by another process for {BUSY_SECONDS:g} s"
        return problem, f"{wait}; to see which process holds it: fuser -v {shlex.quote(str(path))}"
    if code == sqlite3.SQLITE_FULL:
        return "cannot grow", f"free space on its disk and run again: df -h {folder}"
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return "cannot be written", f"check the permissions of the file and its folder: ls -la {folder}"
    return "cannot be used", "check permissions and free space, or set HARNESS_CACHE to another file"


def _lost(path: Path, frames: int) -> StoreError:
    return StoreError(
        f"the cache {path} is damaged: the last {frames} pages of its journal {path.name}-wal cannot be read, and the "
        "answers in them would be paid for again",
        hint="nothing was changed; restore both files, or move both away and recover the intact records: "
        "harness cache merge FILE",
    )


def _damage(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the cache {path} is damaged: {error}",
        hint="nothing was changed; move the file away and recover the intact records (harness cache merge "
        "FILE), or restore it (sqlite3 FILE .recover), and run again",
    )
