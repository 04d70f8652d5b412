"""``harness report``: render a stored run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    MessagesOption,
    OutputOption,
    RunsArgument,
    RunsOption,
    SkipOption,
    UnitOption,
    WorkspaceOption,
    chosen_format,
    chosen_runs,
    report_format_option,
)
from harness.cli.shared import given_text, split_commas, tell
from harness.cli.streams import emit, refuse_terminal, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.analysis import Analysis
    from harness.types import UnitChoice


def report(  # noqa: PLR0917 - one parameter for each option
    runs: RunsArgument = None,
    run_option: RunsOption = [],
    format: Annotated[  # noqa: A002 - the flag's name
        str, report_format_option(also="; the first five also for several runs")
    ] = "terminal",
    output: OutputOption = None,
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="DIR", help="Write the charts into this folder, as SVG and PNG, and stop."),
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Write the HTML report, beside the run or to -o, and open it in the browser.")
    ] = False,
    messages: MessagesOption = None,
    unit: UnitOption = None,
    skip_article: SkipOption = [],
    history: Annotated[bool, typer.Option("--history", help="Show all stored runs, earliest first.")] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Render a stored run, or several of them side by side.

    The numbers are those that were stored with the run.
    """
    from harness.analysis import analyse, skip_articles
    from harness.errors import UsageError
    from harness.reports.load import load_report
    from harness.reports.words.messages import english, read_catalogue, speaking
    from harness.store.files import write_atomically
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.store.runs.units import declare_unit, parse_unit
    from harness.workspace.registry import names

    names_given = chosen_runs(runs, run_option)
    several = history or len(names_given) > 1
    format = chosen_format(format, names("reports"))  # noqa: A001 - the flag's name
    if open_it and format not in ("terminal", "html"):
        raise UsageError(f"--open shows the HTML report, not {format}", hint="leave --format out")
    format = "html" if open_it else format  # noqa: A001 - the flag's name
    if history and names_given:
        raise UsageError("--history shows all runs, so it takes no RUN", hint="leave out --history to name runs")
    renderer = load_report(format)
    if messages is not None and not renderer.spoken and charts is None:
        raise UsageError(f"{format} is for programs and always in English", hint="leave --messages out")
    catalogue = english() if messages is None else read_catalogue(messages)
    declared, skipped = parse_unit(given_text(unit, "--unit")), split_commas(skip_article, "--skip-article")
    if output is not None:
        _check_output(output, renderer.extension)
    elif charts is None and not open_it:
        refuse_terminal(format, binary=renderer.binary)
    if several:
        if charts is not None:
            raise UsageError("--charts takes one run", hint="for charts of several runs, use --format html")
        with speaking(catalogue):
            data = _render_several(workspace / "reports" / "runs", names_given, format, declared, skipped)
        default = workspace / "reports" / "history.html"
    else:
        folder = find_run(workspace / "reports" / "runs", "".join(names_given), tell)
        result = skip_articles(declare_unit(load_run(folder), declared), skipped)
        with speaking(catalogue):
            if charts is not None:
                _write_charts(analyse(result), charts)
                return
            if format == "terminal" and output is None:
                _print(analyse(result))
                return
            data = renderer.render(analyse(result))
        default = folder / "report.html"
    if open_it:
        write_atomically(output or default, data)
        _show((output or default).resolve())
        return
    if output is None:
        emit(data, format)
        return
    write_atomically(output, data)
    typer.echo(f"report: {output}", err=True)


def _print(analysis: Analysis) -> None:
    from functools import partial

    from harness.reports.formats.terminal import report_blocks

    show(partial(report_blocks, analysis))


def _check_output(output: Path, extension: str) -> None:
    from harness.errors import UsageError

    if output.is_dir():
        raise UsageError(f"-o {output} is a folder", hint=f"name a file in it: {output / 'report'}.{extension}")
    if not output.parent.is_dir():
        raise UsageError(f"-o {output}: the folder {output.parent} does not exist", hint="create it first")


def _render_several(runs: Path, names: list[str], format: str, unit: UnitChoice, skipped: Sequence[str]) -> bytes:  # noqa: A002 - the flag's name
    """The named runs side by side, or all that can be read when none is named."""
    from harness.analysis import analyse_several, skip_in_several
    from harness.errors import StoreError, UsageError
    from harness.reports.formats.history_formats import FORMATS
    from harness.reports.model.history import build_history
    from harness.store.runs.directory import load_run
    from harness.store.runs.heads import list_runs
    from harness.store.runs.names import find_run
    from harness.store.runs.units import declare_unit

    if format not in FORMATS:
        raise UsageError(f"several runs cannot be shown as {format}", hint=f"--format {', '.join(FORMATS)}")
    stored, notes = [], []
    if names:
        stored = [load_run(find_run(runs, name, tell)) for name in names]
    else:
        for folder in list_runs(runs):
            try:
                stored.append(load_run(folder))
            except StoreError as error:
                notes.append(f"skipped: {error}")
                typer.echo(f"warning: {notes[-1]}", err=True)
    ids = [run.id for run in stored]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise UsageError(f"the run {twice[0]} is given twice", hint="name different runs")
    if len(stored) <= 1:
        raise UsageError(f"fewer than two runs in {runs}", hint="to make another: harness run")
    shown = skip_in_several([declare_unit(run, unit) for run in stored], skipped)
    return FORMATS[format](build_history(analyse_several(shown), notes))


def _show(page: Path) -> None:
    """Print where the page is, and open it where there is a browser."""
    import webbrowser

    typer.echo(page)
    if not webbrowser.open(page.as_uri()):
        typer.echo("cannot open a browser here; open the file yourself", err=True)


def _write_charts(analysis: Analysis, folder: Path) -> None:
    from harness.errors import UsageError
    from harness.reports.charts.base import charts_missing, png_file, svg_file
    from harness.reports.charts.run import run_charts
    from harness.reports.words.reasons import sentence
    from harness.store.files import write_atomically

    missing = charts_missing()
    if missing is not None:
        raise UsageError(sentence(missing.why), hint=sentence(missing.fix))
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--charts {folder} is not a folder", hint="name a folder; it is created if it does not exist")
    folder.mkdir(parents=True, exist_ok=True)
    made = run_charts(analysis)
    for chart in made:
        for extension, draw in (("svg", svg_file), ("png", png_file)):
            path = folder / f"{chart.name}.{extension}"
            write_atomically(path, draw(chart))
            typer.echo(path)
    if not made:
        typer.echo("no charts: nothing in this run can be compared", err=True)
