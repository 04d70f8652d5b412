"""Everything that is decided before anything is sent: who is asked for what, what scores it, and what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.checks.load import check_kinds
from harness.corpus.first import first_segments
from harness.corpus.native import read_workspace
from harness.corpus.skipping import skipped_notes, without_articles
from harness.engines.batch_jobs import BatchingEngine
from harness.engines.interface import RemoteEngine
from harness.engines.load import Resolved, System, load_systems
from harness.engines.recorded.engine import RecordedEngine
from harness.engines.recorded.files import check_recording
from harness.errors import EngineUnavailable, Unsupported, UsageError, so_many
from harness.metrics.interface import JoiningMetric, Metric, Respondent
from harness.metrics.load import check_metric_names, check_options, load_metric
from harness.metrics.scores.beside import beside_settings, layout_for
from harness.store.cache.answers import Cache
from harness.store.runs.names import check_name
from harness.translation.enquiry import check_respondents
from harness.translation.job import Job, look_up
from harness.translation.named_files import read_glossaries, searched_files
from harness.translation.pricing import tariff_of
from harness.translation.request import RunRequest
from harness.types import ArticleId, Corpus, Layout, NotBought, Note, Reason, SystemName, UnitChoice
from harness.workspace.folder import Workspace
from harness.workspace.untrusted import refuse_models, refuse_reaching_out

COMPANION = "cometkiwi"
"""Joins the default metrics where its model is: one COMET alone is wrong more often (``docs/wmt.md``)."""


@dataclass(frozen=True, slots=True)
class PlannedSystem:
    """One system on one pair, ready to be asked."""

    system: System
    jobs: tuple[Job, ...]
    """One for each repetition; engines whose answers are fixed have one."""
    origin: str
    ended: NotBought | None = None
    """Why its jobs have fewer articles than the pair; None where they have all."""

    @property
    def job(self) -> Job:
        """The first, whose outcomes are shown."""
        return self.jobs[0]


@dataclass(frozen=True, slots=True)
class PlannedPair:
    """One pair: its segments, who will be asked, and who cannot be."""

    corpus: Corpus
    systems: tuple[PlannedSystem, ...]
    unavailable: Mapping[SystemName, str]
    """Systems that should have been asked; the run is incomplete without them."""
    unsupported: Mapping[SystemName, str]
    """Systems that do not serve the pair."""
    meant: frozenset[SystemName]
    """Systems that were asked for by name, or whose file names the pair."""
    notes: tuple[Note, ...]
    glossary: Mapping[str, str] = field(default_factory=dict)
    """Terms of the source and their translations, for the check of that name."""
    layout: Layout | None = None
    """Which segments there are; None where no metric reads scores from elsewhere."""

    @property
    def absent(self) -> dict[SystemName, str]:
        """Systems whose absence needs an explanation: the unavailable, and the unsupported that were meant."""
        return {**self.unavailable, **{name: why for name, why in self.unsupported.items() if name in self.meant}}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is decided before anything is sent."""

    workspace: Workspace
    request: RunRequest
    pairs: tuple[PlannedPair, ...]
    metrics: Mapping[str, Metric]
    metric_options: Mapping[str, Mapping[str, Any]]
    """Options of each metric as given, by column name."""
    seed: int
    unit: UnitChoice = "undeclared"
    """What the statistics take as independent, as declared by flag or ``harness.toml``."""
    searched: Mapping[str, Path] = field(default_factory=dict)
    """Training data and translation memories to search for the test set, by what settings call them."""
    by_heart: Mapping[SystemName, Respondent] = field(default_factory=dict)
    """Models that are asked what they know by heart, by the systems that translate with them."""

    @property
    def recordable(self) -> frozenset[SystemName]:
        """Systems whose outputs are worth recording: those that had to be asked for."""
        return frozenset(
            planned.system.name for pair in self.pairs for planned in pair.systems if planned.job.engine.caches
        )


