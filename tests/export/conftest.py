"""A run with two documents of known texts and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from harness.metrics.interface import Metric, MetricContext, ScoringItem
from harness.metrics.scores.metric import Scores
from harness.metrics.scoring import score_systems
from harness.metrics.strings.bleu import Bleu
from harness.metrics.strings.chrf import Chrf
from harness.reports.exporters.interface import Exported
from harness.reports.exporters.load import load_exporter
from harness.store.cache.nothing import NoCache
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.testing.exporter import sample_handoff
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    Failed,
    LangPair,
    Layout,
    OriginalLines,
    Outcome,
    Segment,
    SegmentId,
    SystemName,
    Translated,
)
from harness.workspace.progress import Silent

PAIR = LangPair("de", "en")

TEXTS = {
    "news-1": [
        ("Der Zug kommt um 8 Uhr.", ("The train arrives at 8.",)),
        ("Er ist <b>voll</b> & laut.", ("It is <b>full</b> & loud.",)),
        ("Niemand steigt aus.", ()),
    ],
    "blog-2": [
        ("=1+1 ist zwei.", ("=1+1 is two.", "=1+1 makes two.")),
        ("Das war's.", ("That was it.",)),
    ],
}
DOMAINS = {"news-1": "news", "blog-2": "blog"}
OUTPUTS: Mapping[str, Sequence[str | None]] = {
    "good": [
        "The train arrives at 8.",
        "It is <b>full</b> & loud.",
        "Nobody gets off.",
        "=1+1 is two.",
        "That was it.",
    ],
    "fair": ["The train comes at 8.", "It is loud.", "No one gets out.", "=1+1 are two.", "That is it."],
    "bad": ["Train 8.", "He full.", None, "=2", "It."],
}


def build_run(outputs: Mapping[str, Sequence[str | None]] = OUTPUTS) -> Run:
    """Two articles with five segments, one without a reference and one with two."""
    articles = tuple(
        Article(
            ArticleId(name),
            PAIR,
            tuple(
                Segment(SegmentId(ArticleId(name), number), number, 1, source, references)
                for number, (source, references) in enumerate(rows, start=1)
            ),
            {"domain": DOMAINS[name]},
        )
        for name, rows in TEXTS.items()
    )
    corpus = Corpus(PAIR, articles)
    outcomes: dict[SystemName, tuple[Outcome, ...]] = {
        SystemName(name): tuple(Failed("time-out") if text is None else Translated(text) for text in texts)
        for name, texts in outputs.items()
    }
    metrics: dict[str, Metric] = {"chrf": Chrf(Chrf.Options()), "bleu": Bleu(Bleu.Options())}
    context = MetricContext(PAIR, NoCache(), offline=True)
    scored = score_systems(corpus, outcomes, metrics, context, Silent(), add_reference="add one")
    systems = tuple(
        SystemResult(
            name=name,
            label=name,
            engine=EngineIdentity("file", name, {}),
            origin="file",
            outcomes=given,
            tables=scored[name].tables,
            scores=scored[name].scores,
        )
        for name, given in outcomes.items()
    )
    return Run(
        id="20260101T000000-abcdef",
        created="2026-01-01T00:00:00+00:00",
        status="complete",
        pairs=(PairResult(corpus, tuple(metrics), systems),),
        environment={},
        command="harness run",
        seed=1,
        settings={"metric_options": {"chrf": {}, "bleu": {}}},
    )


@pytest.fixture
def run() -> Run:
    return build_run()


def exported(name: str, run: Run, *, best: str = "good", seed: int = 1) -> Exported:
    """All of a run in a format."""
    return load_exporter(name).export(sample_handoff(run, best=best, seed=seed))


def layout_of(run: Run) -> Layout:
    """All segments of the run, without lines."""
    (result,) = run.pairs
    segments = tuple(segment.id for segment in result.corpus.segments)
    return Layout(
        pair=PAIR,
        pairs=frozenset({PAIR}),
        segments=segments,
        articles={article.id: len(article.segments) for article in result.corpus.articles},
        names={},
        elsewhere=frozenset(),
        originals={"the text": OriginalLines(len(segments), dict(enumerate(segments, start=1)), frozenset())},
        systems=frozenset(system.name for system in result.systems),
        sources={a.id: tuple(segment.source for segment in a.segments) for a in result.corpus.articles},
    )


def ratings_of(metric: Scores, run: Run) -> dict[tuple[str, str], float]:
    """What a file rates, by system and ``article:number``, as the run will have it."""
    (result,) = run.pairs
    items = [
        ScoringItem(system.name, row, "s", "h", ())
        for system in result.systems
        for row in range(1, len(result.corpus.segments) + 1)
    ]
    table = metric.statistics(items, MetricContext(PAIR, NoCache(), offline=True, layout=layout_of(run)))
    return {
        (item.system, str(result.corpus.segments[item.line - 1].id)): float(values[0])
        for item, values, scored in zip(items, table.rows, table.scored, strict=True)
        if scored
    }
