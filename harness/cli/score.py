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
    MetricOption,
    NameOption,
    OfflineOption,
    OverlapOption,
    QuietOption,
    RayAddressOption,
    SkipOption,
    SliceOption,
    UnitOption,
    WorkersOption,
    WorkspaceOption,
    chosen_format,
    report_format_option,
)
from harness.cli.shared import comet_options, executor_choice, given_text, split_commas
from harness.cli.streams import emit, refuse_terminal, show
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.metrics.interface import Metric
    from harness.store.runs.result import Run, SystemResult

DEFAULT_METRICS = ("bleu", "chrf")

NOTHING_SCORED = 3

DATA_FORMATS = ("json", "csv", "parquet")
"""Formats made for programs; people see the notes on stderr instead."""

BREAKDOWN_FORMATS = ("json", "terminal")
"""Formats that show --human and --slice."""


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
    human: Annotated[
        str | None,
        typer.Option(
            "--human", metavar="METRIC", help="The --scores given by people; shows how well metrics agree with them."
        ),
    ] = None,
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
    format: Annotated[str, report_format_option()] = "terminal",  # noqa: A002 - the flag's name
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
    from harness.analysis import analyse
    from harness.reports.formats.score_json import score_json
    from harness.reports.formats.terminal import report_blocks
    from harness.reports.load import load_report
    from harness.reports.model.breakdown import human_text, slices_text
    from harness.reports.words.reasons import noted
    from harness.workspace.progress import progress_on_stderr
    from harness.workspace.registry import names

    if name is not None and not save:
        raise UsageError("--name is the name of a run that is kept", hint="add --save")
    hypotheses = _named_files(hypothesis, "--hypothesis")
    shown_as = chosen_format(format, names("reports"))
    report = load_report(shown_as)
    refuse_terminal(shown_as, binary=report.binary, hint=f"write it to a file: harness score ... > report.{shown_as}")
    choice = executor_choice(executor, ray_address, workers)
    brought = {name.partition(":")[0] for name in _named_files(scores, "--scores")}
    # --metric may name what --scores brings, so that one list says everything that is wanted.
    computed = tuple(
        name
        for name in split_commas(metric, "--metric") or DEFAULT_METRICS
        if name in names("metrics") or name not in brought
    )
    user_scores = _user_scores(scores, lower_is_better, computed)
    kinds = split_commas(slice, "--slice")
    _check_breakdown(human, kinds, user_scores, shown_as)
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
            progress=progress,
        )
    if save:
        result = _saved(result, workspace, given_text(name, "--name"))
    if shown_as in DATA_FORMATS and not quiet:
        for note in result.pairs[0].notes:
            typer.echo(f"note: {noted(note)}", err=True)
    analysis = analyse(result, every_test=shown_as == "json")
    (analysed,) = analysis.pairs
    agreed = analysed.human(human) if human is not None else None
    slices = {kind: analysed.slices(kind) for kind in kinds}
    if shown_as == "json":
        emit(f"{score_json(analysed, segments=segments, human=agreed, slices=slices)}\n".encode(), "json")
    else:
        if shown_as == "terminal":
            show(partial(report_blocks, analysis))
        else:
            emit(report.render(analysis), shown_as)
        if agreed is not None:
            typer.echo(f"\n{human_text(agreed)}", nl=False)
        for kind, slicing in slices.items():
            typer.echo(
                f"\n{slices_text(str(analysed.result.pair), kind, slicing, analysed.result.identities)}", nl=False
            )
    if not any(_has_score(system) for system in result.pairs[0].systems):
        typer.echo("nothing could be scored; the result gives the reasons", err=True)
        raise typer.Exit(NOTHING_SCORED)


def _saved(result: Run, workspace: Path, name: str) -> Run:
    """The result as the run that it is now."""
    from harness.api.files import save_score

    folder = save_score(result, workspace, name)
    typer.echo(f"run: {folder}", err=True)
    return replace(result, id=folder.name, name=name)


def _check_breakdown(
    human: str | None,
    kinds: Sequence[str],
    user_scores: Sequence[Metric],
    format: str,  # noqa: A002 - the flag's name
) -> None:
    """Refuse what cannot be shown before any work is done."""
    from harness.workspace.registry import suggestion

    known = [metric.name for metric in user_scores]
    if human is not None and human not in known:
        raise UsageError(f"--human {human}: no --scores of that name", hint=suggestion(human, known))
    if (human is not None or kinds) and format not in BREAKDOWN_FORMATS:
        flag = "--slice" if human is None else "--human"
        raise UsageError(f"{flag} is not available with --format {format}", hint="--format json or terminal")


def _has_score(system: SystemResult) -> bool:
    from harness.store.runs.result import MetricScores

    return any(isinstance(scores, MetricScores) for scores in system.scores.values())


def _named_files(items: Sequence[str], flag: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for item in items:
        name, separator, file = item.partition("=")
        if not separator or not name or not file:
            raise UsageError(f"{flag} {item}: not NAME=FILE")
        if name in files:
            raise UsageError(f"{flag}: the name '{name}' is given twice ({files[name]} and {file})")
        files[name] = Path(file)
    return files


def _file_and_column(path: Path) -> tuple[Path, str]:
    """``ratings.tsv#esa`` is the column esa, unless there is a file of that name."""
    file, separator, column = str(path).rpartition("#")
    return (Path(file), column) if separator and file and column and not path.exists() else (path, "")


def _user_scores(items: Sequence[str], lower_is_better: Sequence[str], computed: Sequence[str]) -> list[Metric]:
    """``--scores``: METRIC=FILE is a TSV, METRIC:SYSTEM=FILE a column of numbers."""
    from harness.metrics.scores.metric import Scores
    from harness.workspace.registry import suggestion

    files = _named_files(items, "--scores")
    tables = {name: path for name, path in files.items() if ":" not in name}
    columns: dict[str, dict[str, Path]] = {}
    for name, path in files.items():
        if ":" in name:
            metric, _, system = name.partition(":")
            columns.setdefault(metric, {})[system] = path
    both = sorted(tables.keys() & columns.keys())
    if both:
        raise UsageError(f"--scores gives '{both[0]}' both as a table and per system")
    known = [*tables, *columns]
    for name in known:
        if name in computed:
            raise UsageError(
                f"--scores {name}: '{name}' is the name of a built-in metric",
                hint=f"choose another, such as my-{name}, or leave {name} out of --metric",
            )
    for name in lower_is_better:
        if name not in known:
            raise UsageError(f"--lower-is-better {name}: no --scores of that name", hint=suggestion(name, known))
    made: list[Metric] = [
        Scores.from_tsv(name, file, column=column, higher_is_better=name not in lower_is_better)
        for name, path in tables.items()
        for file, column in (_file_and_column(path),)
    ]
    made += [
        Scores.from_lines(name, by_system, higher_is_better=name not in lower_is_better)
        for name, by_system in columns.items()
    ]
    return made
