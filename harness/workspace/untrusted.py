"""A stranger's workspace, such as a pull request from a fork: it may be read and scored, and nothing in it is obeyed.

Whatever engine a system file names, only outputs recorded in its folder are used. Nothing is sent, no program and no
plug-in is run, no model is loaded that lies in the workspace or that its ``harness.toml`` names, no link and no path
leads out, and no score that its cache brings along is believed.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import DataError, UsageError
from harness.metrics.interface import Metric
from harness.store.files import refuse_links_out
from harness.workspace import registry
from harness.workspace.executor_table import ExecutorFile

if TYPE_CHECKING:
    from harness.workspace.folder import Workspace

READ = ("references", "systems", "reports")
"""The folders of a workspace that are read; in others, such as an environment, hard links are usual."""

MODELS = ("model", "tokenizer")
"""The options by which a metric's table names a checkpoint, which is code (it is unpickled), or a part of one."""


def distrust(root: Path) -> None:
    """Import nothing from the workspace or the current folder any more, and no other people's plug-ins.

    The environment that is running stays, wherever it lies: whoever started it trusts it already.
    """
    places, running = (root.resolve(), Path.cwd()), (Path(sys.prefix).resolve(),)
    sys.path[:] = [
        entry for entry in sys.path if entry and (_below(Path(entry), running) or not _below(Path(entry), places))
    ]
    registry.only_ours()


def refuse_reaching_out(workspace: Workspace) -> None:
    """Return if nothing in the workspace leads out of it.

    Raises:
        DataError: a link does, or a file has another name outside.
        UsageError: a path in ``harness.toml`` does, or it names a model.
    """
    refuse_links_out(workspace.root)
    _refuse_hard_links(workspace.root)
    where = workspace.root / "harness.toml"
    settings = workspace.settings
    for name, options in settings.metric.items():
        for key in MODELS:
            if key in options:
                comet = options.get("metric", name) == "comet"
                raise UsageError(
                    f"{where} [metric.{name}] {key}: --untrusted loads no model that the workspace names",
                    hint="name it yourself: harness run --untrusted --comet-model NAME" if comet else "remove the key",
                )
        _stay_inside(options, workspace.root, f"{where} [metric.{name}]")
    if settings.executor != ExecutorFile():
        raise UsageError(
            f"{where} [executor]: --untrusted lets no workspace say what a cluster installs or receives",
            hint="remove the table",
        )
    _stay_inside(settings.checks.overlap, workspace.root, f"{where} [checks] overlap")
    _stay_inside(settings.checks.glossary, workspace.root, f"{where} [checks.glossary]")


def refuse_models(workspace: Workspace, metrics: Mapping[str, Metric]) -> None:
    """Return if no metric would load a checkpoint from the workspace: a folder there may be called like a model.

    Raises:
        UsageError: one would.
    """
    for name, metric in metrics.items():
        model = getattr(getattr(metric, "options", None), MODELS[0], "")
        # Options without such a field may have a method of that name.
        path = Path(model).expanduser() if isinstance(model, str | os.PathLike) and model else None
        if path is not None and path.exists() and _below(path, (workspace.root.resolve(), Path.cwd())):
            raise UsageError(
                f"{name}: {model} lies in the workspace, and --untrusted loads no model from there",
                hint="give the whole path of a checkpoint elsewhere: --comet-model /path/to/model.ckpt",
            )


def _refuse_hard_links(root: Path) -> None:
    """An archive can hold hard links, and those look like files; Git makes none."""
    names: dict[tuple[int, int, int], list[Path]] = {}
    for top in READ:
        for folder, _, files in os.walk(root / top):
            for path in (Path(folder, name) for name in files):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                    names.setdefault((status.st_dev, status.st_ino, status.st_nlink), []).append(path)
    for (_, _, links), paths in names.items():
        if links > len(paths):
            raise DataError(
                f"{paths[0]}: a hard link to a file that has another name outside of the workspace",
                hint="put a copy of the file there: cp FILE COPY; mv COPY FILE",
            )


@contextmanager
def own_cache() -> Iterator[Path]:
    """Where to keep scores: ``HARNESS_CACHE``, else a file that is gone afterwards, but never that of the workspace."""
    override = os.environ.get("HARNESS_CACHE")
    if override:
        yield Path(override)
        return
    with tempfile.TemporaryDirectory(prefix="harness-untrusted-") as folder:
        yield Path(folder) / "harness.sqlite3"


def _stay_inside(value: Any, root: Path, where: str) -> None:
    """Refuse every string that leads to a file outside; a path counts from the workspace or from the current folder."""
    if isinstance(value, Mapping):
        for element in value.values():
            _stay_inside(element, root, where)
    elif isinstance(value, list | tuple):
        for element in value:
            _stay_inside(element, root, where)
    elif isinstance(value, str):
        path = Path(value).expanduser()
        if path.is_absolute() or ".." in path.parts:
            raise UsageError(f"{where}: '{value}' leads out of the workspace", hint="put the file into the workspace")


def _below(path: Path, places: tuple[Path, ...]) -> bool:
    try:
        target = path.resolve()
    except (OSError, RuntimeError):
        return True
    return any(target.is_relative_to(place) for place in places)
