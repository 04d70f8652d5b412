"""The arrays of a run as a numpy archive, without pickled objects."""

from __future__ import annotations

import zipfile
from typing import Any, BinaryIO, Final

import numpy as np

MOST_UNPACKED: Final = 4 * 2**30
"""Bytes of all arrays together; a few kilobytes of an archive can claim to hold any number of them."""


def read_arrays(stream: BinaryIO) -> dict[str, np.ndarray[Any, Any]]:
    """All arrays of an archive, by name.

    Raises:
        ValueError: it is no archive of arrays, or would be out of all proportion unpacked.
        zipfile.BadZipFile: it is damaged.
    """
    with zipfile.ZipFile(stream) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise ValueError(f"more than {MOST_UNPACKED // 2**30} GiB of arrays")
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
