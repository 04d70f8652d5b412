"""How often articles that come in looks mislead, and how many of them are bought."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import QuietOption
from harness.cli.shared import split_commas
from tests.bench.commands.accuracy import SeedOption, SetOption


def looks(
    *,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, help="Runs of two systems for each line; fewer of more.")
    ] = 1000,
    articles: Annotated[
        list[int], typer.Option("--articles", metavar="N", min=6, help="Numbers of articles. Repeatable.")
    ] = [36],
    systems: Annotated[
        list[int], typer.Option("--systems", metavar="N", min=2, help="Numbers of systems. Repeatable.")
    ] = [2, 5, 15],
    every: Annotated[
        int, typer.Option("--every", metavar="N", min=0, help="Articles between looks; 0 for the usual number.")
    ] = 0,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Resample the test sets in this folder instead of simulating."),
    ] = None,
    sets: SetOption = [],
    seed: SeedOption = 1,
    quiet: QuietOption = False,
) -> None:
    """Measure error, power and articles bought of runs until decided.

    Simulated, or with --data on articles of test sets. Takes an hour with 1,000 runs.
    """
    from tests.bench.looks import (
        TRUTHS,
        load_tables,
        resample,
        resampled_markdown,
        simulate,
        simulated_markdown,
    )
    from tests.bench.scenarios import SCENARIOS, runs_for

    def done(what: str) -> None:
        if not quiet:
            typer.echo(f"{what}: done", err=True)

    if data is not None:
        lines = []
        for (name, metric), (tables, sizes, score) in load_tables(data, split_commas(sets, "--set")).items():
            counts = [
                resample(tables, sizes, score, count, runs=runs_for(count, runs), seed=seed, every=every)
                for count in systems
                if count <= len(tables)
            ]
            lines.append((name, metric, counts))
            done(f"{name}, {metric}")
        typer.echo(resampled_markdown(lines), nl=False)
        return
    rows = []
    for scenario in (scenario for scenario in SCENARIOS if scenario.most_systems >= max(systems)):
        for number in articles:
            for truth in TRUTHS:
                families = [count for count in systems if count > TRUTHS.index(truth)]
                counts = [
                    simulate(scenario, number, count, truth, runs=runs_for(count, runs), seed=seed, every=every)
                    for count in families
                ]
                rows.append((scenario.name, number, truth, counts))
                done(f"{scenario.name}, {number} articles, {truth}")
    typer.echo(simulated_markdown(rows), nl=False)
