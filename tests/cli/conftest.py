"""Running the command line in this process, the way a shell would see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.cli.app import main


@dataclass(frozen=True)
class Finished:
    """What a shell sees of a command."""

    code: int
    out: str
    err: str


Shell = Callable[..., Finished]


@pytest.fixture
def harness(capfd: pytest.CaptureFixture[str]) -> Shell:
    """Call it with the arguments of a command line."""

    def call(*arguments: object) -> Finished:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Finished(code, out, err)

    return call
