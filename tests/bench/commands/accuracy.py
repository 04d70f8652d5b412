"""How often verdicts are right: by simulation, and beside those of people."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import QuietOption
from harness.cli.shared import split_commas
from harness.errors import UsageError

FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="md or json.")]
DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="The folder with the test sets; harness docs wmt says how.")
]
SetOption = Annotated[
    list[str], typer.Option("--set", metavar="NAME", help="Only this set, such as wmt23.en-de. Repeatable.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything random.")]


def check_format(given: str) -> None:
    """Return if a table can be written so.

    Raises:
        UsageError: it cannot.
    """
    if given not in ("md", "json"):
        raise UsageError(f"unknown format '{given}'", hint="md or json")


def error_rates(
    *,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Comparisons for each line.")] = 2000,
    seed: SeedOption = 1,
    articles: Annotated[
        list[int],
        typer.Option(
            "--articles", metavar="N", min=6, help="Numbers of articles. Repeatable. Default: 6, 10, 30, 100."
        ),
    ] = [],
    systems: Annotated[
        list[int],
        typer.Option("--systems", metavar="N", min=2, help="Numbers of systems. Repeatable. Default: 2, 5, 15, 40."),
    ] = [],
    format: FormatOption = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Simulate error rate, coverage and power of the article test.

    Takes an hour with 2,000 runs.
    """
    from tests.bench.error_rates import ARTICLES, Rates, measure, to_markdown
    from tests.bench.scenarios import ARTICLES as COUNTS
    from tests.bench.scenarios import SCENARIOS, SYSTEMS, family_markdown, measure_family, runs_for

    check_format(format)

    def say_done(what: str) -> None:
        if not quiet:
            typer.echo(f"{what}: done", err=True)

    def done(rates: Rates) -> None:
        say_done(f"{rates.articles} articles, correlation {rates.correlation:g}")

    rates = measure(articles=articles or ARTICLES, runs=runs, seed=seed, done=done)
    families = []
    for scenario in SCENARIOS:
        for count in articles or COUNTS:
            for many in systems or SYSTEMS:
                if many > scenario.most_systems:
                    continue
                families.append(measure_family(scenario, count, many, runs=runs_for(many, runs), seed=seed))
                say_done(f"{scenario.name}, {count} articles, {many} systems")
    if format == "json":
        document = {"two_systems": [asdict(item) for item in rates], "families": [asdict(item) for item in families]}
        typer.echo(json.dumps(document))
    else:
        typer.echo(f"{to_markdown(rates)}\n{family_markdown(families)}", nl=False)


def wmt(
    *,
    data: DataOption,
    sets: SetOption = [],
    seed: SeedOption = 12345,
    format: FormatOption = "md",  # noqa: A002 - the flag's name
) -> None:
    """Compare verdicts on WMT test sets with those of people.

    From published scores and ratings; takes minutes.
    """
    from tests.bench.wmt import measure, to_markdown

    check_format(format)
    found = measure(data, sets=split_commas(sets, "--set"), seed=seed)
    typer.echo(json.dumps([asdict(item) for item in found]) if format == "json" else to_markdown(found), nl=False)


def trust(*, data: DataOption, sets: SetOption = [], seed: SeedOption = 12345) -> None:
    """Measure how well metrics agree with people on WMT test sets, as entries of harness/analysis/measured.toml.

    Sets without ratings per segment are left out; takes minutes.
    """
    from tests.bench.trust import measure_trust

    for row in measure_trust(data, split_commas(sets, "--set"), seed):
        typer.echo(row.toml())


def rating(*, data: DataOption, sets: SetOption = [], seed: SeedOption = 12345) -> None:
    """Measure what a quarter of the text of a rating campaign confirms, chosen and drawn; takes minutes."""
    from tests.bench.rating import measure_rating, to_markdown

    typer.echo(to_markdown(list(measure_rating(data, split_commas(sets, "--set"), seed=seed))), nl=False)


