"""The run directory: written atomically, read back into the same :class:`~harness.store.runs.result.Run`.

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
import math
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import to_json

from harness.errors import StoreError
from harness.store.files import open_regular, write_atomically
from harness.store.runs.arrays import read_arrays
from harness.store.runs.codec import decode_run, encode_run
from harness.store.runs.heads import list_runs
from harness.store.runs.latest import record_run
from harness.store.runs.reasons import Words
from harness.store.runs.result import Run
from harness.store.runs.schema import SCHEMA, UPGRADES, RunFile

PROBE = 4096
"""Bytes that must fit for a run to begin."""

LONGEST_LINE = 64 * 2**20
"""Bytes of one segment or outcome."""

STAMP = re.compile(r"(\d{8}T\d{6})-")
STAMP_FORMAT = "%Y%m%dT%H%M%S"


def write_run(run: Run, runs: Path, words: Words) -> Path:
    """Write ``runs/<id>/``, record that it was made last, and return it; ``words`` says its reasons in English."""
    folder = runs / run.id
    folder.mkdir(parents=True, exist_ok=True)
    encoded = encode_run(run, words)
    write_atomically(folder / "segments.jsonl", _lines(encoded.segments))
    write_atomically(folder / "outcomes.jsonl", _lines(encoded.outcomes))
    write_atomically(folder / "statistics.npz", _archive(encoded.arrays))
    write_atomically(folder / "run.json", f"{encoded.manifest.model_dump_json(indent=1)}\n".encode())
    record_run(run, folder)
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
            f"cannot write a run to {runs}: {error.strerror or error}", hint="check permissions and free space"
        ) from error


DAMAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError)
"""What reading trips over where a file holds something else than was written."""


def load_run(folder: Path) -> Run:
    """Read a run directory back.

    Raises:
        StoreError: not a run directory, damaged, or written by a newer harness.
    """
    manifest = _manifest(folder)
    try:
        segments = list(_read_lines(folder / "segments.jsonl"))
        outcomes = list(_read_lines(folder / "outcomes.jsonl"))
        with open_regular(folder / "statistics.npz", most=math.inf) as stream:
            arrays = read_arrays(stream)
        return decode_run(manifest, segments, outcomes, arrays)
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(error.filename).name} is missing") from error
    except (*DAMAGE, zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from error


def _manifest(folder: Path) -> RunFile:
    path = folder / "run.json"
    if not folder.is_dir():
        raise StoreError(f"the run directory {folder} does not exist", hint="to list the runs: harness list runs")
    try:
        with open_regular(path) as stream:
            data = json.load(stream)
        version = data["schema_version"]
    except FileNotFoundError:
        raise StoreError(
            f"{folder} is not a complete run: run.json is missing",
            hint="the run was interrupted; to repeat it from the cache: harness run",
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except DAMAGE as error:
        raise _damaged(folder, f"run.json: {error}") from error
    if isinstance(version, int) and version < 1:
        raise _damaged(folder, f"run.json: schema_version {version}")
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


def _damaged(folder: Path, problem: str) -> StoreError:
    return StoreError(
        f"the run {folder} is damaged: {problem}",
        hint="to repeat it from the cache: harness run",
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
    with open_regular(path, most=math.inf) as stream:
        while line := stream.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise ValueError(f"{path.name}: a line of more than {LONGEST_LINE // 2**20} MiB")
            yield json.loads(line)


def stamp(runs: Path, now: datetime) -> datetime:
    """The time for the id of a run made now: after all runs there are, even if the clock has been put back since."""
    newest = max((match[1] for folder in list_runs(runs) if (match := STAMP.match(folder.name))), default="")
    if newest <= f"{now:{STAMP_FORMAT}}":
        return now
    try:
        return datetime.strptime(newest, STAMP_FORMAT).replace(tzinfo=UTC) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return now
