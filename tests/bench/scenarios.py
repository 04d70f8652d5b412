"""Error rates of the joint test and its intervals where articles and systems are as awkward as real ones.

Systems translate the same articles and are equally good; each has an effect of its own on every article and noise of
its own on every segment. A scenario says how long the articles are and how effects are distributed. Scores are means
over segments. Everything is judged by the functions that judge real runs: all pairs together, and the interval of every
pair alone.

*One fails rarely* is no scenario of equal systems in the sense of the test, which asks whether two outputs of an
article could change places: one system is a little better nearly everywhere and far worse on one article in ten, and
only their means are equal. No test can see failures that did not happen; the rate says how often few articles mislead.
*One excels rarely* is the like of it, the other way round and more skewed. The last two columns say how often a
difference is found and not called lopsided (:mod:`harness.analysis.stats.skew`), and how often a true one that is found
is called so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.analysis.stats.compare import Difference, compare, make_profiles
from harness.analysis.stats.design import Design, make_design
from harness.analysis.stats.family import adjusted_p
from harness.analysis.stats.power import noncentrality
from harness.metrics.interface import Rows
from harness.metrics.segment import SegmentMean

ARTICLES = (6, 10, 20, 50)
SYSTEMS = (2, 5, 15, 40)
RUNS = 2000
SHUFFLES = 1000

NOMINAL = 0.05
CORRELATION = 0.3
"""Of the differences of two segments of one article."""

FAILING, FAILURE = 0.1, 3.0
"""How often *one fails rarely* fails, and by how many standard deviations of an article."""

PILOT = 300
"""Draws that tell how large a difference about four of five tests of two systems find."""

score = SegmentMean().score

Draw = Callable[[np.random.Generator, tuple[int, int]], Rows]


def _zeros(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """Seven of ten articles are translated alike by all systems."""
    effects: Rows = np.where(rng.random(shape[1]) < 0.7, 0.0, rng.normal(size=shape))
    return effects


def _uneven(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """The first system is a little worse than the others nearly everywhere, and far better on few articles."""
    effects = np.zeros(shape)
    effects[0] = rng.lognormal(size=shape[1]) - math.exp(0.5)
    return effects


def _one_fails_rarely(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    effects = 0.3 * rng.normal(size=shape)
    effects[0] += np.where(rng.random(shape[1]) < FAILING, -FAILURE, FAILING * FAILURE / (1 - FAILING))
    return effects


@dataclass(frozen=True, slots=True)
class Scenario:
    """What articles and systems are like."""

    name: str
    lengths: Callable[[np.random.Generator, int], Rows]
    """Segments of each of so many articles."""
    effects: Draw
    """Effect of each system on each article, (systems, articles), of mean 0."""
    noise: float = math.sqrt(1 - CORRELATION)
    """Standard deviation of a segment's own noise."""
    most_systems: int = max(SYSTEMS)


def _equal(rng: np.random.Generator, count: int) -> Rows:
    del rng
    return np.full(count, 15.0)


def _unequal(rng: np.random.Generator, count: int) -> Rows:
    lengths: Rows = np.maximum(3, rng.lognormal(math.log(18), 0.6, size=count)).astype(int).astype(np.float64)
    return lengths


def _giant(rng: np.random.Generator, count: int) -> Rows:
    """One article is as long as all others together."""
    lengths = rng.integers(5, 25, size=count).astype(np.float64)
    lengths[0] = lengths[1:].sum()
    return lengths


