"""``harness baseline``: accept a run as what later ones are measured against, and show which one that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.shared import WorkspaceOption

BaselineOption = Annotated[
    Path | None, typer.Option("--baseline", help="The baseline file. Default: reports/baseline.json.")
]


def baseline_path(workspace: Path, given: Path | None) -> Path:
    """The file of the baseline."""
    return workspace / "reports" / "baseline.json" if given is None else given


def accept(
    run: Annotated[
        str,
        typer.Argument(help="Run id (or its beginning), path, or 'latest', the last complete and unfiltered one."),
    ],
    baseline: BaselineOption = None,
    note: Annotated[str, typer.Option("--note", help="Why it is accepted; kept in the file.")] = "",
    workspace: WorkspaceOption = Path(),
) -> None:
    """Make a run the baseline. Nothing else ever moves it."""
    from datetime import UTC, datetime

    from harness.analysis.gate.reach import reach_lines
    from harness.errors import UsageError
    from harness.reports.words.reasons import sentence
    from harness.store.baseline import Baseline, write_baseline
    from harness.store.runs.directory import find_run, load_run
    from harness.workspace.folder import load_settings

    path = baseline_path(workspace, baseline)
    if path.is_dir():
        raise UsageError(f"--baseline {path} is a folder", hint=f"name a file in it: {path / 'baseline.json'}")
    accepted = load_run(find_run(workspace / "reports" / "runs", run))
    write_baseline(Baseline(accepted, datetime.now(UTC).replace(microsecond=0), note), path, sentence)
    typer.echo(f"baseline: {path} is now run {accepted.id}", err=True)
    for line in reach_lines(accepted, load_settings(workspace).gate):
        typer.echo(sentence(line), err=True)
    if accepted.status == "incomplete":
        typer.echo("note: the run is incomplete; what it lacks stays incomplete in every gate", err=True)


def show(baseline: BaselineOption = None, workspace: WorkspaceOption = Path()) -> None:
    """Say which run is the baseline, and its scores."""
    from harness.reports.words.numbers import format_score, metric_title
    from harness.reports.words.reasons import sentence
    from harness.reports.words.text import visible
    from harness.store.baseline import load_baseline
    from harness.store.runs.result import MetricScores
    from harness.types import Score

    kept = load_baseline(baseline_path(workspace, baseline))
    typer.echo(f"run\t{visible(kept.run.id)}")
    typer.echo(f"created\t{visible(kept.run.created)}")
    typer.echo(f"accepted\t{kept.accepted.isoformat()}")
    if kept.note:
        typer.echo(f"note\t{visible(kept.note)}")
    for pair in kept.run.pairs:
        typer.echo(f"{pair.pair}\t{len(pair.corpus.articles)} articles, {len(pair.corpus.segments)} segments")
        for system in pair.systems:
            for metric, scores in system.scores.items():
                corpus = scores.corpus if isinstance(scores, MetricScores) else scores
                value = (
                    format_score(metric, corpus.value)
                    if isinstance(corpus, Score)
                    else f"missing: {sentence(corpus.why)}"
                )
                signature = scores.identity.signature if isinstance(scores, MetricScores) else ""
                cells = (str(pair.pair), system.name, metric_title(metric), value, signature)
                typer.echo("\t".join(visible(cell) for cell in cells))


COMMANDS: dict[str, Callable[..., Any]] = {"accept": accept, "show": show}
