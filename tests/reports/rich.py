"""A run that has everything a run can have: for tests that no format leaves anything out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harness.checks.glossary import term_reason
from harness.checks.interface import WHOLE, Flag
from harness.checks.load import NOT_CHECKED
from harness.metrics.interface import ErrorSpan
from harness.metrics.named import with_traits
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import (
    Changed,
    Corpus,
    Failed,
    Memorisation,
    MetricIdentity,
    Outcome,
    Overlap,
    Recited,
    SystemName,
    Translated,
)

from .build import DE_EN, MEANS, NO_COMET, SENT, corpus, pair_result, run, system

METRICS = ("chrf", "comet", "bleu")

MQM = with_traits(MetricIdentity("mqm", "scores|file:mqm.tsv", False, False))

ARTICLES, LINES = 16, 4

PLACED = (3, 9)
"""Where the flag of the second segment of system a is."""


def domains(texts: Corpus) -> Corpus:
    """Half of the articles are news."""
    return replace(
        texts,
        articles=tuple(
            replace(article, meta={**article.meta, "domain": "news" if number < ARTICLES // 2 else "speech"})
            for number, article in enumerate(texts.articles)
        ),
    )


def rated(made: SystemResult, base: float, seed: int) -> SystemResult:
    """With ratings of people, where less is better, that follow the segment's scores about halfway."""
    scores = made.scores["chrf"]
    assert isinstance(scores, MetricScores)
    noise = np.random.default_rng(seed).normal(0.0, 0.5, len(scores.segments))
    values = np.where(scores.scored, base + noise - scores.segments / 40.0, np.nan)
    rows = np.stack([np.nan_to_num(values), scores.scored.astype(np.float64)], axis=1)
    count = int(scores.scored.sum())
    starts = range(0, len(values), LINES)

    def mean(part: slice) -> float:
        return float(np.nanmean(values[part]))

    articles = tuple(
        replace(score, value=mean(slice(start, start + LINES)))  # type: ignore[type-var]
        for score, start in zip(scores.articles, starts, strict=True)
    )
    whole = replace(scores.corpus, value=mean(slice(None)), n=count)  # type: ignore[type-var]
    table = replace(made.tables["chrf"], identity=MQM, rows=rows)
    return replace(
        made,
        scores={**made.scores, "mqm": MetricScores(MQM, whole, articles, values, scores.scored)},
        tables={**made.tables, "mqm": table},
    )


def rich_pair() -> PairResult:
    """Slices, ratings, flags, marks, errors, traffic, a missing metric, a system that is absent and one incomplete."""
    texts = domains(corpus(DE_EN, ARTICLES, LINES, unreferenced=()))
    outcomes: list[Outcome] = [Translated(f"a text of a {number}") for number in range(len(texts.segments))]
    flags: list[tuple[Flag, ...]] = [() for _ in texts.segments]
    flags[1] = (Flag("number", PLACED, "340 is missing", 0.5), Flag("wrong_language", WHOLE, "it is Danish", 0.9))
    flags[2] = (Flag(NOT_CHECKED, WHOLE, "the check failed", 0.0, "tag"),)
    flags[5] = (Flag("glossary", WHOLE, term_reason("Quelle", ["source"]), 0.9),)
    a = rated(system(texts, "a", 0.72, METRICS, outcomes, seed=1, traffic=SENT, flags=tuple(flags),
                     repeats={"chrf": (72.0, 72.4)}, price_per_million=20.0, currency="EUR"), 4.0, 1)  # fmt: skip
    spans = {1: (ErrorSpan(2, 6, "major", 0.8, "source", "accuracy/omission", "elle", "it is left out"),)}
    mark = np.arange(len(texts.segments)) < 3
    table = replace(a.tables["comet"], spans=spans, justifications={1: "an omission"}, marks={"truncated": mark})
    a = replace(a, tables={**a.tables, "comet": table})
    b = rated(system(texts, "b", 0.64, METRICS, seed=2, missing={"bleu": NO_COMET}), 5.0, 2)
    c = rated(system(texts, "c", 0.55, METRICS, seed=3), 6.0, 3)
    lost: list[Outcome] = [Failed("timed out"), *(Translated("text") for _ in texts.segments[1:])]
    d = system(texts, "d", 0.6, METRICS, lost, seed=4)
    systems = [a, b, c, replace(d, scores={**d.scores, "mqm": NO_COMET})]
    made = pair_result(texts, systems, (*METRICS, "mqm"), {"gone": "no key"})
    heart = Memorisation(8, (Recited("a", 1, 12, 9, 1),), (Changed("a", 2, "reverted"),), 3)
    known = {SystemName("a"): heart, SystemName("b"): NO_COMET}
    return replace(made, overlaps={"train.tmx": Overlap(1, 64, 2, 64), "memory.xlsx": NO_COMET}, memorised=known)


def rich_run() -> Run:
    """One pair of all that."""
    made = run(rich_pair(), status="incomplete")
    options = dict.fromkeys((*METRICS, "mqm"), MEANS)
    return replace(made, settings={"metrics": [*METRICS, "mqm"], "metric_options": options})


A = SystemName("a")
