"""How often articles that come in looks mislead, and how many of them are bought."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import QuietOption
from harness.cli.shared import split_commas
from tests.bench.commands.accuracy import SeedOption, SetOption

if TYPE_CHECKING:
    from tests.bench.looks import Counts


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
    margin: Annotated[
        float,
        typer.Option("--margin", metavar="X", min=0, help="Of what is called equal; 1: found four times in five."),
    ] = 0.0,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Resample the test sets in this folder instead of simulating."),
    ] = None,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Deal outputs anew on every article, so that systems are equal.")
    ] = False,
    sets: SetOption = [],
    seed: SeedOption = 1,
    quiet: QuietOption = False,
) -> None:
    """Measure error, power and articles bought of runs until decided.

    Simulated, or with --data on articles of test sets. Takes an hour with 1,000 runs.
    """
    from tests.bench.looks import FAMILIES, TRUTHS, resample, simulate
    from tests.bench.looks_pairs import resample_two, simulate_two
    from tests.bench.looks_tables import load_tables, pooled, resampled_markdown, shuffled_markdown, simulated_markdown
    from tests.bench.scenarios import runs_for

    def done(what: str) -> None:
        if not quiet:
            typer.echo(f"{what}: done", err=True)

    lines: list[tuple[list[str], list[Counts]]] = []
    if data is not None:
        for (name, metric), (tables, sizes, score) in load_tables(data, split_commas(sets, "--set")).items():
            table = (tables, sizes, score)
            counts = [
                resample_two(*table, runs=runs, seed=seed, every=every, shuffled=shuffled)
                if count == 2
                else resample(*table, count, runs=runs_for(count, runs), seed=seed, every=every, shuffled=shuffled)
                for count in systems
                if count <= len(tables)
            ]
            lines.append(([name, metric], counts))
            done(f"{name}, {metric}")
        complete = [counts for _, counts in lines if len(counts) == len(systems)]
        if complete:
            lines.append((["all", ""], [pooled(each) for each in zip(*complete, strict=True)]))
        typer.echo((shuffled_markdown if shuffled else resampled_markdown)(lines), nl=False)
        return
    for number, truth in product(articles, TRUTHS):
        families = [count for count in systems if count > TRUTHS.index(truth)]
        every_scenario = []
        for scenario in FAMILIES:
            counts = [
                simulate_two(scenario, number, runs=runs, seed=seed, every=every)
                if (count, truth, margin) == (2, "all equal", 0)
                else simulate(
                    *(scenario, number, count, truth),
                    runs=runs_for(count, runs),
                    seed=seed,
                    every=every,
                    margin=margin,
                )
                for count in families
            ]
            every_scenario.append(counts)
            lines.append(([scenario.name, str(number), truth], counts))
            done(f"{scenario.name}, {number} articles, {truth}")
        lines.append((["all", str(number), truth], [pooled(each) for each in zip(*every_scenario, strict=True)]))
    typer.echo(simulated_markdown(lines), nl=False)
