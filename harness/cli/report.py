"""``harness report``: render a stored run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    HumanOption,
    MessagesOption,
    OutputsOption,
    RunsArgument,
    RunsOption,
    SkipOption,
    SliceOption,
    UnitOption,
    WorkspaceOption,
    chosen_runs,
    report_format_option,
)
from harness.cli.report_files import Destination, deliver, destinations
from harness.cli.shared import compute, given_text, split_commas, tell
from harness.cli.streams import say_line, show
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis import Analysis
    from harness.store.runs.result import Run
    from harness.types import UnitChoice


def report(  # noqa: PLR0917 - one parameter for each option
    runs: RunsArgument = None,
    run_option: RunsOption = [],
    format: Annotated[  # noqa: A002 - the flag's name
        str | None, report_format_option(also="; the first five also for several runs")
    ] = None,
    output: OutputsOption = [],
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="DIR", help="Write the charts into this folder, as SVG and PNG, and stop."),
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Write the HTML report, beside the run or to -o, and open it in the browser.")
    ] = False,
    messages: MessagesOption = None,
    human: HumanOption = None,
    slice: SliceOption = [],  # noqa: A002 - the flag's name
    unit: UnitOption = None,
    skip_article: SkipOption = [],
    history: Annotated[bool, typer.Option("--history", help="Show all stored runs, earliest first.")] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Render a stored run, or several of them side by side.

    The numbers are those that were stored with the run.
    """
    from harness.analysis import Asked, analyse, skip_articles
    from harness.reports.words.messages import english, read_catalogue, speaking
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.store.runs.units import declare_unit, parse_unit

    names_given = chosen_runs(runs, run_option)
    several = history or len(names_given) > 1
    if history and names_given:
        raise UsageError("--history shows all runs, so it takes no RUN", hint="leave out --history to name runs")
    if several and charts is not None:
        raise UsageError("--charts takes one run", hint="for charts of several runs, use --format html")
    asked = Asked(human, split_commas(slice, "--slice"))
    if several and (asked.human or asked.slices):
        raise UsageError("--human and --slice take one run", hint="name one RUN")
    where = _destinations(format, output, open_it=open_it) if charts is None else ()
    if messages is not None and where and not any(destination.report.spoken for destination in where):
        raise UsageError(f"{where[0].format} is for programs and always in English", hint="leave --messages out")
    catalogue = english() if messages is None else read_catalogue(messages)
    declared, skipped = parse_unit(given_text(unit, "--unit")), split_commas(skip_article, "--skip-article")
    folder = workspace / "reports" / "runs"
    render: Callable[[Destination], bytes]
    if several:
        with speaking(catalogue):
            render = _of_several(folder, names_given, where, declared, skipped)
        beside = workspace / "reports" / "history.html"
    else:
        stored = find_run(folder, "".join(names_given), tell)
        analysis = analyse(skip_articles(declare_unit(load_run(stored), declared), skipped), asked=asked)
        render = partial(_of_one, analysis)
        beside = stored / "report.html"
        if charts is not None or where[0].on_screen:
            from harness.workspace.progress import bars_on_stderr

            with bars_on_stderr() as progress:
                compute(analysis, progress)
            with speaking(catalogue):
                _print(analysis) if charts is None else _write_charts(analysis, charts)
            return

    def spoken(destination: Destination) -> bytes:
        with speaking(catalogue if destination.report.spoken else english()):
            return render(destination)

    if open_it:
        page = next((one.file for one in where if one.format == "html" and one.file is not None), beside)
        deliver(spoken, [one if one.file else one.at(page) for one in where], told=page)
        _show(page.resolve())
    else:
        deliver(spoken, where)


def _destinations(given: str | None, outputs: Sequence[Path], *, open_it: bool) -> tuple[Destination, ...]:
    if not open_it:
        return destinations(given, outputs, "harness report")
    if given not in (None, "terminal", "html"):
        raise UsageError(f"--open shows the HTML report, not {given}", hint="leave --format out")
    where = destinations("html" if len(outputs) < 2 else None, outputs, "harness report")
    if all(destination.format != "html" for destination in where):
        raise UsageError("--open shows the HTML report, and none is written", hint="-o report.html")
    return where


def _of_one(analysis: Analysis, destination: Destination) -> bytes:
    return destination.report.render(analysis)


def _print(analysis: Analysis) -> None:
    from harness.reports.formats.terminal import report_blocks

    show(partial(report_blocks, analysis))


def _of_several(
    runs: Path, names: list[str], where: Sequence[Destination], unit: UnitChoice, skipped: Sequence[str]
) -> Callable[[Destination], bytes]:
    """What renders the named runs side by side, or all that can be read when none is named."""
    from harness.analysis import analyse_several, skip_in_several
    from harness.reports.formats.history_formats import FORMATS
    from harness.reports.model.history import build_history
    from harness.store.runs.units import declare_unit

    for destination in where:
        if destination.format not in FORMATS:
            raise UsageError(
                f"several runs cannot be shown as {destination.format}", hint=f"--format {', '.join(FORMATS)}"
            )
    stored, notes = _stored(runs, names)
    shown = analyse_several(skip_in_several([declare_unit(run, unit) for run in stored], skipped))
    return lambda destination: FORMATS[destination.format](build_history(shown, notes))


def _stored(runs: Path, names: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs, and what is to be known of those that cannot be read."""
    from harness.errors import StoreError
    from harness.store.runs.directory import load_run
    from harness.store.runs.heads import list_runs
    from harness.store.runs.names import find_run

    stored: list[Run] = []
    notes: list[str] = []
    if names:
        stored = [load_run(find_run(runs, name, tell)) for name in names]
    else:
        for folder in list_runs(runs):
            try:
                stored.append(load_run(folder))
            except StoreError as error:
                notes.append(f"skipped: {error}")
                say_line(f"warning: {notes[-1]}")
    ids = [run.id for run in stored]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise UsageError(f"the run {twice[0]} is given twice", hint="name different runs")
    if len(stored) <= 1:
        raise UsageError(f"fewer than two runs in {runs}", hint="to make another: harness run")
    return stored, notes


def _show(page: Path) -> None:
    """Print where the page is, and open it where there is a browser."""
    import webbrowser

    typer.echo(page)
    if not webbrowser.open(page.as_uri()):
        say_line("cannot open a browser here; open the file yourself")


def _write_charts(analysis: Analysis, folder: Path) -> None:
    from harness.reports.charts.base import charts_missing, png_file, svg_file
    from harness.reports.charts.run import run_charts
    from harness.reports.words.reasons import sentence
    from harness.store.files import write_named

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
            write_named(path, draw(chart))
            typer.echo(path)
    if not made:
        say_line("no charts: nothing in this run can be compared")
