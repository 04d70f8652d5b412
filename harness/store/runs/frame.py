"""A run as a long table: one row per score, at every level it exists on.

:func:`score_rows` is the plain form, with the reason where a score is missing; :func:`run_to_frame` is the same table
in pandas, with only what has a score. The mean over articles is not a row: it is the mean of the article rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never

import numpy as np

from harness.metrics.interface import Rows
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult, article_rows
from harness.types import Failed, Missing, NotBought, Outcome, Reason, Refused, Score, Segment, Translated, told

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["corpus", "article", "segment"]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of one system, or why there is none."""

    pair: str
    level: Level
    article: str
    """Empty at corpus level."""
    segment: int | None
    """Number of the segment within its article; None above the segment level."""
    system: str
    metric: str
    score: Score | Missing


def finite(score: Score | Missing) -> Score | Missing:
    """``score`` itself, or why it is none: NaN and infinity are faults of a metric, never results."""
    if isinstance(score, Score) and not math.isfinite(score.value):
        return Missing(Reason("unscored.no_number", {"value": score.value}))
    return score


def scores_of(system: SystemResult, metric: str) -> MetricScores | Missing:
    """The scores of one metric; :class:`Missing` where the run has none at all."""
    return system.scores.get(metric) or Missing(Reason("unscored.not_asked"))


def corpus_score(system: SystemResult, metric: str) -> Score | Missing:
    """The score of the whole corpus, or why there is none; never infinite or NaN."""
    scores = scores_of(system, metric)
    return scores if isinstance(scores, Missing) else finite(scores.corpus)


def segment_values(system: SystemResult, metric: str) -> Rows:
    """(n,) segment scores; NaN where there is none."""
    scores = scores_of(system, metric)
    if not isinstance(scores, MetricScores):
        return np.full(len(system.outcomes), np.nan)
    return np.where(scores.scored, scores.segments, np.nan)


def segment_scores(segments: tuple[Segment, ...], system: SystemResult, scores: MetricScores) -> list[Score | Missing]:
    """One score for each segment of the corpus, or the reason it has none."""
    found: list[Score | Missing] = []
    triples = zip(segments, system.outcomes, scores.segments.tolist(), scores.scored.tolist(), strict=True)
    for segment, outcome, value, scored in triples:
        if scored:
            found.append(finite(Score(value, 1)))
        else:
            found.append(Missing(_why_unscored(segment, outcome, scores)))
    return found


def _why_unscored(segment: Segment, outcome: Outcome, scores: MetricScores) -> Reason:
    match outcome:
        case Refused():
            return Reason("unscored.refused")
        case Failed():
            return Reason("unscored.failed")
        case NotBought():
            return outcome.why
        case Translated():
            if scores.identity.needs_reference and not segment.references:
                return Reason("unscored.no_reference")
            return Reason("unscored.no_score")
        case _:
            assert_never(outcome)


def score_rows(run: Run) -> Iterator[ScoreRow]:
    """Every score of the run: per pair, system and metric the corpus, then the articles, then the segments.

    A metric that is missing as a whole is one row at corpus level, and so is every metric of an absent system.
    """
    for result in run.pairs:
        for system in result.systems:
            for metric in result.metrics:
                yield from _metric_rows(result, system, metric)
        for name, reason in result.absent.items():
            for metric in result.metrics:
                yield ScoreRow(str(result.pair), "corpus", "", None, name, metric, Missing(told(reason)))


def signatures(run: Run) -> dict[tuple[str, str, str], str]:
    """Signature by pair, system and metric, wherever a system has scores of a metric."""
    return {
        (str(result.pair), str(system.name), metric): scores.identity.signature
        for result in run.pairs
        for system in result.systems
        for metric, scores in system.scores.items()
        if isinstance(scores, MetricScores)
    }


def _metric_rows(result: PairResult, system: SystemResult, metric: str) -> Iterator[ScoreRow]:
    pair = str(result.pair)
    scores = scores_of(system, metric)
    if isinstance(scores, Missing):
        yield ScoreRow(pair, "corpus", "", None, system.name, metric, scores)
        return
    yield ScoreRow(pair, "corpus", "", None, system.name, metric, finite(scores.corpus))
    for article, score in zip(result.corpus.articles, scores.articles, strict=True):
        yield ScoreRow(pair, "article", article.id, None, system.name, metric, finite(score))
    values = segment_scores(result.corpus.segments, system, scores)
    for article_id, rows in article_rows(result.corpus).items():
        for number, score in enumerate(values[rows], start=1):
            yield ScoreRow(pair, "segment", article_id, number, system.name, metric, score)


def run_to_frame(run: Run) -> pd.DataFrame:
    """One row per pair, system, metric and level with a score.

    Columns: ``pair``, ``level`` (corpus, article, segment), ``article`` (missing at corpus level), ``segment``
    (``Int64``, missing above segment level), ``system``, ``metric``, ``score`` (full precision).
    """
    import pandas as pd

    kept = [(row, row.score.value) for row in score_rows(run) if isinstance(row.score, Score)]
    return pd.DataFrame(
        {
            "pair": pd.Series([row.pair for row, _ in kept], dtype="string"),
            "level": pd.Series([row.level for row, _ in kept], dtype="string"),
            "article": pd.Series([row.article or pd.NA for row, _ in kept], dtype="string"),
            "segment": pd.Series([row.segment for row, _ in kept], dtype="Int64"),
            "system": pd.Series([row.system for row, _ in kept], dtype="string"),
            "metric": pd.Series([row.metric for row, _ in kept], dtype="string"),
            "score": pd.Series([value for _, value in kept], dtype="float64"),
        }
    )
