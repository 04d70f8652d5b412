"""``harness bench``: the project's own benchmarks, whose tables stand in the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.shared import QuietOption
from harness.errors import UsageError


def error_rates(
    *,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Comparisons for each line.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")] = 1,
    articles: Annotated[
        list[int], typer.Option("--articles", min=6, help="Numbers of articles. Repeatable. Default: 6, 10, 30, 100.")
    ] = [],
    format: Annotated[str, typer.Option("--format", help="md or json.")] = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """False positives, coverage and power of the article test, by simulation; minutes with 2,000 runs."""
    import json
    from dataclasses import asdict

    from harness.bench.error_rates import ARTICLES, Rates, measure, to_markdown

    if format not in ("md", "json"):
        raise UsageError(f"unknown format '{format}'", hint="md or json")

    def done(rates: Rates) -> None:
        if not quiet:
            typer.echo(f"{rates.articles} articles, correlation {rates.correlation:g}: done", err=True)

    rates = measure(articles=articles or ARTICLES, runs=runs, seed=seed, done=done)
    if format == "json":
        typer.echo(json.dumps([asdict(item) for item in rates]))
    else:
        typer.echo(to_markdown(rates), nl=False)


def wmt(
    *,
    data: Annotated[Path, typer.Option("--data", help="The folder with the test sets; docs/wmt23.md says how.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")] = 12345,
    format: Annotated[str, typer.Option("--format", help="md or json.")] = "md",  # noqa: A002 - the flag's name
) -> None:
    """Verdicts on the systems of WMT23 beside those of people, from published COMET and MQM scores; minutes."""
    import json
    from dataclasses import asdict

    from harness.bench.wmt import measure, to_markdown

    if format not in ("md", "json"):
        raise UsageError(f"unknown format '{format}'", hint="md or json")
    found = measure(data, seed=seed)
    typer.echo(json.dumps([asdict(item) for item in found]) if format == "json" else to_markdown(found), nl=False)


COMMANDS: dict[str, Callable[..., Any]] = {"error-rates": error_rates, "wmt": wmt}
