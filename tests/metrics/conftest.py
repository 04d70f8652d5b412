"""Untrained COMET checkpoints, one of each class, built once per worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.metrics.comet.selftest import Kind, build_checkpoint


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """Gives the folder of a checkpoint of a kind."""
    pytest.importorskip("comet", reason="needs unbabel-comet", exc_type=ImportError)
    built: dict[Kind, Path] = {}

    def build(kind: Kind) -> Path:
        if kind not in built:
            built[kind] = tmp_path_factory.mktemp("comet") / kind
            build_checkpoint(built[kind], kind)
        return built[kind]

    return build
