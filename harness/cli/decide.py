"""``harness decide``: which system to take, from what a run stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import complete
from harness.cli.options import (
    DecidingOption,
    PairOption,
    RunArgument,
    RunOption,
    SkipOption,
    UnitOption,
    WorkspaceOption,
    chosen_format,
    chosen_run,
    format_option,
)
from harness.cli.shared import given_text, in_sight, split_commas, tell
from harness.cli.streams import show
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from harness.analysis import Decision, PairAnalysis

FORMATS = ("terminal", "json")

UNDECIDED = 3


def decide(
    *,
    run: RunArgument = None,
    run_option: RunOption = None,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    metric: DecidingOption = None,
    max_cost_per_million: Annotated[
        float | None,
        typer.Option(
            "--max-cost-per-million", metavar="AMOUNT", min=0, help="Hard limit per million source characters."
        ),
    ] = None,
    max_p95: Annotated[
        float | None,
        typer.Option("--max-p95", metavar="SECONDS", min=0, help="Hard limit on the p95 latency of a request."),
    ] = None,
    slice: Annotated[  # noqa: A002 - the flag's name
        list[str],
        typer.Option(
            "--slice",
            metavar="KEY",
            help="Ask for routing by this alone: length, or a metadata key such as domain. Repeatable.",
            autocompletion=complete.words("length"),
        ),
    ] = [],
    unit: UnitOption = None,
    skip_article: SkipOption = [],
    format: Annotated[str, format_option(*FORMATS)] = "terminal",  # noqa: A002 - the flag's name
) -> None:
    """Recommend a system for each pair, with reasons.

    Exit code 0, or 3 where the data cannot decide. One system alone is a baseline, not a failure.

    Limits and weights come from [decision] in harness.toml; an option replaces the limit given there.
    """
    import json
    import math

    from harness.analysis import NoDecision, skip_articles
    from harness.api.deciding import analyse_by
    from harness.reports.formats.decision_json import pair_json
    from harness.reports.model.excluded import excluded_json
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.store.runs.units import declare_unit, parse_unit
    from harness.workspace.folder import load_settings
    from harness.workspace.registry import suggestion

    shown_as = chosen_format(format, FORMATS)
    for flag, limit in (("--max-cost-per-million", max_cost_per_million), ("--max-p95", max_p95)):
        if limit is not None and not math.isfinite(limit):
            raise UsageError(f"{flag} {limit}: not a number", hint=f"leave {flag} out for no limit")
    given = load_settings(workspace).decision
    folder = find_run(workspace / "reports" / "runs", chosen_run(run, run_option), tell)
    stored = declare_unit(load_run(folder), parse_unit(given_text(unit, "--unit")))
    stored = skip_articles(stored, split_commas(skip_article, "--skip-article"))
    pairs = set(split_commas(pair, "--pair"))
    known = [str(result.pair) for result in stored.pairs]
    for name in sorted(pairs - set(known)):
        raise UsageError(f"the run has no pair '{name}'", hint=suggestion(name, known))
    analysis = analyse_by(
        stored,
        given,
        metric=given_text(metric, "--metric"),
        max_cost_per_million=max_cost_per_million,
        max_p95=max_p95,
        slices=split_commas(slice, "--slice"),
    )
    chosen = [analysed for analysed in analysis.pairs if not pairs or str(analysed.result.pair) in pairs]
    with in_sight("statistics"):
        decisions = [analysed.decision for analysed in chosen]
    if shown_as == "json":
        document = {
            "schema": 1,
            "run": stored.id,
            "excluded": {str(analysed.result.pair): excluded_json(analysed) for analysed in chosen},
            "skipped_articles": stored.skipped_articles,
            "decisions": [pair_json(analysed) for analysed in chosen],
        }
        typer.echo(json.dumps(document, allow_nan=False))
    else:
        show(lambda _: [block for item in chosen for block in _blocks(item, asked=bool(slice))])
    undecided = (
        isinstance(decision.recommendation, NoDecision) and decision.strength != "alone" for decision in decisions
    )
    if not decisions or any(undecided):
        raise typer.Exit(UNDECIDED)


def _blocks(item: PairAnalysis, *, asked: bool) -> Iterator[RenderableType]:
    from harness.reports.formats.blocks import Line
    from harness.reports.model.excluded import excluded_sentences, shared_sentence
    from harness.reports.words.reasons import sentence
    from harness.reports.words.text import visible
    from harness.types import Missing

    names = {system.name: visible(system.name) for system in item.result.systems}
    for line in filter(None, [*excluded_sentences(item, names), shared_sentence(item.shared, names)]):
        yield Line(f"{item.decision.pair}: {line}", hang=2)
    for line in _lines(item.decision):
        text = visible(line).lstrip()
        indent = len(line) - len(line.lstrip())
        yield Line(text, style="" if indent else "bold", indent=indent, hang=2)
    if asked and isinstance(item.routing, Missing):
        yield Line(f"no routing: {visible(sentence(item.routing.why, names))}", style="dim", indent=2, hang=2)


def _lines(decision: Decision) -> list[str]:
    from harness.analysis import NoDecision
    from harness.reports.words.decision import spoken
    from harness.reports.words.numbers import listed
    from harness.types import Missing

    chosen, said = decision.recommendation, spoken(decision)
    if isinstance(chosen, NoDecision):
        outcome = "one system" if decision.strength == "alone" else "no recommendation"
        lines = [f"{decision.pair}: {outcome}: {said.reason}"]
        lines += [f"  what would help: {line}" for line in said.what_would_help]
        if chosen.among:
            lines.append(f"  candidates: {listed(chosen.among)}")
    else:
        lines = [f"{decision.pair}: {chosen} is recommended"]
    lines[:0] = [f"{decision.pair}: {line}" for line in said.warnings]
    lines += [f"  because: {line}" for line in said.reasons]
    if not isinstance(decision.runner_up, Missing):
        lines.append(f"  runner-up: {decision.runner_up}")
    lines += [f"  what would change it: {line}" for line in said.what_would_change_it]
    lines += [f"  caveat: {line}" for line in said.cautions]
    if decision.pareto:
        lines.append(f"  Pareto front of quality, cost and latency: {listed(decision.pareto)}")
    lines += [
        f"  excluded: {item.system}: {why} ({item.constraint})"
        for item, why in zip(decision.violations, said.violations, strict=True)
    ]
    return lines
