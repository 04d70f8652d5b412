"""Vectors that may be wanted again: a bounded number in memory, and on request all of them on disk.

A vector on disk is filed under everything it depends on - checkpoint, implementation, precision, device, version of
torch - in the name of the file, and under the text in its key. It is the same to the bit as one computed again, so a
score does not tell where its vectors came from.
"""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from harness.errors import StoreError
from harness.metrics.comet.packed.passages import Passage
from harness.store.cache.database import BUSY_SECONDS
from harness.store.cache.journal import write_ahead
from harness.store.cache.keys import digest

IN_MEMORY = 16384
"""Vectors kept in memory: 64 MiB for XLM-R large."""

KEYS_PER_QUERY = 900


class Vectors(Protocol):
    """Where vectors, (hidden) fp32 on the CPU, are looked for and kept."""

    def get(self, passages: Sequence[Passage]) -> dict[Passage, Tensor]:
        """What is kept of these passages."""

    def put(self, vectors: Mapping[Passage, Tensor]) -> None:
        """Keep vectors by passage."""


class MemoryVectors:
    """The last :data:`IN_MEMORY` vectors, for texts that a later pair, system or repetition has in common."""

    def __init__(self, most: int = IN_MEMORY) -> None:
        self._most = most
        self._kept: OrderedDict[Passage, Tensor] = OrderedDict()

    def get(self, passages: Sequence[Passage]) -> dict[Passage, Tensor]:
        """What is kept of these passages."""
        return {passage: self._kept[passage] for passage in passages if passage in self._kept}

    def put(self, vectors: Mapping[Passage, Tensor]) -> None:
        """Keep vectors; the oldest go when there are too many."""
        self._kept.update(vectors)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


class DiskVectors:
    """A file of vectors of single texts for one checkpoint; several processes may use it at once."""

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        name = digest(dict(identity)).removeprefix("h1:")
        self.path = folder / f"vectors-{name}.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            # Not left to the collector: from Python 3.13 on, it complains of a file that nobody closed.
            weakref.finalize(self, self._file.close)
            write_ahead(self._file, BUSY_SECONDS)
            # What is lost can be computed again, so a commit need not wait for the disk.
            self._file.execute("PRAGMA synchronous=OFF")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS sealed (text TEXT PRIMARY KEY, vector BLOB, seal BLOB) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def get(self, passages: Sequence[Passage]) -> dict[Passage, Tensor]:
        """What is kept of these texts.

        Raises:
            StoreError: the file is damaged.
        """
        keys = {digest(text): text for (text,) in passages}
        vectors: dict[Passage, Tensor] = {}
        try:
            for start in range(0, len(keys), KEYS_PER_QUERY):
                part = list(keys)[start : start + KEYS_PER_QUERY]
                marks = ",".join("?" * len(part))
                query = f"SELECT text, vector, seal FROM sealed WHERE text IN ({marks})"  # noqa: S608 - question marks only
                for key, blob, sealed in self._file.execute(query, part):
                    _check(key, blob, sealed)
                    vectors[keys[key],] = torch.frombuffer(bytearray(blob), dtype=torch.float32)
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise self._failed(error) from error
        return vectors

    def put(self, vectors: Mapping[Passage, Tensor]) -> None:
        """Keep vectors.

        Raises:
            StoreError: the file cannot be written.
        """
        blobs = {digest(text): vector.contiguous().numpy().tobytes() for (text,), vector in vectors.items()}
        rows = [(key, blob, _seal(key, blob)) for key, blob in blobs.items()]
        try:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT OR IGNORE INTO sealed VALUES (?,?,?)", rows)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(
            f"the sentence vectors in {self.path} cannot be used: {error}",
            hint="delete the file (it only saves time), or remove vectors from [metric.comet]",
        )


def _check(key: str, vector: bytes, sealed: bytes) -> None:
    """Raise ValueError where a vector is not the one that was kept for its text."""
    if sealed != _seal(key, vector):
        raise ValueError(f"the vector of {key} is damaged")


def _seal(key: str, vector: bytes) -> bytes:
    """Binds a vector to its text: a flipped bit would be another score, and nothing would show it."""
    return hashlib.blake2b(vector, digest_size=16, key=key.encode()).digest()
