"""What plug-ins are tested with: a contract suite for each kind, and the fixture of the gate.

pytest loads :mod:`harness.testing.pytest_plugin` wherever the harness is installed, so importing this package imports
nothing; the functions are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.testing.check import check_contract
    from harness.testing.contract import ContractError
    from harness.testing.engine import (
        ARTICLE,
        SOURCES,
        ask,
        batch_of,
        check_round_trip,
        engine_contract,
        texts_of,
    )
    from harness.testing.exporter import exporter_contract
    from harness.testing.importer import importer_contract
    from harness.testing.metric import metric_contract
    from harness.testing.report import report_contract, sample_run

MODULES = {
    "contract": ("ContractError",),
    "engine": ("ARTICLE", "SOURCES", "ask", "batch_of", "check_round_trip", "engine_contract", "texts_of"),
    "metric": ("metric_contract",),
    "check": ("check_contract",),
    "report": ("report_contract", "sample_run"),
    "exporter": ("exporter_contract",),
    "importer": ("importer_contract",),
}

__all__ = [
    "ARTICLE",
    "SOURCES",
    "ContractError",
    "ask",
    "batch_of",
    "check_contract",
    "check_round_trip",
    "engine_contract",
    "exporter_contract",
    "importer_contract",
    "metric_contract",
    "report_contract",
    "sample_run",
    "texts_of",
]


def __getattr__(name: str) -> Any:
    for module, names in MODULES.items():
        if name in names:
            return getattr(import_module(f"harness.testing.{module}"), name)
    raise AttributeError(f"module 'harness.testing' has no attribute '{name}'")
