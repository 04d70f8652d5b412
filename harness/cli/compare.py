"""``harness compare``: the systems of one run, or of several, against each other, from what the runs stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    EveryOption,
    MetricOption,
    PairOption,
    RunsArgument,
    RunsOption,
    SeedOption,
    SkipOption,
    SliceOption,
    SystemOption,
    UnitOption,
    WorkspaceOption,
    chosen_format,
    chosen_runs,
    format_option,
)
from harness.cli.shared import given_text, in_sight, split_commas, tell
from harness.cli.streams import emit, say_line, show
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis import Analysis, Slicing

FORMATS = ("terminal", "json", "csv")


def compare(
    *,
    runs: RunsArgument = None,
    run_option: RunsOption = [],
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    metric: MetricOption = [],
    slice: SliceOption = [],  # noqa: A002 - the flag's name
    unit: UnitOption = None,
    skip_article: SkipOption = [],
    seed: SeedOption = None,
    every: EveryOption = False,
    format: Annotated[str, format_option(*FORMATS)] = "terminal",  # noqa: A002 - the flag's name
) -> None:
    """Compare systems: differences, intervals, adjusted p-values.

    With several runs, every system is called SYSTEM@RUN and compared with all others. The runs must have the same
    texts and metrics.
    """
    from functools import partial

    from harness.api.evidence import analyse_joined, compared
    from harness.reports.formats.compare_screen import compare_blocks
    from harness.reports.model.breakdown import slices_text
    from harness.reports.words.reasons import noted
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.store.runs.units import parse_unit

    shown_as = chosen_format(format, FORMATS)
    kinds = split_commas(slice, "--slice")
    if kinds and shown_as == "csv":
        raise UsageError("--slice is not available with --format csv", hint="--format json or terminal")
    names, declared = chosen_runs(runs, run_option), parse_unit(given_text(unit, "--unit"))
    folder = workspace / "reports" / "runs"
    analysis = analyse_joined(
        [load_run(find_run(folder, run, tell)) for run in names or [""]],
        seed=seed,
        pairs=split_commas(pair, "--pair"),
        systems=split_commas(system, "--system"),
        metrics=split_commas(metric, "--metric"),
        unit=declared,
        skip_articles=split_commas(skip_article, "--skip-article"),
    )
    for result in analysis.run.pairs:
        if len(names) > 1:
            for note in result.notes:
                say_line(f"note: {noted(note)}")
    with in_sight("statistics"):
        for analysed in analysis.pairs:
            _ = analysed.evidence
        slices = {
            str(analysed.result.pair): {kind: analysed.slices(kind) for kind in kinds}
            for analysed in analysis.pairs
            if kinds
        }
    if shown_as == "json":
        _print_json(analysis, slices)
    elif shown_as == "csv":
        emit(compared(analysis).to_frame().to_csv(index=False).encode(), "csv")
    else:
        for number, analysed in enumerate(analysis.pairs):
            name = str(analysed.result.pair)
            if number:
                typer.echo()
            show(partial(compare_blocks, analysed, every=every))
            for kind, slicing in slices.get(name, {}).items():
                typer.echo(slices_text(name, kind, slicing, analysed.result.identities), nl=False)


def _print_json(analysis: Analysis, slices: Mapping[str, Mapping[str, Slicing]]) -> None:
    import json

    from harness.reports.formats.evidence_json import comparison_json
    from harness.reports.model.breakdown import slices_json
    from harness.reports.model.excluded import excluded_json
    from harness.reports.model.shared_table import shared_json
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import metric_title
    from harness.reports.words.reasons import sentence

    evidence = {str(pair.result.pair): pair.evidence for pair in analysis.pairs}
    rows = [
        {"pair": name, **comparison_json(item)}
        for name, found in evidence.items()
        for one in found.compared.values()
        for item in one.comparisons
    ]
    groups = {
        name: {column: [list(group) for group in one.groups] for column, one in found.metrics.items()}
        for name, found in evidence.items()
    }
    document: dict[str, object] = {
        "schema": 1,
        "comparisons": rows,
        "groups": groups,
        "not_compared": {
            name: {column: sentence(why.why) for column, why in found.unweighed.items()}
            | {column: say("notes.unweighed", metric=metric_title(column)) for column in found.unsound}
            for name, found in evidence.items()
        },
        "excluded": {str(pair.result.pair): excluded_json(pair) for pair in analysis.pairs},
        "shared": {str(pair.result.pair): shared_json(pair.shared) for pair in analysis.pairs},
        "skipped_articles": analysis.run.skipped_articles,
    }
    if slices:
        document["slices"] = {
            name: {kind: slices_json(slicing) for kind, slicing in found.items()} for name, found in slices.items()
        }
    emit(f"{json.dumps(document, ensure_ascii=False)}\n".encode(), "json")
