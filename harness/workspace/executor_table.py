"""``[executor]`` of ``harness.toml``: what ``--executor ray`` asks of a cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Variable = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]


class ExecutorFile(BaseModel, extra="forbid", strict=True, frozen=True, defer_build=True):
    """``[executor]`` of ``harness.toml``."""

    gpu_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of a graphics card for each worker that needs one: with 0.5, two workers use one card and share its memory.
    """
    pip: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), strict=False)
    """Packages that Ray installs for the workers on every node, each as pip takes it: ``torch==2.13.0``."""
    working_dir: str = ""
    """Folder that Ray copies to every node, next to ``harness.toml``. Workers start in it and import from it first."""
    env_vars: dict[Variable, str] = {}
    """Environment variables of the workers. No keys or passwords: Ray shows the values to everyone who can see the
    cluster."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), strict=False)
    """Folders on the nodes in which models lie, searched where a model is not at the path it has on this machine. A
    node can name others in its variable ``HARNESS_MODELS``."""
    ship: bool = True
    """Send a COMET checkpoint to nodes that do not have it. It stays in their cache."""
