"""The run directory: written atomically, read back into the same :class:`~harness.runs.result.Run`.

======================  =============================================================================
``segments.jsonl``      one line per segment: pair, article, number, line, paragraph, source, references
``outcomes.jsonl``      one line per system and segment: the translation, refusal or failure
``statistics.npz``      rows, masks and segment scores of every metric (no pickled objects)
``run.json``            everything else; written last, so a directory without it is not a run
======================  =============================================================================

Every file is written under a temporary name, synced and renamed. Numbers are kept in full precision.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import to_json

from harness.errors import StoreError, UsageError
from harness.files import open_regular
from harness.runs.codec import decode_run, encode_run
from harness.runs.result import Run
from harness.runs.schema import SCHEMA, UPGRADES, RunFile

PROBE = 4096
"""Bytes that must fit for a run to begin."""

NAMES_SHOWN = 5
"""Runs a message names at most; there may be hundreds."""


def write_run(run: Run, runs: Path) -> Path:
    """Write ``runs/<id>/`` and return it."""
    folder = runs / run.id
    folder.mkdir(parents=True, exist_ok=True)
    encoded = encode_run(run)
    write_atomically(folder / "segments.jsonl", _lines(encoded.segments))
    write_atomically(folder / "outcomes.jsonl", _lines(encoded.outcomes))
    write_atomically(folder / "statistics.npz", _archive(encoded.arrays))
    write_atomically(folder / "run.json", f"{encoded.manifest.model_dump_json(indent=1)}\n".encode())
    return folder


def check_writable(runs: Path) -> None:
    """Make the folder of the runs and write to it, before anything is paid for whose result could not be kept.

    Raises:
        StoreError: no run can be kept there.
    """
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=runs) as stream:
            stream.write(bytes(PROBE))
    except OSError as error:
        raise StoreError(
            f"no run can be kept in {runs}: {error.strerror or error}", hint="check permissions and free space"
        ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary name beside ``path``, sync, rename: readers see the old file or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say for which file
        raise


def load_run(folder: Path) -> Run:
    """Read a run directory back.

    Raises:
        StoreError: not a run directory, damaged, or written by a newer harness.
    """
    manifest = _manifest(folder)
    try:
        segments = list(_read_lines(folder / "segments.jsonl"))
        outcomes = list(_read_lines(folder / "outcomes.jsonl"))
        with (
            open_regular(folder / "statistics.npz") as stream,
            np.load(stream, allow_pickle=False) as archive,
        ):
            arrays: Mapping[str, np.ndarray[Any, Any]] = {name: archive[name] for name in archive.files}
        return decode_run(manifest, segments, outcomes, arrays)
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(error.filename).name} is missing") from error
    except (ValueError, KeyError, IndexError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from error


def _manifest(folder: Path) -> RunFile:
    path = folder / "run.json"
    if not folder.is_dir():
        raise StoreError(f"there is no run directory {folder}", hint="harness list runs shows the runs there are")
    try:
        with open_regular(path) as stream:
            data = json.load(stream)
        version = data["schema_version"]
    except FileNotFoundError:
        raise StoreError(
            f"{folder} is not a whole run: run.json is missing",
            hint="the run was cut off before its end; harness run makes it again from the cache",
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"run.json: {error}") from error
    if not isinstance(version, int) or version > SCHEMA:
        raise StoreError(
            f"{folder} was written by a newer harness (schema {version}; this one reads up to {SCHEMA})",
            hint="pip install --upgrade translation-harness",
        )
    for step in range(version, SCHEMA):
        data = UPGRADES[step](data)
    try:
        return RunFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(folder, f"run.json: {where}: {first['msg']}") from error


def _damaged(folder: Path, what: str) -> StoreError:
    return StoreError(
        f"the run {folder} is damaged: {what}",
        hint="harness run makes it again from the cache; nothing is asked for twice",
    )


def _lines(objects: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(to_json(item, inf_nan_mode="constants") + b"\n" for item in objects)


def _archive(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """As ``np.savez_compressed``, whose compression takes four times as long for a tenth of the room."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.save(stream, array, allow_pickle=False)
    return buffer.getvalue()


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with open_regular(path) as stream:
        for line in stream:
            yield json.loads(line)


def list_runs(runs: Path) -> list[Path]:
    """Whole run directories, oldest first; ids begin with the time, and within a second the file system tells."""
    if not runs.is_dir():
        return []
    return sorted((folder for folder in runs.iterdir() if _has_manifest(folder)), key=_age)


def _age(folder: Path) -> tuple[str, int]:
    return folder.name.partition("-")[0], (folder / "run.json").stat().st_mtime_ns


def _has_manifest(folder: Path) -> bool:
    try:
        return (folder / "run.json").is_file()
    except OSError:
        return True  # a folder that may not be looked into: listed, so that whoever reads it learns why not


def find_run(runs: Path, name: str) -> Path:
    """The directory of a run named by id, unique beginning of an id, path, or ``latest``.

    Raises:
        UsageError: nothing fits, or more than one does.
    """
    if (Path(name) / "run.json").exists() or os.sep in name:
        return Path(name)
    known = list_runs(runs)
    if name == "latest":
        if not known:
            raise UsageError(f"there is no run in {runs}", hint="harness run makes one")
        return known[-1]
    fitting = [folder for folder in known if folder.name.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"'{name}' fits {len(fitting)} runs", hint=_latest(fitting))
    if (runs / name).is_dir():
        return runs / name
    raise UsageError(f"there is no run '{name}' in {runs}", hint=_latest(known))


def _latest(runs: Sequence[Path]) -> str:
    names = ", ".join(folder.name for folder in runs[-NAMES_SHOWN:])
    return f"the latest: {names}; harness list runs shows all {len(runs)}" if runs else "harness run makes one"
