"""Which metric should decide in the gate: its verdicts on candidates that people confirm to be worse, or better.

Every two systems of a WMT set that people confirm to differ (the article test on their ratings, 5 %) stand for a
baseline and a candidate, in both directions, at the metric's usual margin. Articles are drawn with replacement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harness.analysis.comparison import ALPHA
from harness.analysis.several.scores import measure as measure_change
from harness.analysis.stats.compare import Profile
from harness.analysis.stats.design import make_design
from harness.metrics.interface import Rows
from harness.metrics.load import formulas
from harness.store.runs.result import PairResult
from harness.types import Missing, SystemName
from tests.bench.gate import ARTICLES, RUNS, SCALE, contributions, inverted, margin_of, score_set
from tests.bench.wmt_sets import JudgedSet, find_sets

COMPARED = ("comet", "chrf")
"""Metrics that decide where nobody names one, the first of them that a baseline has."""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """Shares of the verdicts of one metric, for one number of articles: pass, inconclusive, regressed."""

    metric: str
    articles: int
    pairs: int
    worse: tuple[float, float, float]
    """On candidates that people confirm to be worse: the first is wrong."""
    better: tuple[float, float, float]
    """On candidates that people confirm to be better: the last is wrong."""


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """The worse of two systems minus the better one, by metric."""

    rows: dict[str, Rows]
    """(n, 2) what each article adds to the difference, and its share."""


def measure(
    data: Path, *, sets: Sequence[str] = (), articles: Sequence[int] = ARTICLES, runs: int = RUNS, seed: int = 1
) -> list[ByPeople]:
    """Judge candidates that people have judged; empty where no set has document ids, COMET scores and ratings.

    Args:
        data: the folder with one folder for each set, laid out as ``docs/wmt.md`` says.
        sets: names of these folders; empty: all.
        articles: numbers of articles, each at least 6.
        runs: comparisons for each number and metric.
        seed: of everything random.
    """
    with TemporaryDirectory() as scratch:
        found = [pair for given in find_sets(data, Path(scratch), sets) for pair in _confirmed(given, seed)]
    return [_judge(found, metric, count, runs, seed) for metric in COMPARED for count in articles if found]


def _confirmed(given: JudgedSet, seed: int) -> Iterator[_Confirmed]:
    if not (given.known_articles and given.people and "comet" in given.metrics):
        return
    run = score_set(given, [given.metrics["comet"], *given.people.values()], seed)
    (result,) = run.pairs
    formula = formulas(run.settings)
    profiles = {metric: contributions(result, metric, formula(metric), seed) for metric in COMPARED}
    protocol = "MQM" if "MQM" in given.people else next(iter(given.people))
    for one, other in combinations([system.name for system in result.systems], 2):
        better = _better(result, protocol, one, other, seed)
        if better and all(name in of for of in profiles.values() for name in (one, other)):
            worse = other if better == one else one
            yield _Confirmed({metric: _rows(of[worse], of[better]) for metric, of in profiles.items()})


def _better(result: PairResult, protocol: str, one: SystemName, other: SystemName, seed: int) -> SystemName | None:
    """The system that people confirm to be better; None where they confirm neither."""
    systems = {system.name: system for system in result.systems}
    a, b = systems[one], systems[other]
    if protocol not in a.tables or protocol not in b.tables:
        return None
    both = a.tables[protocol].scored & b.tables[protocol].scored
    if not both.any():
        return None
    score = formulas({"metric_options": {protocol: {"metric": "scores"}}})(protocol)
    change = measure_change(result.corpus, a, b, protocol, score=score, mask=both, declared="article", seed=seed)
    if isinstance(change.p, Missing) or change.p > ALPHA:
        return None
    return one if change.delta > 0 else other


def _rows(worse: Profile, better: Profile) -> Rows:
    weights = (worse.shares + better.shares) / 2
    rows: Rows = SCALE * np.stack([worse.contributions - better.contributions, weights], axis=1)
    return rows


def _judge(found: Sequence[_Confirmed], metric: str, articles: int, runs: int, seed: int) -> ByPeople:
    rng = np.random.default_rng([seed, articles])
    design = make_design(articles, seed)
    margin = margin_of(metric)
    ends = []
    for _ in range(runs):
        rows = found[rng.integers(len(found))].rows[metric]
        interval = inverted(rows[rng.integers(len(rows), size=articles)], design)
        ends.append((interval.low, interval.high))
    low, high = np.array(ends).T
    return ByPeople(metric, articles, len(found), _shares(low, high, margin), _shares(-high, -low, margin))


def _shares(low: Rows, high: Rows, margin: float) -> tuple[float, float, float]:
    passed, regressed = float((low > -margin).mean()), float((high < -margin).mean())
    return passed, 1 - passed - regressed, regressed


def to_markdown(found: Sequence[ByPeople]) -> str:
    """The second table of ``docs/ci.md``: pass / inconclusive / regressed in per cent."""
    if not found:
        return ""
    lines = ["| decides | articles | people: worse | people: better |", "|---|---|---|---|"]
    for item in found:
        cells = (" / ".join(f"{100 * share:.0f}" for share in shares) for shares in (item.worse, item.better))
        lines.append(f"| {item.metric}, margin {margin_of(item.metric):g} | {item.articles} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{found[0].pairs} pairs of systems that people confirm to differ."]) + "\n"
