"""Ray for the tests: one cluster for each module."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.executors.workers import Squares

# Read when Ray is imported. Without them Ray would make a token in the developer's home, and use it.
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = "only-for-tests-only-for-tests-only-for-tests"
os.environ.pop("RAY_ADDRESS", None)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Four cores in this process, for all tests of a module: an executor leaves a cluster alone that it finds."""
    from harness.executors.ray_cluster import RayExecutor

    with contextlib.closing(RayExecutor(workers=4)) as executor:
        list(executor.map(Squares(tmp_path_factory.mktemp("first")), [[1]]))
        yield


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Where the workers leave their files."""
    (tmp_path / "left").mkdir()
    return tmp_path / "left"
