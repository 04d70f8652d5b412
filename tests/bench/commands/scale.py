"""What very many segments cost, from measured constants; and the measurement of some of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer


def scale(
    *,
    segments: Annotated[int, typer.Option("--segments", metavar="N", min=1, help="Segments of each pair.")] = 1_000_000,
    pairs: Annotated[int, typer.Option("--pairs", metavar="N", min=1)] = 100,
    engines: Annotated[int, typer.Option("--engines", metavar="N", min=1)] = 50,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure disk and memory of each output instead. Takes minutes.")
    ] = False,
    small: Annotated[bool, typer.Option("--small", help="With --measure: a smoke test.")] = False,
) -> None:
    """Compute what very many segments, pairs and engines cost.

    The tables of docs/scale.md, from measured or cited constants.
    """
    if measure:
        from tests.bench.scale_measure import growth

        with TemporaryDirectory() as folder:
            left = growth(Path(folder), *((2, 20, 60) if small else (4, 8_000, 20_000)))
        typer.echo("bytes for each output: cache\trun\tHTML\tmemory of run\tmemory of report\tcharacters a segment")
        amounts = (left.cache, left.run, left.html, left.run_memory, left.report_memory, left.characters)
        typer.echo("\t".join(f"{amount:.0f}" for amount in amounts))
        return
    from tests.bench.scale import Load, machines_markdown, services_markdown

    load = Load(segments, pairs, engines)
    typer.echo(f"{services_markdown(load)}\n{machines_markdown(load)}", nl=False)
