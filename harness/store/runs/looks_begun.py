"""What runs until decided set out to ask, and how much of the level their looks have used up.

The file lies beside the record of the latest run and belongs to no cache: answers may be bought again, but a look that
somebody has seen stays seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout
from pydantic import ValidationError

from harness.errors import StoreError
from harness.store.files import open_regular, write_atomically
from harness.store.runs.schema import FileModel
from harness.types import LangPair

PATIENCE: Final = 60.0
"""Seconds for which another process may be noting its look."""


class BegunLooks(FileModel):
    """The looks of one language pair."""

    question: dict[str, dict[str, str]]
    """Kind (``articles``, ``systems``, ``settings``) to name and digest, of all that looks depend on."""
    looks: int = 0
    """Made so far,"""
    used: float = 0.0
    """and how much of the level they have used up."""
    ended: bool = False
    """Whether the question was answered."""
    looks_before: int = 0
    """Made by plans that were left because something was changed,"""
    used_before: float = 0.0
    """how much of the level these have used up,"""
    changed: tuple[str, ...] = ()
    """and what was changed: names of ``settings``, or ``articles`` or ``systems``."""


class LooksFile(FileModel):
    """The file; see :func:`begun_file`."""

    schema_version: Literal[1] = 1
    pairs: dict[str, BegunLooks]


def begun_file(runs: Path) -> Path:
    """``reports/.cache/looks-of-runs.json``, which no version control should keep."""
    return runs.parent / ".cache" / f"looks-of-{runs.name}.json"


def begun_looks(runs: Path) -> Mapping[str, BegunLooks]:
    """By language pair; none where no run until decided was begun.

    Raises:
        StoreError: the file is damaged.
    """
    path = begun_file(runs)
    try:
        with open_regular(path) as stream:
            return LooksFile.model_validate(json.loads(stream.read())).pairs
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, ValidationError, RecursionError) as error:
        raise StoreError(
            f"{path}, which records the looks that were made, is damaged",
            hint=f"to begin as if there had been none, delete {path}",
        ) from error


def note_looks(runs: Path, pair: LangPair, looks: BegunLooks) -> None:
    """Keep the looks of a pair, in one step.

    Raises:
        StoreError: the file is damaged, or another process has been noting its look for :data:`PATIENCE` seconds.
    """
    path = begun_file(runs)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=PATIENCE):
            file = LooksFile(pairs={**begun_looks(runs), str(pair): looks})
            write_atomically(path, f"{file.model_dump_json(indent=1)}\n".encode())
    except Timeout as error:
        raise StoreError(
            f"{path.with_suffix('.lock')} has been held by another process for {PATIENCE:g} s",
            hint="run the same command again: what was bought is kept",
        ) from error
