"""What plug-ins are tested with: a contract test for each kind, and the fixture of the gate.

pytest loads :mod:`harness.testing.pytest_plugin` wherever the harness is installed, so importing this package imports
nothing; the functions are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.testing.engine import (
        ARTICLE,
        SOURCES,
        ContractError,
        ask,
        batch_of,
        check_round_trip,
        engine_contract,
        texts_of,
    )

MODULES = ("harness.testing.engine",)

__all__ = [
    "ARTICLE",
    "SOURCES",
    "ContractError",
    "ask",
    "batch_of",
    "check_round_trip",
    "engine_contract",
    "texts_of",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in map(import_module, MODULES):
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'harness.testing' has no attribute '{name}'")
