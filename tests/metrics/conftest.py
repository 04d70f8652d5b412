"""Untrained COMET checkpoints, one of each class, built once per worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.metrics.comet.untrained import Kind, build_checkpoint
from tests.needs import needs

ONLY_LIBRARY: frozenset[Kind] = frozenset({"unified", "kiwi", "xcomet"})
"""Kinds that the packed encoder does not know."""


@pytest.fixture
def library() -> None:
    """Skip where unbabel-comet is not installed: from Python 3.13 on, it cannot be."""
    needs("comet")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """Gives the folder of a checkpoint of a kind; skips where nothing here can score it."""
    pytest.importorskip("torch")
    pytest.importorskip("tokenizers")
    built: dict[Kind, Path] = {}

    def build(kind: Kind) -> Path:
        if kind in ONLY_LIBRARY:
            needs("comet")
        if kind not in built:
            built[kind] = tmp_path_factory.mktemp("comet") / kind
            build_checkpoint(built[kind], kind)
        return built[kind]

    return build