def plan_run(workspace: Workspace, request: RunRequest, cache: Cache, *, sending: bool = True) -> Plan:
    """Read and check everything a run needs.

    Args:
        workspace: where everything is.
        request: what the user asked for.
        cache: shows who must be asked at all: an engine whose answers are all kept needs neither SDK nor key.
        sending: False for a dry run, which does not need them either.

    Raises:
        UsageError: an input is wrong, or a name is unknown; nothing has been sent.
    """
    if request.name:
        check_name(request.name, workspace.runs)
    if request.untrusted:
        refuse_reaching_out(workspace)
    check_options(request.metric_options, request.metrics or workspace.settings.metrics)
    metrics = load_metrics(workspace, request)
    check_respondents(metrics)
    if request.untrusted:
        refuse_models(workspace, metrics)
    check_kinds(workspace.settings.decision.no_flags, f"{workspace.root / 'harness.toml'} [decision] no_flags")
    everything = read_workspace(workspace.references, pairs=request.pairs, articles=request.articles)
    corpora = without_articles(everything, request.skip_articles)
    systems = load_systems(
        workspace.systems,
        request.systems,
        programs=sending and not request.offline,
        trusted=not request.untrusted,
    )
    check = partial(check_ready, cache=cache, offline=request.offline) if sending else _unchecked
    glossaries = read_glossaries(workspace)
    pairs = [
        replace(
            _plan_pair(corpus, systems, request, check, skipped),
            glossary=glossaries.get(corpus.pair, {}),
        )
        for corpus, skipped in corpora
    ]
    if not any(pair.systems or pair.unavailable for pair in pairs):
        raise UsageError("no system supports any of the pairs", hint="; ".join(_reasons(pairs)))
    pairs = [
        replace(pair, layout=layout_for(workspace, metrics, pair.corpus, [item.system.name for item in pair.systems]))
        for pair in pairs
    ]
    seed = workspace.settings.seed if request.seed is None else request.seed
    options = {name: metric_options(workspace, request, name) for name in metrics}
    unit = workspace.settings.statistics.unit if request.unit == "undeclared" else request.unit
    searched = searched_files(workspace, [planned.job.engine for pair in pairs for planned in pair.systems])
    known = {planned.system.name for pair in pairs for planned in pair.systems}
    by_heart: Mapping[SystemName, Respondent] = {}
    if workspace.settings.checks.memorisation and not request.untrusted:
        from harness.translation.by_heart import asked_by_heart  # which needs all that talks to language models

        by_heart = asked_by_heart(workspace, known)
    return Plan(workspace, request, tuple(pairs), metrics, options, seed, unit, searched, by_heart)


def metric_options(workspace: Workspace, request: RunRequest, name: str) -> dict[str, Any]:
    """Options of one metric; flags go before ``harness.toml``."""
    options = {**workspace.settings.metric.get(name, {}), **request.metric_options.get(name, {})}
    judged = request.judge_sample is not None and options.get("metric", name) == "judge"
    return {**options, "sample": request.judge_sample} if judged else options


def load_metrics(workspace: Workspace, request: RunRequest) -> dict[str, Metric]:
    """The metrics of a run, by column name; flags go before ``harness.toml``."""
    settings = workspace.settings
    where = str(workspace.root / "harness.toml")
    metrics: dict[str, Metric] = {}
    if not request.metrics:
        check_metric_names(settings.metrics, settings.metric, where)
    for name in request.metrics or settings.metrics:
        options = beside_settings(workspace, name, metric_options(workspace, request, name))
        metric = load_metric(name, options, f"{where} [metric.{name}]")
        metrics[metric.name] = metric
    if not request.metrics and "metrics" not in settings.model_fields_set:
        metrics |= _joining(workspace, request, where, metrics)
    return metrics


