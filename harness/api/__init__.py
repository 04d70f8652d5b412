"""What the command line does, one call away in Python; a function and what it needs are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.api.evidence import Compared, compare, compared
    from harness.api.exporting import Exports, export
    from harness.api.files import score
    from harness.api.runs import decide, gate, load_run, report, run, spoken

MODULES = {
    "Compared": "evidence",
    "compare": "evidence",
    "compared": "evidence",
    "Exports": "exporting",
    "export": "exporting",
    "score": "files",
    "decide": "runs",
    "gate": "runs",
    "load_run": "runs",
    "report": "runs",
    "run": "runs",
    "spoken": "runs",
}
"""Where each name comes from."""

__all__ = [
    "Compared",
    "Exports",
    "compare",
    "compared",
    "decide",
    "export",
    "gate",
    "load_run",
    "report",
    "run",
    "score",
    "spoken",
]


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return getattr(import_module(f"harness.api.{MODULES[name]}"), name)
    raise AttributeError(f"module 'harness.api' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
