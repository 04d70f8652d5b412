"""Error, coverage, power and articles bought where articles come in looks, beside the fixed design on all of them.

Simulated families of systems are those of :mod:`tests.bench.scenarios`, in three ways: *all equal*; *one better* than
the others, which are equal; *two at the top*, equal, and better than the others, which are equal. Resampled ones are
systems of real test sets whose articles are drawn without replacement; *shuffled* ones have their outputs of every
article dealt anew, so that they are equally good, with real lengths, skew and zeros. Every look is judged by the
functions that judge real runs: the joint test of the systems that are left, who is out, what is given up.

With a margin, systems may also be found equally good; the difference of *one better* and *two at the top* is then the
margin itself, so that every such finding about a better and a worse system is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np

from harness.analysis.sequential import AfterLook, LookPlan, after_look, plan_looks
from harness.analysis.stats.compare import (
    Difference,
    Interval,
    Profile,
    ScoreFunction,
    compare,
    compare_roughly,
    make_profiles,
)
from harness.analysis.stats.design import Design, make_design
from harness.analysis.stats.family import adjusted_p
from harness.analysis.stats.stopping import is_futile
from harness.metrics.interface import Rows
from harness.types import SystemName
from tests.bench.scenarios import SCENARIOS, Scenario, draw, findable
from tests.bench.scenarios import score as mean_score

Truth = Literal["all equal", "one better", "two at the top"]
TRUTHS: tuple[Truth, ...] = get_args(Truth)

ALPHA = 0.05
SHUFFLES = 2000
FEWEST_SEGMENTS = 3
"""Articles of a test set with fewer are left aside."""

MOST_ARTICLES = 48


def _penalties(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """What people take off by MQM: nothing on half of the articles, a little on most others, very much on few."""
    marks = rng.choice([0.0, 1.0, 5.0, 25.0], size=shape, p=[0.5, 0.3, 0.17, 0.03])
    effects: Rows = (marks.mean() - marks) / 4
    return effects


def _scores(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """Like COMET: hardly different on most articles, far lower where a system fails."""
    effects: Rows = 0.4 * rng.normal(size=shape) + math.sqrt(0.5) - rng.gamma(0.5, math.sqrt(2), size=shape)
    return effects


FAMILIES = (
    *SCENARIOS[:6],
    Scenario("like MQM", SCENARIOS[1].lengths, _penalties, noise=0.0),
    Scenario("like COMET", SCENARIOS[1].lengths, _scores, noise=0.4),
)
"""Of systems that can be equally good in the sense of the test."""


@dataclass(frozen=True, slots=True)
class Family:
    """Systems on articles, in the order in which they are bought."""

    tables: tuple[Rows, ...]
    """(n, k) rows of each system."""
    sizes: Rows
    """(n,) segments."""
    score: ScoreFunction
    values: tuple[float, ...]
    """The true score of each system; equal ones are equal."""


@dataclass(slots=True)
class Counts:
    """What was counted; all but ``runs`` are sums over them."""

    runs: int = 0
    wrong: int = 0
    """Runs in which any look confirms a difference that is none, or the wrong way round."""
    fixed_wrong: int = 0
    """The same of the test of all articles."""
    held: int = 0
    """Pairs whose interval at the last look they were in holds the true difference."""
    pairs: int = 0
    out: int = 0
    """Systems that are out at the end,"""
    fixed_out: int = 0
    """and those that the test of all articles confirms to be worse than another."""
    articles: float = 0.0
    """Share of the articles that was looked at,"""
    bought: float = 0.0
    """and share of the translations that was bought."""
    squares: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Sums over the runs of ``out**2``, ``out * fixed_out`` and ``fixed_out**2``."""
    equal: int = 0
    """Runs that end before all articles because systems are found as good as the best of them,"""
    unlike: int = 0
    """and those of them in which one is not."""

    def rate(self, count: int) -> tuple[float, float]:
        """A share of the runs in per cent, and its standard error."""
        share = count / self.runs
        return 100 * share, 100 * math.sqrt(share * (1 - share) / self.runs)

    def of_fixed(self) -> tuple[float, float]:
        """Systems that are out per system that the test of all articles rules out, in per cent; its standard error."""
        if not self.fixed_out:
            return math.nan, math.nan
        ratio = self.out / self.fixed_out
        out, both, fixed = self.squares
        return 100 * ratio, 100 * math.sqrt(max(0.0, out - 2 * ratio * both + ratio**2 * fixed)) / self.fixed_out


