"""The first lines of every ``run.json``: which runs there are, without reading their pairs.

A run of a hundred systems is megabytes of JSON, and the tab key does not wait for it. The harness writes the keys of a
run before its pairs, one to a line, so that they stand in the first bytes; a file in another shape is read whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.store.files import open_regular

HEAD: Final = 1 << 14
"""Bytes: id, name, time and status take a few hundred."""

_KEY: Final = re.compile(r'^ "(id|name|created|status)": ("(?:[^"\\\n]|\\.)*"),?\r?$', re.MULTILINE)
_OTHERS: Final = re.compile(r'^ "(?:command|settings|environment|pairs)":', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunHead:
    """What a run is called; texts that cannot be read are empty."""

    folder: Path
    id: str = ""
    name: str = ""
    """As ``harness run --name`` gave it; empty where it gave none."""
    created: str = ""
    """ISO 8601, UTC."""
    status: str = ""


def list_runs(runs: Path) -> list[Path]:
    """Whole run directories, oldest first; ids begin with the time, and within a second the file system tells."""
    if not runs.is_dir():
        return []
    return sorted((folder for folder in runs.iterdir() if _has_manifest(folder)), key=_age)


def read_heads(runs: Path) -> list[RunHead]:
    """What every whole run directory is called, oldest first."""
    return [read_head(folder) for folder in list_runs(runs)]


def read_head(folder: Path) -> RunHead:
    """What the run in a directory is called."""
    try:
        with open_regular(folder / "run.json") as stream:
            text = stream.read(HEAD).decode("utf-8", "replace")
            if not _OTHERS.search(text):
                text = f"{text}{stream.read().decode('utf-8', 'replace')}"
    except OSError:
        return RunHead(folder)
    start = _OTHERS.search(text)
    if start:
        texts = {key: json.loads(value) for key, value in _KEY.findall(text[: start.start()])}
    else:
        texts = _read_whole(text)
    return RunHead(folder, *(texts.get(key, "") for key in ("id", "name", "created", "status")))


def _read_whole(text: str) -> dict[str, str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, str)} if isinstance(data, dict) else {}


def _age(folder: Path) -> tuple[str, int]:
    try:
        changed = (folder / "run.json").stat().st_mtime_ns
    except OSError:  # it may not be looked into; the others are listed all the same
        changed = 0
    return folder.name.partition("-")[0], changed


def _has_manifest(folder: Path) -> bool:
    try:
        return (folder / "run.json").is_file()
    except OSError:
        return True  # a folder that may not be looked into: listed, so that whoever reads it learns why not
