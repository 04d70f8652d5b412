"""Which builds were tested against a baseline: a file for each, in ``reports/.cache/builds/BASELINE/``.

A file for each build, and no list of them, so that jobs that run at the same time, and folders that are copied together
from several runners, lose nothing: the builds are the union of the files. Each file says how many builds were known
when it was written, so that a lost file is missed as long as a later one is left; and each has a digest of its content,
so that a changed one is damage. A renewed baseline has a folder of its own, and begins anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from harness.errors import StoreError
from harness.store.baseline import Baseline
from harness.store.cache.keys import digest
from harness.store.files import open_regular, write_atomically
from harness.store.runs.schema import FileModel

BUILDS: Final = Path("reports", ".cache", "builds")
"""Where a workspace keeps them: with the cache, which CI keeps from build to build."""

PATIENCE: Final = 60.0
"""Seconds for which another process may be noting its build."""

Known = Annotated[float, Field(allow_inf_nan=False)]


class CheckFile(FileModel):
    """One check of a build that can fail it."""

    pair: str
    system: str
    metric: str
    slice_key: str
    slice_value: str
    delta: Known | None
    margin: Known
    p_loss: Known | None
    status: Literal["pass", "inconclusive", "incomparable", "incomplete", "regressed"]


class BuildFile(FileModel):
    """One build; see :mod:`harness.analysis.gate.verdict` for what a number is."""

    schema_version: Literal[1] = 1
    baseline: str
    """Digest of the baseline's id and of when it was accepted."""
    run: str
    checked: str
    """ISO 8601, UTC."""
    tested: str
    """Digest of everything that the verdict depends on."""
    number: Annotated[int, Field(ge=0)]
    planned: Annotated[int, Field(ge=1)] | None
    level: Annotated[float, Field(gt=0, le=1)]
    same_as: str = ""
    verdict: Literal["", "pass", "inconclusive", "incomparable", "incomplete", "regressed"] = ""
    """Empty: the gate has not ended, or was stopped."""
    checks: tuple[CheckFile, ...] = Field(default=(), strict=False)
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Builds:
    """The builds of one baseline."""

    files: tuple[BuildFile, ...]
    """By when they were checked."""

    @property
    def numbered(self) -> int:
        """Builds with outputs of their own: those that have a record, or more if a record knows of more."""
        own = sum(file.number > 0 and not file.same_as for file in self.files)
        return max([own, *(file.number for file in self.files)])

    @property
    def lost(self) -> int:
        """How many of them have no record."""
        return self.numbered - sum(file.number > 0 and not file.same_as for file in self.files)

    @property
    def planned(self) -> int | None:
        """The first plan, which all later builds keep; None while there is none."""
        return next((file.planned for file in self.files if file.planned is not None), None)

    def tested(self, what: str) -> BuildFile | None:
        """The first build that was the same test; None: there was none."""
        return next((file for file in self.files if file.tested == what), None)


def identity_of(baseline: Baseline) -> str:
    """What a baseline is known by: a run that is accepted again is another one."""
    return digest([baseline.run.id, baseline.accepted.isoformat()])


def folder_of(workspace: Path, baseline: Baseline) -> Path:
    """The folder of its builds."""
    return workspace / BUILDS / identity_of(baseline).removeprefix("h1:")[:16]


def read_builds(folder: Path) -> Builds:
    """All builds of a folder; none where it is not there.

    Raises:
        StoreError: a record is damaged or cannot be read.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return Builds(())
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}", hint="check the folder and its permissions") from error
    files = [_read(path) for path in paths]
    return Builds(tuple(sorted(files, key=lambda file: (file.checked, file.number, file.run))))


def write_build(folder: Path, file: BuildFile) -> None:
    """Write one record in one step, with its seal.

    Raises:
        StoreError: it cannot be written.
    """
    data = file.model_dump(mode="json") | {"seal": ""}
    text = json.dumps(data | {"seal": digest(data)}, ensure_ascii=True, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _name(file), f"{text}\n".encode("ascii"))
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}", hint="check the folder and its permissions") from error


class Locked:
    """While it is held nobody else counts builds in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder.with_name(f"{folder.name}.lock"), timeout=PATIENCE)

    def __enter__(self) -> Builds:
        """The builds as they are now."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise StoreError(
                f"{self._lock.lock_file} has been held by another process for {PATIENCE:g} s",
                hint="wait for the other gate, or end it",
            ) from error
        except OSError as error:
            raise StoreError(
                f"{self._folder}: {error.strerror}", hint="check the folder and its permissions"
            ) from error
        try:
            return read_builds(self._folder)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _name(file: BuildFile) -> str:
    """By run and by what was tested: one run can be tested in several ways."""
    return f"{digest([file.run, file.tested]).removeprefix('h1:')[:24]}.json"


def _read(path: Path) -> BuildFile:
    try:
        with open_regular(path) as stream:
            data: Any = json.loads(stream.read())
        file = BuildFile.model_validate(data)
        sealed = digest(data | {"seal": ""})
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, ValidationError, TypeError, RecursionError) as error:
        raise _damaged(path) from error
    if file.seal != sealed or path.name != _name(file):
        raise _damaged(path)
    return file


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path}, the record of a build, is damaged or was changed",
        hint="restore it, or delete it (the build still counts if a later one is recorded), or begin anew: "
        "harness baseline accept RUN",
    )