def _normal(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    return rng.normal(size=shape)


SCENARIOS = (
    Scenario("equal articles", _equal, _normal),
    Scenario("unequal articles", _unequal, _normal),
    Scenario("one giant article", _giant, _normal),
    Scenario("heavy tails", _unequal, lambda rng, shape: rng.standard_t(3, size=shape)),
    Scenario("mostly no difference", _unequal, _zeros, noise=0.0),
    Scenario("skewed systems", _unequal, lambda rng, shape: rng.exponential(size=shape) - 1.0),
    Scenario("one fails rarely", _unequal, _one_fails_rarely, noise=0.3, most_systems=2),
    Scenario("one excels rarely", _unequal, _uneven, noise=0.3, most_systems=2),
)


@dataclass(frozen=True, slots=True)
class FamilyRates:
    """What was counted for one scenario; shares between 0 and 1."""

    scenario: str
    articles: int
    systems: int
    runs: int
    family_wise: float
    """Runs of equal systems in which any pair is called different."""
    coverage: float
    """Intervals of single pairs that hold the true difference, nominally 95 %."""
    contradictions: int
    """Pairs whose interval excludes 0 although p is above 5 %, or holds it although p is not."""
    power: float
    """Pairs with the one better system that are confirmed, all pairs tested together."""
    holm_power: float
    """The same by Holm's correction of the p-values of the same swaps."""
    unwarned: float
    """Runs of equal systems in which any pair is called different and its difference is not called lopsided."""
    warned: float
    """Of the pairs with the one better system that are confirmed, those whose difference is called lopsided."""


def measure_family(
    scenario: Scenario, articles: int, systems: int, *, runs: int, seed: int, shuffles: int = SHUFFLES
) -> FamilyRates:
    """Simulate ``runs`` families of equal systems, and as many with one better system.

    Args:
        scenario: one of :data:`SCENARIOS`.
        articles: at least 6.
        systems: at least 2.
        runs: simulated runs.
        seed: the same seed gives the same rates, whatever else is measured.
        shuffles: swaps, where there are too many articles to try all.
    """
    rng = np.random.default_rng([seed, articles, systems, *scenario.name.encode()])
    shift = findable(scenario, articles, rng)
    pairs = systems * (systems - 1) // 2
    false, covered, contradictions, confirmed, by_holm, unwarned, warned = 0, 0, 0, 0, 0, 0, 0
    for run in range(runs):
        design = make_design(articles, run, shuffles=shuffles)
        items = _compared(draw(scenario, articles, systems, rng), design)
        adjusted = adjusted_p(items, design)
        false += min(adjusted) <= NOMINAL
        unwarned += any(p <= NOMINAL and not item.lopsided for p, item in zip(adjusted, items, strict=True))
        for item in items:
            held = item.interval.low <= 0 <= item.interval.high
            covered += held
            contradictions += held == (item.p <= NOMINAL)
        lengths, values = draw(scenario, articles, systems, rng)
        values[0] += shift * lengths
        items = _compared((lengths, values), design)
        judged = list(zip(adjusted_p(items, design), items, strict=True))[: systems - 1]
        better = [item for p, item in judged if p <= NOMINAL]
        confirmed += len(better)
        warned += sum(item.lopsided for item in better)
        by_holm += sum(p <= NOMINAL for p in _holm([item.p for item in items])[: systems - 1])
    return FamilyRates(
        scenario=scenario.name,
        articles=articles,
        systems=systems,
        runs=runs,
        family_wise=false / runs,
        coverage=covered / (runs * pairs),
        contradictions=contradictions,
        power=confirmed / (runs * (systems - 1)),
        holm_power=by_holm / (runs * (systems - 1)),
        unwarned=unwarned / runs,
        warned=warned / max(1, confirmed),
    )


def draw(scenario: Scenario, articles: int, systems: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Lengths of the articles, and sums of every system on each."""
    lengths = scenario.lengths(rng, articles)
    effects = math.sqrt(CORRELATION) * scenario.effects(rng, (systems, articles)) * lengths
    noise = scenario.noise * np.sqrt(lengths) * rng.normal(size=(systems, articles))
    return lengths, effects + noise


def findable(scenario: Scenario, articles: int, rng: np.random.Generator) -> float:
    """A difference that a t-test of two systems would find about four times in five."""
    gaps = []
    for _ in range(PILOT):
        lengths, values = draw(scenario, articles, 2, rng)
        gaps.append((values[0].sum() - values[1].sum()) / lengths.sum())
    return noncentrality(1 - NOMINAL, articles - 1) * float(np.std(gaps))


def _compared(drawn: tuple[Rows, Rows], design: Design) -> list[Difference]:
    lengths, values = drawn
    profiles = make_profiles([np.stack([row, lengths], axis=1) for row in values], lengths, score, design)
    return [compare(one, other, score, design, higher_is_better=True) for one, other in combinations(profiles, 2)]


def _holm(p_values: Sequence[float]) -> list[float]:
    """Holm (1979): the correction that the joint test is measured against."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def runs_for(systems: int, runs: int) -> int:
    """Fewer runs of larger families, which take longer and hold many pairs each; at least one."""
    return max(1, runs * 2 // max(2, systems))


def family_markdown(rates: Sequence[FamilyRates]) -> str:
    """The table of ``docs/statistics.md``: a line for each scenario and number of articles, a figure a family."""
    systems = list(dict.fromkeys(item.systems for item in rates))
    lines = [
        f"{' / '.join(map(str, systems))} systems; all figures in per cent.",
        "",
        "| scenario | articles | family-wise error | coverage | power | power by Holm | unwarned | warned power |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for scenario, articles in dict.fromkeys((item.scenario, item.articles) for item in rates):
        rows = [item for item in rates if (item.scenario, item.articles) == (scenario, articles)]
        cells = [
            " / ".join(f"{100 * value:.1f}" for value in values)
            for values in (
                [item.family_wise for item in rows],
                [item.coverage for item in rows],
                [item.power for item in rows],
                [item.holm_power for item in rows],
                [item.unwarned for item in rows],
                [item.warned for item in rows],
            )
        ]
        lines.append(f"| {scenario} | {articles} | {' | '.join(cells)} |")
    against = sum(item.contradictions for item in rates)
    lines += ["", f"Interval and p contradicted each other in {against} comparisons."]
    return "\n".join(lines) + "\n"
