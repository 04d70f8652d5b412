"""Environments that borrow the packages of the one that runs the tests: their own would be a gigabyte each."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from harness.metrics.isolated.environment import LAYOUT, Environment, folder_of, write_note
from harness.metrics.isolated.recipe import Recipe
from harness.workspace.operating_system import python_of


def borrow(recipe: Recipe) -> Recipe:
    """Make the environment of a recipe in ``HARNESS_METRICS_CACHE``; returns the recipe that asks for what is there."""
    folder = folder_of(recipe.name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = _site_packages(python_of(folder))
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (Path(site) / "borrowed.pth").write_text("\n".join(lent), encoding="utf-8")
    packages = {name: version(name) for name in recipe.versions}
    asked = tuple(f"{name}=={number.partition('+')[0]}" for name, number in packages.items())
    python = ".".join(map(str, sys.version_info[:3]))
    made = datetime.now(UTC).date().isoformat()
    write_note(folder, Environment(LAYOUT, "test", made, python, "none", asked, packages))
    return replace(recipe, packages=asked, newest_python=(3, 99))


def _site_packages(python: Path) -> list[str]:
    code = "import json, sys; print(json.dumps([path for path in sys.path if path.endswith('site-packages')]))"
    said = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    return list(json.loads(said))
