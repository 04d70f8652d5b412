"""Running ``python -m tests.bench`` in this process, the way a shell would see it."""

from __future__ import annotations

import pytest

from tests.bench.__main__ import main
from tests.cli.conftest import Finished, Shell


@pytest.fixture
def bench(capfd: pytest.CaptureFixture[str]) -> Shell:
    """Call it with the arguments of a command line."""

    def call(*arguments: object) -> Finished:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Finished(code, out, err)

    return call
