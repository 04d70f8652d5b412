"""Records that wait in a temporary file, because all of them at once would fill the memory."""

from __future__ import annotations

import marshal
import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

from harness.corpus.importers.model import ImportedSegment, Place

IN_MEMORY = 20_000
"""Segments of an import that are kept in memory; those that come after them are in a file."""


class Spool:
    """Tuples of what ``marshal`` knows, by number, in a file without a name."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the spool
        weakref.finalize(self, self._file.close)
        self._starts, self._sizes = array("q"), array("q")
        self._reading = False
        self._end = self._position = 0
        """Of the records, and where the file stands: moving it costs more than reading a record."""

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, record: tuple[Any, ...]) -> int:
        """Keep a record; its number."""
        self._starts.append(0)
        self._sizes.append(0)
        self.replace(len(self) - 1, record)
        return len(self) - 1

    def replace(self, number: int, record: tuple[Any, ...]) -> None:
        """Keep another record under a number."""
        content = marshal.dumps(record)
        if self._reading or self._position != self._end:
            self._file.seek(self._end)
            self._reading = False
        self._file.write(content)
        self._starts[number], self._sizes[number] = self._end, len(content)
        self._end = self._position = self._end + len(content)

    def read(self, number: int) -> tuple[Any, ...]:
        """The record of a number."""
        start, size = self._starts[number], self._sizes[number]
        if not self._reading or self._position != start:
            self._file.seek(start)
            self._reading = True
        self._position = start + size
        record: tuple[Any, ...] = marshal.loads(self._file.read(size))  # noqa: S302 - written above
        return record


class Pool:
    """Where the segments of an import are: the first in memory, all others in a file."""

    def __init__(self) -> None:
        self.room = IN_MEMORY
        """How many more there may be in memory."""
        self._spool: Spool | None = None

    def keep(self, segment: ImportedSegment) -> int:
        """Write a segment into the file; its number there."""
        if self._spool is None:
            self._spool = Spool()
        return self._spool.append(_packed(segment))

    def read(self, number: int) -> ImportedSegment:
        """Make a segment again."""
        if self._spool is None:
            raise IndexError(number)
        return _unpacked(self._spool.read(number))


class Segments(Sequence[ImportedSegment]):
    """The segments of a paragraph; those for which the pool has no room in memory are made when they are asked for."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._first: list[ImportedSegment] = []
        self._others = array("q")
        """Numbers in the file of the pool."""

    def append(self, segment: ImportedSegment) -> None:
        """Add one."""
        if self._pool.room and not self._others:
            self._pool.room -= 1
            self._first.append(segment)
        else:
            self._others.append(self._pool.keep(segment))

    def complete(self) -> Sequence[ImportedSegment]:
        """All of them, when there will be no more."""
        return self if self._others else tuple(self._first)

    def __len__(self) -> int:
        return len(self._first) + len(self._others)

    @overload
    def __getitem__(self, number: int) -> ImportedSegment: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[ImportedSegment]: ...

    def __getitem__(self, number: int | slice) -> ImportedSegment | Sequence[ImportedSegment]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        if number < len(self._first):
            return self._first[number]
        return self._pool.read(self._others[number - len(self._first)])

    def __iter__(self) -> Iterator[ImportedSegment]:
        yield from self._first
        for number in self._others:
            yield self._pool.read(number)


def _packed(segment: ImportedSegment) -> tuple[Any, ...]:
    place = segment.place
    return (
        segment.source,
        dict(segment.references),
        segment.where,
        None if place is None else (place.file, place.line, place.count),
        dict(segment.meta),
        dict(segment.outputs),
    )


def _unpacked(record: tuple[Any, ...]) -> ImportedSegment:
    source, references, where, place, meta, outputs = record
    return ImportedSegment(source, references, where, None if place is None else Place(*place), meta, outputs)
