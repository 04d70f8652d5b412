"""``harness metrics``: add, list and remove the environments of metrics that have one of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from harness.cli import complete, signals
from harness.cli.options import ListingFormat, QuietOption, chosen_format
from harness.cli.shared import print_json
from harness.cli.streams import say_line

if TYPE_CHECKING:
    from harness.metrics.isolated.recipe import Recipe

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The metric.", autocompletion=complete.words("comet", "metricx", "pear"))
]


def add(
    name: NameArgument,
    again: Annotated[bool, typer.Option("--again", help="Make it anew, also if there is one.")] = False,
    installer: Annotated[
        str,
        typer.Option(
            "--installer",
            metavar="NAME",
            help="uv, pip or auto: uv where it is installed and pip has no settings of its own.",
            autocompletion=complete.words("auto", "uv", "pip"),
        ),
    ] = "auto",
    quiet: QuietOption = False,
) -> None:
    """Install a metric in an environment of its own.

    Packages come from where the settings of pip or uv say. An interrupted installation leaves nothing behind.
    """
    from harness.errors import UsageError
    from harness.metrics.isolated import install
    from harness.metrics.isolated.environment import folder_of
    from harness.metrics.isolated.recipe import recipe_of

    if installer not in get_args(install.Installer):
        raise UsageError(f"unknown installer '{installer}'", hint=f"known: {', '.join(get_args(install.Installer))}")
    recipe = recipe_of(name)
    try:
        environment = install.add(recipe, again=again, installer=installer, quiet=quiet)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        say_line("interrupted: nothing was installed")
        raise typer.Exit(signals.exit_code()) from None
    folder = folder_of(recipe.name)
    size = f"{install.size_of(folder) / 2**20:,.0f} MiB"
    typer.echo(f"{recipe.name} is ready: {', '.join(recipe.packages)} on Python {environment.python}, {size}")
    say_line(f"folder: {folder}")


def list_environments(
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
) -> None:
    """List these metrics, and which are installed."""
    from harness.metrics.isolated.recipe import recipes

    shown_as = chosen_format(format, ("terminal", "json"))
    rows = [_row(recipe) for recipe in recipes()]
    if shown_as == "json":
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['name']}\t{row['state']}\t{row['detail']}")
        if row["fix"]:
            typer.echo(f"\t\tfix: {row['fix']}")


def _row(recipe: Recipe) -> dict[str, str]:
    from harness.metrics.isolated.environment import Unusable, look_up

    found = look_up(recipe)
    if isinstance(found, Unusable):
        state = "not installed" if found.missing else "broken"
        return {"name": recipe.name, "state": state, "detail": found.why, "fix": found.fix}
    detail = f"{', '.join(recipe.packages)}, Python {found.python}, made {found.made} by {found.installer}"
    return {"name": recipe.name, "state": "installed", "detail": detail, "fix": ""}


def remove(name: NameArgument) -> None:
    """Delete the environment of a metric. Models that were downloaded stay."""
    from harness.metrics.isolated import install

    freed = install.remove(name)
    say_line(f"{name} removed, {freed / 2**20:,.0f} MiB freed")


COMMANDS: dict[str, Callable[..., Any]] = {"add": add, "list": list_environments, "remove": remove}
