"""A workspace: the folder with ``references/``, ``systems/`` and ``reports/``, and its settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.store.files import refuse_links_out
from harness.types import Missing, Reason
from harness.workspace.config import load_model
from harness.workspace.file_models import WorkspaceFile


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything is."""

    root: Path
    settings: WorkspaceFile

    @property
    def project(self) -> str | Missing:
        """What the workspace is called: ``project`` of its settings, else its folder."""
        return self.settings.project or self.root.resolve().name or Missing(Reason("project.root"))

    @property
    def references(self) -> Path:
        """Reference articles, by pair."""
        return self.root / "references"

    @property
    def systems(self) -> Path:
        """System files and recorded outputs."""
        return self.root / "systems"

    @property
    def runs(self) -> Path:
        """One folder for each run."""
        return self.root / "reports" / "runs"

    @property
    def cache(self) -> Path:
        """The cache file; the variable ``HARNESS_CACHE`` names another.

        Raises:
            UsageError: it is a folder.
        """
        override = os.environ.get("HARNESS_CACHE")
        path = Path(override) if override else self.root / "reports" / ".cache" / "harness.sqlite3"
        if path.is_dir():
            where = f"HARNESS_CACHE: {path}" if override else str(path)
            raise UsageError(
                f"{where} is a folder, but the cache must be a file", hint=f"name a file in it: {path}/cache"
            )
        return path


def open_workspace(root: Path) -> Workspace:
    """Read the settings of a workspace.

    Raises:
        UsageError: the folder is not a workspace.
        ConfigError: ``harness.toml`` is wrong.
    """
    missing = [name for name in ("references", "systems") if not (root / name).is_dir()]
    if missing:
        raise UsageError(
            f"{root.resolve()} is not a workspace: no folder {' and '.join(missing)}",
            hint="to create one: harness init; to use another folder: --workspace DIR",
        )
    return Workspace(root, load_settings(root))


def load_settings(root: Path) -> WorkspaceFile:
    """``harness.toml`` of a folder, or the usual settings where there is none.

    Raises:
        ConfigError: it is wrong.
    """
    path = root / "harness.toml"
    refuse_links_out(root, [path.name])
    return load_model(WorkspaceFile, path) if path.exists() else WorkspaceFile()
