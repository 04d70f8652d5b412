"""Which run was made last: the record that ``harness run`` leaves beside the cache, and what is read from it.

Names and times of folders say nothing safe: a clock may have been put back, and a folder may have been copied in. The
record names the run that was made here last, and the last that is whole: complete, of all pairs, systems and articles.
Both are held against the digest of their files before they are believed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from harness.errors import StoreError, UsageError
from harness.store.files import open_regular, write_atomically
from harness.store.runs.result import Run
from harness.store.runs.schema import FileModel

FILES: Final = ("run.json", "segments.jsonl", "outcomes.jsonl", "statistics.npz")
"""What a run is read from."""

BLOCK: Final = 1 << 20

LISTED: Final = "to list all runs: harness list runs"

INCOMPLETE: Final = "incomplete"

PATIENCE: Final = 60.0
"""Seconds for which another process may be noting its run."""

FILTERS: Final = {
    "only_pairs": "--pair",
    "systems": "--system",
    "articles": "--article",
    "skipped_articles": "--skip-article",
    "limit": "--limit",
    "segments_per_article": "--segments-per-article",
    "looks": "--until-decided",
}
"""Settings of a run that leave a part of the workspace out, and their options."""


class MadeFile(FileModel):
    """One run, as it was when it was made."""

    run: str
    digest: str
    partial: str
    """Why it is not whole; empty where it is."""


class RecordFile(FileModel):
    """The file; see :func:`record_of`."""

    schema_version: Literal[1] = 1
    made: MadeFile
    """The run made last."""
    whole: MadeFile | None = None
    """The last whole run; null while there was none."""


@dataclass(frozen=True, slots=True)
class Latest:
    """What ``latest`` stands for."""

    folder: Path
    """The last whole run; where none is, the one made last if it is of the whole workspace."""
    doubt: str
    """Why it might not be the one that is meant; empty where it must be."""


def record_of(runs: Path) -> Path:
    """The file: ``reports/.cache/latest-of-runs.json``, which no version control should keep."""
    return runs.parent / ".cache" / f"latest-of-{runs.name}.json"


def why_partial(run: Run) -> str:
    """Why a run does not stand for its whole workspace; empty where it does."""
    filters = [option for key, option in FILTERS.items() if run.settings.get(key)]
    if filters:
        return f"limited by {', '.join(filters)}"
    return "" if run.status == "complete" else INCOMPLETE


def record_run(run: Run, folder: Path) -> None:
    """Note that ``run`` has just been written to ``folder``: in one step, so that no reader sees half of it.

    Raises:
        StoreError: another process has been noting its run for :data:`PATIENCE` seconds.
    """
    from filelock import FileLock, Timeout

    path = record_of(folder.parent)
    made = MadeFile(run=folder.name, digest=_digest(folder), partial=why_partial(run))
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_suffix(".lock")
    try:
        # Between reading and writing, a run that ends at the same moment would be noted, and forgotten again.
        with FileLock(lock, timeout=PATIENCE):
            try:
                before = _read(path)
            except StoreError:
                before = None  # a damaged record cannot say which run came before, and this one replaces it
            whole = made if not made.partial else before.whole if before else None
            text = RecordFile(made=made, whole=whole).model_dump_json(indent=1)
            write_atomically(path, f"{text}\n".encode())
    except Timeout as error:
        raise StoreError(
            f"{lock} has been held by another process for {PATIENCE:g} s",
            hint=f"the run {folder} is complete, but not recorded as the most recent; to use it, name it",
        ) from error


def recorded(runs: Path) -> frozenset[str]:
    """The run made last and the last whole one, by the names of their folders.

    Raises:
        StoreError: the record is damaged.
    """
    record = _read(record_of(runs))
    return frozenset(made.run for made in (record.made, record.whole) if made) if record else frozenset()


def just_made(runs: Path, known: Mapping[str, Path]) -> Path:
    """The run made last, whole or not; the only one, where nothing was recorded.

    Args:
        runs: folder of the runs.
        known: the whole run directories in it, by name.

    Raises:
        UsageError: there is none, or several and no record, or the one recorded is gone or has been changed.
        StoreError: the record is damaged.
    """
    record = _read(record_of(runs))
    return _unrecorded(runs, known) if record is None else _checked(runs, record.made)


def latest(runs: Path, known: Mapping[str, Path]) -> Latest:
    """The last whole run; the only one, where nothing was recorded.

    Raises:
        UsageError: as for :func:`just_made`; or all runs leave a part of the workspace out.
        StoreError: the record is damaged.
    """
    record = _read(record_of(runs))
    if record is None:
        return Latest(_unrecorded(runs, known), "")
    made, whole = record.made, record.whole
    if whole is None and made.partial != INCOMPLETE:
        raise UsageError(
            f"no run is complete and unfiltered: the most recent, {made.run}, is {made.partial}",
            hint=f"to make one: harness run; to use this one anyway, name it: {made.run}",
        )
    if whole is None:
        return Latest(
            _checked(runs, made), f"no run is complete and unfiltered; the most recent, {made.run}, is {INCOMPLETE}"
        )
    later = f"the later run {made.run} is {made.partial}; the last complete and unfiltered run is {whole.run}"
    return Latest(_checked(runs, whole), later if made.partial else "")


def _unrecorded(runs: Path, known: Mapping[str, Path]) -> Path:
    if len(known) == 1:
        return next(iter(known.values()))
    if known:
        raise UsageError(
            f"{runs} has {len(known)} runs but no record of the most recent one",
            hint=f"name the run; {LISTED}",
        )
    raise UsageError(f"no runs in {runs}", hint="to make one: harness run")


def _checked(runs: Path, made: MadeFile) -> Path:
    folder = runs / made.run
    try:
        changed = _digest(folder) != made.digest
    except OSError as error:
        if error.errno is not None and not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise StoreError(
                f"{error.filename}: {error.strerror}", hint="check the file and its permissions"
            ) from error
        raise UsageError(f"the most recent run, {made.run}, is missing", hint=f"name another; {LISTED}") from None
    if changed:
        raise UsageError(
            f"the most recent run, {made.run}, has changed since it was made",
            hint=f"to use it as it is, name it: {made.run}",
        )
    return folder


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for name in FILES:
        with open_regular(folder / name, most=math.inf) as stream:
            while block := stream.read(BLOCK):
                total.update(block)
        total.update(b"\0")
    return total.hexdigest()


def _read(path: Path) -> RecordFile | None:
    """The record; None where there is none."""
    try:
        with open_regular(path) as stream:
            record = RecordFile.model_validate(json.loads(stream.read()))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, ValidationError, RecursionError) as error:
        raise _damaged(path) from error
    for made in (record.made, record.whole):
        if made is not None and (made.run in ("", ".", "..") or Path(made.run).name != made.run):
            raise _damaged(path)
    return record


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path}, which records the most recent run, is damaged",
        hint=f"name the run; {LISTED}; to make a new run: harness run",
    )
