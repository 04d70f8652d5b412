"""``harness drift``: has a service changed since its answers were kept?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    ArticleOption,
    CurrencyOption,
    ListingFormat,
    MaxCostOption,
    PairOption,
    QuietOption,
    SystemOption,
    WorkspaceOption,
    chosen_format,
)
from harness.cli.shared import format_money, money_cap, money_json, print_json, split_commas
from harness.cli.streams import say_line
from harness.errors import so_many

if TYPE_CHECKING:
    from harness.translation.drift import Drift

CHANGED = 3


def drift(
    *,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    article: ArticleOption = [],
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", min=1, help="Repeat N segments of every system and pair.")
    ] = 20,
    max_cost: MaxCostOption = None,
    currency: CurrencyOption = "USD",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the maximum cost, and send nothing.")] = False,
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    quiet: QuietOption = False,
) -> None:
    """Repeat a sample of requests to see whether services changed.

    Exit code 3 when one has changed or did not answer.
    """
    from harness.store.cache.answers import Cache
    from harness.translation.drift import ask_again, estimate
    from harness.translation.planning import plan_run
    from harness.translation.request import RunRequest
    from harness.workspace.folder import open_workspace
    from harness.workspace.languages import parse_pair
    from harness.workspace.progress import progress_on_stderr

    shown_as = chosen_format(format, ("terminal", "json"))
    opened = open_workspace(workspace)
    request = RunRequest(
        pairs=tuple(parse_pair(text) for text in split_commas(pair, "--pair")),
        systems=split_commas(system, "--system"),
        articles=split_commas(article, "--article"),
        metrics=("chrf",),
    )
    with Cache.open(opened.cache) as cache:
        plan = plan_run(opened, request, cache, sending=False)
        if dry_run:
            asked = list(estimate(plan, cache, sample=sample))
            if shown_as == "json":
                print_json(
                    [
                        {"pair": str(job.pair), "system": job.system, "segments": len(job.again), **money_json(cost)}
                        for job, cost in asked
                    ]
                )
            else:
                for job, cost in asked:
                    typer.echo(f"{job.pair}\t{job.system}\t{so_many(len(job.again), 'segment')}\t{format_money(cost)}")
            return
        with progress_on_stderr(quiet=quiet) as progress:
            drifts = ask_again(plan, cache, progress, sample=sample, max_cost=money_cap(max_cost, currency))
    if not drifts:
        say_line("nothing to repeat: the cache has no answers from services")
    if shown_as == "json":
        _print_json(drifts)
    else:
        for system_drift in drifts:
            _print_text(system_drift)
    if any(system_drift.changed or system_drift.unanswered for system_drift in drifts):
        raise typer.Exit(CHANGED)


def _print_text(drift: Drift) -> None:
    from harness.reports.words.text import visible

    verdict = "CHANGED" if drift.changed else "the same"
    first, last = drift.kept_first[:10], drift.kept_last[:10]
    kept = f"cached {first}" + (f" to {last}" if last != first else "")
    typer.echo(f"{drift.pair} {drift.system}: {verdict}: {len(drift.changes)} of {drift.asked} answers differ ({kept})")
    if drift.unanswered:
        typer.echo(f"  {so_many(drift.unanswered, 'segment')} got no answer")
    if drift.models_before or drift.models_now:
        then, now = (", ".join(models) or "not reported" for models in (drift.models_before, drift.models_now))
        typer.echo(f"  model then: {visible(then)}; now: {visible(now)}")
    for change in drift.changes[:5]:
        typer.echo(f"  {change.segment}\n    then: {visible(change.before)}\n    now:  {visible(change.now)}")


def _print_json(drifts: list[Drift]) -> None:
    import json
    from dataclasses import asdict

    rows = [{**asdict(item), "pair": str(item.pair), "changed": item.changed} for item in drifts]
    typer.echo(json.dumps(rows, ensure_ascii=True, indent=1))
