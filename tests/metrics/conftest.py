"""Untrained COMET checkpoints, one of each class, built once per worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.untrained import build_checkpoint
from tests.needs import needs


@pytest.fixture
def library() -> None:
    """Skip where unbabel-comet is not installed: from Python 3.13 on, it cannot be."""
    needs("comet")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """Gives the folder of a checkpoint of a kind; skips where torch is not installed."""
    pytest.importorskip("torch")
    pytest.importorskip("tokenizers")
    built: dict[Kind, Path] = {}

    def build(kind: Kind) -> Path:
        if kind not in built:
            built[kind] = tmp_path_factory.mktemp("comet") / kind
            build_checkpoint(built[kind], kind)
        return built[kind]

    return build
