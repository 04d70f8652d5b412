"""``harness report``: render a stored run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.shared import WorkspaceOption


def report(
    run: Annotated[str, typer.Argument(help="Run id (or its beginning), path, or 'latest'.")] = "latest",
    format: Annotated[  # noqa: A002 - the flag's name
        str, typer.Option("--format", help="terminal, md, json, csv, html, latex, parquet, xlsx or junit.")
    ] = "terminal",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Render a stored run, with the numbers it was stored with."""
    import sys

    from harness.errors import UsageError
    from harness.registry import load
    from harness.runs.directory import find_run, load_run, write_atomically

    renderer = load("reports", format)()
    if output is not None and output.is_dir():
        raise UsageError(
            f"-o {output} is a folder", hint=f"name a file in it: {output / 'report'}.{renderer.extension}"
        )
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"-o {output}: there is no folder {output.parent}", hint="make it first")
    result = load_run(find_run(workspace / "reports" / "runs", run))
    data = renderer.render(result)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_atomically(output, data)
    typer.echo(f"report: {output}", err=True)
