"""``harness compare``: the systems of one run, or of several, against each other, from what the runs stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
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
from harness.cli.shared import given_text, split_commas, tell
from harness.cli.streams import emit
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis.comparison import Comparison, Evidence
    from harness.analysis.slices import Slicing
    from harness.reports.model.findings import Shared
    from harness.store.runs.result import PairResult, Run

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
    format: Annotated[str, format_option(*FORMATS)] = "terminal",  # noqa: A002 - the flag's name
) -> None:
    """Compare systems: differences, intervals, adjusted p-values.

    With several runs, every system is called SYSTEM@RUN and compared with all others. The runs must have the same
    texts and metrics.
    """
    from harness import api
    from harness.analysis.decision.policy import policy_of
    from harness.analysis.several.runs import join_runs
    from harness.analysis.slices import cut
    from harness.analysis.subset import skip_articles
    from harness.metrics.load import formulas
    from harness.reports.model.breakdown import slices_text
    from harness.reports.model.findings import find_shared
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.store.runs.units import declare_unit, parse_unit

    shown_as = chosen_format(format, FORMATS)
    kinds = split_commas(slice, "--slice")
    if kinds and shown_as == "csv":
        raise UsageError("--slice is not shown in the format 'csv'", hint="--format json or terminal")
    names = chosen_runs(runs, run_option)
    declared = parse_unit(given_text(unit, "--unit"))
    folder = workspace / "reports" / "runs"
    joined = skip_articles(
        join_runs(
            [declare_unit(load_run(find_run(folder, run, tell)), declared) for run in names or [""]],
            pairs=split_commas(pair, "--pair"),
            systems=split_commas(system, "--system"),
            metrics=split_commas(metric, "--metric"),
        ),
        split_commas(skip_article, "--skip-article"),
    )
    for result in joined.pairs:
        if len(names) > 1:
            for note in result.notes:
                typer.echo(f"note: {note}", err=True)
    evidence = api.compare(joined, seed=seed)
    formula_of = formulas(joined.settings)
    slices = {
        str(result.pair): {kind: cut(result, formula_of, kind, seed=evidence[str(result.pair)].seed) for kind in kinds}
        for result in joined.pairs
        if kinds
    }
    shared = {
        str(result.pair): find_shared(result, formula_of, evidence[str(result.pair)].seed, policy_of(joined.settings))
        for result in joined.pairs
    }
    if shown_as == "json":
        _print_json(joined, evidence, slices, shared)
    elif shown_as == "csv":
        emit(evidence.to_frame().to_csv(index=False).encode(), "csv")
    else:
        for result in joined.pairs:
            name = str(result.pair)
            _print_pair(result, evidence[name], shared[name])
            for kind, slicing in slices.get(name, {}).items():
                typer.echo(slices_text(name, kind, slicing), nl=False)


def _print_pair(result: PairResult, evidence: Evidence, shared: Sequence[Shared]) -> None:
    """Who is excluded, the strict comparison, and the one on the segments that all have."""
    from harness.reports.model.excluded import excluded_sentences, shared_extent
    from harness.reports.words.messages import say
    from harness.reports.words.text import visible

    name = str(result.pair)
    names = {item.name: visible(item.name) for item in result.systems}
    for line in excluded_sentences(result, names):
        typer.echo(f"{name}: {line}")
    _print_table(name, evidence)
    for part in shared:
        typer.echo(f"{name}: {say('excluded.title', extent=shared_extent(part, names))}:")
        _print_table(name, part.weighed.evidence)


def _print_json(
    joined: Run,
    evidence: Mapping[str, Evidence],
    slices: Mapping[str, Mapping[str, Slicing]],
    shared: Mapping[str, Sequence[Shared]],
) -> None:
    import json

    from harness.analysis.subset import SETTING
    from harness.reports.formats.evidence_json import comparison_json
    from harness.reports.model.breakdown import slices_json
    from harness.reports.model.excluded import excluded_json
    from harness.reports.model.shared_table import shared_json
    from harness.reports.words.reasons import sentence

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
            for name, found in evidence.items()
        },
        "excluded": {str(result.pair): excluded_json(result) for result in joined.pairs},
        "shared": {name: shared_json(part) for name, part in shared.items()},
        "skipped_articles": joined.settings.get(SETTING, []),
    }
    if slices:
        document["slices"] = {
            name: {kind: slices_json(slicing) for kind, slicing in found.items()} for name, found in slices.items()
        }
    emit(f"{json.dumps(document, ensure_ascii=False)}\n".encode(), "json")


def _print_table(pair: str, evidence: Evidence) -> None:
    from harness.reports.model.page import not_compared
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted_units
    from harness.reports.words.reasons import sentence
    from harness.types import Missing

    for column, reason in evidence.unweighed.items():
        typer.echo(f"{pair}: {not_compared(column, reason, partly=column in evidence.partly)}")
    for column, found in evidence.compared.items():
        extent = counted_units(evidence.units, evidence.unit, declared=evidence.declared)
        typer.echo(f"{pair} {column}: {extent}, seed {evidence.seed}")
        for item in found.comparisons:
            typer.echo(f"  {_line(item)}")
        if found.groups:
            groups = " > ".join("{" + ", ".join(group) + "}" for group in found.groups)
            typer.echo(f"  no significant difference within: {groups}")
        if found.comparisons and isinstance(found.comparisons[0].p_adjusted, Missing):
            why = evidence.withheld or found.comparisons[0].p_adjusted
            typer.echo(f"  {say('finding.withheld', why=sentence(why.why), help=sentence(why.fix))}")


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
