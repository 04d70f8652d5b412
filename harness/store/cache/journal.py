"""SQLite's write-ahead journal: turned on, and checked before SQLite sees it, which forgets what is damaged in it.

A process that is killed leaves its last commits in ``FILE-wal``. Behind the first frame whose checksum does not fit,
SQLite drops everything, and answers that were paid for would be bought again. How many frames were committed stands in
``FILE-shm``, which a killed process leaves as well. Frames that are in the database already count like the others:
whoever opens the file first takes the sound frames of the journal for the newest pages, and goes back to what they
hold. The formats are those of https://sqlite.org/walformat.html.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.typing.NDArray[Any]

HEADER, FRAME_HEADER = 32, 24
MAGIC = {0x377F0682: "<u4", 0x377F0683: ">u4"}
"""First word of the file to the byte order of what is summed."""

INDEX_HEADER = struct.Struct("=12xBxHII8x8s8x")
"""Initialised, page size, committed frames, pages, salts; of the first copy, in the machine's own byte order."""


LOOKS, BETWEEN_LOOKS = 4, 0.01
"""How often a journal that seems damaged is looked at, with how many seconds between two looks at a file."""


def write_ahead(connection: sqlite3.Connection, seconds: float) -> None:
    """Have the file keep its journal ahead, as it then does for good; other processes may open it at the same moment.

    The change needs the file alone. SQLite asks for that from within a transaction, where its own time-out does not
    hold: whoever comes second would be told at once that the file is locked.

    Args:
        connection: with a time-out of its own, and outside of a transaction.
        seconds: how long to wait for the others.

    Raises:
        sqlite3.Error: others have held the file for so long, or it cannot be used.
    """
    last = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(BETWEEN_LOOKS)
        else:
            return


@dataclass(frozen=True, slots=True)
class _Index:
    salts: bytes
    committed: int


def lost_frames(database: Path) -> int:
    """How many frames of the journal were committed, and would be dropped by SQLite; nothing is changed.

    Another process may write while its journal is read here, so that the parts do not fit together. Damage stays,
    and that passes: only what every one of a few looks finds lost is lost.

    Args:
        database: the file; its journal lies beside it, or there is none.

    Raises:
        OSError: the journal cannot be read.
    """
    lost = _look(database)
    for _ in range(LOOKS - 1):
        if not lost:
            break
        time.sleep(BETWEEN_LOOKS)
        lost = min(lost, _look(database))
    return lost


def _look(database: Path) -> int:
    journal, shared = Path(f"{database}-wal"), Path(f"{database}-shm")
    index = _read_index(shared)
    try:
        data = journal.read_bytes()
    except FileNotFoundError:  # there is none, or whoever closed the file last has just removed it
        data = b""
    if index is None and len(data) <= HEADER:
        return 0
    committed, sound = _frames(data, index)
    return max(0, committed - sound)


def _read_index(shared: Path) -> _Index | None:
    """What the index says; None where there is none that was finished."""
    try:
        with shared.open("rb") as stream:
            data = stream.read(INDEX_HEADER.size)
    except FileNotFoundError:
        return None
    if len(data) < INDEX_HEADER.size:
        return None
    initialised, _, committed, _, salts = INDEX_HEADER.unpack_from(data)
    return _Index(salts, committed) if initialised else None


def _frames(data: bytes, index: _Index | None) -> tuple[int, int]:
    """How many frames were committed, and how many of the first are sound."""
    import numpy as np

    expected = index.committed if index is not None else 0
    if len(data) < HEADER:
        return expected, 0
    magic, _, size = struct.unpack_from(">3I", data)
    salts = data[16:24]
    known = MAGIC.get(magic)
    if known is None or size < 512 or _checksum(np.frombuffer(data[:24], known), (0, 0)) != _words(data[24:HEADER]):
        # Without a header that fits, SQLite takes nothing from the file.
        whole = (len(data) - HEADER) // FRAME_HEADER
        return expected or min(whole, 1), 0
    if index is not None and index.salts != salts:
        expected, index = 0, None  # of another journal
    step = FRAME_HEADER + size
    count = (len(data) - HEADER) // step
    frames = np.frombuffer(data, np.uint8, count * step, HEADER).reshape(count, step)
    heads = np.ascontiguousarray(frames[:, :FRAME_HEADER]).view(">u4")
    ours = (heads[:, 2] == _words(salts)[0]) | (heads[:, 3] == _words(salts)[1])
    sound = _sound(frames, heads, known, _words(data[24:HEADER]), salts)
    if index is not None:
        return expected, sound
    # A copy without its index: whatever has been cut off or stands behind the sound frames may have been committed.
    ends = np.flatnonzero(ours & (heads[:, 1] != 0))
    cut = sound == count and (len(data) - HEADER) % step > 0
    return count + 1 if cut else (int(ends[-1]) + 1 if len(ends) else 0), sound


def _sound(frames: Array, heads: Array, order: str, start: tuple[int, int], salts: bytes) -> int:
    """How many of the first frames have the salts of this journal and a checksum that continues the one before."""
    import numpy as np

    if not len(frames):
        return 0
    summed = np.ascontiguousarray(np.concatenate([frames[:, :8], frames[:, FRAME_HEADER:]], axis=1)).view(order)
    first, second, carry = _coefficients(summed.shape[1] // 2)
    words = summed.astype(np.uint32)
    stored = heads[:, 4:6].astype(np.uint32)
    before = np.concatenate([np.array([start], dtype=np.uint32), stored[:-1]])
    fits = (heads[:, 2:4].astype(np.uint32) == np.array(_words(salts), dtype=np.uint32)).all(axis=1)
    for which, weights in enumerate((first, second)):
        total = (words * weights).sum(axis=1, dtype=np.uint32)
        total += (before * carry[which]).sum(axis=1, dtype=np.uint32)
        fits &= total == stored[:, which]
    wrong = np.flatnonzero(~fits)
    return int(wrong[0]) if len(wrong) else len(frames)


def _coefficients(pairs: int) -> tuple[Array, Array, Array]:
    """What each word, and each of the two sums before, contributes to the two sums: Fibonacci numbers modulo 2**32."""
    import numpy as np

    mask = 0xFFFFFFFF
    first, second = np.zeros(2 * pairs, np.uint32), np.zeros(2 * pairs, np.uint32)
    # Backwards: (a, b) and (c, d) say how the sums after a pair enter the sums at the end.
    (a, b), (c, d) = (1, 0), (0, 1)
    for pair in range(pairs - 1, -1, -1):
        # s0' = s0 + x0 + s1; s1' = s1 + x1 + s0'
        first[2 * pair], first[2 * pair + 1] = (a + b) & mask, b
        second[2 * pair], second[2 * pair + 1] = (c + d) & mask, d
        (a, b), (c, d) = ((a + b) & mask, (a + 2 * b) & mask), ((c + d) & mask, (c + 2 * d) & mask)
    return first, second, np.array([[a, b], [c, d]], dtype=np.uint32)


def _checksum(words: Array, start: tuple[int, int]) -> tuple[int, int]:
    first, second = start
    for even, odd in zip(words[0::2].tolist(), words[1::2].tolist(), strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _words(data: bytes) -> tuple[int, int]:
    first, second = struct.unpack(">2I", data)
    return first, second
