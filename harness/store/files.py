"""Opening regular files only, and of a workspace only what lies in it; and writing so that nobody sees half a file."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

from harness.errors import DataError
from harness.workspace.operating_system import own_stream, replace_file

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
    """Write to a temporary name beside ``path``, sync, rename: readers see the old file or the whole new one.

    Whatever has the name is replaced, links too: for files that the harness names itself. See :func:`write_named`.
    """
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
        if isinstance(error, OSError) and error.filename in (None, str(temporary)) and error.filename2 is None:
            error.filename = str(path)  # a full disk does not say for which file
        raise


def write_named(path: Path, data: bytes) -> None:
    """Write where a user asked for it, whatever is there: only regular files are replaced, and those in one step.

    A link stays, and the file that it leads to is replaced. Pipes, devices and open files of this process
    (``/dev/stdout``) are written to; a reader of a pipe that goes away early wants no more, which is no error.

    Raises:
        OSError: it cannot be done; the error names the file.
    """
    stream = own_stream(path)
    if stream is None and _is_replaced(path):
        write_atomically(Path(os.path.realpath(path)) if path.is_symlink() else path, data)
        return
    try:
        if stream is not None and sys.stdout is not None:
            sys.stdout.flush()  # what was printed before comes first
        into = path.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb")
        with contextlib.suppress(BrokenPipeError), into:
            into.write(data)
    except OSError as error:
        error.filename = str(path)
        raise


def _is_replaced(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:  # or what a link leads to is still to be made
        return True
