"""All commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import functools
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any, ParamSpec, cast

import typer

from harness import __version__
from harness.cli import signals
from harness.cli.help import Command, Group, LazyGroup
from harness.cli.streams import guarded_streams, say_line
from harness.errors import HarnessError

REFUSED = 2
INTERNAL_ERROR = 4

P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command raises into a message on stderr and the documented exit code."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except HarnessError as error:
            say_line(f"error: {_indented(error)}")
            if error.hint:
                say_line(f"hint: {_indented(error.hint)}")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            _say_interrupted()
            raise typer.Exit(signals.exit_code()) from None
        except Exception as error:  # noqa: BLE001 - said, or shown as the bug of ours that it is
            if isinstance(error, OSError) and error.errno is not None:
                _explain(error)
                raise typer.Exit(REFUSED) from None
            traceback.print_exc()
            typer.echo("internal error: this is a bug in the harness, not in your input; please report it", err=True)
            raise typer.Exit(INTERNAL_ERROR) from None

    return wrapper


def _indented(message: object) -> str:
    """A line break in a name must not begin a line that looks like one of ours."""
    return str(message).replace("\n", "\n  ")


def _say_interrupted() -> None:
    try:
        typer.echo(
            "interrupted: every answer received so far is kept. To continue, run the same command again", err=True
        )
    except OSError:  # SIGHUP: the terminal is gone
        null = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(null, number)


def _explain(error: OSError) -> None:
    """Say what the operating system refused, and where."""
    if error.filename is None:
        _drop_stdout()  # writing to it is what fails without a name
    say_line(f"error: {'output' if error.filename is None else error.filename}: {error.strerror}")
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    say_line(f"hint: {'make room' if full else 'check the path and its permissions'}, and run it again")


def _drop_stdout() -> None:
    """Nobody can have our output any more; keep the interpreter from complaining again when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


COMMANDS = {
    "run": "run:run",
    "score": "score:score",
    "compare": "compare:compare",
    "decide": "decide:decide",
    "rate": "rate:rate",
    "report": "report:report",
    "export": "export:export",
    "import": "import_:import_references",
    "plan": "plan:plan",
    "lint": "lint:lint",
    "init": "init:init",
    "list": "list_:list_things",
    "gate": "gate:gate",
    "drift": "drift:drift",
    "doctor": "doctor:doctor",
    "view": "view:view",
    "explain": "explain:explain",
    "docs": "explain:docs",
}
"""Name to module and function."""

GROUPS = {
    "cache": "Inspect and clean the cache of translations and scores.",
    "metrics": "Install metrics that have an environment of their own.",
    "runs": "Delete stored runs.",
    "baseline": "Accept and show the run that the gate compares with.",
}
"""Name, which is also that of the module with its ``COMMANDS``, to its help."""


class Commands(LazyGroup):
    """All commands, in the order of the help."""

    names = (*COMMANDS, *GROUPS)

    def help_of(self, name: str) -> str | None:
        """That of a group, or the docstring of a command's function."""
        return GROUPS[name] if name in GROUPS else _function(name).__doc__

    def build(self, name: str) -> Any:
        """Import and build one of them."""
        return _built(name)


@functools.cache
def _built(name: str) -> Any:
    """Once in a process: the framework reads the parameters for longer than a small command takes."""
    if name not in GROUPS:
        single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        single.command(name, cls=Command)(guarded(_function(name)))
        return typer.main.get_command(single)
    group = typer.Typer(
        name=name,
        help=GROUPS[name],
        cls=Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )
    for inner, command in import_module(f"harness.cli.{name}").COMMANDS.items():
        group.command(inner, cls=Command)(guarded(command))
    return typer.main.get_group(group)


def _function(name: str) -> Callable[..., None]:
    module, _, function = COMMANDS[name].partition(":")
    return cast("Callable[..., None]", getattr(import_module(f"harness.cli.{module}"), function))


app = typer.Typer(
    name="harness",
    cls=Commands,
    help="Which translation engine is better, did it get worse, and which one goes into production.",
    epilog="Exit codes: 0 ok, 1 regression, 2 usage or configuration, 3 inconclusive, incomplete or incomparable, "
    "4 internal error, 130 interrupted (143 by SIGTERM, 129 by SIGHUP).",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    # Escape sequences in a message are shown, not taken out of sight; nothing here is coloured.
    context_settings={"color": True, "help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"harness {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of every command."""


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return call(app, arguments, "harness")


def call(commands: typer.Typer, arguments: Sequence[str], program: str) -> int:
    """Run one of these commands as ``program`` and return its exit code."""
    with guarded_streams():
        code = _run(commands, arguments, program)
        try:
            sys.stdout.flush()
        except OSError as error:
            _explain(error)
            return code or REFUSED
    return code


def _run(commands: typer.Typer, arguments: Sequence[str], program: str) -> int:
    try:
        commands(args=list(arguments), prog_name=program)
    except SystemExit as stop:
        if signals.received():  # whatever the framework makes of a second one
            return signals.exit_code()
        return stop.code if isinstance(stop.code, int) else 0
    except OSError as error:  # help that cannot be printed: no command has begun yet
        _explain(error)
        return REFUSED
    return 0
