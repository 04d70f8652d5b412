"""Packages that only one format needs: imported when that format is asked for, and missed in one sentence."""

from __future__ import annotations

import importlib
from typing import Any

from harness.errors import UsageError


def need(module: str, format_name: str, package: str, extra: str) -> Any:
    """Import ``module``.

    Raises:
        UsageError: it is not installed, or does not work here; the hint is the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        gone = isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]
        state = "which is not installed" if gone else f"which cannot be imported: {error}"
        raise UsageError(
            f"the format '{format_name}' needs {package}, {state}",
            hint=f'pip install "translation-harness[{extra}]"',
        ) from error
