"""Which translation engine is better, did it get worse, and which one goes into production.

``harness.run``, ``score``, ``compare``, ``decide``, ``gate``, ``report`` and ``export`` do what the commands of these
names do; ``harness.load_run`` reads a stored run, and ``spoken`` puts a decision into words. Importing this package
imports nothing heavy; the functions are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from harness.api import compare, decide, export, gate, load_run, report, run, score, spoken

FUNCTIONS = ("compare", "decide", "export", "gate", "load_run", "report", "run", "score", "spoken")

__all__ = ["__version__", "compare", "decide", "export", "gate", "load_run", "report", "run", "score", "spoken"]


def __getattr__(name: str) -> Any:
    if name in FUNCTIONS:
        import harness.api

        return getattr(harness.api, name)
    raise AttributeError(f"module 'harness' has no attribute '{name}'")


def __dir__() -> list[str]:
    imported = {"Any", "TYPE_CHECKING", "annotations", "FUNCTIONS"}
    return sorted({*globals(), *__all__} - imported)
