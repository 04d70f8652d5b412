"""Making runs, and what is done with one: report, decision, verdict."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.analysis import Decision, DecisionPolicy, Verdict, analyse
from harness.analysis.gate import gate as judge_run
from harness.analysis.gate.policy import make_policy, tier_metrics
from harness.api.builds import Counted
from harness.api.until_decided import run_until_decided
from harness.errors import UsageError
from harness.executors.load import ExecutorChoice
from harness.pipeline import execute
from harness.reports.load import load_report
from harness.reports.words.decision import Said
from harness.reports.words.decision import spoken as say_decision
from harness.reports.words.reasons import sentence
from harness.store.baseline import BASELINE, load_baseline
from harness.store.cache.answers import Cache
from harness.store.files import write_named
from harness.store.runs.directory import load_run as read_run
from harness.store.runs.directory import write_run
from harness.store.runs.names import find_run
from harness.store.runs.result import Run
from harness.store.runs.units import declare_unit, parse_unit
from harness.translation.planning import plan_run
from harness.translation.request import RunRequest
from harness.types import Money, SystemName
from harness.workspace.folder import load_settings, open_workspace
from harness.workspace.languages import parse_pair
from harness.workspace.progress import Progress, Silent


def run(
    workspace: str | Path = ".",
    *,
    pairs: Sequence[str] = (),
    systems: Sequence[str] = (),
    articles: Sequence[str] = (),
    skip_articles: Sequence[str] = (),
    metrics: Sequence[str] = (),
    metric_options: Mapping[str, Mapping[str, Any]] | None = None,
    tier: str = "",
    limit: int = 0,
    segments_per_article: int = 0,
    name: str = "",
    offline: bool = False,
    seed: int | None = None,
    max_cost: Money | None = None,
    judge_sample: float | None = None,
    repeat: int = 1,
    batch: bool = False,
    wait: bool = False,
    unit: str = "",
    until_decided: bool = False,
    look_every: int = 0,
    margin: float = 0.0,
    executor: str = "local",
    ray_address: str = "",
    workers: int = 0,
    progress: Progress | None = None,
) -> Run:
    """Translate what is missing, score, and keep the run in ``reports/runs/``; empty filters mean everything.

    Args:
        workspace: the folder with ``references/``, ``systems/`` and ``reports/``.
        pairs: such as ``de-en``.
        systems: names of system files.
        articles: names of articles.
        skip_articles: left out for every system.
        metrics: names from ``harness list metrics``; empty takes those of ``harness.toml``.
        metric_options: options by metric name, before those of ``harness.toml``.
        tier: ``cheap``, ``full`` or one of ``[gate.tiers]``, instead of ``metrics``.
        limit: only the first so many segments of every pair; 0 for all.
        segments_per_article: only the first so many segments of every article; 0 for all.
        name: of the run, to find it again by; see :func:`load_run`.
        offline: ask no service, and run no program.
        seed: of everything random; None takes that of ``harness.toml``.
        max_cost: hard limit on what all requests together may cost.
        judge_sample: share of the segments of every article that judges judge; None: as ``harness.toml`` says.
        repeat: how often every segment is asked for.
        batch: use batch APIs where a service has one.
        wait: wait for batch jobs instead of leaving them for later.
        unit: what the statistics take as independent, ``article`` or ``segment``; empty declares nothing.
        until_decided: buy articles in looks until it is known which system is best.
        look_every: articles between two looks; 0 for an eighth of all.
        margin: systems that are shown to be closer, in points of what decides, are equally good; 0: none are.
        executor: where models run: ``local`` or ``ray``; the results are the same.
        ray_address: of a running cluster; empty starts one on this machine.
        workers: of the cluster; 0 for one per core, or per graphics card.
        progress: an observer.

    Raises:
        UsageError: an input or a name is wrong, or no cluster answers; nothing has been sent.
        StoreError: the cache cannot be used.
        BatchesUnderWay: batch jobs were submitted and have not ended; the same call collects them later.
    """
    opened = open_workspace(Path(workspace))
    if tier and metrics:
        raise UsageError("a tier has its own metrics", hint="give tier or metrics, not both")
    request = RunRequest(
        pairs=tuple(parse_pair(pair) for pair in pairs),
        systems=tuple(systems),
        articles=tuple(articles),
        skip_articles=tuple(skip_articles),
        metrics=tier_metrics(opened.settings, tier) if tier else tuple(metrics),
        metric_options=metric_options or {},
        judge_sample=judge_sample,
        limit=limit,
        segments_per_article=segments_per_article,
        name=name,
        offline=offline,
        seed=seed,
        max_cost=max_cost,
        repeat=repeat,
        batch=batch,
        wait=wait,
        executor=ExecutorChoice(executor, ray_address, workers),
        unit=parse_unit(unit, "unit"),
        until_decided=until_decided,
        look_every=look_every,
        margin=margin,
    )
    with Cache.open(opened.cache) as cache:
        plan = plan_run(opened, request, cache)
        result = (run_until_decided if until_decided else execute)(plan, cache, progress or Silent())
    write_run(result, opened.runs, sentence)
    return result


def load_run(run: str | Path = "", workspace: str | Path = ".") -> Run:
    """Read a stored run.

    Args:
        run: its id or the beginning of it, its name or its folder; ``latest`` for the last complete and unfiltered run;
            empty for the run made last.
        workspace: the folder with ``reports/``.

    Warns:
        UserWarning: ``latest`` is not the run made last, and why.

    Raises:
        UsageError: there is no such run, or more than one fits.
        StoreError: it is damaged.
    """

    def tell(doubt: str) -> None:
        warnings.warn(doubt, stacklevel=3)

    return read_run(find_run(Path(workspace) / "reports" / "runs", str(run), tell))


def report(run: Run, format: str = "md", output: str | Path | None = None) -> str | bytes:  # noqa: A002 - the flag's name
    """Render a run as ``harness report`` does.

    Args:
        run: from :func:`run`, :func:`score`, or :func:`load_run`.
        format: a name from ``harness list reports``.
        output: a file to write it to as well, in one step.

    Returns:
        The report: bytes for formats that are no text, such as ``xlsx``.

    Raises:
        UsageError: there is no such format, its package is not installed, or ``output`` is no file in a folder.
    """
    renderer = load_report(format)
    if output is not None and (Path(output).is_dir() or not Path(output).parent.is_dir()):
        raise UsageError(f"{output}: not a file in an existing folder", hint="name a file in an existing folder")
    data = renderer.render(analyse(run))
    if output is not None:
        write_named(Path(output), data)
    return data if renderer.binary else data.decode("utf-8")


def decide(run: Run, policy: DecisionPolicy | None = None) -> dict[str, Decision]:
    """Recommend a system for each pair of a run, or say why none can be recommended.

    Reasons are data: :func:`spoken` says them.

    Args:
        run: from :func:`run`, :func:`score`, or :func:`load_run`.
        policy: None takes the one the run keeps.
    """
    return {str(pair.result.pair): pair.decision for pair in analyse(run, policy).pairs}


def spoken(decision: Decision, names: Mapping[SystemName, str] | None = None) -> Said:
    """The sentences of a decision, in the language in use.

    Args:
        decision: from :func:`decide`.
        names: what to call the systems; None calls them by their names.
    """
    return say_decision(decision, names or {})


def gate(
    candidate: Run | str | Path = "",
    baseline: str | Path | None = None,
    *,
    workspace: str | Path = ".",
    margins: Mapping[str, float] | None = None,
    metrics: Sequence[str] = (),
    systems: Mapping[str, str] | None = None,
    tier: str = "",
    max_flagged: Mapping[str, int] | None = None,
    unit: str = "",
    accept: Sequence[str] = (),
    builds: int | None = None,
) -> Verdict:
    """Judge a run against the accepted baseline, by ``[gate]`` of ``harness.toml`` and what is given here.

    Args:
        candidate: a run, or its id, the beginning of it, or its path; empty for the run made last in the workspace;
            ``latest`` for that one if it is complete and unfiltered.
        baseline: the file; None takes ``reports/baseline.json`` of the workspace.
        workspace: the folder with ``harness.toml`` and ``reports/``.
        margins: metric to the loss that is still accepted, in points.
        metrics: judge only these, and let each of them decide.
        systems: candidate's system to baseline's, to judge only these.
        tier: ``cheap``, ``full`` or one of ``[gate.tiers]``.
        max_flagged: kind of flag to the most segments of a system that may have it.
        unit: what the statistics take as independent, ``article`` or ``segment``; empty: as the candidate declares.
        accept: verdicts beside ``pass`` that let the run through: ``inconclusive``, ``incomplete``, ``incomparable``;
            empty takes those of ``harness.toml``, ``("none",)`` none.
        builds: how many builds are planned against this baseline, so that all together raise a false alarm in at most
            5 % of cases; None: as ``harness.toml`` says, or each build is tested at 5 %. Builds are counted in
            ``reports/.cache/builds``.

    Returns:
        The verdict, with ``passed`` and ``to_frame()``; it is never raised.

    Raises:
        UsageError: there is no baseline or no such run, a name is unknown, or the builds were planned otherwise.
        StoreError: the baseline, the run or the record of a build is damaged.
    """
    root = Path(workspace)
    settings = load_settings(root)
    kept = load_baseline(root / BASELINE if baseline is None else Path(baseline))
    run = candidate if isinstance(candidate, Run) else read_run(find_run(root / "reports" / "runs", str(candidate)))
    policy = make_policy(
        settings,
        run,
        kept.run,
        margins=margins or {},
        metrics=metrics,
        systems=systems or {},
        tier=tier,
        max_flagged=max_flagged or {},
        accept=accept,
    )
    if builds is not None and builds < 1:
        raise UsageError(f"builds: {builds} is less than 1", hint="--builds 50")
    declared = declare_unit(run, parse_unit(unit, "unit"))
    planned = settings.gate.builds if builds is None else builds
    counted = Counted(root, kept, declared, policy, seed=settings.seed, planned=planned)
    verdict = judge_run(
        declared,
        kept.run,
        counted.policy,
        seed=settings.seed,
        accepted=kept.accepted,
        now=datetime.now(UTC),
        note=kept.note,
    )
    counted.judged(verdict)
    return verdict
