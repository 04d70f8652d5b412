"""``harness baseline``: accept a run as what later ones are measured against, and show which one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import complete
from harness.cli.options import (
    RUN_KINDS,
    ListingFormat,
    MessagesOption,
    OutputsOption,
    RunOption,
    WorkspaceOption,
    chosen_format,
    chosen_run,
    format_option,
)
from harness.cli.report_files import named_files
from harness.cli.shared import in_sight, print_json
from harness.cli.streams import emit, say_line
from harness.cli.streams import show as show_blocks
from harness.errors import UsageError, so_many

if TYPE_CHECKING:
    from harness.store.baseline import Baseline
    from harness.store.runs.result import SystemResult

CHART_FORMATS = ("terminal", "md", "html", "json")

CHART_SUFFIXES = {".txt": "terminal", ".md": "md", ".html": "html", ".json": "json"}

BaselineOption = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="The baseline file. Default: reports/baseline.json."),
]


def baseline_path(workspace: Path, given: Path | None) -> Path:
    """The file of the baseline."""
    return workspace / "reports" / "baseline.json" if given is None else given


def accept(
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help=f"{RUN_KINDS}  [required]", autocompletion=complete.runs),
    ] = None,
    run_option: RunOption = None,
    baseline: BaselineOption = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Reason for accepting it; stored in the file.")
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Make a run the baseline. Nothing else ever changes it."""
    from datetime import UTC, datetime

    from harness.analysis import reach_lines
    from harness.reports.words.reasons import sentence
    from harness.store.baseline import Baseline, write_baseline
    from harness.store.files import refuse_links_out
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.workspace.folder import load_settings

    name = chosen_run(run, run_option)
    if not name:
        raise UsageError("no run named", hint="harness baseline accept RUN; to list all runs: harness list runs")
    path = baseline_path(workspace, baseline)
    if path.is_dir():
        raise UsageError(f"--baseline {path} is a folder", hint=f"name a file in it: {path / 'baseline.json'}")
    if baseline is None:  # the workspace's own, which a stranger may have made
        refuse_links_out(workspace, [str(path.relative_to(workspace))])
    folder = find_run(workspace / "reports" / "runs", name)
    with in_sight("baseline"):
        accepted = load_run(folder)
        write_baseline(Baseline(accepted, datetime.now(UTC).replace(microsecond=0), note or ""), path, sentence)
    say_line(f"baseline: {path} is now run {accepted.called}")
    with in_sight("statistics"):
        lines = reach_lines(accepted, load_settings(workspace).gate)
    for line in lines:
        say_line(sentence(line))
    if accepted.status == "incomplete":
        say_line("note: the run is incomplete, so every gate will be incomplete where it lacks results")


def show(
    baseline: BaselineOption = None,
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
) -> None:
    """Show which run is the baseline, and its scores."""
    shown_as = chosen_format(format, ("terminal", "json"))
    from harness.reports.words.text import visible
    from harness.store.baseline import load_baseline

    kept = load_baseline(baseline_path(workspace, baseline))
    if shown_as == "json":
        print_json(_shown_json(kept))
        return
    typer.echo(f"run\t{visible(kept.run.id)}")
    if kept.run.name:
        typer.echo(f"name\t{visible(kept.run.name)}")
    typer.echo(f"created\t{visible(kept.run.created)}")
    typer.echo(f"accepted\t{kept.accepted.isoformat()}")
    if kept.note:
        typer.echo(f"note\t{visible(kept.note)}")
    for pair in kept.run.pairs:
        articles, segments = (
            so_many(len(pair.corpus.articles), "article"),
            so_many(len(pair.corpus.segments), "segment"),
        )
        typer.echo(f"{pair.pair}\t{articles}, {segments}")
        for system in pair.systems:
            for cells in _score_cells(system):
                typer.echo("\t".join(visible(cell) for cell in (str(pair.pair), *cells)))


def chart(
    baseline: BaselineOption = None,
    format: Annotated[str | None, format_option(*CHART_FORMATS)] = None,  # noqa: A002 - the flag's name
    output: OutputsOption = [],
    messages: MessagesOption = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Show the builds that were checked against it."""
    from harness.analysis import build_chart
    from harness.reports.formats.builds import FORMATS, chart_blocks
    from harness.reports.words.messages import english, read_catalogue, speaking
    from harness.store.baseline import load_baseline
    from harness.store.builds import folder_of, read_builds
    from harness.store.files import write_named

    chosen = None if format is None else chosen_format(format, CHART_FORMATS)
    files = named_files(chosen, output, CHART_SUFFIXES)
    kept = load_baseline(baseline_path(workspace, baseline))
    charted = build_chart(kept, read_builds(folder_of(workspace, kept)))
    with speaking(english() if messages is None else read_catalogue(messages)):
        if not files and (chosen or "terminal") == "terminal":
            show_blocks(lambda _: chart_blocks(charted))
        elif not files:
            emit(FORMATS[chosen or "terminal"](charted).encode("utf-8"), chosen or "terminal")
        for name, file in files:
            write_named(file, FORMATS[name](charted).encode("utf-8"))
            say_line(f"{file}")


def _score_cells(system: SystemResult) -> Iterator[tuple[str, ...]]:
    from harness.reports.words.numbers import format_score, metric_title
    from harness.reports.words.reasons import sentence
    from harness.store.runs.result import MetricScores
    from harness.types import SIGNIFICANT, Score

    for metric, scores in system.scores.items():
        corpus = scores.corpus if isinstance(scores, MetricScores) else scores
        shown = scores.identity.decimals if isinstance(scores, MetricScores) else SIGNIFICANT
        value = format_score(shown, corpus.value) if isinstance(corpus, Score) else f"missing: {sentence(corpus.why)}"
        signature = scores.identity.signature if isinstance(scores, MetricScores) else ""
        yield system.name, metric_title(metric), value, signature


def _shown_json(kept: Baseline) -> dict[str, object]:
    return {
        "run": kept.run.id,
        "name": kept.run.name,
        "created": kept.run.created,
        "accepted": kept.accepted.isoformat(),
        "note": kept.note,
        "pairs": [
            {
                "pair": str(pair.pair),
                "articles": len(pair.corpus.articles),
                "segments": len(pair.corpus.segments),
                "systems": {system.name: _scores_json(system) for system in pair.systems},
            }
            for pair in kept.run.pairs
        ],
    }


def _scores_json(system: SystemResult) -> dict[str, object]:
    from harness.reports.words.reasons import sentence
    from harness.store.runs.result import MetricScores
    from harness.types import Score

    records: dict[str, object] = {}
    for metric, scores in system.scores.items():
        corpus = scores.corpus if isinstance(scores, MetricScores) else scores
        score = {"score": corpus.value} if isinstance(corpus, Score) else {"missing": sentence(corpus.why)}
        signature = {"signature": scores.identity.signature} if isinstance(scores, MetricScores) else {}
        records[metric] = {**score, **signature}
    return records


COMMANDS: dict[str, Callable[..., Any]] = {"accept": accept, "show": show, "chart": chart}
