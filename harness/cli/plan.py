"""``harness plan``: how many articles it takes to tell systems apart, before they are paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import (
    DecidingOption,
    PairOption,
    RunArgument,
    RunOption,
    SystemOption,
    WorkspaceOption,
    chosen_format,
    chosen_run,
    format_option,
)
from harness.cli.shared import given_text, in_sight, split_commas, tell
from harness.errors import UsageError

FORMATS = ("terminal", "json")


def plan(
    *,
    run: RunArgument = None,
    run_option: RunOption = None,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    metric: DecidingOption = None,
    difference: Annotated[
        float | None, typer.Option("--difference", metavar="POINTS", min=0, help="The difference to confirm.")
    ] = None,
    systems: Annotated[
        int | None, typer.Option("--systems", metavar="N", min=2, help="How many systems will be compared.")
    ] = None,
    without_run: Annotated[
        bool, typer.Option("--without-run", help="Plan by usual spreads, whatever runs there are.")
    ] = False,
    format: Annotated[str, format_option(*FORMATS)] = "terminal",  # noqa: A002 - the flag's name
) -> None:
    """Say how many articles a comparison needs, and what they cost.

    From a run, whose articles are drawn again; where there is none, from the reference articles and usual spreads.
    The difference is found four times in five, at the level that comparing all systems leaves.
    """
    import json

    from harness.api.sizing import size_from_articles, size_from_run
    from harness.reports.formats.sample_size import size_json, size_text
    from harness.reports.words.messages import say
    from harness.store.runs.directory import load_run
    from harness.store.runs.heads import list_runs
    from harness.store.runs.names import find_run
    from harness.types import SystemName
    from harness.workspace.folder import open_workspace
    from harness.workspace.languages import parse_pair

    shown_as = chosen_format(format, FORMATS)
    if difference == 0:
        raise UsageError("--difference 0 needs no articles", hint="give a number of points above 0")
    pairs = [parse_pair(text) for text in split_commas(pair, "--pair")]
    named = given_text(metric, "--metric")
    runs = workspace / "reports" / "runs"
    chosen = chosen_run(run, run_option)
    if without_run and chosen:
        raise UsageError(f"--without-run, and the run {chosen}", hint="give one of them")
    if without_run or (not chosen and not list_runs(runs)):
        if system:
            raise UsageError("--system needs a run to plan from", hint="harness plan RUN --system A --system B")
        with in_sight("sample sizes"):
            plans = size_from_articles(
                open_workspace(workspace), pairs=pairs, metric=named, difference=difference, systems=systems
            )
        basis = say("size.from_usual")
    else:
        folder = find_run(runs, chosen, tell)
        between = [SystemName(name) for name in split_commas(system, "--system")]
        with in_sight("sample sizes"):
            stored = load_run(folder)
            plans = size_from_run(stored, metric=named, difference=difference, systems=systems, between=between)
        plans = [each for each in plans if not pairs or each.pair in pairs]
        basis = say("size.from_run", run=stored.id)
    if shown_as == "json":
        typer.echo(json.dumps(size_json(plans), allow_nan=False))
        return
    typer.echo("\n".join(map(size_text, plans)))
    typer.echo(basis)
