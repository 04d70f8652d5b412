"""Scoring files that lie there, without a workspace."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.analysis.subset import skip_articles as leave_out
from harness.corpus.bare import corpus_from_files, hypotheses_from_file
from harness.corpus.layout import layout_of_files
from harness.errors import UsageError
from harness.executors.interface import loss_notes
from harness.executors.load import ExecutorChoice, make_executor
from harness.metrics.interface import Metric, MetricContext, PlacedMetric
from harness.metrics.load import check_options, load_metric
from harness.metrics.scoring import metric_notes, score_systems
from harness.reports.words.reasons import sentence
from harness.store.cache.keys import digest
from harness.store.cache.nothing import NoCache
from harness.store.runs import encoders, glossaries
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.store.runs.units import SETTING, parse_unit
from harness.types import (
    CUT_AGAIN,
    Corpus,
    EngineIdentity,
    JsonValue,
    Missing,
    Note,
    Outcome,
    Reason,
    SystemName,
    Translated,
)
from harness.workspace.environment import environment
from harness.workspace.languages import parse_pair
from harness.workspace.progress import Progress, Silent

if TYPE_CHECKING:
    from harness.checks.interface import Flag
    from harness.workspace.executor_table import ExecutorFile


def score(
    *,
    source: str | Path,
    references: Sequence[str | Path],
    hypotheses: Mapping[str, str | Path],
    pair: str,
    docids: str | Path | None = None,
    recut: bool = False,
    unit: str = "",
    skip_articles: Sequence[str] = (),
    metrics: Sequence[str] = ("bleu", "chrf"),
    metric_options: Mapping[str, Mapping[str, Any]] | None = None,
    extra_metrics: Sequence[Metric] = (),
    offline: bool = False,
    checks: bool = True,
    glossary: str | Path | None = None,
    overlap: Sequence[str | Path] = (),
    seed: int = 12345,
    executor: str = "local",
    ray_address: str = "",
    workers: int = 0,
    executor_options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Score existing files, one segment per line; needs no workspace and keeps nothing.

    Args:
        source: source text.
        references: human translations, line for line; an empty line means no reference.
        hypotheses: system name to file.
        pair: such as ``en-de``.
        docids: ``domain<TAB>docid`` or ``docid`` per line; without it the whole file is one article.
        recut: cut an output with another number of lines along the references; its origin and a note say so.
        unit: what the statistics take as independent, ``article`` or ``segment``; empty declares nothing.
        skip_articles: left out of the result for every system.
        metrics: names from ``harness list metrics``.
        metric_options: options by metric name.
        extra_metrics: metrics already made, e.g. user ``scores``.
        offline: use only what is on this machine.
        checks: look for faults a score does not show; a fifth of a millisecond for each output.
        glossary: terms and their translations, see :func:`harness.corpus.glossary.read_glossary`.
        overlap: training data or translation memories to search for the test set: UTF-8 text or TMX.
        seed: of the comparisons made from the result.
        executor: where COMET runs: ``local`` or ``ray``; scores do not depend on it.
        ray_address: of a running cluster; empty starts one on this machine.
        workers: of the cluster; 0 for one per core, or per graphics card.
        executor_options: what ``[executor]`` of ``harness.toml`` would say; relative paths start here.
        progress: an observer.

    Raises:
        UsageError: an unknown metric, or two of one name, or no cluster answers, or names of systems differ only in
            case.
        DataError: files that do not fit together, or are not clean text.
    """
    language_pair = parse_pair(pair)
    _refuse_alike(list(hypotheses))
    declared = parse_unit(unit, "unit")
    corpus, notes = corpus_from_files(
        language_pair,
        Path(source),
        [Path(reference) for reference in references],
        Path(docids) if docids is not None else None,
        independent=declared == "segment",
    )
    terms = _terms(glossary)
    outcomes: dict[SystemName, Sequence[Outcome]] = {}
    origins: dict[SystemName, str] = {}
    all_notes: list[Note] = list(notes)
    for name, file in hypotheses.items():
        output = hypotheses_from_file(Path(file), corpus, source=str(source), recut=recut)
        outcomes[SystemName(name)] = tuple(Translated(text) for text in output.texts)
        origins[SystemName(name)] = f"file {Path(file).name}{CUT_AGAIN if output.recut else ''}"
        all_notes += output.notes
    options = metric_options or {}
    check_options(options, metrics)
    loaded = [load_metric(name, dict(options.get(name, {})), f"--metric {name}") for name in metrics]
    columns: dict[str, Metric] = {}
    for metric in (*loaded, *extra_metrics):
        if metric.name in columns:
            raise UsageError(f"two metrics are called '{metric.name}'", hint="give one of them another name")
        columns[metric.name] = metric
    layout = layout_of_files(corpus, Path(source).name, list(hypotheses))
    for metric in columns.values():
        if isinstance(metric, PlacedMetric):
            metric.check_layout(layout, list(hypotheses))
    settings = _cluster(executor_options) if executor_options else None
    with closing(make_executor(ExecutorChoice(executor, ray_address, workers), settings, Path.cwd())) as running:
        scored = score_systems(
            corpus,
            outcomes,
            columns,
            MetricContext(language_pair, NoCache(), offline, executor=running, layout=layout),
            progress or Silent(),
            add_reference="give --reference FILE",
        )
    all_notes += [*metric_notes(columns.values()), *loss_notes(running.losses)]
    flags = _flags(corpus, outcomes, terms, progress or Silent()) if checks else {}
    systems = tuple(
        SystemResult(
            name=name,
            label=name,
            engine=EngineIdentity("file", digest([_text(outcome) for outcome in outcomes[name]]), {}),
            origin=origins[name],
            outcomes=tuple(outcomes[name]),
            tables=scored[name].tables,
            scores=scored[name].scores,
            flags=flags.get(name, ()),
        )
        for name in outcomes
    )
    now = datetime.now(UTC)
    run = Run(
        id=f"score-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        created=now.isoformat(timespec="seconds"),
        status="complete",
        pairs=(PairResult(corpus, tuple(columns), systems, {}, tuple(all_notes), declared),),
        environment=environment(Path.cwd()),
        command="harness score",
        seed=seed,
        settings={
            SETTING: declared,
            "metric_options": {
                **{name: dict(options.get(name, {})) for name in metrics},
                **{metric.name: {"metric": "scores"} for metric in extra_metrics},
            },
            **_sought(pair, terms, checks=checks),
        },
        project=Missing(Reason("project.no_workspace")),
    )
    return _with_overlaps(leave_out(run, skip_articles), overlap, progress or Silent())


