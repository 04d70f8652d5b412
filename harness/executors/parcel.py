"""The files of a model, sent to a machine that does not have them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from harness.workspace.model_folders import sent_models

CHUNK = 32 * 2**20
"""Bytes that travel at once."""

FOLDER = "@FOLDER@"
"""In a text of a parcel: the folder in which it arrives."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a folder of models is to hold."""

    name: str
    """Of the folder: a digest of everything in it."""
    files: tuple[tuple[str, Path], ...]
    """Names in the folder, and where the files are on the machine that sends them."""
    texts: tuple[tuple[str, str], ...] = ()
    """Names in the folder, and what these files are to say; :data:`FOLDER` stands for the folder."""

    def chunks(self) -> Iterator[tuple[str, bytes]]:
        """Every file in parts, in order: its name and the next bytes.

        Raises:
            OSError: a file cannot be read.
        """
        for name, path in self.files:
            with path.open("rb") as file:
                while content := file.read(CHUNK):
                    yield name, content


@runtime_checkable
class Sendable(Protocol):
    """A ``make`` whose files can be sent to where it will run."""

    def parcel(self) -> Parcel:
        """What it needs there."""


class Inbox:
    """A parcel as it arrives; it has its name only once it is whole."""

    def __init__(self, name: str) -> None:
        self._target = sent_models() / name
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=".arriving-", dir=self._target.parent))

    def add(self, name: str, content: bytes) -> None:
        """Append to a file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(content)

    def close(self, texts: tuple[tuple[str, str], ...]) -> None:
        """Write the texts and give the folder its name, unless another worker has been faster."""
        for name, text in texts:
            self.add(name, text.replace(FOLDER, str(self._target)).encode())
        try:
            self._folder.replace(self._target)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            if not self._target.is_dir():
                raise


def has_arrived(name: str) -> bool:
    """Whether a parcel of this name is on this machine."""
    return (sent_models() / name).is_dir()
