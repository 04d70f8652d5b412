"""The cache: one SQLite file, one commit per answer, several processes at once.

Every record carries the request it answers and a seal (the digest of the answer), so a damaged record is found when
it is read and ``cache verify`` can check all of them. Nothing is ever deleted except by ``cache prune``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from harness._version import __version__
from harness.errors import StoreError
from harness.store.database import Database, explained, in_parts
from harness.store.keys import bytes_digest, canonical_json, digest, score_request
from harness.store.records import CacheStats, Damage, RequestRecord
from harness.types import JsonValue, Money, Translated, Unknown

TABLES: Mapping[str, tuple[str, Callable[[Any], str]]] = MappingProxyType(
    {"translations": ("answer", digest), "scores": ("result", digest), "derived": ("result", bytes_digest)}
)
"""Table to its column with the content, and how that is sealed."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Cache(Database):
    """Answers, scores and what is derived from them; opened and closed as any :class:`Database`."""

    keeps = True

    def get_translations(self, keys: Sequence[str]) -> dict[str, Translated]:
        """What is kept under these keys (:func:`harness.store.keys.digest` of a translation request).

        Raises:
            StoreError: a record is damaged.
        """
        return {key: _answer(answer) for key, answer in self._get("translations", list(dict.fromkeys(keys)))}

    def put_answers(self, answers: Iterable[tuple[Mapping[str, JsonValue], Translated]], record: RequestRecord) -> None:
        """Keep what one request brought, as (translation request, answer), and the record of the request.

        On disk when the call returns, both or neither. An answer already kept stays.
        """
        with self._transaction():
            number = self._insert_record(record)
            self._connection.executemany(
                "INSERT OR IGNORE INTO translations VALUES (?,?,?,?,?,?,?,?)",
                [
                    (
                        digest(request),
                        canonical_json(request),
                        body,
                        digest(body),
                        record.system,
                        _now(),
                        __version__,
                        number,
                    )
                    for request, answer in answers
                    for body in (canonical_json({"text": answer.text, "notes": dict(answer.notes)}),)
                ],
            )

    def get_records(self, keys: Sequence[str]) -> list[RequestRecord]:
        """The requests that brought the translations under these keys, oldest first; each once."""
        numbers: set[int] = set()
        with explained(self.path):
            for marks, part in in_parts(keys):
                query = f"SELECT DISTINCT brought_by FROM translations WHERE key IN ({marks})"  # noqa: S608 - literals only
                numbers |= {number for (number,) in self._connection.execute(query, part)}
            rows: list[tuple[Any, ...]] = []
            for marks, numbered in in_parts(sorted(numbers)):
                query = f"SELECT * FROM requests WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - literals only
                rows += self._connection.execute(query, numbered)
        return [_record(row) for row in rows]

    def put_record(self, record: RequestRecord) -> None:
        """Keep the record of a request that brought nothing."""
        with self._transaction():
            self._insert_record(record)

    def _insert_record(self, record: RequestRecord) -> int:
        cursor = self._connection.execute(
            "INSERT INTO requests VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                record.system, record.pair, record.sent, record.seconds, record.attempt, record.segments,
                record.characters, record.outcome, canonical_json(dict(record.usage)),
                record.cost.amount if isinstance(record.cost, Money) else None,
                record.cost.currency if isinstance(record.cost, Money) else "",
                record.model, record.request_id, __version__,
            ),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        keys = [digest(score_request(metric, item)) for item in texts]
        found = {key: json.loads(result) for key, result in self._get("scores", list(dict.fromkeys(keys)))}
        return [found.get(key) for key in keys]

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        rows = []
        for texts, result in scores:
            request = score_request(metric, texts)
            text = canonical_json(dict(result))
            rows.append((digest(request), canonical_json(request), text, digest(text), _now(), __version__))
        with self._transaction():
            self._connection.executemany("INSERT OR IGNORE INTO scores VALUES (?,?,?,?,?,?)", rows)

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """See :class:`harness.metrics.interface.ScoreCache`.

        Raises:
            StoreError: a record is damaged.
        """
        keys = [digest(dict(request)) for request in requests]
        found = dict(self._get("derived", list(dict.fromkeys(keys))))
        return [found.get(key) for key in keys]

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        rows = [
            (digest(dict(request)), canonical_json(dict(request)), result, bytes_digest(result), _now(), __version__)
            for request, result in results
        ]
        with self._transaction():
            self._connection.executemany("INSERT OR IGNORE INTO derived VALUES (?,?,?,?,?,?)", rows)

    def stats(self) -> CacheStats:
        """Count what is kept."""
        with explained(self.path):
            one = self._connection.execute
            translations, characters = one(
                "SELECT count(*), coalesce(sum(length(json_extract(request, '$.source'))), 0) FROM translations"
            ).fetchone()
            (scores,) = one("SELECT count(*) FROM scores").fetchone()
            (derived,) = one("SELECT count(*) FROM derived").fetchone()
            systems = dict(one("SELECT system, count(*) FROM translations GROUP BY system ORDER BY system").fetchall())
        return CacheStats(translations, characters, scores, derived, self.path.stat().st_size, systems)

    def verify(self) -> Iterator[Damage]:
        """Check the file and re-derive every key and seal; yields what is wrong."""
        with explained(self.path):
            for (message,) in self._connection.execute("PRAGMA integrity_check"):
                if message != "ok":
                    yield Damage("file", "", message)
            for table, (column, sealed) in TABLES.items():
                for key, request, body, seal in self._connection.execute(
                    f"SELECT key, request, {column}, seal FROM {table}"  # noqa: S608 - both names are literals above
                ):
                    if not _is_json(request) or digest(json.loads(request)) != key:
                        yield Damage(table, key, "the key does not fit the request")
                    elif sealed(body) != seal:
                        yield Damage(table, key, "the seal does not fit the content")

    def prune(self, *, damaged: bool, before: str, system: str) -> int:
        """Delete records and return how many.

        Args:
            damaged: delete what :meth:`verify` finds.
            before: delete records made before this ISO date; "" for no limit.
            system: delete translations first asked for by this system; "" for any.
        """
        removed = 0
        bad = [(item.table, item.key) for item in self.verify() if item.key] if damaged else []
        with self._transaction():
            for table, key in bad:
                query = f"DELETE FROM {table} WHERE key = ?"  # noqa: S608 - the table's name comes from verify
                removed += self._connection.execute(query, (key,)).rowcount
            if before or system:
                conditions, values = [], []
                if before:
                    conditions.append("created < ?")
                    values.append(before)
                if system:
                    conditions.append("system = ?")
                    values.append(system)
                where = " AND ".join(conditions)
                query = f"DELETE FROM translations WHERE {where}"  # noqa: S608 - built from literals
                removed += self._connection.execute(query, values).rowcount
                if before and not system:
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

    def _get(self, table: str, keys: list[str]) -> Iterator[tuple[str, Any]]:
        column, sealed = TABLES[table]
        with explained(self.path):
            for marks, part in in_parts(keys):
                query = f"SELECT key, {column}, seal FROM {table} WHERE key IN ({marks})"  # noqa: S608 - literals only
                for key, body, seal in self._connection.execute(query, part):
                    if sealed(body) != seal:
                        raise StoreError(
                            f"{self.path}: record {key} in {table} is damaged",
                            hint="harness cache verify lists the damage; harness cache prune --damaged removes it",
                        )
                    yield key, body


class NoCache:
    """Keeps nothing: for scoring bare files, where there is no workspace to keep it in."""

    keeps = False

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """Nothing is known."""
        del metric
        return [None] * len(texts)

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """Nothing is kept."""

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """Nothing is known."""
        return [None] * len(requests)

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """Nothing is kept."""


def _record(row: tuple[Any, ...]) -> RequestRecord:
    _, system, pair, sent, seconds, attempt, segments, characters, outcome, usage, cost, currency, *rest = row
    model, request_id, _ = rest
    return RequestRecord(
        system=system,
        pair=pair,
        sent=sent,
        seconds=seconds,
        attempt=attempt,
        segments=segments,
        characters=characters,
        outcome=outcome,
        usage=json.loads(usage),
        cost=Unknown("not known when it was sent") if cost is None else Money(cost, currency),
        model=model,
        request_id=request_id,
    )


def _answer(body: str) -> Translated:
    data = json.loads(body)
    return Translated(data["text"], cached=True, notes=data["notes"])


def _is_json(text: object) -> bool:
    try:
        json.loads(str(text))
    except ValueError:
        return False
    return True
