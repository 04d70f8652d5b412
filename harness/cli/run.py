"""``harness run``: translate what is missing, score, compare, report."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.dry_run import FORMATS as DRY_FORMATS
from harness.cli.dry_run import print_dry_run
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
    compute,
    executor_choice,
    given_text,
    heed_lint,
    money_cap,
    split_commas,
)
from harness.cli.streams import emit, refuse_terminal, say_line, show
from harness.cli.until import LookEveryOption, MarginOption, UntilOption, look_settings
from harness.errors import BatchesUnderWay, UsageError

if TYPE_CHECKING:
    from harness.analysis import Analysis
    from harness.store.cache.answers import Cache
    from harness.store.runs.result import Run
    from harness.translation.planning import Plan
    from harness.workspace.folder import Workspace
    from harness.workspace.progress import Progress

INCOMPLETE = 3

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
    segments_per_article: Annotated[
        int | None,
        typer.Option("--segments-per-article", metavar="N", min=1, help="Only the first N segments of every article."),
    ] = None,
    seed: SeedOption = None,
    max_cost: MaxCostOption = None,
    currency: CurrencyOption = "USD",
    unit: UnitOption = None,
    until_decided: UntilOption = False,
    look_every: LookEveryOption = None,
    margin: MarginOption = None,
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
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print the tables of the report too, not only the summary.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Translate what is missing, score, and write a report.

    Running again continues where the last run stopped.
    """
    from harness.analysis import analyse
    from harness.reports.load import load_report
    from harness.reports.words.reasons import sentence
    from harness.store.cache.answers import Cache
    from harness.store.files import write_named
    from harness.store.runs.directory import write_run
    from harness.store.runs.units import parse_unit
    from harness.translation.planning import plan_run
    from harness.translation.request import RunRequest
    from harness.workspace.folder import open_workspace
    from harness.workspace.languages import parse_pair
    from harness.workspace.progress import progress_on_stderr
    from harness.workspace.registry import names
    from harness.workspace.untrusted import distrust, own_cache

    _refuse_contradictions(
        record=record, cut=limit or segments_per_article, tier=tier, metric=metric, untrusted=untrusted
    )
    if id_file is not None and (id_file.is_dir() or not id_file.parent.is_dir()):
        raise UsageError(f"--id-file {id_file}: not a file in an existing folder", hint="name a file")
    if untrusted:
        distrust(workspace)
    opened = open_workspace(workspace)
    shown_as = chosen_format(format, DRY_FORMATS if dry_run else names("reports"))
    if not dry_run:
        refuse_terminal(shown_as, binary=load_report(shown_as).binary)
    request = RunRequest(
        pairs=tuple(parse_pair(text) for text in split_commas(pair, "--pair")),
        systems=split_commas(system, "--system"),
        articles=split_commas(article, "--article"),
        skip_articles=split_commas(skip_article, "--skip-article"),
        metrics=split_commas(metric, "--metric") if tier is None else _metrics_of_tier(opened, tier),
        metric_options=comet_options(comet_model),
        judge_sample=judge_sample,
        limit=limit or 0,
        segments_per_article=segments_per_article or 0,
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
        **look_settings(asked=until_decided, limit=limit, record=record, every=look_every, margin=margin),
    )
    with nullcontext(opened.cache) if not untrusted else own_cache() as kept, Cache.open(kept) as cache:
        plan = plan_run(opened, request, cache, sending=not dry_run)
        if not ignore_lint:
            heed_lint([pair.corpus for pair in plan.pairs], refuse=not dry_run)
        if dry_run:
            print_dry_run(plan, cache, shown_as)
            return
        with progress_on_stderr(quiet=quiet) as progress:
            result = _execute(plan, cache, progress)
            folder = write_run(result, opened.runs, sentence)
            if id_file is not None:
                write_named(id_file, f"{result.id}\n".encode())
            analysis = analyse(result)
            compute(analysis, progress)
            _write_reports(analysis, folder, progress)
    if record:
        _record(result, opened.systems, plan)
    if shown_as == "terminal":
        _print_summary(analysis, verbose=verbose)
    else:
        emit(load_report(shown_as).render(analysis), shown_as)
    if not quiet:
        say_line(f"report: {folder / 'report.html'}   (harness report --open)")
    if result.status == "incomplete":
        say_line(_why_incomplete(analysis))
        raise typer.Exit(INCOMPLETE)


def _metrics_of_tier(workspace: Workspace, tier: str) -> tuple[str, ...]:
    from harness.analysis import tier_metrics

    return tier_metrics(workspace.settings, tier)


def _print_summary(analysis: Analysis, *, verbose: bool) -> None:
    from harness.reports.formats.summary import summary_blocks
    from harness.reports.formats.terminal import report_blocks

    if verbose:
        from harness.reports.formats.blocks import Line

        show(lambda width: (*report_blocks(analysis, width), Line("")))
    show(lambda width: summary_blocks(analysis, width))


def _why_incomplete(analysis: Analysis) -> str:
    """What the exit code stands for."""
    from harness.analysis import unasked_metrics
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted, listed

    systems = sum(len(pair.excluded) + len(pair.result.absent) for pair in analysis.pairs)
    unasked = [metric for pair in analysis.pairs for metric in unasked_metrics(pair.result)]
    if unasked and not systems:
        return say("summary.exit_unasked", code=INCOMPLETE, metrics=listed(list(dict.fromkeys(unasked))))
    return say("summary.exit", code=INCOMPLETE, systems=counted(systems, "system"))


def _record(result: Run, systems: Path, plan: Plan) -> None:
    from harness.engines.recorded.keep import NotRecorded, record_outputs

    for done in record_outputs(result, systems, plan.recordable):
        if isinstance(done, NotRecorded):
            say_line(f"not recorded: {done.path}: {done.why}")
        else:
            say_line(f"recorded: {done}")


def _execute(plan: Plan, cache: Cache, progress: Progress) -> Run:
    """Run the plan; leaves with exit code 3 while batch jobs are under way, which is no error."""
    try:
        if plan.request.until_decided:
            from harness.api.until_decided import run_until_decided

            return run_until_decided(plan, cache, progress)
        from harness.pipeline import execute

        return execute(plan, cache, progress)
    except BatchesUnderWay as state:
        progress.say(f"{state}\n{state.hint}")
        raise typer.Exit(state.exit_code) from None


def _write_reports(analysis: Analysis, folder: Path, progress: Progress) -> None:
    from harness.reports.load import load_report
    from harness.store.files import write_atomically

    for number, format_name in enumerate(REPORTS_OF_A_RUN):
        progress.update("report", number, len(REPORTS_OF_A_RUN))
        report = load_report(format_name)
        write_atomically(folder / f"report.{report.extension}", report.render(analysis))
    progress.update("report", len(REPORTS_OF_A_RUN), len(REPORTS_OF_A_RUN))


def _refuse_contradictions(
    *, record: bool, cut: int | None, tier: str | None, metric: list[str], untrusted: bool
) -> None:
    """Refuse options that cannot be meant together."""
    if record and cut:
        raise UsageError(
            "--record needs whole articles and cannot be used with --limit or --segments-per-article",
            hint="remove one of them",
        )
    if tier is not None and metric:
        raise UsageError("a tier has its own metrics", hint="give --tier or --metric")
    if untrusted and record:
        raise UsageError("--untrusted calls no engine, so there is nothing to record", hint="leave --record out")