def _cluster(options: Mapping[str, Any]) -> ExecutorFile:
    from harness.workspace.config import parse_model
    from harness.workspace.executor_table import ExecutorFile

    return parse_model(ExecutorFile, dict(options), "executor_options")


def _terms(glossary: str | Path | None) -> Mapping[str, str]:
    from harness.corpus.glossary import read_glossary

    return {} if glossary is None else read_glossary(Path(glossary))


def _refuse_alike(names: Sequence[str]) -> None:
    """As a workspace does: some file systems hold only one of two such names, and readers take them for one."""
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            raise UsageError(
                f"systems '{other}' and '{name}': names of systems must differ in more than case",
                hint=f"give one of them another name: {name}-2",
            )


def _sought(pair: str, terms: Mapping[str, str], *, checks: bool) -> dict[str, JsonValue]:
    """What the checks had to look with, as runs keep it."""
    from harness.corpus.lint.encoder import encoder_name

    given: list[JsonValue] = [str(parse_pair(pair))] if terms else []
    return {glossaries.SETTING: given, encoders.SETTING: encoder_name()} if checks else {}


def _flags(
    corpus: Corpus, outcomes: Mapping[SystemName, Sequence[Outcome]], terms: Mapping[str, str], progress: Progress
) -> Mapping[SystemName, tuple[tuple[Flag, ...], ...]]:
    from harness.checks.stored import check_systems

    told = partial(progress.update, f"checks {corpus.pair}")
    return check_systems(corpus, outcomes, terms, kept=NoCache(), progress=told)


def _with_overlaps(run: Run, files: Sequence[str | Path], progress: Progress) -> Run:
    """The run, with how much of its texts is in the files."""
    (result,) = run.pairs
    if not files:
        nothing = Missing(Reason("overlap.nothing_named"), Reason("overlap.give_files"))
        return replace(run, pairs=(replace(result, overlaps=nothing),))
    from harness.corpus.lint.kept_overlap import overlaps_of

    paths = {str(file): Path(file) for file in files}
    overlaps = overlaps_of([result.corpus], paths, NoCache(), partial(progress.update, "overlap"))
    return replace(run, pairs=(replace(result, overlaps=overlaps[result.pair]),))


def save_score(run: Run, workspace: str | Path = ".", name: str = "") -> Path:
    """Keep a result of :func:`score` in ``reports/runs/`` of a folder, to report, compare and gate it.

    Args:
        run: the result.
        workspace: a folder; it need not be a workspace otherwise.
        name: to find the run again by.

    Returns:
        The run's folder, whose name is the id that the stored run has, as other runs have theirs.

    Raises:
        UsageError: the name cannot be given.
    """
    from harness.store.runs.directory import stamp, write_run
    from harness.store.runs.names import check_name

    runs = Path(workspace) / "reports" / "runs"
    if name:
        check_name(name, runs)
    moment = stamp(runs, datetime.fromisoformat(run.created))
    number = run.id.rpartition("-")[2]
    return write_run(replace(run, id=f"{moment:%Y%m%dT%H%M%S}-{number}", name=name), runs, sentence)


def _text(outcome: Outcome) -> str:
    return outcome.text if isinstance(outcome, Translated) else ""
