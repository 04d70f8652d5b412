"""The shape of the cache, as named steps; the names of those applied stand in the database itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from harness.errors import StoreError
from harness.store.cache.seals import COLUMNS, old_seal, request_key, seal


def m001_initial(connection: sqlite3.Connection) -> None:
    """Translations by content, scores by content."""
    connection.execute(
        "CREATE TABLE translations ("
        " key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL, seal TEXT NOT NULL,"
        " system TEXT NOT NULL, created TEXT NOT NULL, harness TEXT NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE scores ("
        " key TEXT PRIMARY KEY, request TEXT NOT NULL, result TEXT NOT NULL, seal TEXT NOT NULL,"
        " created TEXT NOT NULL, harness TEXT NOT NULL)"
    )


def m002_requests(connection: sqlite3.Connection) -> None:
    """What was sent, how long it took and what it cost; each translation names the request that brought it."""
    connection.execute(
        "CREATE TABLE requests ("
        " id INTEGER PRIMARY KEY, system TEXT NOT NULL, pair TEXT NOT NULL, sent TEXT NOT NULL, seconds REAL NOT NULL,"
        " attempt INTEGER NOT NULL, segments INTEGER NOT NULL, characters INTEGER NOT NULL, outcome TEXT NOT NULL,"
        " usage TEXT NOT NULL, cost REAL, currency TEXT NOT NULL, model TEXT NOT NULL, request_id TEXT NOT NULL,"
        " harness TEXT NOT NULL)"
    )
    connection.execute("ALTER TABLE translations ADD COLUMN brought_by INTEGER NOT NULL DEFAULT 0")


def m003_derived(connection: sqlite3.Connection) -> None:
    """What was computed from texts at some cost, and would be computed again without it."""
    connection.execute(
        "CREATE TABLE derived ("
        " key TEXT PRIMARY KEY, request TEXT NOT NULL, result BLOB NOT NULL, seal TEXT NOT NULL,"
        " created TEXT NOT NULL, harness TEXT NOT NULL)"
    )


def m003a_setup(connection: sqlite3.Connection) -> None:
    """Which requests are no measure of latency. Times kept before contain imports and connections, all of them."""
    connection.execute("ALTER TABLE requests ADD COLUMN setup INTEGER NOT NULL DEFAULT 1")


def m004_seals(connection: sqlite3.Connection) -> None:
    """Seals that bind an answer to its key, requests with a seal, and refusals that were paid for.

    What fits its old seal gets a new one; what does not stays as it is, for ``harness cache verify`` to find.
    """
    connection.execute(
        "CREATE TABLE refusals ("
        " key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL, system TEXT NOT NULL,"
        " created TEXT NOT NULL, harness TEXT NOT NULL, brought_by INTEGER NOT NULL, seal TEXT NOT NULL)"
    )
    connection.execute("ALTER TABLE requests ADD COLUMN seal TEXT NOT NULL DEFAULT ''")
    for table in ("translations", "scores", "derived", "requests"):
        columns = COLUMNS[table]
        query = f"SELECT rowid, seal, {', '.join(columns)} FROM {table} NOT INDEXED"  # noqa: S608 - literals only
        new = [
            (seal(table, row), number)
            for number, old, *row in connection.execute(query)
            if table == "requests" or (old == old_seal(row) and request_key(str(row[1])) == row[0])
        ]
        connection.executemany(f"UPDATE {table} SET seal = ? WHERE rowid = ?", new)  # noqa: S608 - literals only


def m005_jobs(connection: sqlite3.Connection) -> None:
    """Batch jobs that were submitted, with what is needed to read their results."""
    connection.execute(
        "CREATE TABLE jobs ("
        " marker TEXT PRIMARY KEY, claim TEXT NOT NULL, system TEXT NOT NULL, stage TEXT NOT NULL, name TEXT NOT NULL,"
        " written TEXT NOT NULL, content TEXT NOT NULL, harness TEXT NOT NULL, seal TEXT NOT NULL)"
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_initial,
    m002_requests,
    m003_derived,
    m003a_setup,  # before the seals, which cover its column
    m004_seals,
    m005_jobs,
)


def _refuse_newer(applied: set[object], where: str) -> None:
    known = {step.__name__ for step in MIGRATIONS}
    unknown = {str(name) for name in applied - known}
    if unknown and not known <= applied:  # a newer harness applies the known steps as well
        raise sqlite3.DatabaseError(f"malformed names of its steps: {', '.join(sorted(unknown))}")
    if unknown:
        raise StoreError(
            f"{where} was written by a newer version of the harness (it knows {', '.join(sorted(unknown))})",
            hint="upgrade translation-harness, or set HARNESS_CACHE to another file",
        )


def _is_newest(connection: sqlite3.Connection) -> bool:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_migrations'").fetchone():
        return False
    applied = {name for (name,) in connection.execute("SELECT name FROM _migrations")}
    return applied == {step.__name__ for step in MIGRATIONS}


def migrate(connection: sqlite3.Connection, where: str) -> None:
    """Bring the database to the newest shape; safe when two processes open it at the same moment.

    Raises:
        StoreError: the database was written by a newer harness.
        sqlite3.DatabaseError: it is damaged.
    """
    if _is_newest(connection):
        return  # without a lock: whoever only reads need not wait for a writer, who may be stopped
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS _migrations (name TEXT PRIMARY KEY)")
        applied = {name for (name,) in connection.execute("SELECT name FROM _migrations")}
        _refuse_newer(applied, where)
        for step in MIGRATIONS:
            if step.__name__ not in applied:
                step(connection)
                connection.execute("INSERT INTO _migrations VALUES (?)", (step.__name__,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