def _joining(workspace: Workspace, request: RunRequest, where: str, metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """What joins the metrics of a run for which nobody named any: CometKiwi, if its model is on this machine."""
    options = metric_options(workspace, request, COMPANION)
    metric = load_metric(COMPANION, options, f"{where} [metric.{COMPANION}]")
    joins = isinstance(metric, JoiningMetric) and metric.joins and metric.name not in metrics
    return {metric.name: metric} if joins else {}


Check = Callable[[Job], None]
"""Raises EngineUnavailable when a job must be sent and cannot be."""


def _plan_pair(
    whole: Corpus, systems: Sequence[System], request: RunRequest, check: Check, skipped: Sequence[ArticleId]
) -> PlannedPair:
    corpus = first_segments(whole, request.limit, of_each=request.segments_per_article)
    ready: list[PlannedSystem] = []
    unavailable: dict[SystemName, str] = {}
    unsupported: dict[SystemName, str] = {}
    notes: list[Note] = [*skipped_notes(skipped)]
    if request.limit:
        notes.append(
            Note(str(corpus.pair), Reason("noted.limited", {"n": len(corpus.segments), "limit": request.limit}))
        )
    if most := request.segments_per_article:
        notes.append(Note(str(corpus.pair), Reason("noted.shortened", {"n": most})))
    for system in systems:
        if system.pairs and corpus.pair not in system.pairs:
            continue
        try:
            planned, reason = _plan_system(system, corpus, whole, request, check)
        except Unsupported as error:
            unsupported[system.name] = str(error)
        except EngineUnavailable as error:
            unavailable[system.name] = f"{error} ({error.hint})" if error.hint else str(error)
        else:
            ready.append(planned)
            if reason:
                notes.append(Note(system.name, Reason("noted.recorded", {"outputs": planned.origin, "why": reason})))
    meant = frozenset(system.name for system in systems if system.pairs or request.systems)
    others = [name for name in unsupported if name not in meant]
    if others:
        notes.append(Note(str(corpus.pair), Reason("noted.not_used", {"systems": ", ".join(others)})))
    return PlannedPair(corpus, tuple(ready), unavailable, unsupported, meant, tuple(notes))


def _plan_system(
    system: System, corpus: Corpus, whole: Corpus, request: RunRequest, check: Check
) -> tuple[PlannedSystem, str]:
    """Decide who answers; the second value says why recorded outputs stand in, if they do.

    Recorded files answer ``whole`` articles, of which ``--limit`` may leave less in ``corpus``.
    """
    resolved = system.resolve(corpus.pair)
    jobs = _jobs(system, corpus, resolved, request)
    try:
        for job in jobs:
            check(job)
    except EngineUnavailable as error:
        resolved = system.stand_in(corpus.pair, error)
        jobs = _jobs(system, corpus, resolved, request)
    if isinstance(resolved.engine, RecordedEngine):
        check_recording(system.folder, whole)
    return PlannedSystem(system, jobs, resolved.origin), resolved.reason


def _jobs(system: System, corpus: Corpus, resolved: Resolved, request: RunRequest) -> tuple[Job, ...]:
    engine = resolved.engine
    batched = (
        isinstance(engine, BatchingEngine)
        and (request.batch or engine.wants_batches)
        and engine.batch_service() is not None
    )
    first = Job(
        system.name,
        corpus,
        engine,
        engine.identity(corpus.pair),
        resolved.limits,
        tariff_of(engine, system.price, batch=batched),
        account=system.account,
        batched=batched,
    )
    return tuple(replace(first, sample=sample) for sample in range(request.repeat if engine.caches else 1))


def _unchecked(job: Job) -> None:
    """For a dry run: nothing will be sent."""


def check_ready(job: Job, *, cache: Cache, offline: bool) -> None:
    """Check that what the cache lacks can be asked for.

    Raises:
        EngineUnavailable: it cannot; nothing has been sent.
    """
    remote = isinstance(job.engine, RemoteEngine)
    if not remote and not (offline and getattr(job.engine, "runs_programs", False)):
        return
    lookup = look_up(job, cache)
    missing = len(lookup.requests) + len(lookup.waiting)
    if not missing:
        return
    if offline:
        raise EngineUnavailable(
            f"{so_many(missing, 'segment')} not in the cache, and --offline does not allow requests", hint=""
        )
    if isinstance(job.engine, RemoteEngine):
        job.engine.ready()


def _reasons(pairs: Iterable[PlannedPair]) -> list[str]:
    return [f"{name}: {why}" for pair in pairs for name, why in pair.unsupported.items()]
