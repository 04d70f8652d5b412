"""``python -m tests.bench``: the project's own benchmarks, whose tables stand in the documentation."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from harness.cli.app import call, guarded
from harness.cli.help import Command, Group
from tests.bench.commands import COMMANDS

app = typer.Typer(
    help="Measure this project against the tools it is built on.",
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)
for name, command in COMMANDS.items():
    app.command(name, cls=Command)(guarded(command))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return call(app, arguments, "bench")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
