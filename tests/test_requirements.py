"""What is installed together must be found by every resolver, the one that comes with Python 3.11 too."""

from __future__ import annotations

import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import harness

PYPROJECT = Path(harness.__file__).parents[1] / "pyproject.toml"
SHARED = ("numpy", "protobuf", "huggingface-hub")
"""Packages that unbabel-comet limits, and that others of the project's requirements bring in their newest release."""


@pytest.mark.parametrize("name", SHARED)
def test_the_extra_comet_repeats_what_the_library_limits(name: str) -> None:
    pytest.importorskip("comet")
    of_library = next(it for it in map(Requirement, requires("unbabel-comet") or ()) if it.name == name)
    limit = min(bound.version.partition(".")[0] for bound in of_library.specifier if bound.operator == "<")
    extras = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert f"{name}<{limit}; python_version < '3.13'" in extras["comet"]
