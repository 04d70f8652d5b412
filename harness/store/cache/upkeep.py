"""Looking after the cache: counting, checking, deleting, giving out, and taking in what another cache holds."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from harness.errors import StoreError, so_many
from harness.store.cache.database import Database, explained
from harness.store.cache.journal import lost_frames
from harness.store.cache.records import CacheStats, Damage, Taken
from harness.store.cache.seals import ANSWERS, COLUMNS, CONTENT, seal, wrong
from harness.types import JsonValue

VERIFY = "to list the damage: harness cache verify; to remove it: harness cache prune --damaged"
REBUILD = "move the file away and recover the intact records: harness cache merge FILE"


class Upkeep(Database):
    """What is done to a cache as a whole."""

    lost = 0
    """Pages of the journal of what it is a copy of that could not be read."""
    _sound = False

    @classmethod
    @contextmanager
    def copy_of(cls, path: Path) -> Iterator[Self]:
        """A copy of another cache, whatever its version and whoever writes to it, which is gone afterwards.

        Raises:
            StoreError: it cannot be read, or is not a cache.
        """
        with tempfile.TemporaryDirectory(prefix="harness-cache-") as folder:
            copy = Path(folder) / "copy.sqlite3"
            with explained(path):
                lost = lost_frames(path)  # before SQLite drops them
                source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
                with closing(source), closing(sqlite3.connect(copy)) as target:
                    source.backup(target)
                    known = target.execute("SELECT 1 FROM sqlite_master WHERE name = '_migrations'").fetchone()
            if not known:
                raise StoreError(
                    f"{path} is not a cache of the harness",
                    hint="name the caches of other machines, usually reports/.cache/harness.sqlite3",
                )
            with cls.open(copy, called=path) as opened:
                opened.lost = lost
                yield opened

    def must_be_sound(self) -> None:
        """Return if every record that is kept can also be found; checked once for each opening of the file.

        Called before anything is bought: a damaged index hides answers, and they would be paid for again.

        Raises:
            StoreError: the file is damaged.
        """
        if self._sound:
            return
        with explained(self.path):
            (verdict,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise StoreError(f"the cache {self.path} is damaged: {verdict}; nothing was sent", hint=REBUILD)
        self._sound = True

    def stats(self) -> CacheStats:
        """Count what is kept."""
        with explained(self.path):
            ask = self._connection.execute
            source = "CASE WHEN json_valid(request) THEN length(json_extract(request, '$.source')) END"
            translations, characters = ask(f"SELECT count(*), coalesce(sum({source}), 0) FROM translations").fetchone()  # noqa: S608 - a literal
            counts = {table: ask(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COLUMNS}  # noqa: S608 - literals only
            systems = dict(ask("SELECT system, count(*) FROM translations GROUP BY system ORDER BY system").fetchall())
        return CacheStats(
            translations=translations,
            characters=characters,
            scores=counts["scores"],
            derived=counts["derived"],
            bytes=self.path.stat().st_size,
            systems=systems,
            refusals=counts["refusals"],
            requests=counts["requests"],
            open_jobs=ask("SELECT count(*) FROM jobs WHERE stage != 'closed'").fetchone()[0],
        )

    def verify(self) -> Iterator[Damage]:
        """Check the file and re-derive every key and seal; yields what is wrong."""
        yield from self._verify_file()
        # An answer that a run keeps between two scans would seem to have no request.
        with self._snapshot():
            yield from self._verify_records()

    def _verify_records(self) -> Iterator[Damage]:
        known = {0}
        for table in ("requests", *CONTENT, "jobs"):
            try:
                for number, row, sealed in self._scan(table):
                    if table == "requests":
                        known.add(row[0])
                    if problem := wrong(table, row, sealed):
                        yield Damage(table, str(row[0]), problem, number)
                    elif table in ANSWERS and row[-1] not in known:
                        yield Damage(table, str(row[0]), "the record of its request is missing", number, sound=True)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                yield Damage(table, "", f"cannot be read to its end: {error}")

    def _verify_file(self) -> Iterator[Damage]:
        try:
            for (message,) in self._connection.execute("PRAGMA integrity_check"):
                if message != "ok":
                    yield Damage("file", "", message)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            yield Damage("file", "", str(error))

    def prune(self, *, damaged: bool, before: str, system: str, refusals: bool = False) -> int:
        """Delete records and return how many.

        Args:
            damaged: delete what :meth:`verify` finds.
            before: delete records made before this ISO date; "" for no limit.
            system: delete what was first asked for by this system; "" for any.
            refusals: of answers delete refusals only, so that they are asked for again.

        Raises:
            StoreError: the file itself is damaged, so that records cannot be deleted one by one.
        """
        removed = 0
        bad = list(self.verify()) if damaged else []
        if broken := [item for item in bad if not item.row]:
            raise StoreError(f"{self.path}: {broken[0].table}: {broken[0].what}", hint=REBUILD)
        with self._transaction():
            for item in bad:
                query = f"DELETE FROM {item.table} WHERE rowid = ?"  # noqa: S608 - the table's name comes from verify
                if not item.sound:  # what was paid for stays
                    removed += self._connection.execute(query, (item.row,)).rowcount
            if damaged:
                self._forget_lost_requests()
            if before or system or refusals:
                conditions, values = ["1"], []
                for condition, value in (("created < ?", before), ("system = ?", system)):
                    if value:
                        conditions.append(condition)
                        values.append(value)
                where = " AND ".join(conditions)
                for table in ("refusals",) if refusals else ANSWERS:
                    query = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - built from literals
                    removed += self._connection.execute(query, values).rowcount
                if before and not (system or refusals):
                    for table in ("scores", "derived"):
                        query = f"DELETE FROM {table} WHERE created < ?"  # noqa: S608 - literals only
                        removed += self._connection.execute(query, (before,)).rowcount
        with explained(self.path):
            self._connection.execute("VACUUM")
        return removed

    def export(self) -> Iterator[dict[str, JsonValue]]:
        """Every kept translation as one JSON object, oldest first."""
        with explained(self.path):
            for key, request, answer, system, created in self._connection.execute(
                "SELECT key, request, answer, system, created FROM translations ORDER BY created, key"
            ):
                yield {
                    "key": key,
                    "request": json.loads(request),
                    "answer": json.loads(answer),
                    "system": system,
                    "created": created,
                }

    def take_over(self, other: Upkeep) -> Taken:
        """Keep what another cache holds and this one does not; every record is checked, and all is done or nothing.

        Where both answer the same request, this cache's answer stays.
        """
        counts = dict.fromkeys(CONTENT, 0)
        damaged: list[Damage] = []
        if other.lost:
            problem = f"the last {so_many(other.lost, 'page')} of its journal {other.path.name}-wal cannot be read"
            damaged.append(Damage("file", "", problem))
        differing = 0
        theirs = {row[0]: row[1:] for row in other._sound_rows("requests", damaged)}
        with self._transaction():
            ours = {row[1:]: row[0] for _, row, _ in self._scan("requests")}
            for table in ANSWERS:
                for row in other._sound_rows(table, damaged):
                    if known := self._answer_to(table, row[0]):
                        differing += known != row[2]
                        continue
                    request = theirs.get(row[-1])
                    number = 0
                    if request is not None:
                        number = ours.setdefault(request, max(ours.values(), default=0) + 1)
                        self._insert("requests", [(number, *request)])
                    counts[table] += self._insert(table, [(*row[:-1], number)])
            self._insert("jobs", list(other._sound_rows("jobs", damaged)))
            for table in CONTENT.keys() - set(ANSWERS):
                counts[table] = self._insert(table, list(other._sound_rows(table, damaged)))
        return Taken(counts, differing, tuple(damaged))

    def _sound_rows(self, table: str, damaged: list[Damage]) -> Iterator[tuple[Any, ...]]:
        """Records that fit their seals; what does not is put on the list."""
        try:
            for number, row, sealed in self._scan(table):
                if problem := wrong(table, row, sealed):
                    damaged.append(Damage(table, str(row[0]), problem, number))
                else:
                    yield row
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            damaged.append(Damage(table, "", f"cannot be read to its end: {error}"))

    def _answer_to(self, table: str, key: str) -> str:
        row = self._connection.execute(f"SELECT answer FROM {table} WHERE key = ?", (key,)).fetchone()  # noqa: S608 - literals only
        return "" if row is None else str(row[0])

    def _forget_lost_requests(self) -> None:
        """Translations whose request is gone have none from now on."""
        known = {0, *(number for (number,) in self._connection.execute("SELECT id FROM requests"))}
        for table in ANSWERS:
            for number, row, _ in list(self._scan(table)):
                if row[-1] not in known:
                    new = (*row[:-1], 0)
                    query = f"UPDATE {table} SET brought_by = 0, seal = ? WHERE rowid = ?"  # noqa: S608 - literals only
                    self._connection.execute(query, (seal(table, new), number))

    def _scan(self, table: str) -> Iterator[tuple[int, tuple[Any, ...], object]]:
        """Row number, columns and seal of every record, without the help of an index."""
        query = f"SELECT rowid, seal, {', '.join(COLUMNS[table])} FROM {table} NOT INDEXED"  # noqa: S608 - literals only
        for number, sealed, *row in self._connection.execute(query):
            yield number, tuple(row), sealed

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> int:
        """Insert and seal records, inside a transaction; those whose name is taken stay as they are."""
        columns = COLUMNS[table]
        marks = ", ".join("?" * (len(columns) + 1))
        query = f"INSERT INTO {table} ({', '.join(columns)}, seal) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - literals only
        done = self._connection.executemany(query, [(*row, seal(table, row)) for row in rows])
        return max(0, done.rowcount)
