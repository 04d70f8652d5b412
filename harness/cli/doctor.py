"""``harness doctor``: what works here and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.shared import WorkspaceOption

BROKEN = 2


def doctor(
    workspace: WorkspaceOption = Path(),
    comet: Annotated[
        bool, typer.Option("--comet", help="Prove with an untrained checkpoint that COMET scoring works here.")
    ] = False,
) -> None:
    """Say what is installed, what is missing, and the line that fixes it."""
    if comet:
        _prove_comet()
        return
    from harness.cli.examination import examine

    broken = False
    for check in examine(workspace):
        typer.echo(f"{check.state:8}{check.subject}: {check.detail}")
        if check.fix:
            typer.echo(f"        fix: {check.fix}")
        broken = broken or check.state == "broken"
    if broken:
        raise typer.Exit(BROKEN)


def _prove_comet() -> None:
    import tempfile

    from harness.errors import MetricUnavailable
    from harness.metrics.comet.selftest import prove

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
    if not proof.passed:
        raise typer.Exit(BROKEN)
