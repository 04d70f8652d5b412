"""Error, coverage, power and articles bought where articles come in looks, beside the fixed design on all of them.

Simulated families of systems are those of :mod:`tests.bench.scenarios`, in three ways: *all equal*; *one better* than
the others, which are equal; *two at the top*, equal, and better than the others, which are equal. Resampled ones are
systems of real test sets whose articles are drawn without replacement. Every look is judged by the functions that judge
real runs: the joint test of the systems that are left, who is out, what is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import numpy as np

from harness.analysis.sequential import AfterLook, LookPlan, after_look, plan_looks
from harness.analysis.stats.compare import Difference, Profile, ScoreFunction, compare, compare_roughly, make_profiles
from harness.analysis.stats.design import Design, make_design
from harness.analysis.stats.family import adjusted_p
from harness.analysis.stats.stopping import is_futile
from harness.analysis.units import units_of
from harness.metrics.interface import Rows
from harness.metrics.load import formulas
from harness.types import SystemName
from tests.bench.scenarios import Scenario, draw, findable
from tests.bench.scenarios import score as mean_score
from tests.bench.wmt import score_run
from tests.bench.wmt_sets import JudgedSet, find_sets

Truth = Literal["all equal", "one better", "two at the top"]
TRUTHS: tuple[Truth, ...] = get_args(Truth)

ALPHA = 0.05
SHUFFLES = 2000
FEWEST_SEGMENTS = 3
"""Articles of a test set with fewer are left aside."""

MOST_ARTICLES = 48

METRICS = ("chrf", "comet")


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


def simulate(
    scenario: Scenario, articles: int, systems: int, truth: Truth, *, runs: int, seed: int, every: int = 0
) -> Counts:
    """Simulated runs of one scenario; the same seed gives the same counts."""
    rng = np.random.default_rng([seed, articles, systems, TRUTHS.index(truth), *scenario.name.encode()])
    shift = findable(scenario, articles, rng)
    better = {"all equal": 0, "one better": 1, "two at the top": 2}[truth]
    values = tuple(shift * (number < better) for number in range(systems))

    def family() -> Family:
        lengths, sums = draw(scenario, articles, systems, rng)
        order = rng.permutation(articles)
        rows = [
            np.stack([row + value * lengths, lengths], axis=1)[order] for row, value in zip(sums, values, strict=True)
        ]
        return Family(tuple(rows), lengths[order], mean_score, values)

    return count_looks(family, plan_looks(articles, systems, every=every), runs)


def resample(
    tables: Mapping[str, Rows], sizes: Rows, score: ScoreFunction, systems: int, *, runs: int, seed: int, every: int = 0
) -> Counts:
    """Runs of ``systems`` systems of a test set, drawn each time as the articles are; the whole set is the truth."""
    rng = np.random.default_rng([seed, systems])
    names = list(tables)
    long_enough = np.flatnonzero(sizes >= FEWEST_SEGMENTS)
    articles = min(MOST_ARTICLES, len(long_enough))

    def family() -> Family:
        chosen = [tables[names[index]] for index in rng.permutation(len(names))[:systems]]
        order = rng.permutation(long_enough)[:articles]
        values = tuple(float(score(rows.sum(axis=0))) for rows in chosen)
        return Family(tuple(rows[order] for rows in chosen), sizes[order], score, values)

    return count_looks(family, plan_looks(articles, systems, every=every), runs)


def count_looks(family: Callable[[], Family], plan: LookPlan, runs: int) -> Counts:
    """Draw families, and buy the articles of each in looks and at once."""
    counts = Counts(runs)
    for run in range(runs):
        _one_run(family(), plan, run, counts)
    return counts


def _one_run(family: Family, plan: LookPlan, run: int, counts: Counts) -> None:
    left = list(range(len(family.tables)))
    wrong, before = False, 0
    for look, (count, level) in enumerate(zip(plan.counts, plan.levels, strict=True)):
        counts.bought += len(left) * (count - before) / (len(family.tables) * plan.counts[-1])
        before = count
        judged = _Judged(family, left, count, run)
        wrong |= judged.is_wrong(level)
        result = judged.follow(level, plan.fraction(look))
        over = result.answered or count == plan.counts[-1]
        stay = [int(name) for name in result.left]
        for a, b in combinations(left, 2):
            if over or a not in stay or b not in stay:
                counts.held += judged.holds(a, b, level)
                counts.pairs += 1
        left = stay
        if over:
            break
    counts.wrong += wrong
    counts.articles += before / plan.counts[-1]
    counts.out += len(family.tables) - len(left)
    fixed = _Judged(family, range(len(family.tables)), plan.counts[-1], run)
    counts.fixed_wrong += fixed.is_wrong(ALPHA)
    counts.fixed_out += len(fixed.follow(ALPHA, 1.0).out)


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

    def follow(self, level: float, fraction: float) -> AfterLook:
        """What follows; names are the numbers of the systems."""
        names = {index: SystemName(str(index)) for index in self._systems}
        ranking = sorted(self._systems, key=lambda index: -self._profiles[index].value)
        settled = [
            frozenset((names[a], names[b]))
            for (a, b), item, adjusted in self._tested()
            if is_futile(item.p, adjusted, fraction, len(self._pairs))
        ]
        confirmed = [(names[a], names[b]) for a, b in self._confirmed(level)]
        return after_look([names[index] for index in ranking], set(names.values()), confirmed, settled)

    def holds(self, a: int, b: int, level: float) -> bool:
        """Whether the repeated confidence interval of a pair holds the true difference."""
        family = self._family
        found = compare(
            self._profiles[a], self._profiles[b], family.score, self._design, higher_is_better=True, level=1 - level
        )
        return found.interval.low <= family.values[a] - family.values[b] <= found.interval.high


Table = tuple[Mapping[str, Rows], Rows, ScoreFunction]
"""The rows of every system by article, the sizes of the articles, and the formula."""


def load_tables(data: Path, sets: Sequence[str], metrics: Sequence[str] = METRICS) -> dict[tuple[str, str], Table]:
    """Set and metric to the systems of test sets with real articles; metrics that a set does not have are left out."""
    tables: dict[tuple[str, str], Table] = {}
    with TemporaryDirectory() as scratch:
        for given in find_sets(data, Path(scratch), sets):
            if given.known_articles:
                tables |= {(given.name, metric): found for metric, found in _tables_of(given, metrics).items()}
    return tables


def _tables_of(given: JudgedSet, metrics: Sequence[str]) -> dict[str, Table]:
    run = score_run(given, 1, strings=[metric for metric in metrics if metric == "chrf"], checks=False)
    (result,) = run.pairs
    _, units = units_of(result.corpus, result.unit)
    sizes = units.sizes(np.ones(len(result.corpus.segments), dtype=np.bool_))
    formula_of = formulas(run.settings)
    found: dict[str, Table] = {}
    for metric in metrics:
        rows: Mapping[str, Rows] = {
            system.name: np.add.reduceat(system.tables[metric].rows, units.starts, axis=0)
            for system in result.systems
            if metric in system.tables and system.tables[metric].scored.all()
        }
        if rows:
            found[metric] = (rows, sizes, formula_of(metric))
    return found


def simulated_markdown(lines: Sequence[tuple[str, int, Truth, Sequence[Counts]]]) -> str:
    """Scenario, articles and truth to the counts for each number of systems."""
    table = [
        "| scenario | articles | truth | error | error, fixed | coverage | found, of fixed | articles | bought |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for scenario, articles, truth, counts in lines:
        cells = (
            [f"{100 * item.wrong / item.runs:.1f}" for item in counts],
            [f"{100 * item.fixed_wrong / item.runs:.1f}" for item in counts],
            [f"{100 * item.held / max(1, item.pairs):.1f}" for item in counts],
            [_of(item.out, item.fixed_out) if truth != "all equal" else "–" for item in counts],
            [f"{100 * item.articles / item.runs:.0f}" for item in counts],
            [f"{100 * item.bought / item.runs:.0f}" for item in counts],
        )
        table.append(f"| {scenario} | {articles} | {truth} | {' | '.join(' / '.join(cell) for cell in cells)} |")
    return "\n".join(table) + "\n"


def resampled_markdown(lines: Sequence[tuple[str, str, Sequence[Counts]]]) -> str:
    """Set and metric to the counts for each number of systems."""
    table = [
        "| set | metric | systems out | out, fixed | of fixed | articles | bought |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, metric, counts in lines:
        cells = (
            [f"{item.out / item.runs:.2f}" for item in counts],
            [f"{item.fixed_out / item.runs:.2f}" for item in counts],
            [_of(item.out, item.fixed_out) for item in counts],
            [f"{100 * item.articles / item.runs:.0f}" for item in counts],
            [f"{100 * item.bought / item.runs:.0f}" for item in counts],
        )
        table.append(f"| {name} | {metric} | {' | '.join(' / '.join(cell) for cell in cells)} |")
    return "\n".join(table) + "\n"


def _of(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"
