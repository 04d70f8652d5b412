"""Whether intervals hold where a judge judges a sample."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import QuietOption
from tests.bench.commands.accuracy import SeedOption


def judge_sample(
    *,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Runs for each line.")] = 2000,
    articles: Annotated[
        list[int], typer.Option("--articles", metavar="N", min=6, help="Numbers of articles. Repeatable.")
    ] = [12, 24, 48],
    shares: Annotated[
        list[float], typer.Option("--sample", metavar="SHARE", min=0.01, max=1, help="As --judge-sample. Repeatable.")
    ] = [0.1, 0.2, 0.5, 1.0],
    seed: SeedOption = 1,
    quiet: QuietOption = False,
) -> None:
    """Simulate the coverage of intervals with --judge-sample.

    Takes an hour with 2,000 runs.
    """
    from tests.bench.judge_sample import Coverage, measure, to_markdown

    def done(row: Coverage) -> None:
        if not quiet:
            typer.echo(f"{row.population}, {row.articles} articles, sample {row.share:g}: done", err=True)

    typer.echo(to_markdown(measure(articles=articles, shares=shares, runs=runs, seed=seed, done=done)), nl=False)
