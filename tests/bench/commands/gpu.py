"""``python -m tests.bench gpu``."""

from __future__ import annotations

from pathlib import Path

import typer

from harness.cli.shared import split_commas
from tests.bench.commands.comet import (
    HypothesisOption,
    ModelOption,
    ReferenceOption,
    SegmentsOption,
    SmallOption,
    SourceOption,
    SystemsOption,
    benchmark_data,
    number_of,
    random_checkpoint,
)


def gpu(
    *,
    model: ModelOption = None,
    source: SourceOption = None,
    reference: ReferenceOption = None,
    hypothesis: HypothesisOption = [],
    segments: SegmentsOption = 1000,
    systems: SystemsOption = "1,4,10",
    small: SmallOption = False,
) -> None:
    """Compare COMET's precisions on a graphics card.

    Speed, memory and difference from the library, against its API and its command; each is given up after four
    minutes. Without a graphics card nothing is measured, and the exit code is 3.
    """
    import tempfile

    from tests.bench.gpu import Measured, measure, need_card, setting, table

    card = need_card()
    counts = [number_of("--systems", text) for text in (("2",) if small else split_commas([systems], "--systems"))]
    data = benchmark_data(source, reference, hypothesis, min(segments, 16) if small else segments, max(counts))
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        checkpoint = random_checkpoint(model, folder, data, small=small)
        found = []
        for side in measure(data, checkpoint, folder, counts=counts):
            typer.echo(f"{side.side}: {f'{side.wall:.0f} s' if isinstance(side, Measured) else side.why}", err=True)
            found.append(side)
    size = "tiny" if small else "XLM-R large"
    typer.echo(setting(card, data, f"A random model of the size {size}." if model is None else f"{model.name}."))
    typer.echo(f"\n{table(found)}", nl=False)
    if not all(isinstance(side, Measured) for side in found):
        raise typer.Exit(1)
