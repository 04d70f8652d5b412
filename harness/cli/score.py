"""``harness score``: score existing files, without a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    CometModelOption,
    DocidsOption,
    ExecutorOption,
    GlossaryOption,
    HumanOption,
    MetricOption,
    NameOption,
    OfflineOption,
    OutputsOption,
    OverlapOption,
    QuietOption,
    RayAddressOption,
    SkipOption,
    SliceOption,
    UnitOption,
    WorkersOption,
    WorkspaceOption,
    report_format_option,
)
from harness.cli.report_files import Destination, deliver, destinations
from harness.cli.score_files import named_files, user_scores_of
from harness.cli.shared import comet_options, compute, executor_choice, given_text, split_commas
from harness.cli.streams import say_line, show
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.executors.load import ExecutorChoice
    from harness.metrics.interface import Metric
    from harness.store.runs.result import Run, SystemResult

DEFAULT_METRICS = ("bleu", "chrf")

NOTHING_SCORED = 3

DATA_FORMATS = ("json", "csv", "parquet")
"""Formats made for programs; people see the notes on stderr instead."""


def score(
    *,
    source: Annotated[Path, typer.Option("--source", "-s", metavar="FILE", help="Source text, one segment per line.")],
    hypothesis: Annotated[
        list[str], typer.Option("--hypothesis", "-t", metavar="NAME=FILE", help="A system's output. Repeatable.")
    ],
    pair: Annotated[
        str, typer.Option("--pair", metavar="PAIR", help="Language pair, e.g. en-cs; selects the tokenizer.")
    ],
    reference: Annotated[
        list[Path], typer.Option("--reference", "-r", metavar="FILE", help="A human translation. Repeatable.")
    ] = [],
    reference2: Annotated[
        list[Path], typer.Option("--reference2", metavar="FILE", help="A second human translation.")
    ] = [],
    docids: DocidsOption = None,
    recut: Annotated[
        bool,
        typer.Option("--recut", help="Cut outputs that merged or split sentences along the references."),
    ] = False,
    unit: UnitOption = None,
    skip_article: SkipOption = [],
    scores: Annotated[
        list[str],
        typer.Option(
            "--scores",
            metavar="METRIC=FILE[#COLUMN]",
            help="Your segment scores: a TSV with system, line (or article and segment) and scores, "
            "or a file of Pearmut, Appraise, MQM, mt-metrics-eval or a blind workbook; "
            "METRIC:SYSTEM=FILE has one number per line. Repeatable.",
        ),
    ] = [],
    lower_is_better: Annotated[
        list[str],
        typer.Option(
            "--lower-is-better", metavar="METRIC", help="Treat this column of --scores as lower-is-better. Repeatable."
        ),
    ] = [],
    human: HumanOption = None,
    slice: SliceOption = [],  # noqa: A002 - the flag's name
    metric: MetricOption = [],
    tokenize: Annotated[
        str | None,
        typer.Option("--tokenize", metavar="NAME", help="BLEU tokenizer. Default: by target language."),
    ] = None,
    force_tokenizer: Annotated[
        bool, typer.Option("--force-tokenizer", help="Use --tokenize even if it does not suit the language.")
    ] = False,
    ter_normalized: Annotated[bool, typer.Option("--ter-normalized", help="TER: normalise the text first.")] = False,
    ter_asian_support: Annotated[
        bool, typer.Option("--ter-asian-support", help="TER: treat each Chinese or Japanese character as a word.")
    ] = False,
    comet_model: CometModelOption = None,
    segments: Annotated[bool, typer.Option("--segments", help="Also give every segment's score.")] = False,
    format: Annotated[str | None, report_format_option()] = None,  # noqa: A002 - the flag's name
    output: OutputsOption = [],
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result as a run in reports/runs/, for report, compare and gate.")
    ] = False,
    name: NameOption = None,
    workspace: WorkspaceOption = Path(),
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Look for errors that a score does not show.")
    ] = True,
    glossary: GlossaryOption = None,
    overlap: OverlapOption = [],
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Random seed.")] = 12345,
    executor: ExecutorOption = "local",
    ray_address: RayAddressOption = None,
    workers: WorkersOption = None,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Score system outputs against references; needs no workspace."""
    from functools import partial

    from harness import api
    from harness.analysis import Asked, analyse
    from harness.reports.formats.score_json import score_json
    from harness.reports.words.reasons import noted
    from harness.workspace.progress import bars_on_stderr, progress_on_stderr
    from harness.workspace.registry import names

    if name is not None and not save:
        raise UsageError("--name is the name of a run that is kept", hint="add --save")
    hypotheses = named_files(hypothesis, "--hypothesis")
    where = destinations(format, output, "harness score ...")
    choice = executor_choice(executor, ray_address, workers)
    brought = {name.partition(":")[0] for name in named_files(scores, "--scores")}
    # --metric may name what --scores brings, so that one list says everything that is wanted.
    computed = tuple(
        name
        for name in split_commas(metric, "--metric") or DEFAULT_METRICS
        if name in names("metrics") or name not in brought
    )
    user_scores = user_scores_of(scores, lower_is_better, computed)
    kinds = split_commas(slice, "--slice")
    _check_human(human, user_scores)
    options: dict[str, dict[str, object]] = {name: dict(value) for name, value in comet_options(comet_model).items()}
    options["bleu"] = {"tokenize": given_text(tokenize, "--tokenize"), "force": force_tokenizer}
    options["ter"] = {"normalized": ter_normalized, "asian_support": ter_asian_support}
    with progress_on_stderr(quiet=quiet) as progress:
        result = api.score(
            source=source,
            references=[*reference, *reference2],
            hypotheses=hypotheses,
            pair=pair,
            docids=docids,
            recut=recut,
            unit=given_text(unit, "--unit"),
            skip_articles=split_commas(skip_article, "--skip-article"),
            metrics=computed,
            metric_options=options,
            extra_metrics=user_scores,
            offline=offline,
            checks=checks,
            glossary=glossary,
            overlap=overlap,
            seed=seed,
            executor=choice.name,
            ray_address=choice.ray_address,
            workers=choice.workers,
            executor_options=_executor_options(choice, workspace),
            progress=progress,
        )
    if save:
        result = _saved(result, workspace, given_text(name, "--name"))
    if not quiet and any(destination.format in DATA_FORMATS for destination in where):
        for note in result.pairs[0].notes:
            say_line(f"note: {noted(note)}")
    formats = {destination.format for destination in where}
    asked = Asked(human, kinds, detectable=formats != {"json"})
    analysis = analyse(result, every_test="json" in formats, asked=asked)

    def render(destination: Destination) -> bytes:
        if destination.format == "json":
            return f"{score_json(analysis.pairs[0], segments=segments)}\n".encode()
        return destination.report.render(analysis)

    if where[0].on_screen:
        from harness.reports.formats.terminal import report_blocks

        with bars_on_stderr(quiet=quiet) as progress:
            compute(analysis, progress)
        show(partial(report_blocks, analysis))
    else:
        deliver(render, where, quiet=quiet)
    if not any(_has_score(system) for system in result.pairs[0].systems):
        say_line("nothing could be scored; the result gives the reasons")
        raise typer.Exit(NOTHING_SCORED)


def _executor_options(choice: ExecutorChoice, workspace: Path) -> dict[str, object]:
    """``[executor]`` of the folder's ``harness.toml``, if there is one and a cluster is to be used."""
    if choice.name == "local":
        return {}
    from harness.workspace.folder import load_settings

    options = load_settings(workspace).executor.model_dump()
    folder = options["working_dir"]
    return {**options, "working_dir": str(workspace / folder) if folder else ""}


def _saved(result: Run, workspace: Path, name: str) -> Run:
    """The result as the run that it is now."""
    from harness.api.files import save_score

    folder = save_score(result, workspace, name)
    say_line(f"run: {folder}")
    return replace(result, id=folder.name, name=name)


def _check_human(human: str | None, user_scores: Sequence[Metric]) -> None:
    """Refuse a column of ratings that nobody gave before any work is done."""
    from harness.workspace.registry import suggestion

    known = [metric.name for metric in user_scores]
    if human is not None and human not in known:
        raise UsageError(f"--human {human}: no --scores of that name", hint=suggestion(human, known))


def _has_score(system: SystemResult) -> bool:
    from harness.store.runs.result import MetricScores

    return any(isinstance(scores, MetricScores) for scores in system.scores.values())
