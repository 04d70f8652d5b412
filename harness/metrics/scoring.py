"""From outcomes to scores: every metric over all systems of a pair at once, so that equal texts are scored once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.errors import MetricUnavailable, WorkersLost
from harness.metrics.aggregate import aggregate
from harness.metrics.interface import (
    Document,
    Mask,
    Metric,
    MetricContext,
    NotingMetric,
    Place,
    ScoringItem,
    StatTable,
)
from harness.store.cache.keys import answers_digest, corpus_digest
from harness.store.runs.result import MetricScores, article_rows
from harness.types import (
    NO_FIX,
    Corpus,
    Failed,
    Missing,
    NotBought,
    Note,
    Outcome,
    Reason,
    Refused,
    Score,
    SystemName,
    Translated,
    texts_of,
    told,
)
from harness.workspace.progress import Progress

REASONS_SHOWN = 5
"""Distinct reasons for missing translations that are noted for each system."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What the metrics said about one system."""

    tables: Mapping[str, StatTable]
    scores: Mapping[str, MetricScores | Missing]


def score_systems(
    corpus: Corpus,
    outcomes: Mapping[SystemName, Sequence[Outcome]],
    metrics: Mapping[str, Metric],
    context: MetricContext,
    progress: Progress,
    *,
    add_reference: str,
) -> dict[SystemName, Scored]:
    """Score every system with every metric.

    A metric that cannot run is Missing for all systems. A system with failed or refused segments keeps its article
    and segment scores, but has no corpus score: it would be a score of other segments than everybody else's.

    Args:
        corpus: the segments; every sequence of outcomes has one entry for each.
        outcomes: by system.
        metrics: by column name.
        context: pair and cache.
        progress: told how far each metric is.
        add_reference: how the user gives a reference; ends in the fix of a metric that needs one and has none.
    """
    if context.cache.keeps:
        context = replace(context, texts=_digests(corpus, outcomes))
    items, parts = scoring_items(corpus, outcomes)
    tables: dict[SystemName, dict[str, StatTable]] = {name: {} for name in outcomes}
    scores: dict[SystemName, dict[str, MetricScores | Missing]] = {name: {} for name in outcomes}
    for column, metric in metrics.items():
        task = partial(progress.update, f"{column} {corpus.pair}")
        measured = _measure(items, parts, metric, replace(context, progress=task))
        for name, system_outcomes in outcomes.items():
            if isinstance(measured, Missing):
                scores[name][column] = measured
                continue
            tables[name][column] = measured[name]
            scores[name][column] = _scores(corpus, system_outcomes, metric, measured[name], add_reference)
    return {name: Scored(tables[name], scores[name]) for name in outcomes}


