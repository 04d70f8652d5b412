"""``python -m tests.bench comet`` and ``python -m tests.bench cluster``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.shared import split_commas
from harness.errors import UsageError
from harness.metrics.comet.cards import Precision

if TYPE_CHECKING:
    from tests.bench.comet import Data

SIDES = ("api", "comet-score")
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "int8", "fp16")
SMALL_SEGMENTS = 4

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE", help="A regression .ckpt. Default: random, of the size of XLM-R large."),
]
SmallOption = Annotated[bool, typer.Option("--small", help="A quick check with a tiny model and two systems.")]
SourceOption = Annotated[
    Path | None, typer.Option("--source", "-s", metavar="FILE", help="Source text. Default: invented.")
]
ReferenceOption = Annotated[Path | None, typer.Option("--reference", "-r", metavar="FILE", help="Human translation.")]
HypothesisOption = Annotated[
    list[Path], typer.Option("--hypothesis", "-t", metavar="FILE", help="A system's output. Repeatable.")
]
SegmentsOption = Annotated[
    int, typer.Option("--segments", "-n", metavar="N", min=1, help="Segments, spread over the text.")
]
SystemsOption = Annotated[str, typer.Option("--systems", metavar="N,N", help="Numbers of systems to measure.")]


def comet(
    *,
    model: ModelOption = None,
    source: SourceOption = None,
    reference: ReferenceOption = None,
    hypothesis: HypothesisOption = [],
    segments: SegmentsOption = 24,
    systems: SystemsOption = "1,4,10",
    against: Annotated[
        str, typer.Option("--against", metavar="NAME", help="api, comet-score or both.")
    ] = "api,comet-score",
    cores: Annotated[int, typer.Option("--cores", metavar="N", min=1, help="Threads of each process.")] = 1,
    precision: Annotated[
        str,
        typer.Option("--precision", metavar="NAME,NAME", help="Of the harness, besides fp32 (always measured)."),
    ] = "bf16,int8",
    small: SmallOption = False,
) -> None:
    """Compare COMET scoring with the library's.

    Time, memory and equality, against its API and its command. Takes long.
    """
    import tempfile

    from tests.bench.comet import compare, table

    sides = split_commas([against], "--against")
    precisions = [known_precision(name) for name in split_commas([precision], "--precision") if name != "fp32"]
    if set(sides) - set(SIDES):
        raise UsageError(f"--against {against}: unknown", hint=" or ".join(SIDES))
    counts = [number_of("--systems", text) for text in (("2",) if small else split_commas([systems], "--systems"))]
    count = min(segments, SMALL_SEGMENTS) if small else segments
    data = benchmark_data(source, reference, hypothesis, count, max(counts))
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        checkpoint = random_checkpoint(model, folder, data, small=small)
        done = []
        for item in compare(data, checkpoint, folder, counts=counts, against=sides, cores=cores, precisions=precisions):
            typer.echo(f"{item.systems} systems, {item.precision}: done", err=True)
            done.append(item)
    typer.echo(table(done), nl=False)


def cluster(
    *,
    model: ModelOption = None,
    segments: Annotated[int, typer.Option("--segments", "-n", metavar="N", min=1, help="Made-up segments.")] = 200,
    systems: Annotated[int, typer.Option("--systems", metavar="N", min=1, help="Made-up systems.")] = 6,
    workers: Annotated[str, typer.Option("--workers", metavar="N,N", help="Numbers of workers to measure.")] = "1,2",
    small: SmallOption = False,
) -> None:
    """Measure COMET on a Ray cluster of this machine.

    By number of workers. Exit code 1 when a score differs.
    """
    import tempfile

    from tests.bench.comet import invented, on_a_cluster

    numbers = [number_of("--workers", text) for text in split_commas([workers], "--workers")]
    data = invented(*((SMALL_SEGMENTS, 2) if small else (segments, systems)))
    typer.echo("workers\tclock s\tspeed-up over one worker\tequal")
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        found = dict(on_a_cluster(data, random_checkpoint(model, folder, data, small=small), folder, numbers))
    alone, one = found["none"], found.get("1")
    for label, side in found.items():
        gain = f"{one.wall / side.wall:.2f}x" if one and label != "none" else ""
        typer.echo(f"{label}\t{side.wall:.1f}\t{gain}\t{'yes' if side.scores == alone.scores else 'NO'}")
    if any(side.scores != alone.scores for side in found.values()):
        raise typer.Exit(1)


def random_checkpoint(model: Path | None, folder: Path, data: Data, *, small: bool) -> Path:
    """The model the user named, else one built in ``folder`` for the texts of ``data``."""
    from tests.bench.checkpoint import LARGE, SMALL, build

    if model is not None:
        return model.resolve()
    typer.echo(f"building a random checkpoint in {folder}", err=True)
    texts = [*data.source, *data.reference, *(line for lines in data.hypotheses.values() for line in lines)]
    return build(folder / "model", SMALL if small else LARGE, texts)


def benchmark_data(
    source: Path | None, reference: Path | None, hypothesis: list[Path], segments: int, systems: int
) -> Data:
    """The user's texts, else invented ones.

    Raises:
        UsageError: they do not go together.
    """
    from tests.bench.comet import Data, invented, spread_out
    from tests.bench.text import read_segments

    if source is None and reference is None and not hypothesis:
        return invented(segments, systems)
    if source is None or reference is None or not hypothesis:
        raise UsageError("give --source, --reference and --hypothesis together")
    source_lines, reference_lines, *outputs = map(read_segments, (source, reference, *hypothesis))
    if len({len(lines) for lines in (source_lines, reference_lines, *outputs)}) > 1:
        raise UsageError("the files do not have the same number of lines")
    named = {path.stem: lines for path, lines in zip(hypothesis, outputs, strict=True)}
    return spread_out(Data(source_lines, reference_lines, named), segments)


def known_precision(name: str) -> Precision:
    """A precision that processors compute in.

    Raises:
        UsageError: it is none.
    """
    for precision in PRECISIONS:
        if name == precision:
            return precision
    raise UsageError(f"--precision {name}: unknown", hint=" or ".join(PRECISIONS))


def number_of(option: str, text: str) -> int:
    """A positive whole number.

    Raises:
        UsageError: it is none; ``option`` is named.
    """
    if not text.isdecimal() or not int(text):
        raise UsageError(f"{option} {text}: not a number from 1 up", hint=f"{option} 1,4,10")
    return int(text)
