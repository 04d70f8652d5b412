"""Where models lie on this machine, if not at the path that another machine has them at.

Both are searched on the nodes of a cluster only: a model is what its files are, and its path is that of one machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.workspace.environment import user_cache

VARIABLE = "HARNESS_MODELS"
"""Names folders, as ``PATH`` does."""


def sent_models() -> Path:
    """Where models are kept that another machine has sent, each in a folder with the name of its digest."""
    return user_cache() / "sent-models"


def model_folders() -> list[Path]:
    """Folders to search, in order; those that are not there are left out."""
    named = [Path(name).expanduser() for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    return [folder for folder in (*named, sent_models()) if folder.is_dir()]


def options_here(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an engine or a metric, with the paths that their models have on this machine."""
    return {name: local_path(value) if isinstance(value, str) else value for name, value in options.items()}


def local_path(model: str) -> str:
    """A model's path on this machine: as it was given if it is there, else that of the same name in a folder.

    What lies there must be verified by its content; a name proves nothing. Names that are no absolute paths, such as
    those on a hub, are returned as they are.
    """
    path = Path(model)
    if not path.is_absolute() or path.exists():
        return model
    for folder in model_folders():
        if (folder / path.name).exists():
            return str(folder / path.name)
    return model
