"""``harness report``: render a stored run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.shared import WorkspaceOption

if TYPE_CHECKING:
    from harness.runs.result import Run


def report(  # noqa: PLR0917 - one parameter for each option
    run: Annotated[str, typer.Argument(help="Run id (or its beginning), path, or 'latest'.")] = "latest",
    format: Annotated[  # noqa: A002 - the flag's name
        str, typer.Option("--format", help="terminal, md, json, csv, html, latex, parquet, xlsx or junit.")
    ] = "terminal",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    charts: Annotated[
        Path | None, typer.Option("--charts", help="Write the charts into this folder, as SVG and PNG, and stop.")
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Write the HTML report, beside the run or to -o, and open it in the browser.")
    ] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Render a stored run, with the numbers it was stored with."""
    import sys

    from harness.errors import UsageError
    from harness.registry import load
    from harness.runs.directory import find_run, load_run, write_atomically

    if open_it and format not in ("terminal", "html"):
        raise UsageError(f"--open shows the HTML report, not {format}", hint="leave --format out")
    renderer = load("reports", "html" if open_it else format)()
    if output is not None and output.is_dir():
        raise UsageError(
            f"-o {output} is a folder", hint=f"name a file in it: {output / 'report'}.{renderer.extension}"
        )
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"-o {output}: there is no folder {output.parent}", hint="make it first")
    folder = find_run(workspace / "reports" / "runs", run)
    result = load_run(folder)
    if charts is not None:
        _write_charts(result, charts)
        return
    data = renderer.render(result)
    if open_it:
        path = output or folder / "report.html"
        write_atomically(path, data)
        _show(path.resolve())
        return
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_atomically(output, data)
    typer.echo(f"report: {output}", err=True)


def _show(page: Path) -> None:
    """Print where the page is, and open it where there is a browser."""
    import webbrowser

    typer.echo(page)
    if not webbrowser.open(page.as_uri()):
        typer.echo("no browser could be opened here; open the file yourself", err=True)


def _write_charts(run: Run, folder: Path) -> None:
    from harness.errors import UsageError
    from harness.reports.charts import charts_missing, png_file, svg_file
    from harness.reports.charts_run import run_charts
    from harness.runs.directory import write_atomically

    missing = charts_missing()
    if missing is not None:
        raise UsageError(missing.why, hint=missing.fix)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--charts {folder} is not a folder", hint="name a folder; it is made if it is not there")
    folder.mkdir(parents=True, exist_ok=True)
    made = run_charts(run)
    for chart in made:
        for extension, draw in (("svg", svg_file), ("png", png_file)):
            path = folder / f"{chart.name}.{extension}"
            write_atomically(path, draw(chart))
            typer.echo(path)
    if not made:
        typer.echo("no charts: nothing in this run can be compared", err=True)
