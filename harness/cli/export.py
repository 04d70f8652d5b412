"""``harness export``: hand a part of a run over to another tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import complete
from harness.cli.options import (
    MessagesOption,
    RunArgument,
    RunOption,
    SeedOption,
    SystemOption,
    WorkspaceOption,
    chosen_run,
)
from harness.cli.shared import given_text, in_sight, split_commas, tell
from harness.cli.streams import say_line


def export(
    *,
    run: RunArgument = None,
    run_option: RunOption = None,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="FORMAT", help="A format of harness list exporters.", autocompletion=complete.export_formats
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The file or folder. Default: below reports/exports of the workspace.",
        ),
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option(
            "--pair",
            metavar="PAIR",
            help="This language pair, e.g. de-en. Needed if the run has several.",
            autocompletion=complete.pairs,
        ),
    ] = None,
    system: SystemOption = [],
    which: Annotated[
        str,
        typer.Option(
            "--which",
            metavar="WHICH",
            help="Which segments: all; those of a slice, such as 'slice domain=news'; 'list FILE', an article:number "
            "in each line; disagreement, those that systems and metrics disagree on most; or a random sample.",
            autocompletion=complete.words("all", "slice", "list", "disagreement", "sample"),
        ),
    ] = "all",
    n: Annotated[
        int | None,
        typer.Option("--n", metavar="N", min=1, help="How many segments of disagreement or sample. Default: 100."),
    ] = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    messages: MessagesOption = None,
) -> None:
    """Hand a stored run over to another tool.

    Writes texts and scores, all or a part of them, in the format of a tool for rating, post-editing or publishing, and
    prints the paths of the files. For example: harness export latest --to pearmut -o campaign.json
    """
    from harness.api.exporting import export as write_export
    from harness.reports.words.messages import english, read_catalogue, say, speaking
    from harness.reports.words.numbers import counted
    from harness.reports.words.reasons import noted
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run

    catalogue = english() if messages is None else read_catalogue(messages)
    folder = find_run(workspace / "reports" / "runs", chosen_run(run, run_option), tell)
    with in_sight("export"):
        written = write_export(
            load_run(folder),
            to,
            output,
            pair=given_text(pair, "--pair"),
            systems=split_commas(system, "--system"),
            which=which,
            n=n,
            seed=seed,
            workspace=workspace,
            force=force,
        )
    with speaking(catalogue):
        for note in written.notes:
            say_line(say("moved.note", what=noted(note)))
        for path in written.paths:
            typer.echo(str(path))
        segments, systems = counted(written.segments, "segment"), counted(written.systems, "system")
        say_line(say("moved.exported", segments=segments, systems=systems))
