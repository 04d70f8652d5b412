"""Leaving a file of tests out where a package is absent, without the time it takes to import it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def needs(*modules: str) -> None:
    """Skip the file that is being collected unless each of these modules is installed."""
    for module in modules:
        if not _installed(module):
            pytest.skip(f"needs {module}", allow_module_level=True)


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package it is in
        return False