def simulate(
    scenario: Scenario,
    articles: int,
    systems: int,
    truth: Truth,
    *,
    runs: int,
    seed: int,
    every: int = 0,
    margin: float = 0.0,
) -> Counts:
    """Simulated runs of one scenario; the same seed gives the same counts.

    ``margin`` is in differences that a t-test of all articles finds four times in five.
    """
    rng = np.random.default_rng([seed, articles, systems, TRUTHS.index(truth), *scenario.name.encode()])
    shift = findable(scenario, articles, rng)
    better = {"all equal": 0, "one better": 1, "two at the top": 2}[truth]
    values = tuple((margin or 1.0) * shift * (number < better) for number in range(systems))

    def family() -> Family:
        lengths, sums = draw(scenario, articles, systems, rng)
        order = rng.permutation(articles)
        rows = [
            np.stack([row + value * lengths, lengths], axis=1)[order] for row, value in zip(sums, values, strict=True)
        ]
        return Family(tuple(rows), lengths[order], mean_score, values)

    return count_looks(family, plan_looks(articles, systems, every=every), runs, margin * shift)


def resample(
    tables: Mapping[str, Rows],
    sizes: Rows,
    score: ScoreFunction,
    systems: int,
    *,
    runs: int,
    seed: int,
    every: int = 0,
    shuffled: bool = False,
) -> Counts:
    """Runs of ``systems`` systems of a test set, drawn each time as the articles are; the whole set is the truth.

    Args:
        tables: (n, k) rows of each system, by article.
        sizes: (n,) segments of the articles.
        score: of the metric.
        systems: how many are drawn.
        runs: how often.
        seed: the same gives the same counts.
        every: articles between looks.
        shuffled: whether outputs are dealt anew among the systems on every article, which makes all equal.
    """
    rng = np.random.default_rng([seed, systems])
    names = list(tables)
    long_enough = np.flatnonzero(sizes >= FEWEST_SEGMENTS)
    articles = min(MOST_ARTICLES, len(long_enough))

    def family() -> Family:
        chosen = np.stack([tables[names[index]] for index in rng.permutation(len(names))[:systems]])
        order = rng.permutation(long_enough)[:articles]
        values = tuple(0.0 if shuffled else float(score(rows.sum(axis=0))) for rows in chosen)
        drawn = chosen[:, order]
        if shuffled:
            drawn = np.take_along_axis(drawn, rng.random(drawn.shape[:2]).argsort(axis=0)[:, :, None], axis=0)
        return Family(tuple(drawn), sizes[order], score, values)

    return count_looks(family, plan_looks(articles, systems, every=every), runs)


def count_looks(family: Callable[[], Family], plan: LookPlan, runs: int, margin: float = 0.0) -> Counts:
    """Draw families, and buy the articles of each in looks and at once."""
    counts = Counts(runs)
    for run in range(runs):
        _one_run(family(), plan, run, margin, counts)
    return counts


