"""The packages that can move a COMET score, and whether unbabel-comet is among those that are installed.

The library pins NumPy 1 and transformers 4, so it has no place on Python 3.13 and later. The packed encoder needs torch
and tokenizers alone.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from harness.errors import MetricUnavailable
from harness.workspace.environment import package_version

UNBABEL = "unbabel-comet"
LAST_PYTHON = (3, 12)
"""The last one that the library's pins have wheels for."""

INSTALL = "pip install 'translation-harness[comet]'"


def library_installed() -> bool:
    """Whether unbabel-comet is installed; it may still fail to import."""
    return bool(package_version(UNBABEL))


def scoring_packages() -> dict[str, str]:
    """Packages that can move a score of the packed encoder or its proof, by the names they have in keys."""
    packed = {"torch": "torch", "tokenizers": "tokenizers"}
    return {"comet": UNBABEL, "transformers": "transformers", **packed} if library_installed() else packed


def scoring_versions() -> dict[str, str]:
    """Versions of :func:`scoring_packages`."""
    return {name: version(package) for name, package in scoring_packages().items()}


def need_library(why: str) -> None:
    """Make sure that unbabel-comet is installed.

    Args:
        why: what needs it, as the start of a sentence: ``needs unbabel-comet, which ...`` follows.

    Raises:
        MetricUnavailable: it is not.
    """
    if library_installed():
        return
    if sys.version_info[:2] > LAST_PYTHON:
        raise MetricUnavailable(
            f"{why} needs {UNBABEL}, which cannot be installed on Python {sys.version_info[0]}.{sys.version_info[1]}",
            fix='harness metrics add comet, and engine = "isolated" under [metric.comet] in harness.toml',
        )
    raise MetricUnavailable(f"{why} needs {UNBABEL}, which is not installed", fix=INSTALL)
