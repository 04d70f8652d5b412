"""``harness bench``: the project's own benchmarks, whose tables stand in the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.bench_comet import cluster, comet
from harness.cli.bench_gpu import gpu
from harness.cli.options import QuietOption
from harness.cli.shared import split_commas
from harness.errors import UsageError

SmallOption = Annotated[bool, typer.Option("--small", help="A few seconds on little data: shows that it works.")]

UNEQUAL = 1


def error_rates(
    *,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Comparisons for each line.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything random.")] = 1,
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
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="md or json.")] = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Simulate error rate, coverage and power of the article test.

    Takes an hour with 2,000 runs.
    """
    import json
    from dataclasses import asdict

    from harness.bench.error_rates import ARTICLES, Rates, measure, to_markdown
    from harness.bench.scenarios import ARTICLES as COUNTS
    from harness.bench.scenarios import SCENARIOS, SYSTEMS, family_markdown, measure_family, runs_for

    if format not in ("md", "json"):
        raise UsageError(f"unknown format '{format}'", hint="md or json")

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
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="The folder with the test sets; harness docs wmt says how.")
    ],
    sets: Annotated[
        list[str], typer.Option("--set", metavar="NAME", help="Only this set, such as wmt23.en-de. Repeatable.")
    ] = [],
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything random.")] = 12345,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="md or json.")] = "md",  # noqa: A002 - the flag's name
) -> None:
    """Compare verdicts on WMT test sets with those of people.

    From published scores and ratings; takes minutes.
    """
    import json
    from dataclasses import asdict

    from harness.bench.wmt import measure, to_markdown

    if format not in ("md", "json"):
        raise UsageError(f"unknown format '{format}'", hint="md or json")
    found = measure(data, sets=split_commas(sets, "--set"), seed=seed)
    typer.echo(json.dumps([asdict(item) for item in found]) if format == "json" else to_markdown(found), nl=False)


