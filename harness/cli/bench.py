"""``harness bench``: the figures of ``docs/performance.md``, measured again on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import UsageError

SmallOption = Annotated[bool, typer.Option("--small", help="A few seconds on little data: shows that it works.")]

UNEQUAL = 1


def paired(
    reference: Annotated[Path | None, typer.Option("--reference", "-r", help="One reference per line.")] = None,
    hypothesis: Annotated[list[Path], typer.Option("--hypothesis", "-t", help="An output. Repeatable.")] = [],
    systems: Annotated[int, typer.Option("--systems", min=2, help="Made-up systems when no files are given.")] = 15,
    segments: Annotated[int, typer.Option("--segments", min=10, help="Made-up segments.")] = 2000,
    small: SmallOption = False,
) -> None:
    """Paired tests on BLEU, chrF and TER against sacrebleu's; exit code 1 when a number differs."""
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


def resampling(
    segments: Annotated[int, typer.Option("--segments", min=10)] = 200_000,
    systems: Annotated[int, typer.Option("--systems", min=1)] = 10,
    resamples: Annotated[int, typer.Option("--resamples", min=1)] = 1000,
    small: SmallOption = False,
) -> None:
    """Time and memory of bootstrap sums of BLEU and chrF for very large test sets."""
    from harness.bench.resampling import measure

    found = measure(2000, 2, 50) if small else measure(segments, systems, resamples)
    typer.echo("cpu s\twall s\tpeak MiB")
    typer.echo(f"{found.cpu:.2f}\t{found.wall:.2f}\t{found.peak:.0f}")


def start_up() -> None:
    """Processor time of ``harness --help``, and of Python alone; the median of five each."""
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


COMMANDS: dict[str, Callable[..., Any]] = {"paired": paired, "resampling": resampling, "start-up": start_up}
