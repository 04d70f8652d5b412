"""Whether intervals hold the true score and the true difference where a judge judges a sample of the segments.

Articles of unequal length are drawn from a population, and two equally good systems translate them. A segment has minor
and major errors, as MQM counts them: most segments have none, and errors gather in difficult articles and in difficult
segments, where both systems make more. Segments are drawn as the judge draws them, and the scores are judged by the
functions that judge real runs. A scenario in which long articles are more difficult tells whether a sampled segment
counts for as many as it stands for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.stats.compare import Profile, compare, make_profiles, score_interval
from harness.analysis.stats.design import Design, make_design, unit_sums
from harness.analysis.stats.skew import corrected_ends
from harness.metrics.interface import Document, Place, Rows, ScoringItem
from harness.metrics.judge.sampling import draw
from harness.metrics.load import formula_of
from harness.types import ArticleId

Counts = NDArray[np.int64]

SHARES = (0.1, 0.2, 0.5, 1.0)
"""Of the segments of every article; 1 is the whole, beside which the others are to be seen."""
ARTICLES = (12, 24, 48)
RUNS = 2000

formula = formula_of("judge", {"engine": "anthropic", "model": "m"})

MAJOR, MINOR = 5.0, 1.0
"""Weights of MQM."""
MAJORS, MINORS = 0.12, 0.5
"""Errors of a segment on average."""


@dataclass(frozen=True, slots=True)
class Population:
    """What articles are like."""

    name: str
    median: float
    """Segments of an article: log-normal, at least 2."""
    spread: float
    between: float
    """Variance of the difficulty of articles, relative to its mean of 1,"""
    within: float
    """and of segments within an article: gamma both."""
    longer_is_harder: bool = False
    """Whether the difficulty of an article grows with the fourth root of its length."""


POPULATIONS = (
    Population("usual articles", 18, 0.6, 0.3, 1.0),
    Population("short articles", 4, 0.5, 0.3, 1.0),
    Population("very unequal articles", 10, 1.0, 0.3, 1.0),
    Population("long articles are harder", 12, 0.5, 0.3, 1.0, longer_is_harder=True),
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was counted; shares of the runs between 0 and 1."""

    population: str
    articles: int
    share: float
    runs: int
    judged: float
    """Share of the segments that was judged."""
    scores: float
    """Intervals of a system's score that hold the true one: of both systems."""
    differences: float
    """Intervals of the difference that hold the true one, which is 0."""
    false: float
    """Equal systems called different at 5 %."""
    width: float
    """Mean width of the intervals of the difference, in points."""


def measure(
    *,
    populations: Sequence[Population] = POPULATIONS,
    articles: Sequence[int] = ARTICLES,
    shares: Sequence[float] = SHARES,
    runs: int = RUNS,
    seed: int = 1,
    done: Callable[[Coverage], None] = lambda _: None,
) -> list[Coverage]:
    """Every combination; all shares of one population and number of articles are of the same texts.

    Args:
        populations: of articles.
        articles: how many a run has, each at least 6.
        shares: of the segments that are judged.
        runs: of every combination.
        seed: the same seed gives the same counts, whatever the other combinations are.
        done: told of each when it is finished.
    """
    counted = []
    for population in populations:
        truth = true_score(population)
        for count in articles:
            for share in shares:
                rng = np.random.default_rng([seed, count, *population.name.encode()])
                coverage = _measure_one(rng, population, truth, count, share, runs)
                done(coverage)
                counted.append(coverage)
    return counted


def true_score(population: Population) -> float:
    """The score of all segments of all articles of the population: ``E(n d(n)) / E(n)`` times that of difficulty 1."""
    rng = np.random.default_rng(1)
    lengths = _lengths(rng, population, 4_000_000)
    harder = float((lengths * _difficulty(population, lengths)).mean() / lengths.mean())
    return harder * (MAJORS * MAJOR + MINORS * MINOR)


