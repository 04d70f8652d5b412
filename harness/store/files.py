"""Opening regular files only, and of a workspace only what lies in it; and writing so that nobody sees half a file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

from harness.errors import DataError
from harness.workspace.operating_system import replace_file

LARGEST = 512 * 2**20
"""Bytes of a file that may be read as a whole."""


def open_regular(path: Path, *, most: float = LARGEST) -> BufferedReader:
    """Open a file for reading. A pipe or a device is refused: it could keep the reader waiting for ever.

    Args:
        path: The file.
        most: Bytes it may have, for readers that keep all of it; ``math.inf`` for those that read it in parts.

    Raises:
        OSError: it cannot be opened, is not a regular file, or is too large.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if stat.S_ISREG(status.st_mode) and status.st_size > most:
        raise OSError(errno.EFBIG, f"larger than {most / 2**20:g} MiB", str(path))
    return path.open("rb")


def refuse_links_out(root: Path, names: Sequence[str] = ("",)) -> None:
    """Return if no link below ``root`` leads out of it: what it leads to would be read, sent to services and shown.

    Args:
        root: a workspace.
        names: the files and folders in it that are looked at; by default all but those of Git.

    Raises:
        DataError: one does; the message names it, and not where it leads.
    """
    inside = root.resolve()

    def check(path: Path) -> None:
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise DataError(
                    f"{path}: a link that leads out of the workspace", hint="put the file itself where the link is"
                )
        except (OSError, RuntimeError):  # a link to itself; whoever opens it says so
            return

    for name in names:
        check(root / name)
        for folder, folders, files in os.walk(root / name):
            if ".git" in folders:
                folders.remove(".git")
            for entry in (*folders, *files):
                check(Path(folder, entry))


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary name beside ``path``, sync, rename: readers see the old file or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as stream:  # a link that somebody put there is not followed
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        replace_file(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say for which file
        raise
