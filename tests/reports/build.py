"""Synthetic runs of real types: every number follows from the texts, so tests can ask for it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.analysis import PairAnalysis, analyse
from harness.metrics.interface import StatTable
from harness.metrics.named import with_traits
from harness.reports.model.page import PairView, build_pair
from harness.store.runs.latency import Timing
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult, Traffic, article_rows
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    Decimals,
    EngineIdentity,
    LangPair,
    MetricIdentity,
    Missing,
    Money,
    Note,
    Outcome,
    Score,
    Segment,
    SegmentId,
    SystemName,
    Translated,
    Unknown,
    told,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}} {% raw %}",
    "\x1b[31mred\x1b[0m\x07",
    "left \u202eright\u202c \u200bzero\ufeffwidth",
    '=HYPERLINK("http://evil.example","x")',
    "a | b ` c `` *d* _e_ ![i](http://evil.example/p.png) [l](javascript:alert(1)) @someone #12 $x$",
    "</textarea></td></table></style><img src=x onerror=alert(1)>",
    "W" * 400,
    "first\nsecond\tthird\r\u2028fourth",
    "مرحبا بالعالم",
    "שלום עולם",
    "こんにちは世界",
    "-- > --!> ]]> &amp; &#60; \\",
)


def decimals_of(metric: str) -> Decimals:
    """How many are shown of the metric of a column, in the runs that are built here."""
    return with_traits(MetricIdentity(metric, "", True, True)).decimals


IDENTITIES = {
    "bleu": with_traits(
        MetricIdentity("bleu", "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", True, True)
    ),
    "chrf": with_traits(
        MetricIdentity("chrf", "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0", True, True)
    ),
    "ter": with_traits(
        MetricIdentity("ter", "nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0", False, True)
    ),
    "comet": with_traits(MetricIdentity("comet", "model:wmt22-comet-da|precision:fp32|empty:0", True, True)),
    "rating": with_traits(MetricIdentity("rating", "file:ratings.tsv", True, False)),
}

MEANS = {"metric": "scores"}
"""The options of every metric here: its scores are means of its rows, as those of ``scores`` are."""

NOTHING_SENT = Missing(told("nothing is sent for this system"))

NO_COMET = Missing(told("unbabel-comet is not installed"), told('pip install "translation-harness[comet]"'))


def article(pair: LangPair, name: str, lines: Sequence[tuple[str, Sequence[str]]], title: str = "") -> Article:
    """An article of ``(source, references)`` lines."""
    segments = tuple(
        Segment(SegmentId(ArticleId(name), number), number, 1, source, tuple(references))
        for number, (source, references) in enumerate(lines, start=1)
    )
    return Article(ArticleId(name), pair, segments, {"title": title} if title else {})


def corpus(pair: LangPair, articles: int = 3, segments: int = 4, unreferenced: Sequence[int] = (2,)) -> Corpus:
    """Plain text; the segments numbered in ``unreferenced`` have no reference."""
    return Corpus(
        pair,
        tuple(
            article(
                pair,
                f"article-{a}",
                [
                    (f"Quelle {a}.{s}", () if s in unreferenced else (f"Reference {a}.{s}",))
                    for s in range(1, segments + 1)
                ],
                title=f"Title {a}",
            )
            for a in range(1, articles + 1)
        ),
    )


def metric_scores(
    texts: Corpus, outcomes: Sequence[Outcome], identity: MetricIdentity, base: float, seed: int | None = None
) -> MetricScores:
    """Scores scattered around ``base``, in the metric's own range; unscored rows hold NaN on purpose.

    All systems scatter alike, unless ``seed`` is given.
    """
    scale = 1.0 if identity.name == "comet" else 100.0
    scored = np.array(
        [
            isinstance(outcome, Translated) and bool(segment.references or not identity.needs_reference)
            for segment, outcome in zip(texts.segments, outcomes, strict=True)
        ],
        dtype=np.bool_,
    )
    rows = np.arange(len(scored))
    alike = ((rows * 37 + 11) % 19 - 9) / 117.0
    scatter = alike if seed is None else np.random.default_rng(seed).normal(0.0, 0.08, len(rows))
    values = np.where(scored, scale * (base + scatter), np.nan)
    articles: list[Score | Missing] = []
    for part in article_rows(texts).values():
        n = int(scored[part].sum())
        mean = float(values[part][scored[part]].mean()) if n else 0.0
        articles.append(Score(mean, n) if n else Missing(told("no segment of the article has a reference")))
    n = int(scored.sum())
    whole = Score(float(values[scored].mean()), n) if n else Missing(told("no segment has a reference"))
    return MetricScores(identity, whole, tuple(articles), values, scored)


def system(
    texts: Corpus,
    name: str,
    base: float,
    metrics: Sequence[str] = ("bleu", "chrf", "comet"),
    outcomes: Sequence[Outcome] | None = None,
    missing: Mapping[str, Missing] | None = None,
    label: str = "",
    seed: int | None = None,
    **fields: object,
) -> SystemResult:
    """A system whose scores lie around ``base`` (0-1)."""
    answers = tuple(outcomes or [Translated(f"{name} {segment.id}") for segment in texts.segments])
    scores: dict[str, MetricScores | Missing] = {}
    tables = {}
    for metric in metrics:
        if missing and metric in missing:
            scores[metric] = missing[metric]
            continue
        found = metric_scores(texts, answers, IDENTITIES[metric], base, seed)
        scores[metric] = found
        rows = np.nan_to_num(found.segments).reshape(-1, 1) * [[1.0, 0.0]] + found.scored.reshape(-1, 1) * [[0.0, 1.0]]
        tables[metric] = StatTable(found.identity, rows, found.scored)
    given = {
        "engine": EngineIdentity("command", "1.4.2", {"model": "small", "beam": 4}),
        "origin": "live",
        "price_per_million": None,
        "currency": "",
        **fields,
    }
    return SystemResult(SystemName(name), label, outcomes=answers, tables=tables, scores=scores, **given)  # type: ignore[arg-type]


def pair_result(
    texts: Corpus,
    systems: Sequence[SystemResult],
    metrics: Sequence[str] = ("bleu", "chrf", "comet"),
    absent: Mapping[str, str] | None = None,
    notes: Sequence[Note] = (),
) -> PairResult:
    """One pair."""
    gone = {SystemName(name): reason for name, reason in (absent or {}).items()}
    return PairResult(texts, tuple(metrics), tuple(systems), gone, tuple(notes))


def run(*pairs: PairResult, status: str = "complete") -> Run:
    """A run of ``pairs``."""
    return Run(
        id="20261123T0437-ab12cd",
        created="2026-11-23T04:37:11Z",
        status=status,  # type: ignore[arg-type]
        pairs=pairs,
        environment={"translation-harness": "0.1.0", "sacrebleu": "2.6.0", "python": "3.11.7"},
        command="harness run --metric bleu,chrf,comet",
        seed=12345,
        settings={"metrics": ["bleu", "chrf", "comet"], "metric_options": dict.fromkeys(IDENTITIES, MEANS)},
    )


def pair_analysis(result: PairResult) -> PairAnalysis:
    """What a report may claim of one pair."""
    (found,) = analyse(run(result)).pairs
    return found


def view(result: PairResult) -> PairView:
    """One pair as the readable formats show it."""
    return build_pair(pair_analysis(result))


DE_EN = LangPair("de", "en")
EN_AR = LangPair("en", "ar")


def normal_run() -> Run:
    """Three systems, one pair, a segment without reference in every article."""
    texts = corpus(DE_EN)
    return run(
        pair_result(
            texts,
            [
                system(texts, "copy", 0.31, label="Source copied"),
                system(texts, "alpha", 0.81, label="Alpha MT", price_per_million=20.0, currency="EUR"),
                system(texts, "beta", 0.64, label="Beta MT", origin="recorded 2026-11-23, beta 3.1"),
            ],
            absent={"gamma": "the program 'gamma' is not installed"},
            notes=[Note("references/de-en/article-1.en.txt:2", "no reference for this segment")],
        )
    )


SENT = Traffic(
    requests=42,
    wasted=3,
    p50=0.2149,
    p95=0.4812,
    characters_per_second=1234.5,
    first="2026-11-23T04:36:01.500+00:00",
    last="2026-11-23T04:36:59.000+00:00",
    cached=0,
    spent=Money(0.4213, "EUR"),
    saved=Money(0.0, ""),
    models=("alpha-large-3",),
    price_source="[price] of the system file",
    timings=tuple(Timing(0.2 + number / 1000, 500) for number in range(41)),
    answers=12,
    characters=600,
    repetitions=1,
)
"""A service that bills, asked in this run only."""


def measured_run() -> Run:
    """Every kind of traffic there is; repetitions of two systems."""
    texts = corpus(DE_EN)
    free = {"spent": Money(0.0, ""), "saved": Money(0.0, ""), "models": (), "price_source": "runs on this machine"}
    old = {"first": "2026-11-20T10:00:00.000+00:00", "last": "2026-11-20T10:05:00.000+00:00"}
    stored = {**old, "cached": 12, "wasted": 0, "spent": Money(0.0, ""), "saved": Money(1234.5678, "USD")}
    partly = {**old, "last": SENT.last, "cached": 5, "spent": Unknown(told("the number of tokens is unknown"))}
    cached = [Translated(f"text {segment.id}", cached=True) for segment in texts.segments]
    return run(
        pair_result(
            texts,
            [
                system(texts, "live", 0.9, traffic=SENT, repeats={"bleu": (90.1234, 90.2, 90.0), "comet": (0.9, 0.91)}),
                system(texts, "stored", 0.8, label="Stored", outcomes=cached, traffic=replace(SENT, **stored)),
                system(texts, "partly", 0.7, traffic=replace(SENT, **partly)),
                system(texts, "program", 0.6, traffic=replace(SENT, **free), repeats={"bleu": (60.0, 60.0)}),
                system(texts, "files", 0.5, traffic=NOTHING_SENT, repeats={"bleu": (50.0,)}),
            ],
        )
    )


def hostile_run() -> Run:
    """Every text that could break out of its place, in every place that holds text."""
    lines = [(text, (text,) if index % 3 else (text, text[::-1])) for index, text in enumerate(HOSTILE)]
    texts = Corpus(EN_AR, tuple(article(EN_AR, f"a {i}", lines, title=t) for i, t in enumerate(HOSTILE[:4])))
    plain = system(texts, "plain", 0.6, outcomes=[Translated("text") for _ in texts.segments])
    echo = [Translated(segment.source) for segment in texts.segments]
    echo[0] = Translated("Z" * 100_000, notes={"unknown_words": 3})
    echo[1] = Translated("   ")
    wild = system(
        texts,
        "=wild|`@x`",
        0.7,
        outcomes=echo,
        label=HOSTILE[0] + HOSTILE[2] + HOSTILE[5],
        origin=HOSTILE[6],
        engine=EngineIdentity(HOSTILE[0], HOSTILE[3], {"prompt": HOSTILE[5]}),
        missing={"comet": Missing(told(HOSTILE[0] + HOSTILE[2]), told(HOSTILE[4]))},
        price_per_million=1.0,
        currency=HOSTILE[0],
        traffic=replace(
            SENT,
            cached=1,
            spent=Unknown(told(HOSTILE[5])),
            saved=Money(1.0, HOSTILE[6]),
            models=HOSTILE,
            price_source=HOSTILE[2],
            first=HOSTILE[0],
            last=HOSTILE[3],
        ),
        repeats={"bleu": (1.0, 2.0)},
    )
    notes = [Note(text, text) for text in HOSTILE]
    return run(pair_result(texts, [plain, wild], absent={"@absent": HOSTILE[4]}, notes=notes))
