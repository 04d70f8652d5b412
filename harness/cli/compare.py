"""``harness compare``: the systems of one run, or of several, against each other, from what the runs stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.shared import (
    RUN_HELP,
    MetricOption,
    PairOption,
    SliceOption,
    SystemOption,
    UnitOption,
    WorkspaceOption,
    split_commas,
    tell,
)
from harness.cli.streams import emit
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.evidence import Comparison, Evidence
    from harness.slices import Slicing

FORMATS = ("table", "json", "csv")


def compare(
    *,
    runs: Annotated[list[str], typer.Argument(metavar="[RUN]...", help=RUN_HELP)] = [],
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    metric: MetricOption = [],
    slice: SliceOption = [],  # noqa: A002 - the flag's name
    unit: UnitOption = "",
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything random; -1 takes the run's.")] = -1,
    format: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",  # noqa: A002 - the flag's name
) -> None:
    """Compare the systems of a stored run: differences, intervals, corrected p-values, ties.

    With several runs, every system is called SYSTEM@RUN and compared with all others; the runs must be of the same
    texts and metrics.
    """
    from harness import api
    from harness.metrics.load import formulas
    from harness.registry import suggestion
    from harness.reports.breakdown import slices_text
    from harness.runs.directory import find_run, load_run
    from harness.runs.units import declare_unit, parse_unit
    from harness.several_runs import join_runs
    from harness.slices import cut

    if format not in FORMATS:
        raise UsageError(f"unknown format '{format}'", hint=suggestion(format, list(FORMATS)))
    kinds = split_commas(slice)
    if kinds and format == "csv":
        raise UsageError("--slice is not shown in the format 'csv'", hint="--format json, or table")
    declared = parse_unit(unit)
    folder = workspace / "reports" / "runs"
    joined = join_runs(
        [declare_unit(load_run(find_run(folder, run, tell)), declared) for run in runs or [""]],
        pairs=split_commas(pair),
        systems=split_commas(system),
        metrics=split_commas(metric),
    )
    for result in joined.pairs:
        if len(runs) > 1:
            for note in result.notes:
                typer.echo(f"note: {note}", err=True)
    evidence = api.compare(joined, seed=None if seed < 0 else seed)
    formula_of = formulas(joined.settings)
    slices = {
        str(result.pair): {kind: cut(result, formula_of, kind, seed=evidence[str(result.pair)].seed) for kind in kinds}
        for result in joined.pairs
        if kinds
    }
    if format == "json":
        _print_json(evidence, slices)
    elif format == "csv":
        emit(evidence.to_frame().to_csv(index=False).encode(), "csv")
    else:
        for name, found in evidence.items():
            _print_table(name, found)
            for kind, slicing in slices.get(name, {}).items():
                typer.echo(slices_text(name, kind, slicing), nl=False)


def _print_json(evidence: Mapping[str, Evidence], slices: Mapping[str, Mapping[str, Slicing]]) -> None:
    import json

    from harness.reports.breakdown import slices_json
    from harness.reports.evidence_json import comparison_json

    rows = [
        {"pair": name, **comparison_json(item)}
        for name, found in evidence.items()
        for one in found.metrics.values()
        for item in one.comparisons
    ]
    groups = {
        name: {column: [list(group) for group in one.groups] for column, one in found.metrics.items()}
        for name, found in evidence.items()
    }
    document: dict[str, object] = {"schema": 1, "comparisons": rows, "groups": groups}
    if slices:
        document["slices"] = {
            name: {kind: slices_json(slicing) for kind, slicing in found.items()} for name, found in slices.items()
        }
    emit(f"{json.dumps(document, ensure_ascii=False)}\n".encode(), "json")


def _print_table(pair: str, evidence: Evidence) -> None:
    from harness.evidence import undeclared
    from harness.messages import say
    from harness.reports.format import counted_units
    from harness.types import Missing

    for column, found in evidence.metrics.items():
        extent = counted_units(evidence.units, evidence.unit, declared=evidence.declared)
        typer.echo(f"{pair} {column}: {extent}, seed {evidence.seed}")
        for item in found.comparisons:
            typer.echo(f"  {_line(item)}")
        if found.groups:
            groups = " > ".join("{" + ", ".join(group) + "}" for group in found.groups)
            typer.echo(f"  no significant difference within: {groups}")
        if found.comparisons and isinstance(found.comparisons[0].p_adjusted, Missing):
            why = undeclared(evidence) or found.comparisons[0].p_adjusted
            typer.echo(f"  {say('finding.withheld', why=why.why, help=why.fix)}")


def _line(item: Comparison) -> str:
    from harness.types import Missing

    text = f"{item.a} - {item.b}: {item.delta:+.4f}"
    if isinstance(item.interval, Missing) or isinstance(item.p, Missing):
        return text
    text += f" [{item.interval.low:+.4f}, {item.interval.high:+.4f}]"
    if isinstance(item.p_adjusted, Missing):
        return f"{text} p {item.p:.4f} (not adjusted), segment p {item.segment_p:.4f}"
    verdict = "tied" if item.tied else f"{item.a if item.delta > 0 else item.b} is better"
    return f"{text} p {item.p_adjusted:.4f} (adjusted), segment p {item.segment_p:.4f}: {verdict}"
