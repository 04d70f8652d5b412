"""The baseline file: an accepted run, whole, in one file that can be kept under version control.

The manifest stands in it as readable JSON, so that a change of the baseline shows in a review with its scores and
signatures; segments, translations and statistics are compressed. The statistics are kept in full precision, so the gate
needs neither the run directory nor what once computed the scores.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from harness.errors import StoreError, UsageError
from harness.store.files import open_regular, write_named
from harness.store.runs.arrays import read_arrays
from harness.store.runs.codec import decode_run, encode_run
from harness.store.runs.directory import DAMAGE
from harness.store.runs.reasons import Words
from harness.store.runs.result import Run
from harness.store.runs.schema import SCHEMA, UPGRADES, FileModel, RunFile
from harness.store.runs.system_codec import Record

BASELINE: Final = Path("reports", "baseline.json")
"""Where a workspace has its baseline."""

BASELINE_SCHEMA: Final = 1

MOST_UNPACKED: Final = 4 * 2**30
"""Bytes of its segments, and of its translations."""

ACCEPT = "harness baseline accept RUN"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run somebody accepted as what later runs are measured against."""

    run: Run
    accepted: datetime
    """With its time zone."""
    note: str


class BaselineFile(FileModel):
    """The file; the run's manifest is checked by its own model once it is in the newest form."""

    schema_version: int
    accepted: datetime
    note: str
    run: dict[str, Any]
    segments: str
    """JSON lines, zlib, base64."""
    outcomes: str
    """JSON lines, zlib, base64."""
    statistics: str
    """A numpy archive, base64."""


def write_baseline(baseline: Baseline, path: Path, words: Words) -> None:
    """Write the file in one step: whoever reads it sees the old baseline or the whole new one.

    ``words`` says its reasons in English.
    """
    encoded = encode_run(baseline.run, words)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **encoded.arrays)
    file = BaselineFile(
        schema_version=BASELINE_SCHEMA,
        accepted=baseline.accepted,
        note=baseline.note,
        run=encoded.manifest.model_dump(mode="json"),
        segments=_pack(encoded.segments),
        outcomes=_pack(encoded.outcomes),
        statistics=base64.b64encode(buffer.getvalue()).decode("ascii"),
    )
    text = json.dumps(file.model_dump(mode="json"), ensure_ascii=True, indent=1) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_named(path, text.encode("ascii"))


def run_of_baseline(path: Path) -> str:
    """The id of the run in a baseline; empty where the file is JSON of another kind.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with open_regular(path) as stream:
            data = json.loads(stream.read())
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    run = data.get("run") if isinstance(data, dict) and "accepted" in data else None
    return str(run.get("id", "")) if isinstance(run, dict) else ""


def load_baseline(path: Path) -> Baseline:
    """Read a baseline back.

    Raises:
        UsageError: there is none.
        StoreError: damaged, or written by a newer harness.
    """
    try:
        with open_regular(path) as stream:
            data = json.loads(stream.read())
        versions = (data["schema_version"], data["run"]["schema_version"])
    except FileNotFoundError:
        raise UsageError(f"no baseline at {path}", hint=f"to make a run the baseline: {ACCEPT}") from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint="check the file and its permissions") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    for version, newest in zip(versions, (BASELINE_SCHEMA, SCHEMA), strict=True):
        if not isinstance(version, int) or version > newest:
            raise StoreError(
                f"{path} was written by a newer harness (schema {version}; this one reads up to {newest})",
                hint="pip install --upgrade translation-harness",
            )
    try:
        return _decode(data, versions[1])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, f"{where}: {first['msg']}") from error
    except (*DAMAGE, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _decode(data: dict[str, Any], version: int) -> Baseline:
    file = BaselineFile.model_validate(data)
    if file.accepted.tzinfo is None:
        raise ValueError("accepted: a time without its time zone")
    manifest = file.run
    for step in range(version, SCHEMA):
        manifest = UPGRADES[step](manifest)
    archive = io.BytesIO(base64.b64decode(file.statistics, validate=True))
    arrays = read_arrays(archive)
    run = decode_run(RunFile.model_validate(manifest), _unpack(file.segments), _unpack(file.outcomes), arrays)
    return Baseline(run, file.accepted, file.note)


def _damaged(path: Path, problem: str) -> StoreError:
    return StoreError(
        f"the baseline {path} is damaged: {problem}",
        hint=f"restore it from version control, or create it again: {ACCEPT}",
    )


def _pack(records: list[Record]) -> str:
    lines = "".join(json.dumps(record, ensure_ascii=True) + "\n" for record in records)
    return base64.b64encode(zlib.compress(lines.encode("ascii"), 9)).decode("ascii")


def _unpack(text: str) -> list[Record]:
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(base64.b64decode(text, validate=True), MOST_UNPACKED)
    if unpacking.unconsumed_tail:
        raise ValueError(f"more than {MOST_UNPACKED // 2**30} GiB unpacked")
    if not unpacking.eof:
        raise ValueError("cut off")
    return [json.loads(line) for line in data.splitlines()]
