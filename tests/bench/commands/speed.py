"""What takes how long: string metrics, paired tests, resampling, whole runs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from harness.errors import UsageError

SmallOption = Annotated[bool, typer.Option("--small", help="A few seconds on little data: shows that it works.")]

UNEQUAL = 1

SACREBLEU = ("bleu", "chrf", "ter")
"""Metrics of its command line."""


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
    from tests.bench.paired import METRICS, Kind, measure
    from tests.bench.text import write_texts

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
    from tests.bench.rows import SIDES, measure
    from tests.bench.text import write_texts

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
    from tests.bench.resampling import measure

    found = measure(2000, 2, 50) if small else measure(segments, systems, resamples)
    typer.echo("cpu s\twall s\tpeak MiB")
    typer.echo(f"{found.cpu:.2f}\t{found.wall:.2f}\t{found.peak:.0f}")


def whole(
    source: Annotated[Path | None, typer.Option("--source", "-s", metavar="FILE", help="One segment per line.")] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", "-r", metavar="FILE", help="One reference per line.")
    ] = None,
    hypothesis: Annotated[
        list[Path], typer.Option("--hypothesis", "-t", metavar="FILE", help="An output. Repeatable.")
    ] = [],
    pair: Annotated[str, typer.Option("--pair", metavar="PAIR", help="Of the files, e.g. en-cs.")] = "de-en",
    systems: Annotated[
        list[int], typer.Option("--systems", metavar="N", min=1, help="The first N outputs. Repeatable. Default: all.")
    ] = [],
    metric: Annotated[str, typer.Option("--metric", metavar="NAME,NAME", help="Of bleu, chrf and ter.")] = "bleu,chrf",
    small: SmallOption = False,
) -> None:
    """Compare whole commands with sacrebleu's.

    One process for each line of the table.
    """
    from harness.cli.shared import split_commas
    from tests.bench.text import write_texts
    from tests.bench.whole import beside_sacrebleu

    if len({source is None, reference is None, not hypothesis}) > 1:
        raise UsageError("--source, --reference and --hypothesis belong together")
    metrics = split_commas([metric], "--metric")
    if set(metrics) - set(SACREBLEU):
        raise UsageError(f"--metric {metric}: sacrebleu has others", hint=", ".join(SACREBLEU))
    with TemporaryDirectory() as name:
        folder = Path(name)
        if source is None or reference is None:
            reference, hypothesis = write_texts(folder, *((2, 60) if small else (10, 1000)))
            source = reference
        typer.echo("systems\tcommand\tcpu s\twall s\tpeak MiB\tratio")
        for number, count in enumerate(systems or [len(hypothesis)]):
            part = folder / str(number)
            measured = beside_sacrebleu(part, pair, source, reference, hypothesis[:count], metrics)
            _, theirs = next(measured)
            typer.echo(f"{count}\tsacrebleu\t{theirs.cpu:.2f}\t{theirs.wall:.2f}\t{theirs.peak:.0f}\t1.0")
            for what, cost in measured:
                figures = f"{cost.cpu:.2f}\t{cost.wall:.2f}\t{cost.peak:.0f}\t{theirs.cpu / cost.cpu:.1f}"
                typer.echo(f"{count}\t{what}\t{figures}")


def rerun(
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=2)] = 15,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=20)] = 2000,
    small: SmallOption = False,
) -> None:
    """Measure a first and a second run over recorded outputs.

    With BLEU, chrF, TER, checks and the full report.
    """
    from tests.bench.whole import rerun as measure

    with TemporaryDirectory() as folder:
        found = measure(Path(folder), *((2, 60) if small else (systems, segments)))
    typer.echo("run\tcpu s\twall s\tpeak MiB\theavy packages imported")
    for name, cost in zip(("first", "second"), found, strict=True):
        heavy = ", ".join(cost.answer) or "none"
        typer.echo(f"{name}\t{cost.cpu:.2f}\t{cost.wall:.2f}\t{cost.peak:.0f}\t{heavy}")


def large(
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=1)] = 10,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=20)] = 1_000_000,
    checks: Annotated[bool, typer.Option("--checks/--no-checks", help="Look for errors in the outputs, too.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Write the HTML report instead of the terminal's.")] = False,
    small: SmallOption = False,
) -> None:
    """Measure scoring a very large test set with BLEU and chrF.

    Takes minutes, and gigabytes of memory.
    """
    from tests.bench.whole import large as measure

    options = [*(["--format", "html"] if html else []), *([] if checks else ["--no-checks"])]
    with TemporaryDirectory() as folder:
        found = measure(Path(folder), *((2, 200) if small else (systems, segments)), options)
    typer.echo("cpu s\twall s\tpeak MiB")
    typer.echo(f"{found.cpu:.2f}\t{found.wall:.2f}\t{found.peak:.0f}")


def imports(
    megabytes: Annotated[int, typer.Option("--megabytes", metavar="N", min=1, help="Size of each file.")] = 200,
    small: SmallOption = False,
) -> None:
    """Measure the import of a large TMX and a large XLIFF."""
    from tests.bench.imports import measure

    typer.echo("format	units	cpu s	wall s	peak MiB")
    with TemporaryDirectory() as folder:
        for name, units, cost in measure(Path(folder), 1 if small else megabytes):
            typer.echo(f"{name}	{units}	{cost.cpu:.2f}	{cost.wall:.2f}	{cost.peak:.0f}")


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
