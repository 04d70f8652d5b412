"""``harness doctor``: what works here and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ListingFormat, WorkspaceOption, chosen_format
from harness.cli.shared import print_json
from harness.cli.streams import show

if TYPE_CHECKING:
    from rich.console import RenderableType

BROKEN = 2

MARGIN = " " * 8
"""Before what a check says; its state stands there."""


def doctor(
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
    comet: Annotated[
        bool,
        typer.Option("--comet", help="Check COMET scoring on this machine, with an untrained checkpoint."),
    ] = False,
) -> None:
    """Show what is installed, what is missing, and how to fix it."""
    shown_as = chosen_format(format, ("terminal", "json"))
    if comet:
        _prove_comet()
        return
    from harness.cli.examination import examine

    checks = []
    for check in examine(workspace):
        checks.append(check)
        if shown_as == "json":
            continue
        lines = [f"{check.state:8}{check.subject}: {check.detail}"]
        if check.fix:
            lines.append(f"{MARGIN}fix: {check.fix}")
        show(partial(_wrapped, lines))
    if shown_as == "json":
        print_json([asdict(check) for check in checks])
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(BROKEN)


def _wrapped(lines: Sequence[str], _: int) -> Iterator[RenderableType]:
    """Each line with what does not fit below its text; paths and commands stay whole."""
    from harness.reports.formats.blocks import Line

    return (Line(line, hang=len(MARGIN), whole=True) for line in lines)


def _prove_comet() -> None:
    import tempfile

    from harness.errors import MetricUnavailable
    from harness.metrics.comet.selftest import prove, times_of_fp32

    try:
        with tempfile.TemporaryDirectory(prefix="harness-comet-") as folder:
            proof = prove(Path(folder))
    except MetricUnavailable as error:
        typer.echo(f"missing COMET: {error}")
        typer.echo(f"        fix: {error.hint}")
        raise typer.Exit(BROKEN) from None
    typer.echo(proof.message)
    typer.echo(f"signature: {proof.signature}")
    typer.echo(", ".join(f"{name} {version}" for name, version in proof.versions.items()) + f"; {proof.seconds:.1f} s")
    times = (f"{precision} {times:.1f} times" for precision, times in times_of_fp32().items())
    typer.echo(f"time on this processor, against fp32: {', '.join(times)}")
    if not proof.passed:
        raise typer.Exit(BROKEN)
