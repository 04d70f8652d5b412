"""``harness run``: translate what is missing, score, compare, report."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    ArticleOption,
    CometModelOption,
    CurrencyOption,
    ExecutorOption,
    JudgeSampleOption,
    MaxCostOption,
    MetricOption,
    NameOption,
    OfflineOption,
    PairOption,
    QuietOption,
    RayAddressOption,
    SeedOption,
    SkipOption,
    SystemOption,
    TierOption,
    UnitOption,
    WorkersOption,
    WorkspaceOption,
    chosen_format,
    report_format_option,
)
from harness.cli.shared import (
    comet_options,
    executor_choice,
    format_money,
    given_text,
    heed_lint,
    money_cap,
    money_json,
    print_json,
    split_commas,
)
from harness.cli.streams import emit, refuse_terminal
from harness.errors import BatchesUnderWay, UsageError

if TYPE_CHECKING:
    from harness.analysis import Analysis
    from harness.store.cache.answers import Cache
    from harness.store.runs.result import Run
    from harness.translation.estimates import Estimate
    from harness.translation.planning import Plan

INCOMPLETE = 3

DRY_FORMATS = ("terminal", "json")
"""Formats of ``--dry-run``, which makes no report."""

REPORTS_OF_A_RUN = ("html", "md")
"""Formats every run leaves in its folder; ``harness report`` makes the others."""


def run(
    *,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    system: SystemOption = [],
    article: ArticleOption = [],
    skip_article: SkipOption = [],
    metric: MetricOption = [],
    tier: TierOption = None,
    comet_model: CometModelOption = None,
    judge_sample: JudgeSampleOption = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N segments of every pair.")
    ] = None,
    seed: SeedOption = None,
    max_cost: MaxCostOption = None,
    currency: CurrencyOption = "USD",
    unit: UnitOption = None,
    repeat: Annotated[int, typer.Option("--repeat", metavar="N", min=1, help="Translate every segment N times.")] = 1,
    batch: Annotated[
        bool, typer.Option("--batch", help="Use batch APIs where available: half the price, but slower.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for batch jobs instead of leaving them for later.")
    ] = False,
    ignore_lint: Annotated[
        bool, typer.Option("--ignore-lint", help="Run although `harness lint` finds errors in the articles.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the outputs as recorded outputs in systems/<name>/.")
    ] = False,
    format: Annotated[str, report_format_option()] = "terminal",  # noqa: A002 - the flag's name
    name: NameOption = None,
    id_file: Annotated[
        Path | None,
        typer.Option(
            "--id-file", metavar="FILE", help="Write the run's id to this file, for harness gate in a script."
        ),
    ] = None,
    executor: ExecutorOption = "local",
    ray_address: RayAddressOption = None,
    workers: WorkersOption = None,
    offline: OfflineOption = False,
    untrusted: Annotated[
        bool,
        typer.Option(
            "--untrusted",
            help="Do not trust the workspace: use recorded outputs only.",
        ),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Translate what is missing, score, and write a report.

    Running again continues where the last run stopped.
    """
    from harness.analysis import analyse, tier_metrics
    from harness.reports.load import load_report
    from harness.reports.words.reasons import sentence
    from harness.store.cache.answers import Cache
    from harness.store.files import write_atomically
    from harness.store.runs.directory import write_run
    from harness.store.runs.units import parse_unit
    from harness.translation.estimates import estimate
    from harness.translation.planning import plan_run
    from harness.translation.request import RunRequest
    from harness.workspace.folder import open_workspace
    from harness.workspace.languages import parse_pair
    from harness.workspace.registry import names
    from harness.workspace.untrusted import distrust, own_cache

    _refuse_contradictions(record=record, limit=limit, tier=tier, metric=metric, untrusted=untrusted)
    if id_file is not None and (id_file.is_dir() or not id_file.parent.is_dir()):
        raise UsageError(f"--id-file {id_file}: not a file in an existing folder", hint="name a file")
    if untrusted:
        distrust(workspace)
    opened = open_workspace(workspace)
    shown_as = chosen_format(format, DRY_FORMATS if dry_run else names("reports"))
    printer = load_report(shown_as)
    refuse_terminal(shown_as, binary=printer.binary)
    request = RunRequest(
        pairs=tuple(parse_pair(text) for text in split_commas(pair, "--pair")),
        systems=split_commas(system, "--system"),
        articles=split_commas(article, "--article"),
        skip_articles=split_commas(skip_article, "--skip-article"),
        metrics=tier_metrics(opened.settings, tier) if tier is not None else split_commas(metric, "--metric"),
        metric_options=comet_options(comet_model),
        judge_sample=judge_sample,
        limit=limit or 0,
        name=given_text(name, "--name"),
        offline=offline or untrusted,
        untrusted=untrusted,
        seed=seed,
        max_cost=money_cap(max_cost, currency),
        repeat=repeat,
        batch=batch,
        wait=wait,
        executor=executor_choice(executor, ray_address, workers),
        unit=parse_unit(given_text(unit, "--unit")),
    )
    with nullcontext(opened.cache) if not untrusted else own_cache() as kept, Cache.open(kept) as cache:
        plan = plan_run(opened, request, cache, sending=not dry_run)
        if not ignore_lint:
            heed_lint([pair.corpus for pair in plan.pairs], refuse=not dry_run)
        if dry_run:
            _print_estimates(estimate(plan, cache), shown_as)
            _print_absent(plan)
            _print_no_verdict(plan)
            return
        result = _execute(plan, cache, quiet=quiet)
    folder = write_run(result, opened.runs, sentence)
    if id_file is not None:
        write_atomically(id_file, f"{result.id}\n".encode())
    analysis = analyse(result)
    _write_reports(analysis, folder)
    if record:
        _record(result, opened.systems, plan)
    emit(printer.render(analysis), shown_as)
    if not quiet:
        typer.echo(f"run: {folder}", err=True)
        typer.echo(f"report: {folder / 'report.html'}", err=True)
    if result.status == "incomplete":
        typer.echo(
            "the run is incomplete; the report lists what is missing. To complete it, run the same command again",
            err=True,
        )
        raise typer.Exit(INCOMPLETE)