def gate(
    *,
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="The folder with the test sets; harness docs wmt says how.")
    ],
    sets: Annotated[
        list[str], typer.Option("--set", metavar="NAME", help="Only this set, such as wmt23.en-de. Repeatable.")
    ] = [],
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, help="Comparisons for each line.")] = 1000,
    articles: Annotated[
        list[int],
        typer.Option("--articles", metavar="N", min=6, help="Numbers of articles. Repeatable. Default: 12, 24, 48."),
    ] = [],
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything random.")] = 1,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="md or json.")] = "md",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Count the gate's verdicts by true loss and articles.

    On articles of test sets; takes minutes.
    """
    import json
    from dataclasses import asdict

    from harness.bench import gate_people
    from harness.bench.gate import ARTICLES, measure, to_markdown

    if format not in ("md", "json"):
        raise UsageError(f"unknown format '{format}'", hint="md or json")

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


def paired(
    reference: Annotated[
        Path | None, typer.Option("--reference", "-r", metavar="FILE", help="One reference per line.")
    ] = None,
    hypothesis: Annotated[
        list[Path], typer.Option("--hypothesis", "-t", metavar="FILE", help="An output. Repeatable.")
    ] = [],
    systems: Annotated[
        int, typer.Option("--systems", metavar="N", min=2, help="Made-up systems when no files are given.")
    ] = 15,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=10, help="Made-up segments.")] = 2000,
    small: SmallOption = False,
) -> None:
    """Compare paired tests with sacrebleu's.

    On BLEU, chrF and TER. Exit code 1 when a number differs.
    """
    from tempfile import TemporaryDirectory

    from harness.bench.paired import METRICS, Kind, measure
    from harness.bench.text import write_texts

    if (reference is None) != (not hypothesis) or len(hypothesis) == 1:
        raise UsageError("--reference and at least two --hypothesis belong together")
    plans: dict[Kind, int] = {"bs": 100, "ar": 200} if small else {"bs": 1000, "ar": 10_000}
    with TemporaryDirectory() as folder:
        if reference is None:
            shape = (3, 60) if small else (systems, segments)
            reference, hypothesis = write_texts(Path(folder), *shape)
        typer.echo("test\tcpu s\tsacrebleu cpu s\tratio\tpeak MiB\tsacrebleu peak MiB\tequal")
        equal = True
        for kind, samples in plans.items():
            found = measure(reference, hypothesis, METRICS, kind, samples)
            equal &= found.equal
            typer.echo(
                f"paired-{kind} {samples}\t{found.ours.cpu:.2f}\t{found.theirs.cpu:.2f}\t{found.ratio:.1f}"
                f"\t{found.ours.peak:.0f}\t{found.theirs.peak:.0f}\t{'yes' if found.equal else 'NO'}"
            )
    if not equal:
        raise typer.Exit(UNEQUAL)


def rows(
    reference: Annotated[
        Path | None, typer.Option("--reference", "-r", metavar="FILE", help="One reference per line.")
    ] = None,
    hypothesis: Annotated[
        list[Path], typer.Option("--hypothesis", "-t", metavar="FILE", help="An output. Repeatable.")
    ] = [],
    small: SmallOption = False,
) -> None:
    """Compare the statistics of string metrics with sacrebleu's.

    BLEU, chrF, chrF++ and TER. Exit code 1 when a number differs.
    """
    from tempfile import TemporaryDirectory

    from harness.bench.rows import SIDES, measure
    from harness.bench.text import write_texts

    if (reference is None) != (not hypothesis):
        raise UsageError("--reference and --hypothesis belong together")
    with TemporaryDirectory() as folder:
        if reference is None:
            reference, hypothesis = write_texts(Path(folder), *((1, 40) if small else (3, 2000)))
        found = measure(reference, hypothesis)
    typer.echo("metric\t" + "\t".join(f"{side}, cpu s" for side in SIDES) + "\tequal")
    for item in found:
        seconds = (f"{item.seconds[side]:.2f}" if side in item.seconds else "none" for side in SIDES)
        typer.echo("\t".join([item.metric, *seconds, "yes" if item.equal else "NO"]))
    if not all(item.equal for item in found):
        raise typer.Exit(UNEQUAL)


def resampling(
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=10)] = 200_000,
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=1)] = 10,
    resamples: Annotated[int, typer.Option("--resamples", metavar="N", min=1)] = 1000,
    small: SmallOption = False,
) -> None:
    """Measure bootstrap sums for very large test sets."""
    from harness.bench.resampling import measure

    found = measure(2000, 2, 50) if small else measure(segments, systems, resamples)
    typer.echo("cpu s\twall s\tpeak MiB")
    typer.echo(f"{found.cpu:.2f}\t{found.wall:.2f}\t{found.peak:.0f}")


def rerun(
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=2)] = 15,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=20)] = 2000,
    small: SmallOption = False,
) -> None:
    """Measure a first and a second run over recorded outputs.

    With BLEU, chrF, TER, checks and the full report.
    """
    from tempfile import TemporaryDirectory

    from harness.bench.whole import rerun as measure

    with TemporaryDirectory() as folder:
        found = measure(Path(folder), *((2, 60) if small else (systems, segments)))
    typer.echo("run\tcpu s\twall s\tpeak MiB\theavy packages imported")
    for name, cost in zip(("first", "second"), found, strict=True):
        heavy = ", ".join(cost.answer) or "none"
        typer.echo(f"{name}\t{cost.cpu:.2f}\t{cost.wall:.2f}\t{cost.peak:.0f}\t{heavy}")


def large(
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=1)] = 10,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=20)] = 1_000_000,
    small: SmallOption = False,
) -> None:
    """Measure scoring a very large test set with BLEU and chrF.

    Takes minutes, and gigabytes of memory.
    """
    from tempfile import TemporaryDirectory

    from harness.bench.whole import large as measure

    with TemporaryDirectory() as folder:
        found = measure(Path(folder), *((2, 200) if small else (systems, segments)))
    typer.echo("cpu s\twall s\tpeak MiB")
    typer.echo(f"{found.cpu:.2f}\t{found.wall:.2f}\t{found.peak:.0f}")


def start_up() -> None:
    """Measure how long harness --help takes.

    Processor time, also of Python alone; the median of five each.
    """
    import resource
    import subprocess
    import sys
    from statistics import median

    def once(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for name, words in {"python": ("-c", "pass"), "harness --help": ("-m", "harness", "--help")}.items():
        typer.echo(f"{name}\t{median(once(*words) for _ in range(5)):.3f} s")


COMMANDS: dict[str, Callable[..., Any]] = {
    "cluster": cluster,
    "comet": comet,
    "error-rates": error_rates,
    "gate": gate,
    "gpu": gpu,
    "large": large,
    "paired": paired,
    "rerun": rerun,
    "resampling": resampling,
    "rows": rows,
    "start-up": start_up,
    "wmt": wmt,
}
