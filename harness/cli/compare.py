"""``harness compare``: the systems of one run against each other, from what the run stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.shared import MetricOption, PairOption, SliceOption, SystemOption, WorkspaceOption, split_commas
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.evidence import Comparison, Evidence, FormulaOf
    from harness.runs.result import PairResult
    from harness.slices import Slicing

FORMATS = ("table", "json", "csv")


def compare(
    *,
    run: Annotated[str, typer.Argument(help="Run id (or its beginning), path, or 'latest'.")] = "latest",
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    metric: MetricOption = [],
    slice: SliceOption = [],  # noqa: A002 - the flag's name
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything random; -1 takes the run's.")] = -1,
    format: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",  # noqa: A002 - the flag's name
) -> None:
    """Compare the systems of a stored run: differences, intervals, corrected p-values, ties."""
    from harness import api
    from harness.metrics.load import formulas
    from harness.registry import suggestion
    from harness.reports.breakdown import slices_text
    from harness.runs.directory import find_run, load_run

    if format not in FORMATS:
        raise UsageError(f"unknown format '{format}'", hint=suggestion(format, list(FORMATS)))
    kinds = split_commas(slice)
    if kinds and format == "csv":
        raise UsageError("--slice is not shown in the format 'csv'", hint="--format json, or table")
    stored = load_run(find_run(workspace / "reports" / "runs", run))
    pairs, systems, metrics = set(split_commas(pair)), set(split_commas(system)), set(split_commas(metric))
    known = {item.name for result in stored.pairs for item in result.systems}
    for name in sorted(systems - known):
        raise UsageError(f"the run has no system '{name}'", hint=suggestion(name, sorted(known)))
    evidence = {
        name: found
        for name, found in api.compare(stored, seed=None if seed < 0 else seed, systems=systems).items()
        if not pairs or name in pairs
    }
    slices = {
        name: _slices(
            result, kinds, formulas(stored.settings), seed=evidence[name].seed, systems=systems, metrics=metrics
        )
        for result in stored.pairs
        if kinds and (name := str(result.pair)) in evidence
    }
    if format == "json":
        _print_json(evidence, metrics, slices)
    elif format == "csv":
        import pandas as pd

        frame = pd.concat([found.to_frame() for found in evidence.values()])
        shown = frame[frame["metric"].isin(metrics)] if metrics else frame
        typer.echo(shown.to_csv(index=False), nl=False)
    else:
        for name, found in evidence.items():
            _print_table(name, found, metrics)
            for kind, slicing in slices.get(name, {}).items():
                typer.echo(slices_text(name, kind, slicing), nl=False)


def _slices(
    result: PairResult, kinds: Sequence[str], formula_of: FormulaOf, *, seed: int, systems: set[str], metrics: set[str]
) -> dict[str, Slicing]:
    """Slices of what was asked for; empty sets mean everything."""
    from harness.slices import cut

    shown = replace(
        result,
        systems=tuple(system for system in result.systems if not systems or system.name in systems),
        metrics=tuple(name for name in result.metrics if not metrics or name in metrics),
    )
    return {kind: cut(shown, formula_of, kind, seed=seed) for kind in kinds}


def _print_json(evidence: dict[str, Evidence], metrics: set[str], slices: dict[str, dict[str, Slicing]]) -> None:
    import json

    from harness.reports.breakdown import slices_json
    from harness.reports.evidence_json import comparison_json

    rows = [
        {"pair": name, **comparison_json(item)}
        for name, found in evidence.items()
        for column, one in found.metrics.items()
        if not metrics or column in metrics
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
    typer.echo(json.dumps(document, ensure_ascii=False))


def _print_table(pair: str, evidence: Evidence, metrics: set[str]) -> None:
    from harness.types import Missing

    for column, found in evidence.metrics.items():
        if metrics and column not in metrics:
            continue
        typer.echo(f"{pair} {column}: {evidence.units} {evidence.unit}s, seed {evidence.seed}")
        for item in found.comparisons:
            typer.echo(f"  {_line(item)}")
        groups = " > ".join("{" + ", ".join(group) + "}" for group in found.groups)
        typer.echo(f"  groups that cannot be told apart: {groups}")
        if found.comparisons and isinstance(found.comparisons[0].p, Missing):
            typer.echo(f"  {found.comparisons[0].p.why}")


def _line(item: Comparison) -> str:
    from harness.types import Missing

    if isinstance(item.interval, Missing) or isinstance(item.p_holm, Missing):
        return f"{item.a} - {item.b}: {item.delta:+.4f}"
    verdict = "tied" if item.tied else f"{item.a if item.delta > 0 else item.b} is better"
    return (
        f"{item.a} - {item.b}: {item.delta:+.4f} [{item.interval.low:+.4f}, {item.interval.high:+.4f}] "
        f"p {item.p_holm:.4f} (Holm), segment p {item.segment_p:.4f}: {verdict}"
    )
