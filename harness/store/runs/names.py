"""What a run is called by: its id, the beginning of it, its name, its path, or ``latest``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from harness.errors import UsageError
from harness.store.runs.heads import RunHead, list_runs, read_head
from harness.store.runs.latest import just_made, latest
from harness.workspace.operating_system import names_a_path

LATEST: Final = "latest"

LONGEST: Final = 100
"""Characters of a name."""

NAMES_SHOWN: Final = 5
"""Runs a message names at most; there may be hundreds."""

_ID: Final = re.compile(r"\d{8}T\d{6}-")


def check_name(name: str, runs: Path) -> None:
    """Return if a new run may have this name. The name of an incomplete run may be given again.

    Raises:
        UsageError: it could be taken for something else, or another run has it.
    """
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > LONGEST:
        raise UsageError(
            f"--name {name!r}: not a name", hint=f"give up to {LONGEST} characters, without spaces at either end"
        )
    if name == LATEST or name.startswith("-") or _ID.match(name):
        raise UsageError(f"--name {name}: this looks like {_looks_like(name)}", hint="choose another name")
    for head in _named(list_runs(runs), name):
        if head.status == "complete":
            raise UsageError(f"the run {head.folder.name} already has the name '{name}'", hint="choose another name")


def _looks_like(name: str) -> str:
    if name == LATEST:
        return "the last complete and unfiltered run"
    return "an option" if name.startswith("-") else "the id of a run"


def find_run(runs: Path, name: str, tell: Callable[[str], None] | None = None) -> Path:
    """The directory of a run.

    Args:
        runs: the folder of the runs.
        name: id, name, unique beginning of an id, or path; ``latest`` for the last run that is complete and of the
            whole workspace; empty for the run made last, whole or not.
        tell: told when ``latest`` is not the run made last, or incomplete; without it that is an error.

    Raises:
        UsageError: nothing fits, or more than one does; or nothing says which run was made last.
        StoreError: the record of the run made last is damaged.
    """
    known = {folder.name: folder for folder in list_runs(runs)}
    if not name:
        return just_made(runs, known)
    if name == LATEST:
        return _latest(runs, known, tell)
    if name in known:
        return known[name]
    if named := _named(list(known.values()), name):
        return _only(named, name)
    if names_a_path(name):
        return Path(name)
    fitting = [folder for key, folder in known.items() if key.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    if (Path(name) / "run.json").exists():
        return Path(name)
    if fitting:
        raise UsageError(f"'{name}' matches {len(fitting)} runs", hint=_among(fitting))
    if (runs / name).is_dir():
        return runs / name
    raise UsageError(f"no run '{name}' in {runs}", hint=_meant(name, list(known.values())))


def _latest(runs: Path, known: Mapping[str, Path], tell: Callable[[str], None] | None) -> Path:
    run = latest(runs, known)
    if run.doubt and tell is None:
        raise UsageError(
            f"'latest' is the last complete and unfiltered run: {run.doubt}",
            hint="name the run, or make a complete one: harness run",
        )
    if run.doubt and tell is not None:
        tell(run.doubt)
    return run.folder


def _named(folders: Sequence[Path], name: str) -> list[RunHead]:
    return [head for head in map(read_head, folders) if head.name == name]


def _only(named: Sequence[RunHead], name: str) -> Path:
    """The complete run of a name; the newest, where all are incomplete.

    Raises:
        UsageError: several complete runs have it, as after copying a folder.
    """
    complete = [head.folder for head in named if head.status == "complete"]
    if len(complete) > 1:
        raise UsageError(f"{len(complete)} runs have the name '{name}'", hint=f"use the id: {_among(complete)}")
    return complete[0] if complete else named[-1].folder


def _meant(name: str, runs: Sequence[Path]) -> str:
    called = [LATEST, *(head.name for head in map(read_head, runs) if head.name), *(folder.name for folder in runs)]
    near = get_close_matches(name, called, n=1)
    return f"did you mean '{near[0]}'? to list all {len(runs)}: harness list runs" if runs and near else _among(runs)


def _among(runs: Sequence[Path]) -> str:
    names = ", ".join(folder.name for folder in runs[-NAMES_SHOWN:])
    return f"among them: {names}; to list all {len(runs)}: harness list runs" if runs else "to make one: harness run"