def _measure_one(
    rng: np.random.Generator, population: Population, truth: float, count: int, share: float, runs: int
) -> Coverage:
    held, held_differences, false, judged, total, width = 0, 0, 0, 0, 0, 0.0
    for run in range(runs):
        lengths, scores = simulate(rng, population, count)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        weights = np.zeros(len(scores))
        for line, weight in draw(list(items(lengths)), share, run).items():
            weights[line - 1] = weight
        tables = [np.stack([weights * of, weights], axis=1) for of in scores.T]
        design = make_design(count, run)
        sizes = unit_sums((weights > 0)[:, None].astype(np.float64), starts)[:, 0]
        one, two = make_profiles([unit_sums(rows, starts) for rows in tables], sizes, formula, design)
        for profile in (one, two):
            low, high = interval_of(profile, design, sampled=float(weights.max()) > 1)
            held += low <= truth <= high
        result = compare(one, two, formula, design, higher_is_better=False)
        held_differences += result.interval.low <= 0 <= result.interval.high
        false += result.p <= 0.05
        judged += int((weights > 0).sum())
        total += len(weights)
        width += result.interval.high - result.interval.low
    return Coverage(
        population.name,
        count,
        share,
        runs,
        judged / total,
        held / (2 * runs),
        held_differences / runs,
        false / runs,
        width / runs,
    )


def interval_of(profile: Profile, design: Design, *, sampled: bool) -> tuple[float, float]:
    """The interval of a score, as reports have it."""
    interval = score_interval(profile, design)
    residuals = profile.contributions - profile.value * profile.shares
    ends = interval.low, interval.high
    return corrected_ends(profile.value, ends, residuals) if sampled else ends


def simulate(rng: np.random.Generator, population: Population, articles: int) -> tuple[Counts, Rows]:
    """Segments of each article, (articles,), and the scores of both systems, (segments, 2)."""
    lengths = _lengths(rng, population, articles)
    means = _difficulty(population, lengths)
    shape = 1 / population.between
    articles_difficulty = rng.gamma(shape, means / shape)
    inner = 1 / population.within
    difficulty = np.repeat(articles_difficulty, lengths) * rng.gamma(inner, 1 / inner, size=int(lengths.sum()))
    # Half of the difficulty of a segment is that of both systems, the other half of each alone.
    of_each = (difficulty[:, None] + np.repeat(articles_difficulty, lengths)[:, None] * _alone(rng, inner, lengths)) / 2
    return lengths, MAJOR * rng.poisson(MAJORS * of_each) + MINOR * rng.poisson(MINORS * of_each)


def _alone(rng: np.random.Generator, shape: float, lengths: Counts) -> Rows:
    own: Rows = rng.gamma(shape, 1 / shape, size=(int(lengths.sum()), 2))
    return own


def _lengths(rng: np.random.Generator, population: Population, count: int) -> Counts:
    drawn = rng.lognormal(math.log(population.median), population.spread, size=count)
    lengths: Counts = np.maximum(2, drawn).astype(np.int64)
    return lengths


def _difficulty(population: Population, lengths: Counts) -> Rows:
    harder: Rows = (lengths / population.median) ** 0.25
    return harder if population.longer_is_harder else np.ones(len(lengths))


def items(lengths: Counts) -> Iterator[ScoringItem]:
    """What the judge draws from: one system's translations, whose sources are all different."""
    line = 0
    for article, length in enumerate(lengths):
        document = Document(ArticleId(str(article)), (), (), ())
        for index in range(int(length)):
            line += 1
            yield ScoringItem("a", line, str(line), "", (), Place(document, index))


def to_markdown(rows: Sequence[Coverage]) -> str:
    """The table of the documentation, in per cent."""
    lines = [
        "| articles | how many | sample | judged | coverage of scores | of differences | false positives | width |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        percents = (row.judged, row.scores, row.differences, row.false)
        judged, *rates = (f"{100 * value:.1f}" for value in percents)
        name = f"| {row.population} | {row.articles} | {row.share:g} | {judged} | "
        lines.append(f"{name}{' | '.join(rates)} | {row.width:.2f} |")
    return "\n".join(lines) + "\n"
