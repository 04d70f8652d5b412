"""The way through the house: references and systems in, one :class:`~harness.store.runs.result.Run` out.

::

    plan_run   references/ and systems/ ─▶ Plan: what would be asked of whom, and what scores it (planning)
    estimate   Plan ─▶ what would be sent and what it would cost; sends nothing                 (estimates)
    execute    Plan ─▶ translate ─▶ score ─▶ Run
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from harness.analysis.decision.policy import policy_settings, tuned_settings
from harness.analysis.judges import agreement_notes, unasked_metrics, unasked_notes
from harness.checks.load import load_plugins
from harness.checks.stored import check_systems
from harness.corpus.lint.encoder import encoder_name
from harness.executors.interface import loss_notes
from harness.executors.load import make_executor
from harness.metrics.interface import AskingMetric, BilledMetric, Enquirer, Enquiry, Metric, MetricContext
from harness.metrics.scoring import Scored, failure_notes, is_asked_in_vain, metric_notes, score_systems
from harness.store.cache.answers import Cache
from harness.store.runs import encoders, glossaries
from harness.store.runs.directory import check_writable, stamp
from harness.store.runs.growing import with_looks_by_hand
from harness.store.runs.result import SKIPPED_ARTICLES, MetricScores, PairResult, Run, SystemResult
from harness.store.runs.units import SETTING
from harness.translation.batches import check_ended
from harness.translation.budget import Purse
from harness.translation.enquiry import RunnerEnquirer, enquiries_of
from harness.translation.planning import Plan, PlannedPair, PlannedSystem
from harness.translation.results import outcomes_of, traffic_of
from harness.translation.runner import Done, translate
from harness.translation.session import Session
from harness.translation.workers import elsewhere
from harness.types import (
    Corpus,
    JsonValue,
    LangPair,
    Memorisation,
    Missing,
    Money,
    Outcome,
    Reason,
    Score,
    SystemName,
    Unknown,
)
from harness.workspace.environment import environment
from harness.workspace.progress import Progress

NOTHING_NAMED = Missing(Reason("overlap.nothing_named"), Reason("overlap.name_files"))


def execute(plan: Plan, cache: Cache, progress: Progress, session: Session | None = None) -> Run:
    """Translate what is missing, score, and put the run together.

    Args:
        plan: what is asked of whom.
        cache: where answers are looked up and kept.
        progress: told how far everything is.
        session: what earlier parts of the same run have spent; None for a run in one part.

    Raises:
        StoreError: the cache cannot be used, or the run could not be kept; nothing has been sent.
        UsageError: no cluster answers at the address that was given, or a check of a plug-in cannot be imported;
            nothing has been sent.
        BatchesUnderWay: batch jobs have not ended; there is no run yet, and the same call goes on from here.
    """
    workspace = plan.workspace
    check_writable(workspace.runs)
    load_plugins()  # one that cannot be imported is known before anything is paid for
    jobs = [job for pair in plan.pairs for planned in pair.systems for job in planned.jobs]
    pairs = []
    alone = session is None
    session = session or Session(Purse(plan.request.max_cost))
    enquirer = RunnerEnquirer(cache, progress, session, plan.request)
    # One for all pairs and repetitions: a model that it loads is loaded once. Made first, so that a cluster that is not
    # there is known before anything is paid for.
    with closing(make_executor(plan.request.executor, workspace.settings.executor, workspace.root)) as executor:
        with elsewhere(jobs, executor) as moved:
            results = translate(moved, cache, progress, session.purse, wait=plan.request.wait)
        check_ended(one for done in results for one in done.under_way)
        answered = map(session.note, jobs, results)
        bought = [
            (pair, {planned.system.name: [next(answered) for _ in planned.jobs] for planned in pair.systems})
            for pair in plan.pairs
        ]
        enquirer.ask_ahead([one for pair, done in bought for one in _enquiries(plan, pair, done)])
        for pair, done in bought:
            context = MetricContext(
                pair.corpus.pair,
                cache,
                plan.request.offline,
                executor=executor,
                layout=pair.layout,
                enquirer=enquirer,
                engines={planned.system.name: planned.job.identity for planned in pair.systems},
                seed=plan.seed,
            )
            scored = _score_pair(plan, pair, done, context, cache=cache, progress=progress)
            notes = (*scored.notes, *unasked_notes(enquirer.stopped.get(scored.pair, {})))
            costs = session.bill(scored.pair, scored.metric_costs)
            pairs.append(replace(scored, notes=notes, metric_costs=costs))
        pairs[0] = replace(pairs[0], notes=(*pairs[0].notes, *loss_notes(executor.losses)))
    pairs = _with_overlaps(plan, pairs, cache, progress)
    if alone:
        pairs = with_looks_by_hand(pairs, workspace.runs)
    complete = all(not pair.unavailable for pair in plan.pairs) and not any(
        unasked_metrics(pair) or any(is_asked_in_vain(system.outcomes) for system in pair.systems) for pair in pairs
    )
    now = datetime.now(UTC)
    return Run(
        id=f"{stamp(workspace.runs, now):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        created=now.isoformat(timespec="seconds"),
        status="complete" if complete else "incomplete",
        pairs=tuple(pairs),
        environment=environment(plan.workspace.root),
        command=plan.request.command(),
        seed=plan.seed,
        settings=_settings(plan),
        name=plan.request.name,
        project=plan.workspace.project,
    )


def _enquiries(
    plan: Plan, pair: PlannedPair, done: Mapping[SystemName, Sequence[Done]]
) -> Iterator[tuple[Enquiry, LangPair]]:
    """What metrics will ask about a pair."""
    outcomes = {
        planned.system.name: outcomes_of(planned, pair.corpus, done[planned.system.name][0]) for planned in pair.systems
    }
    yield from enquiries_of(plan.metrics, pair.corpus, outcomes)


def _with_overlaps(plan: Plan, pairs: Sequence[PairResult], cache: Cache, progress: Progress) -> list[PairResult]:
    """The pairs, each with how much of it is in training data and translation memories."""
    if not plan.searched:
        return [replace(pair, overlaps=NOTHING_NAMED) for pair in pairs]
    from harness.corpus.lint.kept_overlap import overlaps_of

    corpora = [pair.corpus for pair in pairs]
    overlaps = overlaps_of(corpora, plan.searched, cache, partial(progress.update, "overlap"))
    return [replace(pair, overlaps=overlaps[pair.pair]) for pair in pairs]


def _score_pair(
    plan: Plan,
    pair: PlannedPair,
    done: Mapping[SystemName, Sequence[Done]],
    context: MetricContext,
    *,
    cache: Cache,
    progress: Progress,
) -> PairResult:
    answers = {
        planned.system.name: [outcomes_of(planned, pair.corpus, sample) for sample in done[planned.system.name]]
        for planned in pair.systems
    }
    outcomes = {name: samples[0] for name, samples in answers.items()}
    scored = _score(plan.metrics, pair.corpus, outcomes, context, progress)
    # What they say of is the first of the repetitions, which is the one that is shown.
    said = metric_notes(plan.metrics.values())
    costs = _costs(plan.metrics, scored)
    repeats = _score_repeats(plan, pair.corpus, answers, scored, context=context, progress=progress)
    checking = partial(progress.update, f"checks {pair.corpus.pair}")
    flags = check_systems(pair.corpus, outcomes, pair.glossary, kept=cache, progress=checking)
    results = tuple(
        SystemResult(
            name=planned.system.name,
            label=planned.system.label,
            engine=planned.job.identity,
            origin=planned.origin,
            outcomes=outcomes[planned.system.name],
            tables=scored[planned.system.name].tables,
            scores=scored[planned.system.name].scores,
            price_per_million=_price_per_million(planned),
            currency=planned.system.price.currency if planned.system.price else "",
            traffic=traffic_of(planned, done[planned.system.name], cache),
            flags=flags[planned.system.name],
            repeats={
                metric: tuple(sample[planned.system.name][metric] for sample in repeats)
                for metric in plan.metrics
                if repeats and all(metric in sample.get(planned.system.name, {}) for sample in repeats)
            },
        )
        for planned in pair.systems
    )
    failures = [note for result in results for note in failure_notes(result.name, result.outcomes)]
    notes = (*pair.notes, *failures, *said)
    result = PairResult(
        pair.corpus,
        tuple(plan.metrics),
        results,
        pair.absent,
        notes,
        plan.unit,
        costs,
        memorised=_memorised(plan, pair, context.enquirer),
    )
    return replace(result, notes=(*notes, *agreement_notes(result)))


def _memorised(plan: Plan, pair: PlannedPair, enquirer: Enquirer) -> dict[SystemName, Memorisation | Missing]:
    """What the models that ``harness.toml`` names know of a pair by heart."""
    if not plan.by_heart:
        return {}
    from harness.checks.memorisation.answers import ask_by_heart

    most = plan.workspace.settings.checks.memorisation_sentences
    return {
        planned.system.name: ask_by_heart(pair.corpus, respondent, enquirer, most=most, seed=plan.seed)
        for planned in pair.systems
        if (respondent := plan.by_heart.get(planned.system.name)) is not None
    }


def _costs(metrics: Mapping[str, Metric], scored: Mapping[SystemName, Scored]) -> dict[str, Money | Unknown]:
    """What metrics cost that can say so, and could run."""
    ran = {column for one in scored.values() for column in one.tables}
    return {
        column: metric.cost for column, metric in metrics.items() if column in ran and isinstance(metric, BilledMetric)
    }


def _score(
    metrics: Mapping[str, Metric],
    corpus: Corpus,
    outcomes: Mapping[SystemName, Sequence[Outcome]],
    context: MetricContext,
    progress: Progress,
) -> dict[SystemName, Scored]:
    add_reference = f"add references/{corpus.pair}/<article>.{corpus.pair.target_file_tag}.txt"
    return score_systems(corpus, outcomes, metrics, context, progress, add_reference=add_reference)


def _score_repeats(
    plan: Plan,
    corpus: Corpus,
    answers: Mapping[SystemName, Sequence[Sequence[Outcome]]],
    first: Mapping[SystemName, Scored],
    *,
    context: MetricContext,
    progress: Progress,
) -> list[dict[SystemName, dict[str, float]]]:
    """Corpus scores of every repetition, by system and metric; empty without repetitions.

    Metrics that ask a language model are paid for the first alone.
    """
    free = {column: metric for column, metric in plan.metrics.items() if not isinstance(metric, AskingMetric)}
    count = max((len(samples) for samples in answers.values()), default=1)
    if count == 1:
        return []
    repeated = {name: samples for name, samples in answers.items() if len(samples) == count}
    others = (
        _score(free, corpus, {name: samples[number] for name, samples in repeated.items()}, context, progress)
        for number in range(1, count)
    )
    return [{name: _corpus_scores(scored[name]) for name in repeated} for scored in (first, *others)]


def _corpus_scores(scored: Scored) -> dict[str, float]:
    return {
        metric: scores.corpus.value
        for metric, scores in scored.scores.items()
        if isinstance(scores, MetricScores) and isinstance(scores.corpus, Score)
    }


def _price_per_million(planned: PlannedSystem) -> float | None:
    return planned.system.price.per_million_characters if planned.system.price else None


def _settings(plan: Plan) -> dict[str, JsonValue]:
    request = plan.request
    return {
        "pairs": [str(pair.corpus.pair) for pair in plan.pairs],
        "only_pairs": [str(pair) for pair in request.pairs],
        "systems": list(request.systems),
        "articles": list(request.articles),
        SKIPPED_ARTICLES: list(request.skip_articles),
        "metrics": list(plan.metrics),
        "metric_options": {name: dict(options) for name, options in plan.metric_options.items()},
        "limit": request.limit,
        "segments_per_article": request.segments_per_article,
        "offline": request.offline,
        "repeat": request.repeat,
        SETTING: plan.unit,
        glossaries.SETTING: [str(pair.corpus.pair) for pair in plan.pairs if pair.glossary],
        encoders.SETTING: encoder_name(),
        "decision": policy_settings(plan.workspace.settings.decision),
        **tuned_settings({item.system.name: item.system.tuned_on for pair in plan.pairs for item in pair.systems}),
    }