def _one_run(family: Family, plan: LookPlan, run: int, margin: float, counts: Counts) -> None:
    left = list(range(len(family.tables)))
    wrong, before = False, 0
    for look, (count, level) in enumerate(zip(plan.counts, plan.levels, strict=True)):
        counts.bought += len(left) * (count - before) / (len(family.tables) * plan.counts[-1])
        before = count
        judged = _Judged(family, left, count, run)
        wrong |= judged.is_wrong(level)
        alike = judged.alike(level, margin)
        result = judged.follow(level, plan.fraction(look), alike)
        over = result.answered or count == plan.counts[-1]
        stay = [int(name) for name in result.left]
        for a, b in combinations(left, 2):
            if over or a not in stay or b not in stay:
                counts.held += judged.holds(a, b, level)
                counts.pairs += 1
        left = stay
        if over:
            found = [pair for pair in alike if stay[0] in pair and set(stay) >= pair] if stay else []
            if found and result.answered and count < plan.counts[-1]:
                counts.equal += 1
                counts.unlike += any(len({family.values[name] for name in pair}) > 1 for pair in found)
            break
    out = len(family.tables) - len(left)
    fixed = _Judged(family, range(len(family.tables)), plan.counts[-1], run)
    fixed_out = len(fixed.follow(ALPHA, 1.0, ()).out)
    counts.wrong += wrong
    counts.articles += before / plan.counts[-1]
    counts.out += out
    counts.fixed_wrong += fixed.is_wrong(ALPHA)
    counts.fixed_out += fixed_out
    new = (out**2, out * fixed_out, fixed_out**2)
    counts.squares = (counts.squares[0] + new[0], counts.squares[1] + new[1], counts.squares[2] + new[2])


class _Judged:
    """The joint test of some systems on the first articles."""

    def __init__(self, family: Family, systems: Sequence[int], count: int, run: int) -> None:
        self._family, self._systems = family, list(systems)
        self._design: Design = make_design(count, run, shuffles=SHUFFLES)
        tables = [family.tables[index][:count] for index in self._systems]
        profiles = make_profiles(tables, family.sizes[:count], family.score, self._design)
        self._profiles: dict[int, Profile] = dict(zip(self._systems, profiles, strict=True))
        self._pairs = list(combinations(self._systems, 2))
        self._items = [
            compare_roughly(self._profiles[a], self._profiles[b], self._design, higher_is_better=True)
            for a, b in self._pairs
        ]
        self._adjusted = adjusted_p(self._items, self._design)

    def _tested(self) -> Iterator[tuple[tuple[int, int], Difference, float]]:
        """Pair, difference, adjusted p."""
        return zip(self._pairs, self._items, self._adjusted, strict=True)

    def _confirmed(self, level: float) -> list[tuple[int, int]]:
        """(better, worse)"""
        return [pair if item.delta > 0 else (pair[1], pair[0]) for pair, item, p in self._tested() if p <= level]

    def is_wrong(self, level: float) -> bool:
        """Whether a pair is confirmed that is equal, or the other way round."""
        return any(self._family.values[a] <= self._family.values[b] for a, b in self._confirmed(level))

    def alike(self, level: float, margin: float) -> list[frozenset[int]]:
        """Pairs whose repeated confidence interval lies within the margin."""
        found = ((a, b, self._interval(a, b, level)) for a, b in self._pairs if margin)
        return [frozenset((a, b)) for a, b, held in found if -margin < held.low and held.high < margin]

    def follow(self, level: float, fraction: float, alike: Collection[frozenset[int]]) -> AfterLook:
        """What follows; names are the numbers of the systems."""
        names = {index: SystemName(str(index)) for index in self._systems}
        ranking = sorted(self._systems, key=lambda index: -self._profiles[index].value)
        settled = [
            frozenset((names[a], names[b]))
            for (a, b), item, adjusted in self._tested()
            if frozenset((a, b)) in alike or is_futile(item.p, adjusted, fraction, len(self._pairs))
        ]
        confirmed = [(names[a], names[b]) for a, b in self._confirmed(level)]
        return after_look([names[index] for index in ranking], set(names.values()), confirmed, settled)

    def holds(self, a: int, b: int, level: float) -> bool:
        """Whether the repeated confidence interval of a pair holds the true difference."""
        held, values = self._interval(a, b, level), self._family.values
        return held.low <= values[a] - values[b] <= held.high

    def _interval(self, a: int, b: int, level: float) -> Interval:
        score, one, other = self._family.score, self._profiles[a], self._profiles[b]
        return compare(one, other, score, self._design, higher_is_better=True, level=1 - level).interval