def _record(result: Run, systems: Path, plan: Plan) -> None:
    from harness.engines.recorded.keep import NotRecorded, record_outputs

    for done in record_outputs(result, systems, plan.recordable):
        if isinstance(done, NotRecorded):
            typer.echo(f"not recorded: {done.path}: {done.why}", err=True)
        else:
            typer.echo(f"recorded: {done}", err=True)


def _execute(plan: Plan, cache: Cache, *, quiet: bool) -> Run:
    """Run the plan; leaves with exit code 3 while batch jobs are under way, which is no error."""
    from harness.pipeline import execute
    from harness.workspace.progress import progress_on_stderr

    try:
        with progress_on_stderr(quiet=quiet) as progress:
            return execute(plan, cache, progress)
    except BatchesUnderWay as state:
        typer.echo(f"{state}\n{state.hint}", err=True)
        raise typer.Exit(state.exit_code) from None


def _write_reports(analysis: Analysis, folder: Path) -> None:
    from harness.reports.load import load_report
    from harness.store.files import write_atomically

    for format_name in REPORTS_OF_A_RUN:
        report = load_report(format_name)
        write_atomically(folder / f"report.{report.extension}", report.render(analysis))


def _refuse_contradictions(
    *, record: bool, limit: int | None, tier: str | None, metric: list[str], untrusted: bool
) -> None:
    """Refuse options that cannot be meant together."""
    if record and limit:
        raise UsageError("--record needs whole articles and cannot be used with --limit", hint="remove one of them")
    if tier is not None and metric:
        raise UsageError("a tier has its own metrics", hint="give --tier or --metric")
    if untrusted and record:
        raise UsageError("--untrusted calls no engine, so there is nothing to record", hint="leave --record out")


def _print_absent(plan: Plan) -> None:
    """On stderr: the table is for programs, too."""
    for pair in plan.pairs:
        for name, why in {**pair.unavailable, **pair.unsupported}.items():
            typer.echo(f"{pair.corpus.pair} {name}: cannot be run: {why}", err=True)


def _print_no_verdict(plan: Plan) -> None:
    """What no money can buy: with so few articles no difference is significant."""
    from harness.analysis import why_no_verdict
    from harness.reports.words.reasons import sentence

    for pair in plan.pairs:
        if len(pair.systems) > 1 and (missing := why_no_verdict(pair.corpus, plan.unit)) is not None:
            typer.echo(f"{pair.corpus.pair}: {sentence(missing.why)}: {sentence(missing.fix)}", err=True)


def _print_estimates(estimates: list[Estimate], format: str) -> None:  # noqa: A002 - the flag's name
    if format == "json":
        print_json([_estimate_json(estimate) for estimate in estimates])
        return
    typer.echo("pair\tsystem\tsegments\tcached\tto send\tcharacters\tcost at most\tseconds at least\tcost expected")
    for estimate in estimates:
        counts = f"{estimate.segments}\t{estimate.known}\t{estimate.requests}\t{estimate.characters}"
        money = f"{format_money(estimate.cost)}\t{estimate.seconds:.0f}\t{format_money(estimate.expected)}"
        typer.echo(f"{estimate.pair}\t{estimate.system}\t{counts}\t{money}")
    for estimate in estimates:
        if estimate.batched and estimate.requests:
            typer.echo(
                f"{estimate.pair} {estimate.system}: through the batch API, at its prices, within a day", err=True
            )
        if estimate.under_way:
            remark = f"{estimate.under_way} segments are in submitted batch jobs and are not sent again"
            typer.echo(f"{estimate.pair} {estimate.system}: {remark}", err=True)
        if estimate.assumed:
            remark = f"{estimate.assumed} translations do not exist yet and are assumed to be as long as their source"
            typer.echo(f"{estimate.pair} {estimate.system}: {remark} (at most: twice as long)", err=True)


def _estimate_json(estimate: Estimate) -> dict[str, object]:
    return {
        "pair": str(estimate.pair),
        "system": estimate.system,
        "segments": estimate.segments,
        "cached": estimate.known,
        "to_send": estimate.requests,
        "characters": estimate.characters,
        "cost_at_most": money_json(estimate.cost),
        "seconds_at_least": estimate.seconds,
        "cost_expected": money_json(estimate.expected),
        "batched": estimate.batched,
        "under_way": estimate.under_way,
        "assumed": estimate.assumed,
    }
