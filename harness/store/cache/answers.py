"""The cache: one SQLite file, one commit per answer, several processes at once.

Every record carries the request it answers and a seal over both, so that a record that is damaged, exchanged or reached
by a wrong way is found when it is read, and ``cache verify`` can check all of them. Nothing is ever deleted except by
``cache prune``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from harness import __version__
from harness.errors import StoreError
from harness.store.cache.database import explained, in_parts
from harness.store.cache.jobs import JobStore, NotedJob
from harness.store.cache.keys import canonical_json, digest, score_request
from harness.store.cache.records import RequestRecord
from harness.store.cache.seals import COLUMNS, CONTENT, wrong
from harness.store.cache.upkeep import VERIFY
from harness.types import JsonValue, Money, Reason, Refused, Translated, Unknown


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


Kept = tuple[Mapping[str, JsonValue], Translated | Refused]
"""A translation request and the answer to it."""


class Cache(JobStore):
    """Answers, scores and what is derived from them; opened and closed as every database here."""

    keeps = True

    def get_translations(self, keys: Sequence[str]) -> dict[str, Translated]:
        """What is kept under these keys (:func:`harness.store.cache.keys.digest` of a translation request).

        Raises:
            StoreError: a record is damaged.
        """
        rows = self._get("translations", list(dict.fromkeys(keys)))
        return {key: Translated(data["text"], cached=True, notes=data["notes"]) for key, data in self._read(rows)}

    def get_refusals(self, keys: Sequence[str]) -> dict[str, Refused]:
        """What an engine refused although it was paid, by key; never one that has a translation.

        Raises:
            StoreError: a record is damaged.
        """
        rows = self._get("refusals", list(dict.fromkeys(keys)))
        return {key: Refused(data["reason"]) for key, data in self._read(rows)}

    def put_answers(self, answers: Iterable[Kept], record: RequestRecord) -> None:
        """Keep what one request brought, as (translation request, answer), and the record of the request.

        On disk when the call returns, both or neither. An answer already kept stays.
        """
        with self._transaction():
            self._insert_answers(answers, record)

    def close_job(self, job: NotedJob, brought: Sequence[tuple[Sequence[Kept], RequestRecord]]) -> None:
        """Keep what a batch job brought, and close it: all of it or nothing, so that it can be read again after a kill.

        Args:
            job: with its stage ``closed``.
            brought: for each of its requests the answers, as in :meth:`put_answers`, and the record.
        """
        with self._transaction():
            for answers, record in brought:
                self._insert_answers(answers, record)
            self._write_job(job)

    def _insert_answers(self, answers: Iterable[Kept], record: RequestRecord) -> None:
        number = self._insert_record(record)
        kept = list(answers)
        for table, kind in (("translations", Translated), ("refusals", Refused)):
            rows = [
                (
                    digest(request), canonical_json(request), canonical_json(_body(answer)), record.system, _now(),
                    __version__, number,
                )
                for request, answer in kept
                if isinstance(answer, kind)
            ]  # fmt: skip
            self._insert(table, rows)

    def get_records(self, keys: Sequence[str]) -> list[RequestRecord]:
        """The requests that brought the translations under these keys, oldest first; each once.

        Raises:
            StoreError: a record is damaged or gone.
        """
        numbers = {row[-1] for row in self._rows("translations", list(dict.fromkeys(keys)))}
        wanted = sorted(numbers - {0})  # 0: from before requests were recorded
        rows = {row[0]: row for row in self._rows("requests", wanted)}
        for number in wanted:
            if number not in rows:
                raise self._damaged("requests", str(number))
        return [_record(rows[number]) for number in wanted]

    def put_record(self, record: RequestRecord) -> None:
        """Keep the record of a request that brought nothing."""
        with self._transaction():
            self._insert_record(record)

    def _insert_record(self, record: RequestRecord) -> int:
        (number,) = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM requests").fetchone()
        self._insert(
            "requests",
            [
                (
                    number, record.system, record.pair, record.sent, float(record.seconds), record.attempt,
                    record.segments, record.characters, record.outcome, canonical_json(dict(record.usage)),
                    float(record.cost.amount) if isinstance(record.cost, Money) else None,
                    record.cost.currency if isinstance(record.cost, Money) else "",
                    record.model, record.request_id, __version__, int(record.setup),
                )
            ],
        )  # fmt: skip
        return int(number)

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        keys = [digest(score_request(metric, item)) for item in texts]
        rows = dict(self._read(self._get("scores", list(dict.fromkeys(keys)))))
        return [rows.get(key) for key in keys]

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        asked = [(score_request(metric, texts), canonical_json(dict(result))) for texts, result in scores]
        self._put("scores", asked)

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """See :class:`harness.metrics.interface.ScoreCache`.

        Raises:
            StoreError: a record is damaged.
        """
        keys = [digest(dict(request)) for request in requests]
        rows = dict(self._get("derived", list(dict.fromkeys(keys))))
        return [rows.get(key) for key in keys]

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        self._put("derived", [(dict(request), result) for request, result in results])

    def _put(self, table: str, results: Sequence[tuple[Mapping[str, JsonValue], str | bytes]]) -> None:
        rows = [(digest(request), canonical_json(request), result, _now(), __version__) for request, result in results]
        with self._transaction():
            self._insert(table, rows)

    def _get(self, table: str, keys: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """Key and content of what is kept under these keys."""
        place = COLUMNS[table].index(CONTENT[table])
        for row in self._rows(table, keys):
            yield row[0], row[place]

    def _rows(self, table: str, names: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Sound records, by what their table names them by."""
        columns = COLUMNS[table]
        asked = set(names)
        with explained(self.path):
            for marks, part in in_parts(names):
                query = f"SELECT {', '.join(columns)}, seal FROM {table} WHERE {columns[0]} IN ({marks})"  # noqa: S608 - literals only
                for *row, sealed in self._connection.execute(query, part):
                    # An index that is damaged leads to a record that nobody asked for.
                    if row[0] not in asked or wrong(table, row, sealed):
                        raise self._damaged(table, str(row[0]))
                    yield tuple(row)

    def _read(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
        return ((key, json.loads(body)) for key, body in rows)

    def _damaged(self, table: str, name: str) -> StoreError:
        return StoreError(f"{self.path}: record {name} in {table} is damaged", hint=VERIFY)


def _body(answer: Translated | Refused) -> dict[str, JsonValue]:
    if isinstance(answer, Refused):
        return {"reason": answer.reason}
    return {"text": answer.text, "notes": dict(answer.notes)}


def _record(row: tuple[Any, ...]) -> RequestRecord:
    _, system, pair, sent, seconds, attempt, segments, characters, outcome, usage, cost, currency, *rest = row
    model, request_id, _, setup = rest
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
        cost=Unknown(Reason("unknown.when_sent")) if cost is None else Money(cost, currency),
        model=model,
        request_id=request_id,
        setup=bool(setup),
    )
