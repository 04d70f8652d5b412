"""Small runs for tests of the gate: every segment has a number, and the metric is its mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.analysis.gate import GateLine
from harness.metrics.interface import StatTable
from harness.metrics.named import with_traits
from harness.reports.words.reasons import sentence
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult, article_rows
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    LangPair,
    MetricIdentity,
    Missing,
    Score,
    Segment,
    SegmentId,
    SystemName,
    Translated,
    told,
)

PAIR = LangPair("de", "en")

Values = Sequence[float]


def a_corpus(articles: int = 8, segments: int = 3, domains: Sequence[str] = ()) -> Corpus:
    """Articles a0, a1 and so on, all alike; ``domains`` one for each."""
    found = []
    for index in range(articles):
        name = ArticleId(f"a{index}")
        rows = tuple(Segment(SegmentId(name, n), n, 1, f"Quelle {index} {n}", ("ref",)) for n in range(1, segments + 1))
        found.append(Article(name, PAIR, rows, {"domain": domains[index]} if domains else {}))
    return Corpus(PAIR, tuple(found))


def a_system(
    corpus: Corpus,
    metrics: Mapping[str, Values | Missing],
    *,
    name: str = "s",
    signature: str = "v1",
    higher: bool = True,
    scored: Sequence[bool] = (),
    text: str = "text",
) -> SystemResult:
    """A system with one value for each segment and metric."""
    mask = np.array(scored or [True] * len(corpus.segments))
    tables: dict[str, StatTable] = {}
    scores: dict[str, MetricScores | Missing] = {}
    for metric, values in metrics.items():
        if isinstance(values, Missing):
            scores[metric] = values
            continue
        numbers = np.where(mask, np.asarray(values, dtype=float), 0.0)
        identity = with_traits(MetricIdentity(metric, signature, higher, True))
        rows = np.stack([numbers, mask.astype(float)], axis=1)
        tables[metric] = StatTable(identity, rows, mask)
        articles = tuple(
            Score(float(numbers[part].sum() / mask[part].sum()), int(mask[part].sum()))
            if mask[part].any()
            else Missing(told("no segment"))
            for part in article_rows(corpus).values()
        )
        whole = Score(float(numbers.sum() / mask.sum()), int(mask.sum()))
        scores[metric] = MetricScores(identity, whole, articles, numbers, mask)
    outcomes = tuple(Translated(f"{text} {index}") for index in range(len(corpus.segments)))
    return SystemResult(SystemName(name), name, EngineIdentity("e", "1", {}), "live", outcomes, tables, scores)


def a_result(corpus: Corpus, *systems: SystemResult) -> PairResult:
    """One pair."""
    columns = tuple(dict.fromkeys(column for system in systems for column in system.scores))
    return PairResult(corpus, columns, systems)


def a_run(*results: PairResult, run: str = "20260102T0304-abcdef") -> Run:
    """A run; the metrics are of the user's own kind, whatever they are called."""
    columns = {column for result in results for column in result.metrics}
    settings = {"metric_options": {column: {"metric": "scores"} for column in columns}}
    return Run(run, "2026-01-02T03:04:05+00:00", "complete", results, {"python": "3.11"}, "harness run", 7, settings)


def said(line: GateLine) -> str:
    """The English sentence of a line of a verdict."""
    return sentence(line.reason)
