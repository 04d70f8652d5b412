"""Environments that were made: where they lie, what is in them, and whether they are what a metric needs.

Each is a folder of the user's cache with a note, written last. A folder is renamed to its name once it is whole, so
what has the name of a metric was installed to its end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.errors import MetricUnavailable
from harness.metrics.isolated.recipe import Recipe
from harness.workspace.environment import user_cache
from harness.workspace.operating_system import python_of

LAYOUT = 1
"""Of the folder and of its note; another one is not used."""

NOTE = "environment.json"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the note says."""

    layout: int
    harness: str
    """The version that made it."""
    made: str
    """Date, ISO 8601."""
    python: str
    installer: str
    """``uv`` or ``pip``, with its version."""
    asked: tuple[str, ...]
    """The packages of the recipe."""
    packages: Mapping[str, str]
    """Everything that was installed, and its versions."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a metric has no environment to run in."""

    why: str
    fix: str
    missing: bool = False
    """There is none at all."""


def folder_of(name: str) -> Path:
    """Where the environment of a metric lies: below ``HARNESS_METRICS_CACHE``, else below the user's cache."""
    given = os.environ.get("HARNESS_METRICS_CACHE")
    return (Path(given).expanduser() if given else user_cache() / "metrics") / name


def look_up(recipe: Recipe) -> Environment | Unusable:
    """The environment of a metric, if it is what the recipe asks for."""
    name = recipe.name
    folder = folder_of(name)
    add, again = f"harness metrics add {name}", f"harness metrics add {name} --again"
    if not folder.is_dir():
        return Unusable(f"{name} runs in an environment of its own, which is not installed", add, missing=True)
    found = read_note(folder)
    if isinstance(found, str):
        return Unusable(f"the environment of {name} is damaged: {found}", again)
    if found.layout != LAYOUT:
        return Unusable(f"the environment of {name} was made by harness {found.harness}, in another layout", again)
    if set(found.asked) != set(recipe.packages):
        stale = ", ".join(sorted(set(found.asked) - set(recipe.packages))) or "fewer packages"
        wanted = ", ".join(sorted(set(recipe.packages) - set(found.asked))) or "fewer packages"
        why = f"the environment of {name} has {stale} (made by harness {found.harness}); this version needs {wanted}"
        return Unusable(why, again)
    if not python_of(folder).exists():
        return Unusable(f"the environment of {name} is damaged: its Python {found.python} is gone", again)
    return found


def need(recipe: Recipe) -> Environment:
    """The environment of a metric.

    Raises:
        MetricUnavailable: there is none, or it is not what the recipe asks for; the fix is the line that makes it.
    """
    found = look_up(recipe)
    if isinstance(found, Unusable):
        raise MetricUnavailable(found.why, fix=found.fix)
    return found


def read_note(folder: Path) -> Environment | str:
    """The note of an environment, or what is wrong with it."""
    try:
        said = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Environment(
            layout=int(said["layout"]),
            harness=str(said["harness"]),
            made=str(said["made"]),
            python=str(said["python"]),
            installer=str(said["installer"]),
            asked=tuple(map(str, said["asked"])),
            packages={str(name): str(version) for name, version in said["packages"].items()},
        )
    except OSError as error:
        return f"{NOTE}: {error.strerror or error}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{NOTE} cannot be read"


def write_note(folder: Path, environment: Environment) -> None:
    """Write the note of an environment."""
    (folder / NOTE).write_text(json.dumps(asdict(environment), indent=1), encoding="utf-8")
