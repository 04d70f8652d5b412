"""``harness bench``: the project's own benchmarks, whose tables stand in the documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.cli.bench_comet import comet

COMMANDS: dict[str, Callable[..., Any]] = {"comet": comet}