def gate(
    *,
    data: DataOption,
    sets: SetOption = [],
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Comparisons for each line.")] = 1000,
    articles: Annotated[
        list[int],
        typer.Option("--articles", metavar="N", min=6, help="Numbers of articles. Repeatable. Default: 12, 24, 48."),
    ] = [],
    seed: SeedOption = 1,
    format: FormatOption = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Count the gate's verdicts by true loss and articles.

    On articles of test sets; takes minutes.
    """
    from tests.bench import gate_people
    from tests.bench.gate import ARTICLES, measure, to_markdown

    check_format(format)

    def done(what: str) -> None:
        if not quiet:
            typer.echo(f"{what}: done", err=True)

    counts, names = articles or ARTICLES, split_commas(sets, "--set")
    found = measure(data, sets=names, articles=counts, runs=runs, seed=seed, done=done)
    people = gate_people.measure(data, sets=names, articles=counts, runs=runs, seed=seed)
    if format == "json":
        document = {"verdicts": [asdict(item) for item in found], "people": [asdict(item) for item in people]}
        typer.echo(json.dumps(document), nl=False)
    else:
        typer.echo("\n".join(filter(None, [to_markdown(found), gate_people.to_markdown(people)])), nl=False)


def builds(
    *,
    data: DataOption,
    sets: SetOption = [],
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Series of builds for each line.")] = 1000,
    articles: Annotated[
        list[int],
        typer.Option("--articles", metavar="N", min=14, help="Numbers of articles. Repeatable. Default: 24, 48, 96."),
    ] = [],
    seed: SeedOption = 1,
    format: FormatOption = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Compare rules for many builds against one baseline.

    False alarms, power and delay on articles of test sets; takes minutes.
    """
    from tests.bench.builds import ARTICLES, measure, to_json, to_markdown

    check_format(format)

    def done(what: str) -> None:
        if not quiet:
            typer.echo(f"{what}: done", err=True)

    charts = measure(
        data, sets=split_commas(sets, "--set"), articles=articles or ARTICLES, runs=runs, seed=seed, done=done
    )
    typer.echo(to_json(charts) if format == "json" else to_markdown(charts), nl=False)


def routing(
    *,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Runs of each truth.")] = 500,
    articles: Annotated[
        list[int],
        typer.Option("--articles", metavar="N", min=14, help="Numbers of articles. Repeatable. Default: 24, 48."),
    ] = [],
    systems: Annotated[
        list[int], typer.Option("--systems", metavar="N", min=2, help="Numbers of systems. Repeatable. Default: 2, 5.")
    ] = [],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Say what is found on the test sets in this folder.")
    ] = None,
    sets: SetOption = [],
    seed: SeedOption = 1,
) -> None:
    """Count how often a system for each part of the corpus is recommended.

    Simulated, or with --data on test sets; takes minutes.
    """
    from tests.bench.routing import TRUTHS, on_sets, simulate, to_markdown

    if data is not None:
        for line in on_sets(data, split_commas(sets, "--set"), seed):
            typer.echo(line)
        return
    rates = [
        simulate(truth, points, many, count, runs=runs, seed=seed)
        for many in systems or (2, 5)
        for count in articles or (24, 48)
        for truth, points in TRUTHS
    ]
    typer.echo(to_markdown(rates), nl=False)


def plan(
    *,
    data: DataOption,
    sets: SetOption = [],
    systems: Annotated[
        list[int],
        typer.Option("--systems", metavar="N", min=2, help="Numbers of systems. Repeatable. Default: 2, 5, 15."),
    ] = [],
    pairs: Annotated[int, typer.Option("--pairs", metavar="N", min=1, help="Pairs of each family.")] = 4,
    corpora: Annotated[int, typer.Option("--corpora", metavar="N", min=1, help="Corpora for each pair.")] = 200,
    metric: Annotated[str, typer.Option("--metric", metavar="NAME", help="chrf or bleu.")] = "chrf",
    seed: SeedOption = 3,
) -> None:
    """Count how often a corpus of the size that harness plan recommends confirms the difference.

    Takes minutes.
    """
    from tests.bench.plan import chosen_systems, measure, to_markdown

    promises = [
        promise
        for name in split_commas(sets, "--set") or ("wmt22.de-en", "wmt24.en-cs")
        for count in systems or (2, 5, 15)
        for promise in measure(
            data / name, metric, chosen_systems(data / name, count, seed), pairs=pairs, corpora=corpora, seed=seed
        )
    ]
    typer.echo(to_markdown(promises), nl=False)