def _digests(corpus: Corpus, outcomes: Mapping[SystemName, Sequence[Outcome]]) -> dict[str, str]:
    """System to the digest of all that its statistics depend on."""
    base = corpus_digest(corpus)
    return {name: answers_digest(base, texts_of(answers)) for name, answers in outcomes.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """Where the items of one system are."""

    items: slice
    rows: list[int]
    """The segment of each."""
    segments: int
    """How many the corpus has."""


def scoring_items(
    corpus: Corpus, outcomes: Mapping[SystemName, Sequence[Outcome]]
) -> tuple[list[ScoringItem], dict[SystemName, Part]]:
    """The translations of all systems, one system after another, each with its place in its article.

    Args:
        corpus: the segments.
        outcomes: by system, one for each segment; only translations become items.
    """
    rows_of = article_rows(corpus)
    texts = [
        (
            article.id,
            tuple(segment.source for segment in article.segments),
            tuple(segment.references for segment in article.segments),
        )
        for article in corpus.articles
    ]
    items: list[ScoringItem] = []
    parts: dict[SystemName, Part] = {}
    for name, answers in outcomes.items():
        first = len(items)
        rows = [row for row, outcome in enumerate(answers) if isinstance(outcome, Translated)]
        for article, sources, references in texts:
            start = rows_of[article].start
            said = tuple(answers[start : start + len(sources)])
            document = Document(article, sources, references, said)
            items += [
                ScoringItem(
                    name, start + index + 1, sources[index], outcome.text, references[index], Place(document, index)
                )
                for index, outcome in enumerate(said)
                if isinstance(outcome, Translated)
            ]
        parts[name] = Part(slice(first, len(items)), rows, sum(len(sources) for _, sources, _ in texts))
    return items, parts


def _measure(
    items: Sequence[ScoringItem], parts: Mapping[SystemName, Part], metric: Metric, context: MetricContext
) -> dict[SystemName, StatTable] | Missing:
    try:
        table = metric.statistics(items, context)
    except (MetricUnavailable, WorkersLost) as error:
        return Missing(told(str(error)), told(error.hint) if error.hint else NO_FIX)
    return {name: _scatter(table, part.items, part.rows, part.segments) for name, part in parts.items()}


def _scatter(table: StatTable, part: slice, rows: Sequence[int], n: int) -> StatTable:
    """The part of a joint table that belongs to one system, put back on the rows of the corpus."""
    spans = {rows[row - part.start]: spans for row, spans in table.spans.items() if part.start <= row < part.stop}
    whys = {rows[row - part.start]: why for row, why in table.justifications.items() if part.start <= row < part.stop}
    masks = {name: mask[part] for name, mask in table.marks.items()}
    if len(rows) == n:
        return StatTable(table.identity, table.rows[part], table.scored[part], masks, spans, whys)
    values = np.zeros((n, table.rows.shape[1]))
    values[rows] = table.rows[part]
    return StatTable(
        table.identity,
        values,
        _spread(table.scored[part], rows, n),
        {name: _spread(mask, rows, n) for name, mask in masks.items()},
        spans,
        whys,
    )


def _spread(mask: Mask, rows: Sequence[int], n: int) -> Mask:
    spread = np.zeros(n, dtype=np.bool_)
    spread[rows] = mask
    return spread


def _scores(
    corpus: Corpus, outcomes: Sequence[Outcome], metric: Metric, table: StatTable, add_reference: str
) -> MetricScores | Missing:
    if not table.scored.any():
        return _nothing_scored(corpus, outcomes, table, add_reference)
    result = aggregate(
        table.rows, table.scored, list(article_rows(corpus).values()), metric.score, metric.segment_scores
    )
    unanswered = missing_answers(outcomes)
    corpus_score = unanswered if unanswered is not None else Score(result.corpus, result.n)
    articles = tuple(
        Score(float(value), n) if n else Missing(Reason("unscored.article"))
        for value, n in zip(result.articles, result.article_n, strict=True)
    )
    return MetricScores(table.identity, corpus_score, articles, result.segments, table.scored)


def missing_answers(outcomes: Sequence[Outcome]) -> Missing | None:
    """Why a system has no corpus score; None when every segment was translated."""
    kinds = Counter(map(type, outcomes))
    failed, refused = kinds[Failed], kinds[Refused]
    if not failed and not refused:
        if not kinds[NotBought]:
            return None
        return next(Missing(outcome.why) for outcome in outcomes if isinstance(outcome, NotBought))
    if not failed:
        why = Reason("unscored.refusals", {"refused": refused, "all": len(outcomes)})
        return Missing(why, Reason("unscored.refusals_help"))
    why = Reason("unscored.failures", {"failed": failed, "all": len(outcomes)})
    if refused:
        why = Reason("unscored.failures_and_refusals", {"failed": failed, "refused": refused, "all": len(outcomes)})
    return Missing(why, Reason("unscored.failures_help"))


def is_asked_in_vain(outcomes: Sequence[Outcome]) -> bool:
    """Whether any segment was asked for and has no translation; what nobody wanted to buy is not in vain."""
    return any(isinstance(outcome, Failed | Refused) for outcome in outcomes)


def failure_notes(system: SystemName, outcomes: Sequence[Outcome]) -> list[Note]:
    """Why segments have no translation: the most frequent reasons, each with its count."""
    reasons: Counter[Failed | Refused] = Counter(item for item in outcomes if isinstance(item, Failed | Refused))
    notes = [Note(system, _counted(outcome, count)) for outcome, count in reasons.most_common(REASONS_SHOWN)]
    if len(reasons) > REASONS_SHOWN:
        notes.append(Note(system, Reason("noted.more_reasons", {"n": len(reasons) - REASONS_SHOWN})))
    return notes


def _counted(outcome: Failed | Refused, count: int) -> Reason:
    match outcome:
        case Failed():
            return Reason("noted.failed", {"n": count, "why": outcome.error})
        case Refused():
            return Reason("noted.refused", {"n": count, "why": outcome.reason})


def metric_notes(metrics: Iterable[Metric]) -> list[Note]:
    """What metrics noticed about what they read."""
    return [note for metric in metrics if isinstance(metric, NotingMetric) for note in metric.notes]


def _nothing_scored(corpus: Corpus, outcomes: Sequence[Outcome], table: StatTable, add_reference: str) -> Missing:
    unanswered = missing_answers(outcomes)
    if unanswered is not None and not any(isinstance(outcome, Translated) for outcome in outcomes):
        return unanswered
    if table.identity.needs_reference and not any(segment.references for segment in corpus.segments):
        return Missing(
            Reason("unscored.no_reference_at_all", {"pair": str(corpus.pair)}),
            Reason("unscored.no_reference_at_all_help", {"add": add_reference}),
        )
    return Missing(Reason("unscored.system"))
